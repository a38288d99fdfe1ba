// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u
#define RING_PAGES 64u /* 256 KiB a CPU: about 2,000 mmap records between two polls */
#define RECORD_MAX 65536u

struct ring {
	int fd;
	struct perf_event_mmap_page *page; /* then RING_PAGES of data */
};

struct xp_perf {
	unsigned char *record; /* RECORD_MAX: one record, unwrapped */
	size_t nr;
	struct ring rings[];
};

/* ---- opening ---- */

static int open_event(int cpu, bool build_id)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC_RAW,
		.watermark = 1,
		.wakeup_watermark = RING_PAGES * PAGE / 2,
		.build_id = build_id,
	};

	return (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static int fail_open(struct xp_err *err, int cpu)
{
	if (errno == EACCES || errno == EPERM)
		return xp_fail_errno(err, XP_E_PERM, "perf events on CPU %d (root, kernel.perf_event_paranoid)", cpu);
	if (errno == ENOSYS)
		return xp_fail_errno(err, XP_E_ABSENT, "perf events (CONFIG_PERF_EVENTS)");
	return xp_fail_errno(err, XP_E_SYSTEM, "perf events on CPU %d", cpu);
}

/* 1: opened, 0: the CPU is not online. */
static int open_ring(struct ring *ring, int cpu, struct xp_err *err)
{
	ring->fd = open_event(cpu, true);
	if (ring->fd < 0 && errno == EINVAL)
		ring->fd = open_event(cpu, false);
	if (ring->fd < 0)
		return errno == ENODEV ? 0 : fail_open(err, cpu);
	ring->page = mmap(NULL, (1 + RING_PAGES) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (ring->page == MAP_FAILED) {
		xp_fail_errno(err, XP_E_SYSTEM, "mapping the perf ring of CPU %d", cpu);
		close(ring->fd);
		return XP_E_SYSTEM;
	}
	return 1;
}

int xp_perf_open(struct xp_perf **out, struct xp_err *err)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct xp_perf *p;
	int cpu, rc = 0;

	*out = NULL;
	if (cpus < 1)
		return xp_fail_errno(err, XP_E_SYSTEM, "number of CPUs");
	p = calloc(1, sizeof(*p) + (size_t)cpus * sizeof(*p->rings));
	if (p)
		p->record = malloc(RECORD_MAX);
	if (!p || !p->record) {
		xp_perf_close(p);
		return xp_fail(err, XP_E_NOMEM, "no memory for perf rings");
	}
	for (cpu = 0; cpu < cpus && rc >= 0; cpu++) {
		rc = open_ring(&p->rings[p->nr], cpu, err);
		if (rc > 0)
			p->nr++;
	}
	if (rc < 0) {
		xp_perf_close(p);
		return rc;
	}
	*out = p;
	return 0;
}

void xp_perf_close(struct xp_perf *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->nr; i++) {
		munmap(p->rings[i].page, (1 + RING_PAGES) * PAGE);
		close(p->rings[i].fd);
	}
	free(p->record);
	free(p);
}

/* ---- decoding ---- */

/* The bodies of records, as perf_event_open(2) has them; what varies follows. */
struct mmap2_body {
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	union {
		struct { uint32_t maj, min; uint64_t ino, ino_generation; } file;
		struct { uint8_t size, reserved[3], bytes[20]; } build_id;
	} u;
	uint32_t prot, flags;
};
struct task_body { uint32_t pid, ppid, tid, ptid; uint64_t time; };
struct comm_body { uint32_t pid, tid; };
struct lost_body { uint64_t id, lost; };

static bool decode_mmap2(const unsigned char *body, size_t len, uint16_t misc, struct xp_mm_event *event)
{
	struct mmap2_body m;

	if (len < sizeof(m))
		return false;
	memcpy(&m, body, sizeof(m));
	if (__builtin_add_overflow(m.addr, m.len, &event->end) || !m.len)
		return false;
	event->type = XP_MM_MAP;
	event->tgid = m.pid;
	event->start = m.addr;
	event->offset = m.pgoff;
	if (misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
		size_t size = m.u.build_id.size;

		xp_build_id_set(&event->build_id, m.u.build_id.bytes, size < XP_BUILD_ID_MAX ? size : XP_BUILD_ID_MAX);
	} else {
		event->major = m.u.file.maj;
		event->minor = m.u.file.min;
		event->inode = m.u.file.ino;
	}
	event->name.at = (const char *)body + sizeof(m);
	event->name.len = strnlen(event->name.at, len - sizeof(m));
	return true;
}

static bool decode_fork(const unsigned char *body, size_t len, struct xp_mm_event *event)
{
	struct task_body t;

	if (len < sizeof(t))
		return false;
	memcpy(&t, body, sizeof(t));
	event->type = XP_MM_FORK;
	event->tgid = t.pid;
	event->parent = t.ppid;
	return t.pid != t.ppid; /* else a thread */
}

static bool decode_comm(const unsigned char *body, size_t len, uint16_t misc, struct xp_mm_event *event)
{
	struct comm_body c;

	if (len < sizeof(c) || !(misc & PERF_RECORD_MISC_COMM_EXEC))
		return false;
	memcpy(&c, body, sizeof(c));
	event->type = XP_MM_EXEC;
	event->tgid = c.pid;
	event->name.at = (const char *)body + sizeof(c);
	event->name.len = strnlen(event->name.at, len - sizeof(c));
	return true;
}

static void decode_lost(const unsigned char *body, size_t len, uint64_t *lost)
{
	struct lost_body l;

	if (len < sizeof(l))
		return;
	memcpy(&l, body, sizeof(l));
	*lost += l.lost;
}

int xp_perf_decode(const void *record, size_t len, struct xp_mm_event *event, uint64_t *lost)
{
	const unsigned char *body = (const unsigned char *)record + sizeof(struct perf_event_header);
	struct perf_event_header h;

	if (len < sizeof(h) + sizeof(event->ns))
		return 0;
	memcpy(&h, record, sizeof(h));
	*event = (struct xp_mm_event){ 0 };
	len -= sizeof(h) + sizeof(event->ns);
	memcpy(&event->ns, body + len, sizeof(event->ns)); /* sample_id_all: the time is last */
	switch (h.type) {
	case PERF_RECORD_MMAP2:
		return decode_mmap2(body, len, h.misc, event);
	case PERF_RECORD_FORK:
		return decode_fork(body, len, event);
	case PERF_RECORD_COMM:
		return decode_comm(body, len, h.misc, event);
	case PERF_RECORD_LOST:
		decode_lost(body, len, lost);
		return 0;
	default:
		return 0;
	}
}

/* ---- draining ---- */

/* Copies len bytes from the ring's data at position pos, which may wrap. */
static void copy_out(const struct ring *ring, uint64_t pos, void *to, size_t len)
{
	const unsigned char *data = (const unsigned char *)ring->page + PAGE;
	size_t size = RING_PAGES * PAGE, at = pos & (size - 1);
	size_t first = len < size - at ? len : size - at;

	memcpy(to, data + at, first);
	memcpy((unsigned char *)to + first, data, len - first);
}

static uint64_t drain_ring(struct xp_perf *p, struct ring *ring, void (*fn)(const struct xp_mm_event *, void *),
			   void *arg)
{
	/* Pairs with the kernel's barrier before it moves data_head: records are whole. */
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = ring->page->data_tail, lost = 0;
	struct perf_event_header h;
	struct xp_mm_event event;

	while (head - tail >= sizeof(h)) {
		copy_out(ring, tail, &h, sizeof(h));
		if (h.size < sizeof(h) || h.size > head - tail)
			break;
		copy_out(ring, tail, p->record, h.size);
		tail += h.size;
		if (xp_perf_decode(p->record, h.size, &event, &lost))
			fn(&event, arg);
	}
	__atomic_store_n(&ring->page->data_tail, head, __ATOMIC_RELEASE);
	return lost;
}

uint64_t xp_perf_drain(struct xp_perf *p, void (*fn)(const struct xp_mm_event *event, void *arg), void *arg)
{
	uint64_t lost = 0;
	size_t i;

	for (i = 0; i < p->nr; i++)
		lost += drain_ring(p, &p->rings[i], fn, arg);
	return lost;
}
