/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#define XENPMU_MODE_OFF 0u
#define XENPMU_MODE_SELF (1u << 0)
extern unsigned int vpmu_mode;
