// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/export/pprof-labels.h"

#include "lib/export/proto.h"

enum { SAMPLE_LABEL = 3, LABEL_KEY = 1, LABEL_TEXT };

bool xp_pprof_labels_init(struct xp_pprof_labels *l, const struct xp_agg *agg, struct xp_strings *strings)
{
	size_t i;

	*l = (struct xp_pprof_labels){ .agg = agg, .strings = strings };
	l->domains = calloc(agg->nr_domains + 1, sizeof(*l->domains));
	l->vcpus = calloc(XP_PPROF_NUMBERS, sizeof(*l->vcpus));
	l->pcpus = calloc(XP_PPROF_NUMBERS, sizeof(*l->pcpus));
	for (i = 0; i < XP_NR_MODES; i++)
		xp_strings_add(strings, xp_mode_names[i]);
	l->key_domain = xp_strings_add(strings, "domain");
	l->key_vcpu = xp_strings_add(strings, "vcpu");
	l->key_pcpu = xp_strings_add(strings, "pcpu");
	l->key_mode = xp_strings_add(strings, "mode");
	l->key_process = xp_strings_add(strings, "process");
	return l->domains && l->vcpus && l->pcpus;
}

void xp_pprof_labels_release(struct xp_pprof_labels *l)
{
	free(l->domains);
	free(l->vcpus);
	free(l->pcpus);
	xp_buf_release(&l->text);
	xp_buf_release(&l->message);
	xp_buf_release(&l->field);
	*l = (struct xp_pprof_labels){ .agg = NULL };
}

static void encode(struct xp_pprof_labels *l, struct xp_pprof_label *label, uint32_t key, const char *text)
{
	xp_proto_u64(&l->message, LABEL_KEY, key);
	xp_proto_u64(&l->message, LABEL_TEXT, xp_strings_add(l->strings, xp_stack_text(&l->text, text)));
	xp_buf_reset(&l->field);
	xp_proto_message(&l->field, SAMPLE_LABEL, &l->message);
	if (!xp_buf_ok(&l->field) || l->field.len > sizeof(label->bytes))
		return;
	memcpy(label->bytes, l->field.data, l->field.len);
	label->len = (uint8_t)l->field.len;
}

static void put(struct xp_buf *to, const struct xp_pprof_label *label)
{
	if (label->len)
		xp_buf_add(to, label->bytes, label->len);
	else
		to->failed = true;
}

static void put_domain(struct xp_pprof_labels *l, struct xp_buf *to, uint32_t domain)
{
	const struct xp_agg_domain *d = &l->agg->domains[domain];
	char text[32];

	if (!l->domains[domain].len) {
		snprintf(text, sizeof(text), "d%u", d->domid);
		encode(l, &l->domains[domain], l->key_domain, d->name[0] ? d->name : text);
	}
	put(to, &l->domains[domain]);
}

static void put_mode(struct xp_pprof_labels *l, struct xp_buf *to, uint32_t mode)
{
	if (!l->modes[mode].len)
		encode(l, &l->modes[mode], l->key_mode, xp_mode_names[mode]);
	put(to, &l->modes[mode]);
}

/* Names of processes are the profile's: the same pointer, the same name. */
static void put_process(struct xp_pprof_labels *l, struct xp_buf *to, const char *comm)
{
	size_t place = (size_t)((uint64_t)(uintptr_t)comm * 0x9e3779b97f4a7c15u >> 56) % XP_PPROF_PROCESSES;

	if (l->processes[place].comm != comm) {
		l->processes[place].comm = comm;
		l->processes[place].label.len = 0;
		encode(l, &l->processes[place].label, l->key_process, comm);
	}
	put(to, &l->processes[place].label);
}

/* As text: a number 0 would be no label at all. */
static void put_number(struct xp_pprof_labels *l, struct xp_buf *to, struct xp_pprof_label *labels, uint32_t key, uint32_t number)
{
	struct xp_pprof_label *label = &labels[number % XP_PPROF_NUMBERS];
	char text[16];

	if (!label->len) {
		snprintf(text, sizeof(text), "%u", number);
		encode(l, label, key, text);
	}
	put(to, label);
}

void xp_pprof_labels_put(struct xp_pprof_labels *l, struct xp_buf *to, const struct xp_row *row, bool all)
{
	if (row->mode < XP_NR_MODES)
		put_mode(l, to, row->mode);
	if (!all)
		return;
	if (row->domain != XP_NONE)
		put_domain(l, to, row->domain);
	if (row->comm)
		put_process(l, to, row->comm);
	if (row->vcpu != XP_NONE)
		put_number(l, to, l->vcpus, l->key_vcpu, row->vcpu);
	if (row->cpu != XP_NONE)
		put_number(l, to, l->pcpus, l->key_pcpu, row->cpu);
}
