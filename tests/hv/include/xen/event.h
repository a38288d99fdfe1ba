/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/sched.h>

#define VIRQ_ARCH_7 23

void send_guest_global_virq(struct domain *d, uint32_t virq);
