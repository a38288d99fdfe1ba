/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
extern const char __ro_after_init_start[], __ro_after_init_end[];
