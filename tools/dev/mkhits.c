// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mkhits: writes a profile with just these samples in these programs. For tests
 * that know what a report of real files must say.
 *
 *   mkhits OUT <HITS
 *
 * A line of HITS: KIND PATH ADDRESS EVENT COUNT, KIND being file, kernel,
 * module (PATH/NAME.anything) or xen; ADDRESS (hexadecimal) as nm and objdump have it, EVENT 0 (cycles, a
 * sample stands for 100) or 1 (llc-misses, for 10). Symbols and build-ids are
 * the files'. kernel+OFFSET: it runs so much higher than it was linked. xen:NAME
 * is a live patch. BOOT_ID, RELEASE in the environment: the profile's.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "lib/profile/profile.h"
#include "lib/sym/elf.h"

#define MAX_FILES 16
#define MODULES 0xffffffffc0000000u
#define BASE 0x7f0000000000u /* where programs are mapped, one each 2^32 */

struct file { char kind[32], path[4096]; uint64_t slide; };

static struct file files[MAX_FILES];
static size_t nr_files;
static struct xp_writer *w;
static struct xp_err err;
static uint64_t now = 1000;

static void check(int rc)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "mkhits: %s\n", err.text);
	exit(1);
}

static bool is_kind(const struct file *f, const char *kind)
{
	return !strncmp(f->kind, kind, strlen(kind));
}

static void write_symbols(const struct file *f, uint32_t id, const struct xp_symtab *t)
{
	struct xp_symbol *symbols = calloc(t->nr + 1, sizeof(*symbols));
	size_t i;

	for (i = 0; symbols && i < t->nr; i++)
		symbols[i] = (struct xp_symbol){ t->syms[i].start + f->slide, t->syms[i].end + f->slide,
						 strndup(t->syms[i].name, t->syms[i].len) };
	check(xp_write_symbols(w, id, symbols, t->nr, &err));
	for (i = 0; symbols && i < t->nr; i++)
		free((char *)symbols[i].name);
	free(symbols);
}

/* Leaked: there are few. */
static const char *module_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	path = slash ? slash + 1 : path;
	return strndup(path, strcspn(path, "."));
}

static void write_file(struct file *f, uint32_t id)
{
	bool xen = is_kind(f, "xen"), module = is_kind(f, "module"), kernel = module || is_kind(f, "kernel");
	struct xp_image image = { .kind = xen ? XP_IMAGE_XEN : module ? XP_IMAGE_MODULE : kernel ? XP_IMAGE_KERNEL : XP_IMAGE_FILE,
				  .why = "", .name = xen ? f->kind : module ? module_name(f->path) : kernel ? "vmlinux" : f->path };
	struct xp_map map = { .domid = xen ? XP_DOMID_XEN : 0, .tgid = xen || kernel ? 0 : 100, .image = id };
	struct xp_symtab t;
	struct xp_elf elf;
	int fd = open(f->path, O_RDONLY);

	check(xp_elf_open(&elf, fd, f->path, &err));
	image.build_id_len = elf.build_id.len;
	memcpy(image.build_id, elf.build_id.bytes, sizeof(image.build_id));
	xp_symtab_init(&t, XP_ELF_MAX_SYMBOLS);
	check(xp_elf_symbols(&elf, XP_ELF_SYMTAB, &t, &err));
	xp_symtab_seal(&t);
	check(xp_write_image(w, &image, &err));
	write_symbols(f, id, &t);
	xp_symtab_release(&t);
	xp_elf_release(&elf);
	close(fd);
	map.start = module ? MODULES : xen || kernel ? 0xffff800000000000u : BASE + ((uint64_t)id << 32);
	map.end = xen || kernel ? UINT64_MAX : map.start + UINT32_MAX;
	map.image_addr = xen || kernel ? map.start : 0;
	check(xp_write_map(w, &map, &err));
}

static uint32_t file_of(const char *kind, const char *path)
{
	const char *plus = strchr(kind, '+');
	uint32_t i;

	for (i = 0; i < nr_files; i++)
		if (!strcmp(files[i].path, path) && !strcmp(files[i].kind, kind))
			return i;
	if (nr_files == MAX_FILES)
		exit(2);
	snprintf(files[i].kind, sizeof(files[i].kind), "%s", kind);
	snprintf(files[i].path, sizeof(files[i].path), "%s", path);
	files[i].slide = plus ? strtoull(plus + 1, NULL, 16) : 0;
	nr_files++;
	write_file(&files[i], i);
	return i;
}

static void hit(uint32_t id, uint64_t addr, uint8_t event, unsigned long n)
{
	const struct file *f = &files[id];
	bool user = is_kind(f, "file");
	struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .size = sizeof(s) / 8, .event = event,
			 .mode = user ? XPROF_MODE_USER : is_kind(f, "xen") ? XPROF_MODE_XEN : XPROF_MODE_KERNEL },
		.ip = user ? BASE + ((uint64_t)id << 32) + addr : addr + f->slide, .cr3 = 0x1000,
	};

	while (n--) {
		s.tsc = ++now;
		check(xp_write_samples(w, 0, &s, 1, &err));
	}
}

static void begin(const char *path)
{
	static const struct xp_event events[] = {
		{ .name = "cycles", .period = 100, .source = "pmu", .modifiers = "", .select = 0x76 },
		{ .name = "llc-misses", .period = 10, .source = "pmu", .modifiers = "", .select = 0x77e },
	};
	const struct xp_domain domain = { .name = (char *)"Domain-0", .vcpus = 1, .from = 1 };
	const struct xp_task task = { .tsc = 1, .cr3 = 0x1000, .type = 1, .pid = 100, .tgid = 100, .comm = "program" };

	check(xp_writer_open(&w, path, &err));
	check(xp_write_event(w, &events[0], &err));
	check(xp_write_event(w, &events[1], &err));
	if (getenv("BOOT_ID"))
		check(xp_write_host(w, "boot_id", getenv("BOOT_ID"), &err));
	if (getenv("RELEASE"))
		check(xp_write_host(w, "kernel.release", getenv("RELEASE"), &err));
	check(xp_write_domain(w, &domain, &err));
	check(xp_write_task(w, &task, &err));
}

int main(int argc, char **argv)
{
	char kind[32], path[4096];
	unsigned long n;
	unsigned int event;
	uint64_t addr;

	if (argc != 2)
		return 2;
	begin(argv[1]);
	while (scanf("%31s %4095s %" SCNx64 " %u %lu", kind, path, &addr, &event, &n) == 5)
		hit(file_of(kind, path), addr, (uint8_t)event, n);
	check(xp_writer_close(w, &err));
	return 0;
}
