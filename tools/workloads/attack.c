/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attack: a guest that tries the profiler's sysctl, every operation, with random arguments, and reports how it was
 * received. Reaches Xen through the guest's own privcmd driver (--module FILE loads it).
 *
 * usage: attack [--module FILE] [--seconds S] [--seed X] [--interface VERSION]
 */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HYPERVISOR_SYSCTL   35
#define SYSCTL_XPROF        0x78700001u /* XEN_SYSCTL_xprof_op */
#define XPROF_MAGIC         0x666f7278u

struct privcmd_hypercall {
	uint64_t op;
	uint64_t arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

struct sysctl {
	uint32_t cmd, interface_version;
	uint32_t magic;
	uint16_t abi, op;
	uint64_t rest[15];
};

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)) {
		fprintf(stderr, "attack: cannot load %s: %s\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
}


static int open_privcmd(void)
{
	int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror("attack: /dev/xen/privcmd");
		exit(1);
	}
	return fd;
}

static void randomize(struct sysctl *s, uint64_t *seed, uint32_t version)
{
	uint64_t *words = (uint64_t *)s;

	for (size_t i = 0; i < sizeof(*s) / sizeof(*words); i++)
		words[i] = wl_random(seed);
	s->cmd = SYSCTL_XPROF;
	s->interface_version = version;
	if (wl_random(seed) & 1)
		s->magic = XPROF_MAGIC;
	if (wl_random(seed) & 1)
		s->abi = 1;
	s->op = (uint16_t)(wl_random(seed) % 8);
}

int main(int argc, char **argv)
{
	uint32_t version = 0x15;
	uint64_t seed = 1, calls = 0, refused = 0;
	double seconds = 0;
	int other = 0, fd;
	struct sysctl *s;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--module"))
			load_module(argv[i + 1]);
		else if (!strcmp(argv[i], "--seconds"))
			seconds = wl_number("--seconds", argv[i + 1], 0.001, 1e6);
		else if (!strcmp(argv[i], "--seed"))
			seed = (uint64_t)wl_number("--seed", argv[i + 1], 1, 1e15);
		else if (!strcmp(argv[i], "--interface"))
			version = (uint32_t)wl_number("--interface", argv[i + 1], 0, 255);
	}
	fd = open_privcmd();
	s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	if (s == MAP_FAILED) {
		perror("attack: mmap");
		return 1;
	}
	wl_stop_after(seconds);
	while (!wl_stopped) {
		struct privcmd_hypercall call = { .op = HYPERVISOR_SYSCTL, .arg = { (uintptr_t)s } };

		randomize(s, &seed, version);
		errno = 0;
		if (ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &call) < 0 && errno == EPERM)
			refused++;
		else
			other = errno ? errno : -1;
		calls++;
	}
	printf("{\"workload\":\"attack\",\"calls\":%llu,\"eperm\":%llu,\"last_other\":%d}\n", (unsigned long long)calls,
	       (unsigned long long)refused, other);
	return 0;
}
