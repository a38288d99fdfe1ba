// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/xen.h"

#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>
#include <xen/hvm/save.h>

#define CR0_PG (1ull << 31)
#define EFER_LMA (1ull << 10)
#define CR4_LA57 (1ull << 12)
#define CR3_FRAME(cr3) ((cr3) >> 12 & 0xffffffffffull)

static void read_frames(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad)
{
	const struct xp_gxen *x = arg;
	xen_pfn_t pfn[XP_GFRAMES_MAX] = { 0 };
	int error[XP_GFRAMES_MAX];
	const uint8_t *map;

	for (size_t i = 0; i < nr; i++)
		pfn[i] = frames[i];
	map = xenforeignmemory_map(x->fmem, x->domid, PROT_READ, nr, pfn, error);
	for (size_t i = 0; i < nr; i++) {
		bad[i] = !map || error[i];
		if (bad[i])
			memset(pages + i * XP_GPAGE, 0, XP_GPAGE);
		else
			memcpy(pages + i * XP_GPAGE, map + i * XP_GPAGE, XP_GPAGE);
	}
	if (map)
		xenforeignmemory_unmap(x->fmem, (void *)map, nr);
}

static int not_up(const struct xp_gxen *x, struct xp_err *err)
{
	return xp_fail(err, XP_E_BUSY, "domain %u: its kernel has not set up its system calls (yet)", x->domid);
}

static int is_32_bit(const struct xp_gxen *x, struct xp_err *err)
{
	return xp_fail(err, XP_E_ABSENT, "domain %u is a 32-bit guest: its memory is not read", x->domid);
}

static int ask_pv(struct xp_gxen *x, uint32_t vcpu, struct xp_err *err)
{
	vcpu_guest_context_any_t c;
	unsigned int width;

	if (xc_domain_get_guest_width(x->xc, x->domid, &width) || xc_vcpu_getcontext(x->xc, x->domid, vcpu, &c))
		return xp_fail_errno(err, XP_E_ABSENT, "domain %u: Xen does not tell its vCPU %u's registers", x->domid, vcpu);
	if (width != 8)
		return is_32_bit(x, err);
	if (!c.x64.syscall_callback_eip)
		return not_up(x, err);
	x->root = CR3_FRAME(c.x64.ctrlreg[3]);
	x->levels = 4;
	return 0;
}

static int ask_hvm(struct xp_gxen *x, uint32_t vcpu, struct xp_err *err)
{
	struct hvm_hw_cpu c;

	if (xc_domain_hvm_getcontext_partial(x->xc, x->domid, HVM_SAVE_CODE(CPU), (uint16_t)vcpu, &c, sizeof(c)))
		return xp_fail_errno(err, XP_E_ABSENT, "domain %u: Xen does not tell its vCPU %u's registers", x->domid, vcpu);
	if (c.cr0 & CR0_PG && !(c.msr_efer & EFER_LMA))
		return is_32_bit(x, err);
	if (!(c.msr_efer & EFER_LMA) || !c.msr_lstar)
		return not_up(x, err);
	x->root = CR3_FRAME(c.cr3);
	x->levels = c.cr4 & CR4_LA57 ? 5 : 4;
	return 0;
}

int xp_gxen_ask(struct xp_gxen *x, uint32_t vcpu, struct xp_err *err)
{
	return x->translated ? ask_hvm(x, vcpu, err) : ask_pv(x, vcpu, err);
}

static int look_up(struct xp_gxen *x, struct xp_err *err)
{
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(x->xc, x->domid, 1, &info) != 1 || info.domain != x->domid)
		return xp_fail(err, XP_E_ABSENT, "domain %u is not there any more", x->domid);
	x->translated = info.flags & XEN_DOMINF_hvm_guest;
	x->vcpus = info.max_vcpu_id + 1;
	return 0;
}

int xp_gxen_open(struct xp_gxen *x, uint32_t domid, struct xp_err *err)
{
	int rc;

	memset(x, 0, sizeof(*x));
	x->domid = domid;
	x->frames = (struct xp_gframes){ x, read_frames };
	x->xc = xc_interface_open(NULL, NULL, 0);
	x->fmem = xenforeignmemory_open(NULL, 0);
	if (!x->xc || !x->fmem)
		rc = xp_fail_errno(err, XP_E_NOXEN, "domain %u: no way to its memory (/dev/xen/privcmd)", domid);
	else
		rc = look_up(x, err);
	if (rc)
		xp_gxen_close(x);
	return rc;
}

void xp_gxen_close(struct xp_gxen *x)
{
	if (x->fmem)
		xenforeignmemory_close(x->fmem);
	if (x->xc)
		xc_interface_close(x->xc);
	x->fmem = NULL;
	x->xc = NULL;
}
