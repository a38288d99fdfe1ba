/* SPDX-License-Identifier: GPL-2.0-only */
/* The sources of NMIs behind source.c. Context: process, unless stated. */
#ifndef XPROF_SOURCE_H
#define XPROF_SOURCE_H

#include <xen/xprof/session.h>

#define XPROF_IPI_MIN_PERIOD  MILLISECS(1)   /* Xen's timers have 50 us of slop */
#define XPROF_HPET_MIN_PERIOD MICROSECS(100)
#define XPROF_MAX_PERIOD      SECONDS(1)

unsigned int xprof_ipi_why(void);            /* enum xprof_why */
void xprof_ipi_start(struct xprof_session *s);
void xprof_ipi_stop(struct xprof_session *s);
void xprof_ipi_check(struct xprof_session *s); /* softirq: starts ticks on CPUs that came online */

unsigned int xprof_hpet_why(void);
void xprof_hpet_round(struct xprof_session *s); /* period to whole HPET ticks */
void xprof_hpet_start(struct xprof_session *s);
void xprof_hpet_stop(void);                  /* also softirq */
void xprof_hpet_anchor(struct xprof_session *s); /* softirq, often: sets anchor_tsc */

/* Every NMI that is latched on some CPU has been taken when this returns. Also softirq. */
void xprof_nmi_barrier(void);

#endif /* XPROF_SOURCE_H */
