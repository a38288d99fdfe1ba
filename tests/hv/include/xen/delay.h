/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: counters count meanwhile. */
#pragma once
void udelay(unsigned long us);
