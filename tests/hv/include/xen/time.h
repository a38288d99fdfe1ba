/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: time is the model's. */
#pragma once
#include <xen/types.h>

#define MILLISECS(ms) ((s_time_t)(ms) * 1000000)
#define MICROSECS(us) ((s_time_t)(us) * 1000)
#define SECONDS(s) ((s_time_t)(s) * 1000000000)

extern unsigned long cpu_khz;
s_time_t hv_now(void);
#define NOW() hv_now()
