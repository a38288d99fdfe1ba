/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
extern unsigned int hv_irq_count;
#define local_irq_count(cpu) ((void)(cpu), hv_irq_count)
