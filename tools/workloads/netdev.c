/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "netdev.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void die(const char *what, const char *which)
{
	fprintf(stderr, "workload: %s %s: %s\n", what, which, strerror(errno));
	exit(1);
}

void nd_load(const char *dir, const char *const *names)
{
	for (; *names; names++) {
		char path[256];
		int fd;

		snprintf(path, sizeof(path), "%s/%s.ko", dir, *names);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			die("cannot load", path);
		close(fd);
	}
}

void nd_no_ipv6(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* there is none */
	if (write(fd, "1", 1) != 1)
		die("cannot turn off", "IPv6");
	close(fd);
}

bool nd_exists(const char *name)
{
	return if_nametoindex(name) != 0;
}

void nd_wait_for(const char *name, double seconds)
{
	for (int i = 0; i < (int)(seconds * 20) && !nd_exists(name); i++)
		usleep(50000);
	if (nd_exists(name))
		return;
	errno = ENODEV;
	die("there is no interface", name);
}

static void control(const char *name, unsigned long request, struct ifreq *r, const char *what)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(r->ifr_name, sizeof(r->ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, request, r))
		die(what, name);
	close(fd);
}

void nd_up(const char *name)
{
	struct ifreq r = { .ifr_flags = 0 };

	control(name, SIOCGIFFLAGS, &r, "cannot read the flags of");
	r.ifr_flags |= IFF_UP;
	control(name, SIOCSIFFLAGS, &r, "cannot bring up");
}

void nd_address(const char *name, const char *address)
{
	struct ifreq r = { .ifr_flags = 0 };
	struct sockaddr_in *a = (struct sockaddr_in *)&r.ifr_addr;

	a->sin_family = AF_INET;
	if (inet_pton(AF_INET, address, &a->sin_addr) != 1) {
		errno = EINVAL;
		die("no IPv4 address:", address);
	}
	control(name, SIOCSIFADDR, &r, "cannot give an address to");
	a->sin_addr.s_addr = htonl(0xffffff00u);
	control(name, SIOCSIFNETMASK, &r, "cannot give a netmask to");
}

void nd_no_offload(const char *name)
{
	static const uint32_t commands[] = { ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO };

	for (unsigned i = 0; i < 3; i++) {
		struct ethtool_value value = { .cmd = commands[i], .data = 0 };
		struct ifreq r = { .ifr_data = (char *)&value };

		control(name, SIOCETHTOOL, &r, "cannot turn off offloads of");
	}
}

/* A line of /proc/net/dev: "  eth0: bytes packets errs drop fifo frame compressed multicast  bytes packets …". */
static bool parse(char *line, const char **name, struct nd_counters *c)
{
	char *colon = strchr(line, ':');

	if (!colon)
		return false;
	*colon = '\0';
	*name = line + strspn(line, " ");
	return sscanf(colon + 1, "%" SCNu64 " %" SCNu64 " %*u %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &c->rx_bytes,
		      &c->rx_packets, &c->tx_bytes, &c->tx_packets) == 4;
}

struct wanted {
	const char *name;
	struct nd_counters *c;
	bool found;
};

static void each_line(void (*fn)(const char *name, const struct nd_counters *c, void *arg), void *arg)
{
	FILE *f = fopen("/proc/net/dev", "r");
	char line[512];

	if (!f)
		die("cannot read", "/proc/net/dev");
	while (fgets(line, sizeof(line), f)) {
		struct nd_counters c;
		const char *name;

		if (parse(line, &name, &c))
			fn(name, &c, arg);
	}
	fclose(f);
}

static void take(const char *name, const struct nd_counters *c, void *arg)
{
	struct wanted *w = arg;

	if (strcmp(name, w->name))
		return;
	*w->c = *c;
	w->found = true;
}

bool nd_read(const char *name, struct nd_counters *c)
{
	struct wanted w = { name, c, false };

	each_line(take, &w);
	return w.found;
}

struct visitor {
	void (*fn)(const char *name, void *arg);
	void *arg;
};

static void visit(const char *name, const struct nd_counters *c, void *arg)
{
	struct visitor *v = arg;

	(void)c;
	v->fn(name, v->arg);
}

void nd_each(void (*fn)(const char *name, void *arg), void *arg)
{
	struct visitor v = { fn, arg };

	each_line(visit, &v);
}
