// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-series: what the readings of the host's counters cost, on this machine.
 *
 *   bench-series [READINGS]    default 200
 *
 * Readings of a host with 3 and with 50 domains of two vCPUs: all of the collector's own work, from the answers to the
 * file, compression and rtnetlink included; Xen's part of its answers is not (they are made up).
 *
 * Then the price of counting pure ACKs: frames over the loopback interface of a network namespace of its own (root only),
 * which pass the filters of both sockets going out and coming in, with and without them.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/series/acks.h"
#include "lib/series/host.h"
#include "lib/series/series.h"

#define VCPUS 2u

/* ---- a host that is made up ----------------------------------------------*/

struct host {
	unsigned int nr;
	uint64_t now_ms;
};

static uint64_t cpu_ns(const struct host *h, unsigned int i)
{
	return h->now_ms * 1000000u / (i + 1) + i * 12345u;
}

static int domains(void *arg, struct xp_host_domain **list, size_t *nr, struct xp_err *err)
{
	struct host *h = arg;

	*list = calloc(h->nr, sizeof(**list));
	if (!*list)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	h->now_ms += 1000;
	for (unsigned int i = 0; i < h->nr; i++)
		(*list)[i] = (struct xp_host_domain){
			.domid = (uint16_t)i, .uuid = { (uint8_t)i }, .vcpus_online = VCPUS, .nr_vcpus = VCPUS, .cpu_ns = cpu_ns(h, i),
		};
	*nr = h->nr;
	return 0;
}

static int run_states(void *arg, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err)
{
	struct host *h = arg;

	*list = calloc((size_t)h->nr * VCPUS, sizeof(**list));
	if (!*list)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	for (unsigned int i = 0; i < h->nr * VCPUS; i++) {
		uint64_t ns = cpu_ns(h, i / VCPUS);

		(*list)[i] = (struct xp_host_vcpu){
			.domid = (uint16_t)(i / VCPUS), .vcpu = (uint16_t)(i % VCPUS), .uuid = { (uint8_t)(i / VCPUS) }, .cpu = i % 8,
			.state = XP_BLOCKED, .nr = XP_NR_RUN_STATES, .ns = { ns / 2, ns / 7, h->now_ms * 1000000u - ns / 2 - ns / 7, 0 },
		};
	}
	*nr = (size_t)h->nr * VCPUS;
	return 0;
}

static int pin(void *arg, uint16_t domid, uint16_t vcpu, char *text, size_t size, struct xp_err *err)
{
	(void)arg, (void)domid, (void)vcpu, (void)err;
	snprintf(text, size, "0-7");
	return 0;
}

static void name(void *arg, uint16_t domid, const uint8_t uuid[16], char *text, size_t size)
{
	(void)arg, (void)uuid;
	snprintf(text, size, "guest%u", domid);
}

static size_t vifs(void *arg, uint16_t domid, struct xp_host_vif *list, size_t room)
{
	(void)arg, (void)domid, (void)list, (void)room;
	return 0;
}

/* ---- readings ------------------------------------------------------------*/

static uint64_t ns_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int die(const struct xp_err *err)
{
	fprintf(stderr, "bench-series: %s\n", err->text);
	exit(1);
}

static void bench_readings(unsigned int nr, unsigned int readings)
{
	struct host h = { .nr = nr };
	const struct xp_series_host host = {
		.arg = &h, .domains = domains, .run_states = run_states, .pin = pin, .name = name, .vifs = vifs,
	};
	const struct xp_series_config config = { .host = &host, .interval_ns = 1000000000u };
	char path[] = "/tmp/bench-series.XXXXXX";
	struct xp_series *s;
	struct xp_writer *w;
	struct xp_err err;
	uint64_t start, took;

	close(mkstemp(path));
	unlink(path);
	if (xp_writer_open(&w, path, &err) < 0 || xp_series_open(&s, w, &config, &err) < 0 || xp_writer_flush(w, &err) < 0)
		die(&err);
	start = ns_of(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned int i = 0; i < readings; i++)
		if (xp_series_poll(s, true, &err) < 0 || xp_writer_flush(w, &err) < 0)
			die(&err);
	took = ns_of(CLOCK_PROCESS_CPUTIME_ID) - start;
	printf("%2u domains: %8.1f us of CPU time a reading, %.4f%% of a CPU at one a second; %" PRIu64 " bytes a reading\n", nr,
	       (double)took / readings / 1e3, (double)took / readings / 1e7, xp_writer_bytes(w) / readings);
	xp_series_close(s);
	if (xp_writer_close(w, &err) < 0)
		die(&err);
	unlink(path);
}

/* ---- frames --------------------------------------------------------------*/

static int raw_socket(struct sockaddr_ll *to)
{
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) || (fd = socket(AF_PACKET, SOCK_RAW, 0)) < 0 || ioctl(fd, SIOCSIFFLAGS, &up))
		return -1;
	*to = (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = 6,
				    .sll_ifindex = (int)if_nametoindex("lo") };
	return fd;
}

/* An ACK (which passes) or one with data (which does not). Nobody takes it: IP sees that its checksum is wrong. */
static double ns_a_frame(int fd, const struct sockaddr_ll *to, uint8_t data)
{
	uint8_t frame[128] = { [12] = 0x08, [14] = 0x45, [17] = (uint8_t)(40 + data), [22] = 64, [23] = 6, [46] = 0x50, [47] = 0x10 };
	const unsigned int n = 200000;
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t start = ns_of(CLOCK_MONOTONIC), took;

		for (unsigned int k = 0; k < n; k++)
			if (sendto(fd, frame, 54u + data, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
				return 0;
		took = ns_of(CLOCK_MONOTONIC) - start;
		best = took < best ? took : best;
	}
	return (double)best / n;
}

static void bench_acks(void)
{
	struct sockaddr_ll to;
	struct xp_acks acks;
	struct xp_err err;
	int fd = raw_socket(&to);
	double without, with_acks, with_data;

	if (fd < 0) {
		printf("ACKs: not measured, for want of a network namespace (root)\n");
		return;
	}
	without = ns_a_frame(fd, &to, 0);
	if (xp_acks_open(&acks, (uint32_t)to.sll_ifindex, &err) < 0)
		die(&err);
	with_acks = ns_a_frame(fd, &to, 0);
	with_data = ns_a_frame(fd, &to, 60);
	xp_acks_read(&acks);
	printf("ACKs: a frame in one direction costs %.0f ns more if it is one, %.0f ns if not (%.0f ns a frame over loopback "
	       "without; counted %" PRIu64 " of 1,000,000)\n", (with_acks - without) / 2, (with_data - without) / 2, without, acks.nr_out);
	xp_acks_close(&acks);
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned int readings = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 200;

	bench_readings(3, readings ? readings : 1);
	bench_readings(50, readings ? readings : 1);
	bench_acks();
	return 0;
}
