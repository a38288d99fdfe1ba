/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge: makes a guest a driver domain: loads the network backend, puts each vif that comes onto one bridge, and tells
 * Domain-0, once a second and at the end, what each has carried, in xenstore's data/xprof/vif/DOMID/DEVID (as
 * xprof-record(1) has it under --series). Its report: the same.
 */
#define _GNU_SOURCE
#include "common.h"
#include "netdev.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/series/acks.h"

#define BRIDGE "br0"
#define MAX_PORTS 32

struct port {
	char name[IFNAMSIZ];
	unsigned domid, devid;
	struct xp_acks acks;
};

struct bridge {
	struct port ports[MAX_PORTS];
	size_t nr;
	int control; /* a socket, for ioctls */
	int store;   /* /dev/xen/xenbus */
};

/* ---- xenstore ------------------------------------------------------------*/

struct message {
	uint32_t type, request, transaction, len;
};
#define XS_WRITE 11u

static bool read_all(int fd, void *to, size_t n)
{
	for (char *p = to; n;) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* The path is below this domain's own folder. */
static void tell(struct bridge *b, const char *path, const char *value)
{
	struct { struct message head; char body[256]; } m = { .head = { .type = XS_WRITE } };
	char answer[256];
	size_t n = strlen(path) + 1;

	memcpy(m.body, path, n);
	memcpy(m.body + n, value, strlen(value));
	m.head.len = (uint32_t)(n + strlen(value));
	if (write(b->store, &m, sizeof(m.head) + m.head.len) < 0 || !read_all(b->store, &m.head, sizeof(m.head)) ||
	    m.head.len > sizeof(answer) || !read_all(b->store, answer, m.head.len) || m.head.type != XS_WRITE)
		fprintf(stderr, "bridge: xenstore does not take %s\n", path);
}

/* ---- ports ---------------------------------------------------------------*/

static struct port *find(struct bridge *b, const char *name)
{
	for (size_t i = 0; i < b->nr; i++)
		if (!strcmp(b->ports[i].name, name))
			return &b->ports[i];
	return NULL;
}

static void add_port(const char *name, void *arg)
{
	struct bridge *b = arg;
	struct ifreq r = { .ifr_ifindex = (int)if_nametoindex(name) };
	struct port p = { .domid = 0 };
	struct xp_err err;

	if (sscanf(name, "vif%u.%u", &p.domid, &p.devid) != 2 || find(b, name) || b->nr == MAX_PORTS)
		return;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", BRIDGE);
	if (ioctl(b->control, SIOCBRADDIF, &r)) {
		fprintf(stderr, "bridge: cannot add %s: %s\n", name, strerror(errno));
		return;
	}
	snprintf(p.name, sizeof(p.name), "%s", name);
	if (xp_acks_open(&p.acks, (uint32_t)r.ifr_ifindex, &err) < 0)
		fprintf(stderr, "bridge: %s\n", err.text);
	nd_up(name);
	b->ports[b->nr++] = p;
	printf("bridge: has %s\n", name);
	fflush(stdout);
}

static void tell_port(struct bridge *b, struct port *p)
{
	char path[64], value[160];
	struct nd_counters c;

	if (!nd_read(p->name, &c))
		return;
	xp_acks_read(&p->acks);
	snprintf(path, sizeof(path), "data/xprof/vif/%u/%u", p->domid, p->devid);
	snprintf(value, sizeof(value), "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, c.rx_packets,
		 c.rx_bytes, c.tx_packets, c.tx_bytes, p->acks.nr_in, p->acks.nr_out);
	tell(b, path, value);
}

static void report(struct bridge *b)
{
	printf("{\"workload\":\"bridge\",\"ports\":[");
	for (size_t i = 0; i < b->nr; i++) {
		struct port *p = &b->ports[i];
		struct nd_counters c = { 0 };

		nd_read(p->name, &c);
		printf("%s{\"domid\":%u,\"devid\":%u,\"sent\":%" PRIu64 ",\"received\":%" PRIu64 "}", i ? "," : "", p->domid,
		       p->devid, c.rx_packets, c.tx_packets);
	}
	printf("]}\n");
}

static void set_up(struct bridge *b, const char *dir)
{
	static const char *const modules[] = { "llc", "stp", "bridge", "xen-netback", NULL };

	nd_no_ipv6();
	nd_load(dir, modules);
	b->control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	b->store = open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC);
	if (b->control >= 0 && b->store >= 0 && (!ioctl(b->control, SIOCBRADDBR, BRIDGE) || errno == EEXIST)) {
		nd_up(BRIDGE);
		return;
	}
	perror("bridge: no bridge, or no xenstore");
	exit(1);
}

int main(int argc, char **argv)
{
	const char *dir = "/workloads";
	struct bridge b = { .nr = 0 };

	if (argc == 3 && !strcmp(argv[1], "--modules"))
		dir = argv[2];
	else if (argc != 1) {
		fprintf(stderr, "usage: bridge [--modules DIR]\n");
		return 2;
	}
	wl_stop_after(0);
	set_up(&b, dir);
	for (unsigned n = 0; !wl_stopped; n++) {
		nd_each(add_port, &b);
		for (size_t i = 0; n % 10 == 0 && i < b.nr; i++)
			tell_port(&b, &b.ports[i]);
		usleep(100000);
	}
	report(&b);
	return 0;
}
