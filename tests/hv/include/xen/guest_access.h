/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: the guest's memory is ours. */
#pragma once
#include <string.h>
#include <xen/types.h>

#define XEN_GUEST_HANDLE_PARAM(type) type *
#define guest_handle_from_ptr(address, type) ((type *)(uintptr_t)(address))

static inline int copy_to_guest_bytes(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
	return 0;
}
#define copy_to_guest(to, from, nr) copy_to_guest_bytes(to, from, (nr) * sizeof(*(from)))
