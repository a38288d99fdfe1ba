// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/kcore.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

static bool read_at(int fd, uint64_t offset, void *to, size_t len)
{
	uint8_t *p = to;

	while (len) {
		ssize_t n = pread(fd, p, len, (off_t)offset);

		if (n <= 0)
			return false;
		p += n;
		offset += (size_t)n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_memory(void *arg, uint64_t address, void *to, size_t len)
{
	const struct xp_kcore *k = arg;

	for (size_t i = 0; i < k->nr; i++) {
		const struct xp_kcore_segment *s = &k->segments[i];

		if (address >= s->addr && address - s->addr < s->size && s->size - (address - s->addr) >= len)
			return read_at(k->fd, s->offset + (address - s->addr), to, len);
	}
	return false;
}

static int read_segments(struct xp_kcore *k, const char *path, struct xp_err *err)
{
	Elf64_Ehdr eh;

	if (!read_at(k->fd, 0, &eh, sizeof(eh)) || memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_phentsize != sizeof(Elf64_Phdr) ||
	    eh.e_phnum > XP_KCORE_MAX_SEGMENTS)
		return xp_fail(err, XP_E_FORMAT, "%s is no ELF core", path);
	k->segments = calloc(eh.e_phnum + 1u, sizeof(*k->segments));
	if (!k->segments)
		return xp_fail(err, XP_E_NOMEM, "no memory for the segments of %s", path);
	for (unsigned int i = 0; i < eh.e_phnum; i++) {
		Elf64_Phdr ph;

		if (!read_at(k->fd, eh.e_phoff + i * sizeof(ph), &ph, sizeof(ph)))
			return xp_fail_errno(err, XP_E_SYSTEM, "%s cannot be read", path);
		if (ph.p_type == PT_LOAD && ph.p_offset + ph.p_filesz >= ph.p_offset)
			k->segments[k->nr++] = (struct xp_kcore_segment){ ph.p_vaddr, ph.p_filesz, ph.p_offset };
	}
	return 0;
}

int xp_kcore_open(struct xp_kcore *k, const char *root, struct xp_err *err)
{
	char path[PATH_MAX];
	int rc;

	*k = (struct xp_kcore){ .memory = { k, read_memory } };
	snprintf(path, sizeof(path), "%s/proc/kcore", root);
	k->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (k->fd < 0)
		return xp_fail_errno(err, XP_E_ABSENT, "%s cannot be opened (a kernel without CONFIG_PROC_KCORE, or locked down)", path);
	rc = read_segments(k, path, err);
	if (rc)
		xp_kcore_close(k);
	return rc;
}

void xp_kcore_close(struct xp_kcore *k)
{
	free(k->segments);
	close(k->fd);
	*k = (struct xp_kcore){ .fd = -1 };
}
