// SPDX-License-Identifier: GPL-2.0-only
/* Xen's global VIRQ says that some ring fills: wake the reader. */
#include <linux/interrupt.h>
#include <xen/events.h>

#include "xprof.h"

static irqreturn_t on_virq(int irq, void *data)
{
	struct xprof_file *file = data;

	WRITE_ONCE(file->woken, true);
	wake_up_interruptible(&file->wait);

	return IRQ_HANDLED;
}

int xprof_virq_bind(struct xprof_file *file)
{
	struct xprof_op_info info;
	int ret = xprof_xen_info(&info);

	if (ret)
		return ret;

	ret = bind_virq_to_irqhandler(info.virq, 0, on_virq, 0, "xprof", file);
	if (ret < 0)
		return ret;
	file->irq = ret;

	return 0;
}

void xprof_virq_unbind(struct xprof_file *file)
{
	if (file->irq)
		unbind_from_irqhandler(file->irq, file);
	file->irq = 0;
}
