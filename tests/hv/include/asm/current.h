/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: one stack, whichever CPU executes. */
#pragma once
#include <asm/regs.h>

#define STACK_SIZE 32768ul
#define guest_cpu_user_regs() ((struct cpu_user_regs *)(uintptr_t)hv_guest_regs())
