// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/facts.h"
#include "lib/collect/source.h"
#include "lib/host/attach.h"
#include "lib/host/module.h"
#include "lib/host/session.h"
#include "lib/pmu/pmu.h"

__attribute__((format(printf, 5, 6)))
static void add(struct check *c, const char *name, enum check_state state, const char *remedy, const char *format, ...)
{
	struct check_item *i;
	va_list ap;

	if (c->nr == sizeof(c->items) / sizeof(c->items[0]))
		return;
	i = &c->items[c->nr++];
	i->name = name;
	i->state = state;
	snprintf(i->remedy, sizeof(i->remedy), "%s", remedy);
	va_start(ap, format);
	vsnprintf(i->text, sizeof(i->text), format, ap);
	va_end(ap);
}

/* ---- Xen -----------------------------------------------------------------*/

static bool check_xen(struct check *c)
{
	struct xp_err err;

	if (xp_xen_present(&err) < 0) {
		add(c, "xen", CHECK_NO, "run xprof in Domain-0 of a Xen host", "%s", err.text);
		return false;
	}
	if (geteuid() != 0) {
		add(c, "root", CHECK_NO, "sudo xprof check", "not running as root: Xen cannot be asked");
		return false;
	}
	if (xp_xen_init(&c->xen, &err) < 0) {
		add(c, "xen", CHECK_NO, "load the module xen-privcmd; install the xen-utils of the running Xen", "%s", err.text);
		return false;
	}
	c->has_xen = true;
	add(c, "xen", CHECK_OK, "", "running as root in the control domain of Xen %s, %u CPUs, scheduler %s",
	    c->xen.version, c->xen.nr_cpus, c->xen.scheduler);
	return true;
}

static void check_patches(struct check *c)
{
	struct xp_err err;
	bool later = false;

	c->nr_patches = xp_livepatch_list(&c->xen, &c->patches, &err);
	for (int i = 0; i < c->nr_patches; i++) {
		const struct xp_livepatch *p = &c->patches[i];

		if (p->ours)
			later = true;
		else
			add(c, "other_patch", CHECK_NOTE,
			    later && p->applied ? "it must be reverted before 'xprof detach' can work" : "",
			    "live patch '%s' of somebody else is %s", p->name, p->applied ? "applied" : "uploaded");
	}
}

static bool payload_file(const struct check *c, char *path, size_t size)
{
	xp_payload_path(&c->xen, cli_libdir(), path, size);
	return access(path, R_OK) == 0;
}

/* The profiler does not answer: can it be loaded? */
static void check_loadable(struct check *c)
{
	char path[PATH_MAX];

	if (c->nr_patches < 0)
		add(c, "profiler", CHECK_NO, "use a hypervisor with CONFIG_LIVEPATCH or one that has xprof built in",
		    "the profiler is not in the hypervisor, and this Xen takes no live patches");
	else if (!c->xen.build_id[0])
		add(c, "profiler", CHECK_NO, "use a hypervisor with xprof built in",
		    "the hypervisor has no build id, so no live patch can be made for it");
	else if (payload_file(c, path, sizeof(path)))
		add(c, "profiler", CHECK_OK, "", "the live patch for this hypervisor is there (%s); 'record' and 'start' load it", path);
	else
		add(c, "profiler", CHECK_NO, "install the payload package for this hypervisor, or build one from its source "
		    "(hypervisor-patch/README)", "there is no live patch for this hypervisor: %s is missing", path);
}

static void check_profiler(struct check *c)
{
	struct xp_err err;
	int ret = xp_xen_info(&c->xen, &c->info, &err);

	c->has_info = ret == 0;
	if (ret == 0)
		add(c, "profiler", CHECK_OK, "", c->info.text_size ? "the profiler is loaded into the hypervisor" :
		    "the profiler is built into the hypervisor");
	else if (ret == XP_E_ABSENT)
		check_loadable(c);
	else
		add(c, "profiler", CHECK_NO, ret == XP_E_PERM ? "boot Xen with flask=permissive, or allow it in the policy" :
		    "xprof detach, with the xprof that loaded it", "%s", err.text);
}

/* ---- the kernel ----------------------------------------------------------*/

static void check_module(struct check *c)
{
	char path[PATH_MAX], lockdown[128];
	struct xp_err err;

	if (xp_module_loaded()) {
		add(c, "module", CHECK_OK, "", "the kernel module is loaded");
		return;
	}
	if (xp_module_find(cli_libdir(), path, sizeof(path), &err) < 0)
		add(c, "module", CHECK_NO, "install xprof-dkms and the headers of this kernel", "%s", err.text);
	else
		add(c, "module", CHECK_OK, "", "the kernel module is there (%s); 'record' and 'start' load it", path);
	cli_first_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	if (strstr(lockdown, "[integrity]") || strstr(lockdown, "[confidentiality]"))
		add(c, "lockdown", CHECK_NOTE, "sign the module with a key that the kernel trusts (mokutil --import)",
		    "the kernel is locked down: it loads signed modules only");
}

/* ---- sources -------------------------------------------------------------*/

static void check_source(struct check *c, const char *name, uint32_t source)
{
	uint8_t why = c->info.why[source];

	if (c->info.sources & XPROF_SOURCE_BIT(source))
		add(c, name, CHECK_OK, "", "source %s: up to %llu Hz; what it cannot see: %s", xp_source_name(source),
		    (unsigned long long)xp_source_max_hz(&c->info, source), xp_source_blind_spot(source));
	else
		add(c, name, c->info.sources ? CHECK_NOTE : CHECK_NO, xp_why_remedy(why), "source %s: %s",
		    xp_source_name(source), xp_why_text(why));
}

/* Counters are the default where they can be had, and nobody misses them much where they cannot. */
static void check_counters(struct check *c)
{
	uint8_t why = c->info.why[XPROF_SOURCE_PMU];
	struct xprof_op_pmu pmu;
	struct xp_err err;

	if (!(c->info.sources & XPROF_SOURCE_BIT(XPROF_SOURCE_PMU)))
		add(c, "source_pmu", CHECK_NOTE, xp_why_remedy(why), "performance counters: %s", xp_why_text(why));
	else if (xp_xen_pmu(&c->xen, &pmu, &err) < 0)
		add(c, "source_pmu", CHECK_NOTE, "", "performance counters: %s", err.text);
	else
		add(c, "source_pmu", CHECK_OK, "", "source pmu: %s, %d counters can be used ('xprof list' shows what they count); what it "
		    "cannot see: %s", xp_pmu_cpu_name(&pmu), __builtin_popcountll(pmu.usable),
		    xp_source_blind_spot(XPROF_SOURCE_PMU));
}

static void check_sources(struct check *c)
{
	if (!c->has_info) {
		add(c, "sources", CHECK_NOTE, "xprof attach && xprof check", "which sources of NMIs can be had is known once the "
		    "profiler is loaded%s", c->xen.nr_cpus > 1 ? "; with more than one CPU 'ipi' can" : "");
		return;
	}
	check_counters(c);
	check_source(c, "source_ipi", XPROF_SOURCE_IPI);
	check_source(c, "source_hpet", XPROF_SOURCE_HPET);
}

/* ---- what else uses NMIs and counters ------------------------------------*/

static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(line, word); p; p = strstr(p + 1, word))
		if ((p == line || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0' || p[n] == '=' || p[n] == ','))
			return true;
	return false;
}

static void check_nmi_users(struct check *c)
{
	const char *line = c->xen.command_line;

	if (c->has_info && c->info.owner)
		add(c, "nmi_owner", CHECK_NO, "end it: xprof takes nobody's NMIs away", "another profiler's NMI handler is "
		    "installed in Xen, at %#llx", (unsigned long long)c->info.owner);
	if (c->has_info ? c->info.watchdog != 0 : has_word(line, "watchdog"))
		add(c, "watchdog", CHECK_NOTE, "", "Xen's NMI watchdog is on: xprof leaves it its NMIs; the timer event is not affected");
	if (c->has_info ? c->info.vpmu != 0 : has_word(line, "vpmu"))
		add(c, "vpmu", CHECK_NOTE, "", "vPMU is on: guests may use counters; the timer event is not affected");
	if (strstr(line, "nmi=fatal"))
		add(c, "nmi_fatal", CHECK_NO, "boot Xen with nmi=dom0, or use --force and load no microcode meanwhile",
		    "Xen runs with nmi=fatal: a microcode update while recording would kill the host");
}

static void check_session(struct check *c)
{
	struct xp_state s;
	struct xp_session session;
	struct xp_err err;

	if (access(cli_rundir(), F_OK) || xp_state_init(&s, cli_rundir(), &err) < 0)
		return;
	if (xp_session_find(&s, &session) == XP_SESSION_RUNNING)
		add(c, "session", CHECK_NOTE, "xprof stop", "process %u is recording into %s", session.pid, session.file);
	xp_state_release(&s);
}

/* ---- names ---------------------------------------------------------------*/

static void check_names(struct check *c)
{
	char line[128];
	unsigned long long address = 0;

	if (access("/proc/xen/xensyms", R_OK))
		add(c, "xen_symbols", CHECK_NOTE, "mount -t xenfs xenfs /proc/xen", "Xen's functions will have no names: "
		    "/proc/xen/xensyms cannot be read (%s)", strerror(errno));
	cli_first_line("/proc/kallsyms", line, sizeof(line));
	address = strtoull(line, NULL, 16);
	if (!line[0] || (!address && !strstr(line, "fixed_percpu_data") && !strstr(line, "__per_cpu_start")))
		add(c, "kernel_symbols", CHECK_NOTE, "sysctl kernel.kptr_restrict=1", "the kernel hides its addresses: its functions "
		    "will have no names");
}

void check_run(struct check *c)
{
	struct utsname u;

	memset(c, 0, sizeof(*c));
	c->nr_patches = -1;
	if (!uname(&u)) {
		snprintf(c->kernel, sizeof(c->kernel), "%s", u.release);
		snprintf(c->host, sizeof(c->host), "%s", u.nodename);
	}
	cli_cpu_model(c->cpu, sizeof(c->cpu));
	if (!check_xen(c))
		return;
	check_patches(c);
	check_profiler(c);
	check_module(c);
	check_sources(c);
	check_nmi_users(c);
	check_session(c);
	check_names(c);
}

void check_release(struct check *c)
{
	free(c->patches);
	if (c->has_xen)
		xp_xen_release(&c->xen);
}

bool check_can_record(const struct check *c)
{
	for (size_t i = 0; i < c->nr; i++)
		if (c->items[i].state == CHECK_NO)
			return false;
	return true;
}
