// SPDX-License-Identifier: GPL-2.0-only
/* Module entry and exit. */
#include <linux/module.h>
#include <xen/xen.h>

#include "xprof.h"

static int __init xprof_init(void)
{
	int ret;

	if (!xen_initial_domain()) {
		pr_err("xprof: not the initial domain of a Xen host\n");
		return -ENODEV;
	}

	ret = xprof_xen_probe();
	if (ret) {
		pr_err("xprof: Xen does not answer: %s (%d)\n",
		       ret == -ENODEV ? "the profiler is not in it; xprof attach loads it" :
		       ret == -EOVERFLOW ? "another version of the profiler is in it" :
		       "the sysctl failed", ret);
		return ret;
	}

	return xprof_chardev_register();
}

static void __exit xprof_exit(void)
{
	xprof_chardev_unregister();
}

module_init(xprof_init);
module_exit(xprof_exit);

MODULE_DESCRIPTION("Control domain's side of the Xen profiler");
MODULE_AUTHOR("The xprof authors");
MODULE_LICENSE("GPL");
