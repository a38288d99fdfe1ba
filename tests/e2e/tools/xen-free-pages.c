// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints Xen's count of free pages, exactly (xl info rounds to MiB). */
#include <inttypes.h>
#include <stdio.h>
#include <xenctrl.h>

int main(void)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xc_physinfo_t info = { 0 };

	if (!xch || xc_physinfo(xch, &info)) {
		perror("xen-free-pages");
		return 1;
	}
	printf("%" PRIu64 "\n", (uint64_t)info.free_pages);
	xc_interface_close(xch);
	return 0;
}
