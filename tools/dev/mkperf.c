// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mkperf: writes a perf.data with one sample at each address of a program, so
 * that perf can be asked for their lines: a peer for benchmarks.
 *
 *   mkperf OUT PROGRAM <ADDRESSES
 *
 * ADDRESSES (hexadecimal, one a line) as nm has them. The layout is that of
 * perf's own tools/perf/Documentation/perf.data-file-format.txt.
 */
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PID 1000u
#define FEATURE_WORDS 4

struct section { uint64_t offset, size; };

struct file_header {
	char magic[8];
	uint64_t size, attr_size;
	struct section attrs, data, event_types;
	uint64_t features[FEATURE_WORDS];
};

struct file_attr {
	struct perf_event_attr attr;
	struct section ids;
};

struct mmap_event {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	char filename[PATH_MAX];
};

struct comm_event {
	struct perf_event_header header;
	uint32_t pid, tid;
	char comm[16];
};

struct sample_event {
	struct perf_event_header header;
	uint64_t ip;
	uint32_t pid, tid;
};

static void put(FILE *out, const void *data, size_t len)
{
	if (fwrite(data, len, 1, out) != 1) {
		perror("mkperf");
		exit(1);
	}
}

static void put_comm(FILE *out)
{
	struct comm_event e = {
		.header = { .type = PERF_RECORD_COMM, .size = sizeof(e) }, .pid = PID, .tid = PID, .comm = "program",
	};

	put(out, &e, sizeof(e));
}

/* As if the process had the segment where it was linked. */
static void put_segment(FILE *out, const char *path, const GElf_Phdr *ph)
{
	struct mmap_event e = {
		.header = { .type = PERF_RECORD_MMAP, .misc = PERF_RECORD_MISC_USER, .size = sizeof(e) },
		.pid = PID, .tid = PID, .addr = ph->p_vaddr, .len = ph->p_memsz, .pgoff = ph->p_offset,
	};

	snprintf(e.filename, sizeof(e.filename), "%s", path);
	put(out, &e, sizeof(e));
}

static void put_segments(FILE *out, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;
	size_t nr = 0, i;
	GElf_Phdr ph;

	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_getphdrnum(elf, &nr)) {
		fprintf(stderr, "mkperf: %s: not an ELF file\n", path);
		exit(1);
	}
	for (i = 0; i < nr; i++)
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD)
			put_segment(out, path, &ph);
	elf_end(elf);
	close(fd);
}

static void put_samples(FILE *out)
{
	struct sample_event e = {
		.header = { .type = PERF_RECORD_SAMPLE, .misc = PERF_RECORD_MISC_USER, .size = sizeof(e) },
		.pid = PID, .tid = PID,
	};

	while (scanf("%" SCNx64, &e.ip) == 1)
		put(out, &e, sizeof(e));
}

int main(int argc, char **argv)
{
	struct file_attr attr = { .attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_CPU_CLOCK, .size = sizeof(attr.attr),
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID, .sample_period = 1, .mmap = 1, .comm = 1,
	} };
	struct file_header head = {
		.magic = "PERFILE2", .size = sizeof(head), .attr_size = sizeof(attr),
		.attrs = { sizeof(head), sizeof(attr) }, .data = { sizeof(head) + sizeof(attr), 0 },
	};
	char path[PATH_MAX];
	FILE *out;

	if (argc != 3 || !realpath(argv[2], path) || !(out = fopen(argv[1], "w"))) {
		fputs("usage: mkperf OUT PROGRAM <ADDRESSES\n", stderr);
		return 2;
	}
	put(out, &head, sizeof(head));
	put(out, &attr, sizeof(attr));
	put_comm(out);
	put_segments(out, path);
	put_samples(out);
	head.data.size = (uint64_t)ftell(out) - head.data.offset;
	rewind(out);
	put(out, &head, sizeof(head));
	return fclose(out) ? 1 : 0;
}
