// SPDX-License-Identifier: GPL-2.0-or-later
/* Names in guests, when they have been read: of their kernels and modules here, of their processes by guest-files.h. */
#include "lib/sym/guests-impl.h"

#include <stdlib.h>
#include <string.h>

#include "lib/guest/recall.h"
#include "lib/profile/profile.h"
#include "lib/sym/emit-kernel.h"
#include "lib/sym/guest-files.h"
#include "lib/sym/guest-modules.h"
#include "lib/sym/seen.h"

struct xp_guest_kernel {
	struct xp_kernel of; /* its first member */
	struct xp_gkernel read;
};

void xp_guest_kernel_free(struct xp_guest_kernel *kernel)
{
	if (!kernel)
		return;
	xp_kallsyms_release(&kernel->of.k);
	xp_gkernel_release(&kernel->read);
	free(kernel);
}

static void read_build_id(struct xp_kernel *of, const char *image, struct xp_build_id *id)
{
	struct xp_guest_kernel *kernel = (struct xp_guest_kernel *)of;

	if (!*image)
		xp_build_id_from_notes(id, kernel->read.notes.data, kernel->read.notes.len);
}

static struct xp_span span_of(const struct xp_buf *b)
{
	return (struct xp_span){ (const char *)b->data, b->len };
}

static int emit_all(struct xp_emit *e, struct xp_guest_kernel *kernel, const struct xp_addrs *addrs, struct xp_err *err)
{
	const struct xp_regions *regions = &kernel->of.k.regions;
	int rc = xp_emit_kernel(e, &kernel->of, addrs, err);

	for (size_t i = 0; !rc && i < regions->nr; i++)
		if (*regions->v[i].image)
			rc = xp_emit_module(e, &kernel->of, &regions->v[i], addrs, NULL, err);
	return rc;
}

/* XP_E_ABSENT: why there is nothing. */
static int load(struct xp_guest *guest, struct xp_gkernel *k, struct xp_err *err)
{
	int rc;

	if (guest->state != XP_GUEST_KNOWN)
		return xp_fail(err, XP_E_ABSENT, "%s", guest->why);
	rc = xp_greader_load(guest->fd, k, err);
	if (rc)
		return rc;
	guest->forgotten = !xp_gkernel_fill(k, guest->name);
	return guest->forgotten ? xp_fail(err, XP_E_ABSENT, "what was kept of its symbols is broken, or has gone") : 0;
}

/* Modules that came while it was profiled. */
static int load_later(const struct xp_guest *guest, struct xp_gkernel *k, struct xp_err *err)
{
	struct xp_gkernel later = { .kallsyms = XP_BUF_INIT };
	int rc = guest->modules_fd < 0 ? 0 : xp_greader_load(guest->modules_fd, &later, err);

	if (!rc && guest->modules_fd >= 0)
		rc = xp_guest_modules_merge(k, &later, err);
	xp_gkernel_release(&later);
	return rc;
}

static int parse(struct xp_guest_kernel *kernel, struct xp_err *err)
{
	struct xp_gkernel *k = &kernel->read;

	xp_buf_add(&k->kallsyms, k->module_symbols.data, k->module_symbols.len);
	if (!xp_buf_ok(&k->kallsyms))
		return xp_fail(err, XP_E_NOMEM, "no memory for its symbols");
	return xp_kallsyms_parse(&kernel->of.k, span_of(&k->kallsyms), span_of(&k->modules), err);
}

/* Its symbols, as they were read. XP_E_ABSENT: why there are none; another error than that ends it all. */
static int load_kernel(struct xp_guests *g, size_t i, struct xp_guest_kernel *kernel, struct xp_err *why)
{
	struct xp_guest *guest = &g->v[i];
	int rc = load(guest, &kernel->read, why);

	if (guest->forgotten && !g->live) {
		xp_gkernel_release(&kernel->read);
		memset(&kernel->read, 0, sizeof(kernel->read));
		rc = xp_guests_read_again(g, i, why);
		if (!rc)
			rc = load(guest, &kernel->read, why);
	}
	if (!rc)
		rc = load_later(guest, &kernel->read, why);
	return rc ? rc : parse(kernel, why);
}

static struct xp_guest_kernel *new_kernel(const struct xp_guest *guest)
{
	struct xp_guest_kernel *kernel = calloc(1, sizeof(*kernel));

	if (kernel)
		kernel->of = (struct xp_kernel){
			.space = XP_SPACE_GUEST_KERNEL(guest->domid), .domid = guest->domid, .tsc = guest->from, .build_id = read_build_id,
		};
	return kernel;
}

/* Of a live session, kept for the next call. */
static void keep_kernel(struct xp_guests *g, struct xp_guest *guest, struct xp_guest_kernel *kernel)
{
	if (guest->kernel == kernel)
		return;
	if (!g->live || g->nr_kernels >= XP_GUEST_TABLES) {
		xp_guest_kernel_free(kernel);
		return;
	}
	guest->kernel = kernel;
	g->nr_kernels++;
}

static int emit_kernel(struct xp_emit *e, struct xp_guests *g, size_t i, const struct xp_addrs *addrs, struct xp_err *err)
{
	struct xp_guest *guest = &g->v[i];
	struct xp_guest_kernel *kernel = guest->kernel ? guest->kernel : new_kernel(guest);
	struct xp_err why;
	int rc;

	if (!kernel)
		return xp_fail(err, XP_E_NOMEM, "no memory for a guest's symbols");
	if (guest->kernel || !load_kernel(g, i, kernel, &why)) {
		rc = emit_all(e, kernel, addrs, err);
		keep_kernel(g, guest, kernel);
		return rc;
	}
	rc = xp_emit_kernel_without_names(e, &kernel->of, why.text, err);
	xp_guest_kernel_free(kernel);
	return rc;
}

static int resolve_kernel(struct xp_emit *e, struct xp_guests *g, size_t i, const struct xp_addrs *addrs, struct xp_err *err)
{
	const struct xp_guest *guest = &g->v[i];
	const struct xp_kernel of = { .space = XP_SPACE_GUEST_KERNEL(guest->domid), .domid = guest->domid, .tsc = guest->from };
	int rc;

	if (!xp_addrs_in(addrs, of.space, 0, UINT64_MAX).nr && !(guest->sampled && guest->state != XP_GUEST_KNOWN))
		return 0;
	rc = emit_kernel(e, g, i, addrs, err);
	if (!rc && guest->state == XP_GUEST_KNOWN && !guest->places.modules.head && (guest->sampled || guest->modules_sampled))
		rc = xp_emit_modules_without_names(e, &of, "its kernel has no types (BTF) in memory", err);
	return rc;
}

int xp_resolve_guests(struct xp_emit *e, struct xp_guests *g, const char *root, const struct xp_addrs *addrs, struct xp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < g->nr; i++) {
		const struct xp_guest *guest = &g->v[i];

		rc = resolve_kernel(e, g, i, addrs, err);
		if (!rc)
			rc = xp_resolve_guest_processes(e, &guest->processes, guest->domid, guest->name, root, addrs, err);
	}
	return rc;
}
