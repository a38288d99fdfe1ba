// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/attach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/host/livepatch.h"
#include "lib/host/module.h"

/* ---- the note ------------------------------------------------------------*/

static int note(const struct xp_state *s, const struct xp_attached *what, struct xp_err *err)
{
	struct xp_state_file f;

	xp_state_clear(&f);
	xp_state_put_u64(&f, "payload", what->payload);
	xp_state_put_u64(&f, "module", what->module);
	xp_state_put_u64(&f, "automatic", what->automatic);
	return xp_state_save(s, "attach", &f, err);
}

bool xp_attach_noted(const struct xp_state *s, struct xp_attached *what)
{
	struct xp_state_file f;
	struct xp_err ignored;

	memset(what, 0, sizeof(*what));
	if (xp_state_load(s, "attach", &f, &ignored) < 0)
		return false;
	what->payload = xp_state_get_u64(&f, "payload");
	what->module = xp_state_get_u64(&f, "module");
	what->automatic = xp_state_get_u64(&f, "automatic");
	return true;
}

/* ---- out -----------------------------------------------------------------*/

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* The last reference to the device may go a moment after its owner. */
static int unload_module(struct xp_err *err)
{
	int ret = xp_module_unload(err);

	for (int i = 0; ret == XP_E_BUSY && i < 20; i++) {
		sleep_ms(50);
		ret = xp_module_unload(err);
	}
	return ret;
}

static int unload(struct xp_xen *xen, const struct xp_attached *what, struct xp_err *err)
{
	int ret = what->module ? unload_module(err) : 0;

	if (ret == 0 && what->payload)
		ret = xp_livepatch_unload(xen, err);
	return ret;
}

static bool payload_is_there(struct xp_xen *xen)
{
	struct xp_livepatch *patches;
	struct xp_err ignored;
	int n = xp_livepatch_list(xen, &patches, &ignored);
	bool there = false;

	for (int i = 0; i < n; i++)
		there |= patches[i].ours;
	if (n >= 0)
		free(patches);
	return there;
}

int xp_detach(struct xp_xen *xen, struct xp_state *s, struct xp_err *err)
{
	struct xp_attached all = { .module = xp_module_loaded(), .payload = payload_is_there(xen) };
	int ret = unload(xen, &all, err);

	if (ret < 0)
		return ret;
	xp_state_remove(s, "attach");
	return !all.module && !all.payload;
}

int xp_detach_automatic(struct xp_xen *xen, struct xp_state *s, struct xp_err *err)
{
	struct xp_attached what;
	int ret;

	if (!xp_attach_noted(s, &what) || !what.automatic)
		return 0;
	ret = unload(xen, &what, err);
	if (ret < 0)
		return ret;
	xp_state_remove(s, "attach");
	return 1;
}

/* ---- in ------------------------------------------------------------------*/

void xp_payload_path(const struct xp_xen *xen, const char *libdir, char *path, size_t size)
{
	snprintf(path, size, "%s/payload/%s.livepatch", libdir, xen->build_id);
}

static int load_payload(struct xp_xen *xen, const char *libdir, struct xp_err *err)
{
	struct xprof_op_info info;
	char path[512];
	int ret;

	xp_payload_path(xen, libdir, path, sizeof(path));
	if (access(path, R_OK))
		return xp_fail(err, XP_E_ABSENT, "no live patch for this hypervisor (Xen %s, build id %s): %s is not there; "
			       "install the payload package for it, or build one from its source (hypervisor-patch/README)",
			       xen->version, xen->build_id[0] ? xen->build_id : "none", path);
	ret = xp_livepatch_load(xen, path, err);
	if (ret < 0)
		return ret;
	ret = xp_xen_info(xen, &info, err);
	if (ret == XP_E_ABSENT)
		ret = xp_fail(err, XP_E_SYSTEM, "Xen took %s, but the profiler does not answer", path);
	return ret;
}

/* What an earlier, interrupted attempt left uploaded but not applied. */
static int clear_leftover(struct xp_xen *xen, struct xp_err *err)
{
	return payload_is_there(xen) ? xp_livepatch_unload(xen, err) : 0;
}

/* An explicit attach makes stay what an automatic one loaded. What was noted before stays noted. */
static void merge(struct xp_attached *to, const struct xp_state *s, bool automatic)
{
	struct xp_attached before;
	bool noted = xp_attach_noted(s, &before);

	to->payload |= before.payload;
	to->module |= before.module;
	to->automatic = automatic && (!noted || before.automatic);
}

static int load(struct xp_xen *xen, const char *libdir, const struct xp_attached *what, struct xp_err *err)
{
	int ret = 0;

	if (what->payload)
		ret = clear_leftover(xen, err);
	if (ret == 0 && what->payload)
		ret = load_payload(xen, libdir, err);
	if (ret == 0 && what->module)
		ret = xp_module_load(libdir, err);
	return ret;
}

/* After a failure: what this call brought goes, what was there before is noted as before. */
static void undo(struct xp_xen *xen, struct xp_state *s, const struct xp_attached *what,
		 bool noted, const struct xp_attached *before)
{
	struct xp_err ignored;

	if (unload(xen, what, &ignored) < 0)
		return; /* the note stays: the next command tries again */
	if (noted)
		note(s, before, &ignored);
	else
		xp_state_remove(s, "attach");
}

int xp_attach(struct xp_xen *xen, struct xp_state *s, const char *libdir, bool automatic,
	      struct xp_attached *what, struct xp_err *err)
{
	struct xprof_op_info info;
	struct xp_attached before, all;
	bool noted = xp_attach_noted(s, &before);
	int ret = xp_xen_info(xen, &info, err);

	memset(what, 0, sizeof(*what));
	what->automatic = automatic;
	if (ret < 0 && ret != XP_E_ABSENT)
		return ret;
	what->payload = ret == XP_E_ABSENT;
	what->module = !xp_module_loaded();
	all = *what;
	merge(&all, s, automatic);
	if (!all.payload && !all.module && !noted)
		return 0; /* somebody else brought both: not ours to take away */
	ret = note(s, &all, err);
	if (ret == 0)
		ret = load(xen, libdir, what, err);
	if (ret < 0)
		undo(xen, s, what, noted, &before);
	return ret;
}
