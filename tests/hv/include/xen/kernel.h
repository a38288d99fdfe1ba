/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/types.h>

bool is_active_kernel_text(unsigned long addr);
