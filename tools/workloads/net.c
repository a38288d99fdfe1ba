/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net: one end of a TCP stream between two guests, over their first network interface, which it sets up itself.
 *
 * --to ADDRESS sends, for --seconds S; without it, it waits for a peer and receives. When the stream is over the
 * report is printed, then the program waits for SIGTERM, so that the guest's interface can still be looked at. The
 * report is what this end's kernel counted:
 *   segments_*       of the connection, without data included; one packet each, as nothing is offloaded
 *   acks_sent        segments sent without data, less SYN and FIN: pure ACKs
 *   eth_*            all packets of the interface since it came: ARP, too
 */
#define _GNU_SOURCE
#include "common.h"
#include "netdev.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 5001
#define STATE_TIME_WAIT 6 /* of tcpi_state; linux/tcp.h has no names for them */
#define STATE_CLOSE 7
#define INTERFACE "eth0"

struct options {
	const char *address, *to, *modules;
	double seconds;
	unsigned wait_us; /* between two writes */
};

static char block[16384];

static void die(const char *what)
{
	fprintf(stderr, "net: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address_of(const char *text)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (inet_pton(AF_INET, text, &a.sin_addr) == 1)
		return a;
	fprintf(stderr, "net: '%s' is not an IPv4 address\n", text);
	exit(2);
}

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("no TCP");
	return fd;
}

/* The peer may come up later, and its interface later still. */
static int connect_to(const char *text)
{
	const struct sockaddr_in to = address_of(text);

	for (int i = 0; i < 1200 && !wl_stopped; i++) {
		int fd = new_socket();

		if (!connect(fd, (const struct sockaddr *)&to, sizeof(to)))
			return fd;
		close(fd);
		usleep(100000);
	}
	die("the peer does not answer");
	return -1;
}

static int accept_one(const char *text)
{
	const struct sockaddr_in at = address_of(text);
	int door = new_socket(), yes = 1, fd;

	setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(door, (const struct sockaddr *)&at, sizeof(at)) || listen(door, 1))
		die("cannot listen");
	fd = accept(door, NULL, NULL);
	if (fd < 0)
		die("nobody came");
	close(door);
	return fd;
}

static uint64_t send_for(int fd, const struct options *o)
{
	uint64_t end = wl_clock_ns(CLOCK_MONOTONIC) + (uint64_t)(o->seconds * 1e9), bytes = 0;

	while (!wl_stopped && wl_clock_ns(CLOCK_MONOTONIC) < end) {
		ssize_t n = write(fd, block, sizeof(block));

		if (n < 0 && errno != EINTR)
			die("cannot send");
		bytes += n > 0 ? (uint64_t)n : 0;
		if (o->wait_us)
			usleep(o->wait_us);
	}
	return bytes;
}

static uint64_t receive_all(int fd)
{
	uint64_t bytes = 0;
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno != EINTR)
			die("cannot receive");
		bytes += n > 0 ? (uint64_t)n : 0;
	}
	return bytes;
}

/* Until the peer has had our FIN, or its ACK would not be counted yet. */
static void finish(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	for (int i = 0; i < 100; i++) {
		getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
		if (info.tcpi_state == STATE_CLOSE || info.tcpi_state == STATE_TIME_WAIT)
			return;
		usleep(50000);
	}
}

static void report(int fd, const struct options *o, uint64_t bytes, uint64_t ns)
{
	struct nd_counters eth = { 0 };
	struct tcp_info i = { 0 };
	socklen_t len = sizeof(i);
	/* The listener's SYN ACK was sent before its socket was there, and is not in its count. */
	unsigned others = o->to ? 2 : 1;

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	nd_read(INTERFACE, &eth);
	printf("{\"workload\":\"net\",\"role\":\"%s\",\"bytes\":%" PRIu64 ",\"stream_ns\":%" PRIu64
	       ",\"segments_sent\":%u,\"data_segments_sent\":%u,\"segments_received\":%u,\"data_segments_received\":%u"
	       ",\"acks_sent\":%u,\"retransmits\":%u,\"eth_sent\":%" PRIu64 ",\"eth_received\":%" PRIu64
	       ",\"eth_sent_bytes\":%" PRIu64 ",\"eth_received_bytes\":%" PRIu64 "}\n",
	       o->to ? "send" : "receive", bytes, ns, i.tcpi_segs_out, i.tcpi_data_segs_out, i.tcpi_segs_in,
	       i.tcpi_data_segs_in, i.tcpi_segs_out - i.tcpi_data_segs_out - others, i.tcpi_total_retrans, eth.tx_packets,
	       eth.rx_packets, eth.tx_bytes, eth.rx_bytes);
	fflush(stdout);
}

static void stream(const struct options *o)
{
	int fd = o->to ? connect_to(o->to) : accept_one(o->address);
	uint64_t start = wl_clock_ns(CLOCK_MONOTONIC), bytes, ns;

	printf("net: stream begins\n");
	fflush(stdout);
	if (o->to) {
		bytes = send_for(fd, o);
		shutdown(fd, SHUT_WR);
		receive_all(fd);
	} else {
		bytes = receive_all(fd);
		shutdown(fd, SHUT_WR);
	}
	ns = wl_clock_ns(CLOCK_MONOTONIC) - start;
	finish(fd);
	report(fd, o, bytes, ns);
	close(fd);
}

static void set_up(const struct options *o)
{
	static const char *const modules[] = { "xen-netfront", NULL };

	nd_no_ipv6();
	nd_load(o->modules, modules);
	nd_wait_for(INTERFACE, 60);
	nd_no_offload(INTERFACE);
	nd_address(INTERFACE, o->address);
	nd_up(INTERFACE);
}

static void usage(void)
{
	fprintf(stderr, "usage: net --address A [--to B] [--seconds S] [--wait MICROSECONDS] [--modules DIR]\n"
			"  sends to B for S seconds (default 5), or receives; then reports, and waits for SIGTERM\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "address", required_argument, NULL, 'a' }, { "to", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 's' }, { "modules", required_argument, NULL, 'm' },
		{ "wait", required_argument, NULL, 'w' },    { 0 },
	};
	struct options o = { .seconds = 5, .modules = "/workloads" };
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'a': o.address = optarg; break;
		case 't': o.to = optarg; break;
		case 's': o.seconds = wl_number("--seconds", optarg, 0.001, 1e6); break;
		case 'w': o.wait_us = (unsigned)wl_number("--wait", optarg, 0, 1e6); break;
		case 'm': o.modules = optarg; break;
		default: usage();
		}
	}
	if (!o.address || optind < argc)
		usage();
	signal(SIGPIPE, SIG_IGN);
	wl_stop_after(0);
	set_up(&o);
	stream(&o);
	while (!wl_stopped)
		usleep(100000);
	return 0;
}
