/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: nobody looks inside here. */
#pragma once
#include <xen/guest_access.h>

typedef struct xen_sysctl xen_sysctl_t;
