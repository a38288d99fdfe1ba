/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/series/vifs.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* The target of NAME/device ends in "vif-DOMID-DEVID", and its driver is Xen's network backend. */
static bool is_vif(const char *name, uint16_t *domid, uint16_t *devid)
{
	char path[64], target[512], rest;
	unsigned int dom, dev;
	const char *last;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	last = strrchr(target, '/');
	if (!last || sscanf(last, "/vif-%u-%u%c", &dom, &dev, &rest) != 2 || dom > UINT16_MAX || dev > UINT16_MAX)
		return false;
	*domid = (uint16_t)dom;
	*devid = (uint16_t)dev;
	return true;
}

void xp_vifs_init(struct xp_vifs *v)
{
	memset(v, 0, sizeof(*v));
	v->netlink = -1;
	v->count_acks = true;
	v->is_vif = is_vif;
}

void xp_vifs_release(struct xp_vifs *v)
{
	for (size_t i = 0; i < v->nr; i++)
		xp_acks_close(&v->links[i].acks);
	free(v->links);
	if (v->netlink >= 0)
		close(v->netlink);
	xp_vifs_init(v);
}

/* ---- links ---------------------------------------------------------------*/

static struct xp_link *find(struct xp_vifs *v, uint32_t ifindex)
{
	for (size_t i = 0; i < v->nr; i++)
		if (v->links[i].ifindex == ifindex)
			return &v->links[i];
	return NULL;
}

static struct xp_link *add(struct xp_vifs *v, uint32_t ifindex)
{
	struct xp_link *l;

	if (v->nr == v->room) {
		size_t room = v->room ? v->room * 2 : 16;
		struct xp_link *links = realloc(v->links, room * sizeof(*links));

		if (!links)
			return NULL;
		v->links = links;
		v->room = room;
	}
	l = &v->links[v->nr++];
	memset(l, 0, sizeof(*l));
	l->ifindex = ifindex;
	xp_acks_init(&l->acks);
	if (if_indextoname(ifindex, l->name))
		l->is_vif = v->is_vif(l->name, &l->domid, &l->devid);
	l->fresh = l->is_vif;
	if (l->is_vif && v->count_acks)
		xp_acks_open(&l->acks, ifindex, &v->acks_err);
	return l;
}

static bool take(struct xp_vifs *v, uint32_t ifindex, const struct rtnl_link_stats64 *st)
{
	struct xp_link *l = find(v, ifindex);

	if (!l)
		l = add(v, ifindex);
	if (!l)
		return false;
	l->seen = true;
	l->rx_packets = st->rx_packets;
	l->rx_bytes = st->rx_bytes;
	l->tx_packets = st->tx_packets;
	l->tx_bytes = st->tx_bytes;
	if (l->acks.in >= 0 && !xp_acks_read(&l->acks))
		xp_acks_close(&l->acks);
	return true;
}

void xp_vifs_forget(struct xp_vifs *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->nr; i++) {
		if (v->links[i].seen)
			v->links[kept++] = v->links[i];
		else
			xp_acks_close(&v->links[i].acks);
	}
	v->nr = kept;
}

/* ---- rtnetlink -----------------------------------------------------------*/

static int fail(struct xp_vifs *v, struct xp_err *err)
{
	if (v->netlink >= 0)
		close(v->netlink);
	v->netlink = -1; /* an answer that was not read to its end would be taken for the next one's */
	return xp_fail_errno(err, XP_E_SYSTEM, "the kernel does not tell interfaces' counters (rtnetlink)");
}

static int ask(struct xp_vifs *v, struct xp_err *err)
{
	struct {
		struct nlmsghdr head;
		struct if_stats_msg msg;
	} request = {
		.head = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETSTATS, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.msg = { .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64) },
	};
	const struct timeval patience = { .tv_sec = 1 };

	if (v->netlink < 0) {
		v->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
		if (v->netlink < 0 || setsockopt(v->netlink, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
			return fail(v, err);
	}
	request.head.nlmsg_seq = ++v->sequence;
	return send(v->netlink, &request, sizeof(request), 0) == sizeof(request) ? 0 : fail(v, err);
}

/* One interface's message: its 64-bit counters, if they are there. */
static bool take_message(struct xp_vifs *v, const struct nlmsghdr *h)
{
	const struct if_stats_msg *msg = NLMSG_DATA(h);
	const struct rtattr *a = (const void *)((const char *)msg + NLMSG_ALIGN(sizeof(*msg)));
	size_t left = h->nlmsg_len - NLMSG_LENGTH(sizeof(*msg));
	struct rtnl_link_stats64 st;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type != IFLA_STATS_LINK_64)
			continue;
		memset(&st, 0, sizeof(st));
		memcpy(&st, RTA_DATA(a), RTA_PAYLOAD(a) < sizeof(st) ? RTA_PAYLOAD(a) : sizeof(st));
		return take(v, msg->ifindex, &st);
	}
	return true;
}

/* 1: there is more to come; 0: that was the end. */
static int take_answer(struct xp_vifs *v, const char *data, size_t size, struct xp_err *err)
{
	const struct nlmsghdr *h = (const void *)data;

	for (; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
		if (h->nlmsg_seq != v->sequence)
			continue;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR) {
			errno = -((const struct nlmsgerr *)NLMSG_DATA(h))->error;
			return fail(v, err);
		}
		if (h->nlmsg_type != RTM_NEWSTATS || h->nlmsg_len < NLMSG_LENGTH(sizeof(struct if_stats_msg)))
			continue;
		if (!take_message(v, h))
			return xp_fail(err, XP_E_NOMEM, "no memory for %zu interfaces", v->nr);
	}
	return 1;
}

int xp_vifs_read(struct xp_vifs *v, struct xp_err *err)
{
	static char answer[32768] __attribute__((aligned(8)));
	int ret = ask(v, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < v->nr; i++)
		v->links[i].seen = v->links[i].fresh = false;
	ret = 1;
	while (ret > 0) {
		ssize_t n = recv(v->netlink, answer, sizeof(answer), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(v, err);
		ret = take_answer(v, answer, (size_t)n, err);
	}
	return ret;
}
