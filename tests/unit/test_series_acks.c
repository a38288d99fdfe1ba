/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters of interfaces and of pure ACKs, on a real kernel: the loopback interface of a network namespace of our own,
 * where each frame is seen once going out and once coming in. Needs root; says so where it is not to be had.
 */
#include "unit/build.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/series/vifs.h"

static bool have_namespace;
static uint32_t lo;

static int enter_namespace(void **state)
{
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	(void)state;
	if (unshare(CLONE_NEWNET)) {
		perror("no network namespace of our own: these tests are skipped");
		return 0;
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &up), 0);
	close(fd);
	lo = if_nametoindex("lo");
	have_namespace = true;
	return 0;
}

static void need_namespace(void)
{
	if (!have_namespace)
		skip();
}

/* ---- a connection whose ends count, too ----------------------------------*/

static int listener(int family, struct sockaddr_storage *at, socklen_t *len)
{
	int fd = socket(family, SOCK_STREAM, 0);

	memset(at, 0, sizeof(*at));
	at->ss_family = (sa_family_t)family;
	if (family == AF_INET)
		((struct sockaddr_in *)at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)at)->sin6_addr = in6addr_loopback;
	*len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	assert_int_equal(bind(fd, (struct sockaddr *)at, *len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, len), 0);
	return fd;
}

static void exchange(int client, int server)
{
	static char data[50000];

	for (int i = 0; i < 200; i++) {
		assert_int_equal(write(client, data, sizeof(data)), sizeof(data));
		for (size_t n = 0; n < sizeof(data);) {
			ssize_t got = read(server, data, sizeof(data));

			assert_true(got > 0);
			n += (size_t)got;
		}
	}
	assert_int_equal(write(server, data, 1), 1);
	assert_int_equal(read(client, data, sizeof(data)), 1);
	shutdown(client, SHUT_WR);
	assert_int_equal(read(server, data, sizeof(data)), 0);
	shutdown(server, SHUT_WR);
	assert_int_equal(read(client, data, sizeof(data)), 0);
	usleep(100000); /* the last ACK has been taken in */
}

/* Segments without data, but for `others` of them: a FIN, and the client's SYN (the server's is not this socket's yet). */
static uint32_t acks_of(int fd, uint32_t others)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	return info.tcpi_segs_out - info.tcpi_data_segs_out - others;
}

static void count_acks_of_a_connection(int family)
{
	struct sockaddr_storage at;
	struct xp_acks acks;
	struct xp_err err;
	socklen_t len;
	int door, client, server;
	uint32_t expected;

	need_namespace();
	assert_int_equal(xp_acks_open(&acks, lo, &err), 0);
	door = listener(family, &at, &len);
	client = socket(family, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&at, len), 0);
	server = accept(door, NULL, NULL);
	exchange(client, server);
	expected = acks_of(client, 2) + acks_of(server, 1);
	assert_true(expected > 20);
	assert_true(xp_acks_read(&acks));
	assert_int_equal(acks.nr_out, expected);
	assert_int_equal(acks.nr_in, expected);
	close(client);
	close(server);
	close(door);
	xp_acks_close(&acks);
}

static void test_acks__as_both_ends_of_a_connection_say(void **state)
{
	(void)state;
	count_acks_of_a_connection(AF_INET);
}

static void test_acks__over_ipv6(void **state)
{
	(void)state;
	count_acks_of_a_connection(AF_INET6);
}

/* ---- frames, one by one --------------------------------------------------*/

/* An Ethernet frame with IPv4 and TCP headers, changed here and there. */
struct frame {
	const char *what;
	uint8_t flags;     /* of TCP */
	uint8_t protocol;
	uint8_t tcp_words, ip_words;
	uint16_t fragment; /* the IPv4 field */
	uint8_t data;      /* bytes behind the headers that belong to the packet */
	uint8_t padding;   /* and that do not */
	uint8_t cut;       /* bytes of the frame that are missing at its end */
	bool tagged, is_ack;
};

static size_t put_frame(uint8_t *f, const struct frame *how)
{
	size_t at = 14 + (how->tagged ? 4 : 0), ip = how->ip_words * 4u, tcp = how->tcp_words * 4u;
	uint16_t total = (uint16_t)(ip + tcp + how->data);

	memset(f, 0, 256);
	if (how->tagged)
		f[12] = 0x81;
	f[at - 2] = 0x08;
	f[at] = (uint8_t)(0x40 | how->ip_words);
	f[at + 2] = (uint8_t)(total >> 8);
	f[at + 3] = (uint8_t)total;
	f[at + 6] = (uint8_t)(how->fragment >> 8);
	f[at + 7] = (uint8_t)how->fragment;
	f[at + 8] = 64;
	f[at + 9] = how->protocol;
	f[at + ip + 12] = (uint8_t)(how->tcp_words << 4);
	f[at + ip + 13] = how->flags;
	return at + total + how->padding - how->cut;
}

static const struct frame frames[] = {
	{ "an ACK", 0x10, 6, 5, 5, 0, 0, 0, 0, false, true },
	{ "an ACK, padded to the least length", 0x10, 6, 5, 5, 0x4000, 0, 6, 0, false, true },
	{ "with time stamps", 0x10, 6, 8, 5, 0, 0, 0, 0, false, true },
	{ "with IP options", 0x10, 6, 5, 7, 0, 0, 0, 0, false, true },
	{ "in a VLAN", 0x10, 6, 8, 5, 0, 0, 0, 0, true, true },
	{ "with PSH, URG and ECE", 0x78, 6, 5, 5, 0, 0, 0, 0, false, true },
	{ "with data", 0x10, 6, 5, 5, 0, 1, 0, 0, false, false },
	{ "data in a VLAN", 0x18, 6, 5, 5, 0, 100, 0, 0, true, false },
	{ "SYN", 0x02, 6, 5, 5, 0, 0, 0, 0, false, false },
	{ "SYN ACK", 0x12, 6, 5, 5, 0, 0, 0, 0, false, false },
	{ "FIN ACK", 0x11, 6, 5, 5, 0, 0, 0, 0, false, false },
	{ "RST ACK", 0x14, 6, 5, 5, 0, 0, 0, 0, false, false },
	{ "no flags", 0x00, 6, 5, 5, 0, 0, 0, 0, false, false },
	{ "UDP", 0x10, 17, 5, 5, 0, 0, 0, 0, false, false },
	{ "a first fragment", 0x10, 6, 5, 5, 0x2000, 0, 0, 0, false, false },
	{ "a later fragment", 0x10, 6, 5, 5, 0x0001, 0, 0, 0, false, false },
	{ "cut off in the TCP header", 0x10, 6, 5, 5, 0, 0, 0, 8, false, false },
	{ "cut off in the IP header", 0x10, 6, 5, 5, 0, 0, 0, 32, false, false },
};

static void test_acks__only_what_is_one(void **state)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
	struct xp_acks acks;
	struct xp_err err;
	uint64_t in = 0, out = 0;
	int fd;

	(void)state;
	need_namespace();
	to.sll_ifindex = (int)lo;
	assert_int_equal(xp_acks_open(&acks, lo, &err), 0);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t f[256];
		size_t len = put_frame(f, &frames[i]);

		to.sll_protocol = htons(frames[i].tagged ? ETH_P_8021Q : ETH_P_IP);
		assert_int_equal(sendto(fd, f, len, 0, (struct sockaddr *)&to, sizeof(to)), len);
		usleep(1000);
		assert_true(xp_acks_read(&acks));
		if (acks.nr_out - out != frames[i].is_ack || acks.nr_in - in != frames[i].is_ack)
			fail_msg("%s: counted %d going out, %d coming in", frames[i].what, (int)(acks.nr_out - out), (int)(acks.nr_in - in));
		out = acks.nr_out;
		in = acks.nr_in;
	}
	close(fd);
	xp_acks_close(&acks);
}

static void test_acks__no_such_interface(void **state)
{
	struct xp_acks acks;
	struct xp_err err;

	(void)state;
	need_namespace();
	assert_int_equal(xp_acks_open(&acks, 12345, &err), XP_E_SYSTEM);
	assert_int_equal(acks.in, -1);
	assert_int_equal(acks.out, -1);
	assert_false(xp_acks_read(&acks));
}

/* ---- interfaces ----------------------------------------------------------*/

static bool lo_is_a_vif(const char *name, uint16_t *domid, uint16_t *devid)
{
	*domid = 7;
	*devid = 1;
	return !strcmp(name, "lo");
}

static const struct xp_link *the_vif(struct xp_vifs *v)
{
	struct xp_err err;

	if (xp_vifs_read(v, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < v->nr; i++)
		if (v->links[i].is_vif)
			return &v->links[i];
	return NULL;
}

static void send_datagrams(int n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sink = socket(AF_INET, SOCK_DGRAM, 0), fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(sink, (struct sockaddr *)&to, sizeof(to)), 0); /* or each were answered by an ICMP message */
	for (int i = 0; i < n; i++)
		assert_int_equal(sendto(fd, "12345678", 8, 0, (struct sockaddr *)&to, sizeof(to)), 8);
	close(fd);
	close(sink);
}

static void test_vifs__counters_are_the_kernels(void **state)
{
	const struct xp_link *l;
	struct xp_vifs v;
	uint64_t packets, bytes;

	(void)state;
	need_namespace();
	xp_vifs_init(&v);
	v.is_vif = lo_is_a_vif;
	l = the_vif(&v);
	assert_non_null(l);
	assert_true(l->fresh);
	assert_string_equal(l->name, "lo");
	assert_int_equal(l->domid, 7);
	packets = l->rx_packets;
	bytes = l->tx_bytes;
	send_datagrams(1000);
	l = the_vif(&v);
	assert_false(l->fresh);
	assert_int_equal(l->rx_packets - packets, 1000);
	assert_int_equal(l->tx_bytes - bytes, 1000 * (20 + 8 + 8)); /* loopback does not count its link header */
	assert_int_equal(l->acks.nr_in, 0);
	xp_vifs_release(&v);
}

static void test_vifs__none_here(void **state)
{
	struct xp_vifs v;

	(void)state;
	need_namespace();
	xp_vifs_init(&v);
	assert_null(the_vif(&v)); /* nothing here is on Xen's bus */
	assert_true(v.nr > 0);
	xp_vifs_forget(&v);
	assert_true(v.nr > 0);
	for (size_t i = 0; i < v.nr; i++)
		v.links[i].seen = false;
	xp_vifs_forget(&v);
	assert_int_equal(v.nr, 0);
	xp_vifs_release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_acks__as_both_ends_of_a_connection_say),
		cmocka_unit_test(test_acks__over_ipv6),
		cmocka_unit_test(test_acks__only_what_is_one),
		cmocka_unit_test(test_acks__no_such_interface),
		cmocka_unit_test(test_vifs__counters_are_the_kernels),
		cmocka_unit_test(test_vifs__none_here),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
