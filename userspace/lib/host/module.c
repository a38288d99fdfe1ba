// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/module.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/xprof.h>

#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

#define NAME "xprof"
#define SYS_MODULE "/sys/module/" NAME
#define SYS_DEV "/sys/class/misc/" NAME "/dev"

extern char **environ;

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

bool xp_module_loaded(void)
{
	return access(SYS_MODULE, F_OK) == 0;
}

/* ---- where it is ---------------------------------------------------------*/

static const char *const kernel_dirs[] = { "updates/dkms", "extra", "updates" };
static const char *const endings[] = { "", ".xz", ".zst", ".gz" };

static bool find_with_ending(const char *base, char *path, size_t size)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(path, size, "%s%s", base, endings[i]);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

int xp_module_find(const char *libdir, char *path, size_t size, struct xp_err *err)
{
	struct utsname u;
	char base[512];

	if (uname(&u))
		return xp_fail_errno(err, XP_E_SYSTEM, "uname");
	for (size_t i = 0; i < sizeof(kernel_dirs) / sizeof(kernel_dirs[0]); i++) {
		snprintf(base, sizeof(base), "/lib/modules/%s/%s/" NAME ".ko", u.release, kernel_dirs[i]);
		if (find_with_ending(base, path, size))
			return 0;
	}
	snprintf(base, sizeof(base), "%s/modules/%s/" NAME ".ko", libdir, u.release);
	if (find_with_ending(base, path, size))
		return 0;
	return xp_fail(err, XP_E_ABSENT, "no " NAME ".ko for kernel %s (looked in /lib/modules/%s/{updates/dkms,extra,updates} "
		       "and %s/modules/%s): install xprof's DKMS package with the headers of this kernel, or build kernel-helper/",
		       u.release, u.release, libdir, u.release);
}

/* ---- loading -------------------------------------------------------------*/

/* kmod decompresses what this kernel cannot. 0 or a negative errno. */
static int run_insmod(const char *path)
{
	char *argv[] = { (char *)"insmod", (char *)path, NULL };
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, "insmod", NULL, NULL, argv, environ))
		return -EOPNOTSUPP;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOEXEC;
}

static bool is_compressed(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".ko");
}

/* 0 or a negative errno. */
static int load_file(const char *path)
{
	int flags = is_compressed(path) ? MODULE_INIT_COMPRESSED_FILE : 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", flags) ? -errno : 0;
	close(fd);
	if (flags && (ret == -EOPNOTSUPP || ret == -EINVAL || ret == -ENOEXEC))
		ret = run_insmod(path);
	return ret == -EEXIST ? 0 : ret;
}

static int fail_load(const char *path, int why, struct xp_err *err)
{
	errno = -why;
	switch (why) {
	case -ENOEXEC:
	case -EINVAL:
		return xp_fail_errno(err, XP_E_VERSION, "the kernel does not take %s: it was built for another one ('dmesg' has "
				     "the reason): rebuild it for this kernel", path);
	case -EKEYREJECTED:
	case -ENOKEY:
		return xp_fail_errno(err, XP_E_PERM, "the kernel does not take %s: it is not signed with a key that this kernel "
				     "trusts (secure boot): enrol DKMS's key (mokutil --import)", path);
	case -EPERM:
		return xp_fail_errno(err, XP_E_PERM, "may not load %s (not root, or kernel lockdown)", path);
	case -ENODEV:
		return xp_fail(err, XP_E_ABSENT, "%s found no profiler in the hypervisor ('dmesg' has its words)", path);
	default:
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot load %s", path);
	}
}

/* ---- its device ----------------------------------------------------------*/

/* Without devtmpfs or udev nobody makes the node. */
static void make_node(void)
{
	unsigned int major, minor;
	char text[32] = "";
	FILE *f = fopen(SYS_DEV, "re");

	if (!f)
		return;
	if (fgets(text, sizeof(text), f) && sscanf(text, "%u:%u", &major, &minor) == 2 &&
	    mknod(XPROF_DEVICE, S_IFCHR | 0600, makedev(major, minor)))
		errno = 0; /* the caller looks again */
	fclose(f);
}

static int wait_for_device(struct xp_err *err)
{
	for (int i = 0; i < 100; i++) {
		if (access(XPROF_DEVICE, F_OK) == 0)
			return 0;
		if (i == 50)
			make_node();
		sleep_ms(10);
	}
	return xp_fail(err, XP_E_ABSENT, "the module is loaded, but " XPROF_DEVICE " did not appear within 1 s");
}

int xp_module_load(const char *libdir, struct xp_err *err)
{
	char path[600];
	int ret;

	if (!xp_module_loaded()) {
		ret = xp_module_find(libdir, path, sizeof(path), err);
		if (ret < 0)
			return ret;
		ret = load_file(path);
		if (ret < 0)
			return fail_load(path, ret, err);
	}
	return wait_for_device(err);
}

int xp_module_unload(struct xp_err *err)
{
	if (!syscall(SYS_delete_module, NAME, O_NONBLOCK) || errno == ENOENT)
		return 0;
	if (errno == EWOULDBLOCK || errno == EBUSY)
		return xp_fail(err, XP_E_BUSY, "the module is in use: somebody has " XPROF_DEVICE " open or mapped");
	return xp_fail_errno(err, errno == EPERM ? XP_E_PERM : XP_E_SYSTEM, "cannot unload the module " NAME);
}
