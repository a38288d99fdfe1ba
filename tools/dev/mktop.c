// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: mktop
 *
 * 'xprof top' of a made-up host: lib/top and the real screen, fed with the same samples and readings again and again, so
 * that screens and keys can be tried and tested on a machine without Xen. Ends with q.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/screen.h"
#include "lib/base/clock.h"
#include "lib/top/top.h"

static const struct xp_top_event events[] = {
	{ "cycles", "", 1000 }, { "instructions", "", 1000 }, { "llc-misses", "", 10 },
};

static const struct domain { const char *name; uint64_t cpu_ns, runnable_ns, mib; bool running; } made_up[] = {
	{ "Domain-0", 41000000, 400000, 1024, true }, { "web1", 33000000, 6300000, 512, true },
	{ "db-\xc3\xbc" "bersicht", 12000000, 900000, 256, false }, { "bad\033[31m\n", 1000000, 0, 128, false },
};
#define DOMAINS (sizeof(made_up) / sizeof(made_up[0]))

static const struct code {
	uint16_t domid;
	uint8_t mode;
	unsigned int cycles, instructions, misses;
	const char *comm, *image, *symbol;
} codes[] = {
	{ 0, XPROF_MODE_XEN, 119, 60, 20, "", "xen", "gnttab_map_grant_ref" },
	{ 0, XPROF_MODE_KERNEL, 73, 90, 10, "", "xen_netback", "xenvif_tx_build_gops" },
	{ 1, XPROF_MODE_KERNEL, 60, 80, 4, "", "vmlinux", "tcp_ack" },
	{ 1, XPROF_MODE_USER, 58, 90, 3, "nginx", "nginx", "ngx_http_parse_request_line" },
	{ 0, XPROF_MODE_XEN, 49, 30, 1, "", "xen", "csched2_schedule" },
	{ 2, XPROF_MODE_USER, 40, 20, 300, "postgres", "postgres", "hash_search_with_hash_value" },
	{ 2, XPROF_MODE_USER, 12, 9, 2, "postgres", "libc.so.6", "" },
	{ 3, XPROF_MODE_USER, 3, 2, 0, "\033]0;owned\a", "x", "\033[2Jcleared" },
};

static uint64_t intervals;

static int domains(void *arg, struct xp_host_domain **list, size_t *nr, struct xp_err *err)
{
	(void)arg;
	*nr = DOMAINS;
	*list = calloc(DOMAINS, sizeof(**list));
	if (!*list)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	for (size_t i = 0; i < DOMAINS; i++)
		(*list)[i] = (struct xp_host_domain){
			.domid = (uint16_t)i, .uuid = { (uint8_t)i }, .vcpus_online = 2, .nr_vcpus = 2,
			.cpu_ns = 10000000000 + intervals * made_up[i].cpu_ns, .running = made_up[i].running, .blocked = !made_up[i].running,
			.memory_kib = made_up[i].mib * 1024, .max_memory_kib = i ? made_up[i].mib * 1024 : UINT64_MAX,
		};
	return 0;
}

static int run_states(void *arg, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err)
{
	(void)arg;
	*nr = DOMAINS;
	*list = calloc(DOMAINS, sizeof(**list));
	if (!*list)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	for (size_t i = 0; i < DOMAINS; i++)
		(*list)[i] = (struct xp_host_vcpu){
			.domid = (uint16_t)i, .uuid = { (uint8_t)i }, .nr = XP_NR_RUN_STATES,
			.ns = { [XP_RUNNABLE] = intervals * made_up[i].runnable_ns },
		};
	return 0;
}

static void name(void *arg, uint16_t domid, const uint8_t uuid[16], char *text, size_t size)
{
	(void)arg;
	(void)uuid;
	snprintf(text, size, "%s", made_up[domid].name);
}

static const struct xp_series_host host = { .domains = domains, .run_states = run_states, .name = name };

static void add(struct xp_top *t, size_t i, uint8_t event, unsigned int nr)
{
	const struct xprof_sample s = {
		.rec = { .event = event, .mode = codes[i].mode, .domid = codes[i].domid }, .ip = 0x1000 * (i + 1), .cr3 = 0x8000,
	};

	while (nr--)
		xp_window_add(&t->window, 0, &s, 1);
}

static void sample(struct xp_top *t)
{
	const struct xprof_sample idle = { .rec = { .domid = XPROF_DOMID_IDLE } };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		add(t, i, 0, codes[i].cycles);
		add(t, i, 1, codes[i].instructions);
		add(t, i, 2, codes[i].misses);
	}
	for (int i = 0; i < 138; i++)
		xp_window_add(&t->window, 1, &idle, 1);
	for (size_t i = 0; i < t->window.nr; i++) {
		const struct xp_top_site *s = &t->window.sites[i];
		const struct code *c = &codes[s->code.ip / 0x1000 - 1];

		if (s->code.ip)
			t->window.sites[i].label = xp_labels_get(&t->labels, &(struct xp_label){ c->comm, c->image, c->symbol });
	}
}

static void interval(struct xp_top *t)
{
	struct xp_err err;

	intervals++;
	sample(t);
	xp_top_domains_read(&t->domains, &host, NULL, 1000000000 + intervals * 100000000, &err);
	t->domains.total_kib = 4 << 20;
	t->domains.unused_kib = 2 << 20;
}

static void show(struct xp_top *t, struct xp_page *page)
{
	unsigned int columns, lines;
	struct xp_err err;

	cli_screen_size(&columns, &lines);
	if (xp_top_update(t, &err) == 0 && xp_top_draw(t, page, columns, lines, 0, &err) == 0)
		cli_screen_draw(page);
}

static void loop(struct xp_top *t, struct xp_page *page)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t due = 0;

	while (!t->view.quit) {
		bool dirty = false;
		uint32_t key;

		if (xp_clock_ns(CLOCK_MONOTONIC) >= due && !t->view.frozen) {
			interval(t);
			show(t, page);
			xp_window_turn(&t->window);
			due = xp_clock_ns(CLOCK_MONOTONIC) + t->view.delay_ns;
		}
		poll(&keys, 1, 50);
		while ((key = cli_screen_key()) != 0)
			dirty |= xp_top_key(t, key);
		if (dirty)
			show(t, page);
	}
}

int main(void)
{
	struct xp_top_status status = {
		.time = "14:02:11", .xen = "4.17.5", .cpus = 2, .mhz = 2394, .samples_a_second = 3912, .overhead_ppm = 6000, .own_percent = 0.3,
		.window_ns = 12000000000,
	};
	static struct xp_top t;
	struct xp_page page;
	struct xp_err err;

	if (!cli_screen_possible() || xp_top_init(&t, events, 3, 4, 500000000, &err) < 0 || !cli_screen_begin()) {
		fputs("mktop: this is no terminal, or there is no memory\n", stderr);
		return 1;
	}
	t.status = status;
	xp_page_init(&page);
	interval(&t);
	loop(&t, &page);
	cli_screen_end();
	xp_page_release(&page);
	xp_top_release(&t);
	return 0;
}
