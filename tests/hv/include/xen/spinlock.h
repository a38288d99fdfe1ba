/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: there is one thread, and NMIs know no interrupt flag. */
#pragma once
#define local_irq_save(flags) ((void)((flags) = 0))
#define local_irq_restore(flags) ((void)(flags))
