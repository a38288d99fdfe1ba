/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DOMN chunks: who a domid was, and when. */
#include "lib/base/sort.h"
#include "lib/profile/codec.h"

void xp_domain_encode(struct xp_buf *b, const struct xp_domain *domain)
{
	xp_buf_varint(b, domain->domid);
	xp_buf_u8(b, domain->type);
	xp_buf_u8(b, domain->flags);
	xp_buf_varint(b, domain->vcpus);
	xp_buf_add(b, domain->uuid, sizeof(domain->uuid));
	xp_put_string(b, domain->name);
	xp_buf_varint(b, domain->from);
	xp_buf_varint(b, domain->to);
}

bool xp_domain_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_domain domain = { 0 }, *out;
	const uint8_t *uuid;

	domain.domid = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a domain's id");
	domain.type = xp_cursor_u8(c);
	domain.flags = xp_cursor_u8(c);
	domain.vcpus = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a domain's number of vCPUs");
	uuid = xp_cursor_bytes(c, sizeof(domain.uuid));
	domain.name = xp_profile_string(p, c);
	domain.from = xp_cursor_varint(c);
	domain.to = xp_cursor_varint(c);
	if (!xp_cursor_ok(c))
		return false;
	memcpy(domain.uuid, uuid, sizeof(domain.uuid));
	out = xp_profile_append(p, domains, c);
	if (out)
		*out = domain;
	return out != NULL;
}

static int compare(const void *pa, const void *pb)
{
	const struct xp_domain *a = pa, *b = pb;

	if (a->domid != b->domid)
		return a->domid < b->domid ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return 0;
}

/* Of records that say the same domid and beginning the last in the file is the true one. */
void xp_domain_finish(struct xp_profile *p)
{
	size_t in, out = 0;

	xp_stable_sort(p->domains, p->nr_domains, sizeof(*p->domains), compare);
	for (in = 0; in < p->nr_domains; in++) {
		if (out && !compare(&p->domains[out - 1], &p->domains[in]))
			out--;
		p->domains[out++] = p->domains[in];
	}
	p->nr_domains = out;
}
