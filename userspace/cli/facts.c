// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/cli.h"
#include "lib/base/file.h"
#include "lib/host/pools.h"
#include "lib/sym/buildid.h"

void cli_first_line(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");

	text[0] = '\0';
	if (!f)
		return;
	if (fgets(text, (int)size, f))
		text[strcspn(text, "\n")] = '\0';
	fclose(f);
}

void cli_cpu_model(char *text, size_t size)
{
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "re");

	text[0] = '\0';
	while (f && !text[0] && fgets(line, sizeof(line), f)) {
		const char *value = strstr(line, ": ");

		if (value && !strncmp(line, "model name", 10))
			snprintf(text, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
	}
	if (f)
		fclose(f);
}

static void kernel_build_id(char hex[2 * XP_BUILD_ID_MAX + 1])
{
	struct xp_buf notes = XP_BUF_INIT;
	struct xp_build_id id;
	struct xp_err ignored;

	hex[0] = '\0';
	if (xp_file_read("/sys/kernel/notes", &notes, 1 << 16, &ignored) == 0 &&
	    xp_build_id_from_notes(&id, notes.data, notes.len))
		xp_build_id_hex(&id, hex);
	xp_buf_release(&notes);
}

static int put(struct xp_writer *w, const char *key, const char *value, struct xp_err *err)
{
	return value[0] ? xp_write_host(w, key, value, err) : 0;
}

static int put_number(struct xp_writer *w, const char *key, unsigned int value, struct xp_err *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return put(w, key, text, err);
}

static int put_kernel(struct xp_writer *w, struct xp_err *err)
{
	char build_id[2 * XP_BUILD_ID_MAX + 1], boot_id[64], cpu[256];
	struct utsname u;
	int ret = 0;

	kernel_build_id(build_id);
	cli_first_line("/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id));
	cli_cpu_model(cpu, sizeof(cpu));
	if (!uname(&u) && (ret = put(w, "host.name", u.nodename, err)) == 0)
		ret = put(w, "kernel.release", u.release, err);
	if (ret == 0)
		ret = put(w, "kernel.build_id", build_id, err);
	if (ret == 0)
		ret = put(w, "boot_id", boot_id, err);
	return ret ? ret : put(w, "host.cpu", cpu, err);
}

static int put_pools(struct xp_writer *w, struct xp_xen *xen, struct xp_err *err)
{
	char *pools = xp_xen_pools(xen);
	int ret = pools ? put(w, "xen.pools", pools, err) : 0;

	free(pools);
	return ret;
}

static int put_xen(struct xp_writer *w, struct xp_xen *xen, struct xp_err *err)
{
	const struct { const char *key, *value; } facts[] = {
		{ "xen.version", xen->version }, { "xen.changeset", xen->changeset }, { "xen.build_id", xen->build_id },
		{ "xen.command_line", xen->command_line }, { "xen.scheduler", xen->scheduler },
	};
	int ret = put_number(w, "host.cpus", xen->nr_cpus, err);

	for (size_t i = 0; ret == 0 && i < sizeof(facts) / sizeof(facts[0]); i++)
		ret = put(w, facts[i].key, facts[i].value, err);
	return ret ? ret : put_pools(w, xen, err);
}

int cli_write_facts(struct xp_writer *w, struct xp_xen *xen, const struct xprof_op_info *info,
		    const char *command, struct xp_err *err)
{
	int ret = put(w, "xprof.version", XPROF_VERSION, err);

	if (ret == 0)
		ret = put(w, "command", command, err);
	if (ret == 0)
		ret = put_xen(w, xen, err);
	if (ret == 0)
		ret = put_kernel(w, err);
	return ret ? ret : put_number(w, "tsc.khz", info->tsc_khz, err);
}
