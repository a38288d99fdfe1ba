/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of domains, kept beyond the domains' end. */
#ifndef XP_CLI_DOMAIN_NAMES_H
#define XP_CLI_DOMAIN_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/host/xen.h"

struct cli_domain_names {
	struct cli_domain_name {
		uint16_t domid;
		uint8_t uuid[16];
		char name[256];
	} *of;
	size_t nr;
};

/* Looks up those that are not known yet. Cheap when there is nothing new; what fails is tried again next time. */
void cli_domain_names_refresh(struct cli_domain_names *n, struct xp_xen *xen);

/* "" if it is not known. Lives until the next refresh. */
const char *cli_domain_names_get(const struct cli_domain_names *n, uint16_t domid, const uint8_t uuid[16]);

void cli_domain_names_release(struct cli_domain_names *n);

#endif
