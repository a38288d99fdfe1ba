/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#define PG_HAP_enable (1u << 20)
#define paging_mode_hap(d) (!!((d)->arch.paging.mode & PG_HAP_enable))
