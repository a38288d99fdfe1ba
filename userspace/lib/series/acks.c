/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/series/acks.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the filter ----------------------------------------------------------*/

#define ETH 14        /* bytes of the Ethernet header; X holds 4 more if there is a VLAN tag */
#define IPV6 40
#define TCP_FLAGS 0x17 /* FIN, SYN, RST and ACK */
#define TCP_ACK 0x10

/* Where the program's parts begin. */
enum { LINK = 2, PROTO = 7, V4 = 9, V6 = 29, SAME = 40, PASS = 43, DROP = 44, END = 45 };
enum { TOTAL, HEADER }; /* scratch: the packet's length by its IP header, and that of its headers */

#define OP(code_, k_) { (code_), 0, 0, (uint32_t)(k_) }
#define IF(at, code_, k_, yes, no) [at] = { BPF_JMP | (code_), (yes) - (at) - 1, (no) - (at) - 1, (uint32_t)(k_) }
#define BYTE(k) OP(BPF_LD | BPF_B | BPF_IND, k)  /* A = the byte at X + k */
#define HALF(k) OP(BPF_LD | BPF_H | BPF_IND, k)

static const struct sock_filter program[END] = {
	/* 0: the direction; which one is wanted is put into 1 */
	[0] = OP(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
	IF(1, BPF_JEQ | BPF_K, PACKET_OUTGOING, LINK, DROP),

	[LINK] = OP(BPF_LDX | BPF_W | BPF_IMM, 0),
	[3] = HALF(12),
	IF(4, BPF_JEQ | BPF_K, ETH_P_8021Q, 5, PROTO),
	[5] = OP(BPF_LDX | BPF_W | BPF_IMM, 4),
	[6] = HALF(12),
	IF(PROTO, BPF_JEQ | BPF_K, ETH_P_IP, V4, 8),
	IF(8, BPF_JEQ | BPF_K, ETH_P_IPV6, V6, DROP),

	[V4] = BYTE(ETH + 9),
	IF(10, BPF_JEQ | BPF_K, IPPROTO_TCP, 11, DROP),
	[11] = HALF(ETH + 6),
	IF(12, BPF_JSET | BPF_K, 0x3fff, DROP, 13),      /* a fragment */
	[13] = HALF(ETH + 2),
	[14] = OP(BPF_ST, TOTAL),
	[15] = BYTE(ETH),
	[16] = OP(BPF_ALU | BPF_AND | BPF_K, 0xf),
	[17] = OP(BPF_ALU | BPF_LSH | BPF_K, 2),
	[18] = OP(BPF_ST, HEADER),
	[19] = OP(BPF_ALU | BPF_ADD | BPF_X, 0),
	[20] = OP(BPF_MISC | BPF_TAX, 0),                /* the TCP header lies at X + ETH */
	[21] = BYTE(ETH + 13),
	[22] = OP(BPF_ALU | BPF_AND | BPF_K, TCP_FLAGS),
	IF(23, BPF_JEQ | BPF_K, TCP_ACK, 24, DROP),
	[24] = BYTE(ETH + 12),
	[25] = OP(BPF_ALU | BPF_RSH | BPF_K, 4),
	[26] = OP(BPF_ALU | BPF_LSH | BPF_K, 2),
	[27] = OP(BPF_LDX | BPF_MEM, HEADER),
	IF(28, BPF_JA, SAME - 29, 29, 29),

	[V6] = BYTE(ETH + 6),
	IF(30, BPF_JEQ | BPF_K, IPPROTO_TCP, 31, DROP),
	[31] = HALF(ETH + 4),                            /* without the IPv6 header */
	[32] = OP(BPF_ST, TOTAL),
	[33] = BYTE(ETH + IPV6 + 13),
	[34] = OP(BPF_ALU | BPF_AND | BPF_K, TCP_FLAGS),
	IF(35, BPF_JEQ | BPF_K, TCP_ACK, 36, DROP),
	[36] = BYTE(ETH + IPV6 + 12),
	[37] = OP(BPF_ALU | BPF_RSH | BPF_K, 4),
	[38] = OP(BPF_ALU | BPF_LSH | BPF_K, 2),
	[39] = OP(BPF_LDX | BPF_W | BPF_IMM, 0),

	[SAME] = OP(BPF_ALU | BPF_ADD | BPF_X, 0),       /* all headers' length: is it the packet's? */
	[41] = OP(BPF_LDX | BPF_MEM, TOTAL),
	IF(42, BPF_JEQ | BPF_X, 0, PASS, DROP),
	[PASS] = OP(BPF_RET | BPF_K, 1),
	[DROP] = OP(BPF_RET | BPF_K, 0),
};

/* ---- the sockets ---------------------------------------------------------*/

/* Wants one direction only: that of the first comparison, or the other. */
static int set_filter(int fd, bool outgoing)
{
	struct sock_filter filter[END];
	struct sock_fprog prog = { END, filter };

	memcpy(filter, program, sizeof(filter));
	if (!outgoing) {
		filter[1].jt = program[1].jf;
		filter[1].jf = program[1].jt;
	}
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* Bound to no protocol until the filter is there, so that nothing else is ever counted. */
static int open_one(uint32_t ifindex, bool outgoing)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)ifindex };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int least = 0;

	if (fd < 0)
		return -1;
	if (!set_filter(fd, outgoing) && !setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) &&
	    !bind(fd, (struct sockaddr *)&at, sizeof(at)))
		return fd;
	close(fd);
	return -1;
}

void xp_acks_init(struct xp_acks *a)
{
	memset(a, 0, sizeof(*a));
	a->in = a->out = -1;
}

int xp_acks_open(struct xp_acks *a, uint32_t ifindex, struct xp_err *err)
{
	xp_acks_init(a);
	a->in = open_one(ifindex, false);
	a->out = a->in < 0 ? -1 : open_one(ifindex, true);
	if (a->out >= 0)
		return 0;
	xp_fail_errno(err, XP_E_SYSTEM, "no packet socket with a filter can be had");
	xp_acks_close(a);
	return XP_E_SYSTEM;
}

void xp_acks_close(struct xp_acks *a)
{
	if (a->in >= 0)
		close(a->in);
	if (a->out >= 0)
		close(a->out);
	a->in = a->out = -1;
}

/* The kernel begins anew with each answer. */
static bool add(int fd, uint64_t *nr)
{
	struct tpacket_stats st;
	socklen_t len = sizeof(st);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &st, &len))
		return false;
	*nr += st.tp_packets;
	return true;
}

bool xp_acks_read(struct xp_acks *a)
{
	return a->in >= 0 && add(a->in, &a->nr_in) && add(a->out, &a->nr_out);
}
