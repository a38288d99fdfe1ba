/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/types.h>

uint8_t inb(uint16_t port);
