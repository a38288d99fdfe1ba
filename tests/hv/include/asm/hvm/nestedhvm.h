/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/sched.h>

#define nestedhvm_enabled(d) (!!((d)->options & XEN_DOMCTL_CDF_nested_virt))
#define nestedhvm_vcpu_in_guestmode(v) ((v)->arch.hvm.nested_guest_mode)
