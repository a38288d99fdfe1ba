// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/xensyms.h"

#define __XEN_TOOLS__ 1 /* the public headers' present form */
#include <xencall.h>
#include <xentoollog.h>
#include <xen/xen.h>
#include <xen/platform.h>
#include <xen/version.h>

#include "lib/base/file.h"

#define MAX_BYTES   (16u << 20)
#define MAX_SYMBOLS (1u << 18)
#define NAME_ROOM   1024u /* Xen's own limit is 127 */

int xp_xensyms_read(struct xp_buf *b, const char *path, struct xp_err *err)
{
	size_t before = b->len;
	int rc = xp_file_read(path, b, MAX_BYTES, err);

	if (!rc && b->len == before)
		return xp_fail(err, XP_E_ABSENT, "%s is empty", path);
	return rc;
}

/* libxencall logs to stderr unless it is given somebody who does not. */
static void say_nothing(struct xentoollog_logger *logger, xentoollog_level level, int errnoval, const char *context,
			const char *format, va_list al)
{
	(void)logger, (void)level, (void)errnoval, (void)context, (void)format, (void)al;
}

static struct xentoollog_logger silent = { .vmessage = say_nothing };

/* What one call needs, in memory that Xen can reach. */
struct call {
	xencall_handle *xen;
	struct xen_platform_op *op;
	char *name;
};

static void close_call(struct call *c)
{
	if (c->name)
		xencall_free_buffer(c->xen, c->name);
	if (c->op)
		xencall_free_buffer(c->xen, c->op);
	if (c->xen)
		xencall_close(c->xen);
}

static int open_call(struct call *c, struct xp_err *err)
{
	*c = (struct call){ .xen = xencall_open(&silent, 0) };
	if (!c->xen)
		return xp_fail_errno(err, XP_E_NOXEN, "cannot make hypercalls");
	c->op = xencall_alloc_buffer(c->xen, sizeof(*c->op));
	c->name = xencall_alloc_buffer(c->xen, NAME_ROOM);
	if (!c->op || !c->name)
		return xp_fail(err, XP_E_NOMEM, "no memory for hypercalls");
	return 0;
}

static int ask_one(struct call *c, uint32_t symnum, struct xp_err *err)
{
	struct xenpf_symdata *sym = &c->op->u.symdata;

	memset(c->op, 0, sizeof(*c->op));
	memset(c->name, 0, NAME_ROOM);
	c->op->cmd = XENPF_get_symbol;
	c->op->interface_version = XENPF_INTERFACE_VERSION;
	sym->namelen = NAME_ROOM - 1;
	sym->symnum = symnum;
	set_xen_guest_handle(sym->name, c->name);
	if (xencall1(c->xen, __HYPERVISOR_platform_op, (uint64_t)(uintptr_t)c->op) < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "XENPF_get_symbol: symbol %u", symnum);
	return 0;
}

static void append_symbol(struct xp_buf *b, const struct xenpf_symdata *sym, const char *name)
{
	char head[32];
	int len = snprintf(head, sizeof(head), "%016llx %c ", (unsigned long long)sym->address, sym->type);

	xp_buf_add(b, head, (size_t)len);
	xp_buf_add(b, name, strnlen(name, NAME_ROOM - 1));
	xp_buf_u8(b, '\n');
}

static int ask_all(struct call *c, struct xp_buf *b, struct xp_err *err)
{
	uint32_t symnum = 0;
	int rc;

	while (symnum < MAX_SYMBOLS) {
		rc = ask_one(c, symnum, err);
		if (rc)
			return rc;
		if (c->op->u.symdata.symnum == symnum) /* the end */
			break;
		append_symbol(b, &c->op->u.symdata, c->name);
		symnum = c->op->u.symdata.symnum;
	}
	if (!xp_buf_ok(b))
		return xp_fail(err, XP_E_NOMEM, "no memory for Xen's symbols");
	if (!symnum)
		return xp_fail(err, XP_E_ABSENT, "Xen tells no symbols");
	return 0;
}

static int ask_build_id(struct call *c, struct xp_build_id *id, struct xp_err *err)
{
	xen_build_id_t *asked = (xen_build_id_t *)c->name;
	int len;

	memset(c->name, 0, NAME_ROOM);
	asked->len = NAME_ROOM - sizeof(*asked);
	len = xencall2(c->xen, __HYPERVISOR_xen_version, XENVER_build_id, (uint64_t)(uintptr_t)asked);
	if (len <= 0)
		return xp_fail_errno(err, XP_E_ABSENT, "Xen tells no build-id");
	xp_build_id_set(id, asked->buf, (size_t)len);
	return 0;
}

int xp_xen_build_id_ask(struct xp_build_id *id, struct xp_err *err)
{
	struct call c;
	int rc = open_call(&c, err);

	if (!rc)
		rc = ask_build_id(&c, id, err);
	close_call(&c);
	return rc;
}

int xp_xensyms_ask(struct xp_buf *b, struct xp_err *err)
{
	struct call c;
	int rc = open_call(&c, err);

	if (!rc)
		rc = ask_all(&c, b, err);
	close_call(&c);
	return rc;
}
