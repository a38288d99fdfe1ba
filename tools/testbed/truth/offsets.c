/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiled within Xen's own tree, never run: where the emulator finds the ids of the vCPU that Xen switches to.
 * Read by "xenhost run --truth" from the object's section.
 */
#include <xen/sched.h>

const unsigned int xenhost_offsets[] __attribute__((__section__(".xenhost"), __used__)) = {
	offsetof(struct vcpu, domain),
	offsetof(struct vcpu, vcpu_id),
	offsetof(struct domain, domain_id),
};
