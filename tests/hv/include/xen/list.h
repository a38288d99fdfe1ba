/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
struct list_head {
	struct list_head *next, *prev;
};
