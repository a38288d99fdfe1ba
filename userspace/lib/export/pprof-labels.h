/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labels of pprof's samples: mode, domain, process, vcpu, pcpu. There are few of them and hundreds of thousands of samples:
 * each is encoded once, when it is first wanted (which numbers its text), and copied from then on.
 */
#ifndef XP_EXPORT_PPROF_LABELS_H
#define XP_EXPORT_PPROF_LABELS_H

#include "lib/export/stacks.h"
#include "lib/export/strings.h"

/* A whole field of a Sample; len 0: not wanted yet. Tag and length, then two tags with numbers of at most 32 bits. */
struct xp_pprof_label { uint8_t len, bytes[14]; };

#define XP_PPROF_PROCESSES 256u /* at hand; another of the same place is encoded anew */
#define XP_PPROF_NUMBERS 65536u /* of a vCPU or pCPU: 16 bits */

struct xp_pprof_labels {
	const struct xp_agg *agg;    /* borrowed, as is strings */
	struct xp_strings *strings;
	uint32_t key_domain, key_vcpu, key_pcpu, key_mode, key_process;
	struct xp_pprof_label modes[XP_NR_MODES];
	struct xp_pprof_label *domains, *vcpus, *pcpus;
	struct { const char *comm; struct xp_pprof_label label; } processes[XP_PPROF_PROCESSES];
	struct xp_buf text, message, field; /* of a label that is being encoded */
};

/* False: no memory. Release it in any case. */
bool xp_pprof_labels_init(struct xp_pprof_labels *l, const struct xp_agg *agg, struct xp_strings *strings);
void xp_pprof_labels_release(struct xp_pprof_labels *l);

/* Appends those of a row; not all: its mode only. No memory: *to has failed. */
void xp_pprof_labels_put(struct xp_pprof_labels *l, struct xp_buf *to, const struct xp_row *row, bool all);

#endif
