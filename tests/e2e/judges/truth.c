// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compares a profile with the emulator's truth, symbol by symbol.
 *
 * usage: truth EVENT COLUMN TRUTH.csv OVERFLOWS.csv DUMP KALLSYMS [NM DOMID]... < nm of xen-syms
 *
 * EVENT is the profile's, COLUMN the truth's name of it (or several: a+b); DUMP is what "xprof dump"
 * prints, of which only samples' domains and addresses are used: names are made
 * here, from nm and /proc/kallsyms, for both sides alike. An address that no table
 * knows (xprof's own code is such) is a symbol of 64 KiB: a sample lies behind the instruction that
 * counted, so a hot loop that crosses the border of two would be told wrong. Xen's symbols are compared over all domains: the
 * truth sees a switch of vCPUs at its end, samples where `current` changes.
 *
 * What happens in NMIs (domain -2 of the truth) no sample can show: a counter that overflows there is sampled at the code
 * that the NMI interrupted. On one CPU the n-th overflow of a counter is the n-th sample of its event, and there must be as
 * many (but for the session's last), so those samples are known, and are left out with what the truth has in NMIs. What IRET
 * to a guest does itself is sampled in the guest: left out in truth, its share is printed, and the distance may be larger by it.
 *
 * Prints figures, and what is not as it must be; status 1 then. The criteria: of
 * the symbols with at least 1% of the true count 97% lie within 3 standard errors
 * + 0.3 points and all within 6 + 1; the total variation distance is at most 1.5
 * times what as many ideal random samples have on average.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XEN_FIRST 0xffff800000000000u /* Xen's range up to the direct map of dom0's kernel */
#define XEN_LAST  0xffff87ffffffffffu

struct symbol {
	uint64_t address;
	char *name;
};
struct table {
	struct symbol *symbols;
	size_t nr;
	unsigned domid; /* of a program's table */
};
static struct table xen, kernel, programs[8];
static size_t nr_programs;

struct row {
	char *key;
	double truth, samples;
};
static struct row *rows;
static size_t nr_rows, room;
static struct hsearch_data index_;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "truth: %s: %s\n", what, why);
	exit(2);
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/* Code symbols of nm or kallsyms; modules' included. */
static void table_read(struct table *t, FILE *f)
{
	char line[1024], name[512], type;
	uint64_t address;
	size_t space = 0;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 " %c %511s", &address, &type, name) != 3 || !strchr("tTwW", type))
			continue;
		if (t->nr == space) {
			space = space ? 2 * space : 4096;
			t->symbols = realloc(t->symbols, space * sizeof(*t->symbols));
			if (!t->symbols)
				die("memory", strerror(errno));
		}
		t->symbols[t->nr++] = (struct symbol){ address, strdup(name) };
	}
	if (!t->nr)
		die("a symbol table", "it is empty");
	qsort(t->symbols, t->nr, sizeof(*t->symbols), by_address);
}

static void table_open(struct table *t, const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f)
		die(path, strerror(errno));
	table_read(t, f);
	fclose(f);
}

/* The address of the symbol that an address lies in; 0: none within 64 KiB before it. */
static const struct symbol *table_find(const struct table *t, uint64_t address)
{
	size_t low = 0, high = t->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->symbols[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || address - t->symbols[low - 1].address > 65536)
		return NULL;
	/* Of several names the first, whichever the order of the table was. */
	while (low > 1 && t->symbols[low - 2].address == t->symbols[low - 1].address)
		low--;
	return &t->symbols[low - 1];
}

static const struct table *table_of(unsigned domid, uint64_t address)
{
	size_t i;

	if (address >= XEN_FIRST && address <= XEN_LAST)
		return &xen;
	if (address >> 63)
		return &kernel;
	for (i = 0; i < nr_programs; i++)
		if (programs[i].domid == domid)
			return &programs[i];
	return NULL;
}

static struct row *row_of(long domid, uint64_t address)
{
	const struct table *t = table_of((unsigned)domid, address);
	const struct symbol *s = t ? table_find(t, address) : NULL;
	char key[600];
	ENTRY want = { key, NULL }, *found;

	if (s && t == &xen)
		snprintf(key, sizeof(key), "xen %s", s->name);
	else if (s)
		snprintf(key, sizeof(key), "%ld %c %s", domid, t == &kernel ? 'k' : 'u', s->name);
	else
		snprintf(key, sizeof(key), "%ld ? %" PRIx64, domid, address & ~(uint64_t)0xffff);
	if (hsearch_r(want, FIND, &found, &index_))
		return &rows[(size_t)found->data];
	if (nr_rows == room)
		die("rows", "too many");
	want.key = strdup(key);
	want.data = (void *)nr_rows;
	if (!hsearch_r(want, ENTER, &found, &index_))
		die("rows", strerror(errno));
	rows[nr_rows].key = want.key;
	return &rows[nr_rows++];
}

/* Bit per column: "name" or "name+name". */
static unsigned columns_of(char *header, const char *names)
{
	unsigned columns = 0;
	int i = 0;
	char *field;

	for (field = strtok(header, ",\n"); field; field = strtok(NULL, ",\n"), i++) {
		const char *at = strstr(names, field);
		size_t len = strlen(field);

		if (at && (at == names || at[-1] == '+') && (!at[len] || at[len] == '+'))
			columns |= 1u << i;
	}
	if (!columns)
		die(names, "the truth has no such column");
	return columns;
}

#define IN_NMI -2
static double own; /* in NMIs */
static double iret; /* of the instruction that leaves Xen for a PV guest */

/* A miss of IRET itself is sampled where it goes to, by nature: the next instruction. */
static bool is_iret_to_guest(uint64_t address)
{
	const struct symbol *s = table_of(0, address) == &xen ? table_find(&xen, address) : NULL;

	return s && !strcmp(s->name, "iret_exit_to_guest");
}

static double read_truth(const char *path, const char *name)
{
	char line[1024], *field, *end;
	FILE *f = fopen(path, "r");
	double total = 0;
	unsigned columns;

	if (!f || !fgets(line, sizeof(line), f))
		die(path, "cannot be read");
	columns = columns_of(line, name);
	while (fgets(line, sizeof(line), f)) {
		long domid = strtol(line, &end, 10);
		double count = 0;
		uint64_t address = 0;
		int i = 0;

		for (field = strtok(line, ",\n"); field; field = strtok(NULL, ",\n"), i++) {
			if (i == 2)
				address = strtoull(field, NULL, 16);
			if (columns & (1u << i))
				count += strtod(field, NULL);
		}
		if (count <= 0)
			continue;
		if (domid == IN_NMI) {
			own += count;
			continue;
		}
		if (is_iret_to_guest(address)) {
			iret += count;
			continue;
		}
		row_of(domid, address)->truth += count;
		total += count;
	}
	fclose(f);
	return total;
}

/* ---- samples ---- */

#define MAX_SAMPLES 10000000u
#define COUNTERS 16
#define AT_THE_END 3 /* overflows whose NMI finds that the session has ended */

static struct sample { long domid; uint64_t ip; } *samples_of_event;

static size_t read_samples(const char *path, const char *event)
{
	char line[1024], of[64];
	FILE *f = fopen(path, "r");
	size_t nr = 0;

	samples_of_event = malloc(MAX_SAMPLES * sizeof(*samples_of_event)); /* touched as far as there are any */
	if (!f || !samples_of_event)
		die(path, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		const char *domid = strstr(line, " domid="), *ip = strstr(line, " ip="), *name = strstr(line, " event=");

		if (strncmp(line, "sample ", 7) || !domid || !ip || !name || sscanf(name, " event=%63s", of) != 1 || strcmp(of, event))
			continue;
		if (nr == MAX_SAMPLES)
			die(path, "more samples than are looked at");
		samples_of_event[nr++] = (struct sample){ strtol(domid + 7, NULL, 10), strtoull(ip + 4, NULL, 16) };
	}
	fclose(f);
	return nr;
}

static struct { uint8_t *in_nmi; size_t nr; } overflows[COUNTERS]; /* of each counter, in order */

static void add_overflow(unsigned counter, bool in_nmi)
{
	if (overflows[counter].nr == MAX_SAMPLES)
		die("overflows", "more than are looked at");
	if (!overflows[counter].in_nmi)
		overflows[counter].in_nmi = malloc(MAX_SAMPLES);
	if (!overflows[counter].in_nmi)
		die("memory", strerror(errno));
	overflows[counter].in_nmi[overflows[counter].nr++] = in_nmi;
}

static void read_overflows(const char *path)
{
	unsigned cpu, counters, c;
	char line[256];
	FILE *f = fopen(path, "r");
	long domid;

	if (!f)
		die(path, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%u,%x,%ld,", &cpu, &counters, &domid) != 3)
			continue;
		for (c = 0; c < COUNTERS; c++)
			if (counters & 1u << c)
				add_overflow(c, domid == IN_NMI);
	}
	fclose(f);
}

/* Of the counter that overflowed as often as there are samples. */
static const uint8_t *in_nmi_of(size_t samples)
{
	int c, found = -1;

	for (c = 0; c < COUNTERS; c++) {
		size_t nr = overflows[c].nr;

		if (nr >= samples && nr - samples <= AT_THE_END && (found < 0 || nr < overflows[found].nr))
			found = c;
	}
	if (found >= 0)
		return overflows[found].in_nmi;
	for (c = 0; c < COUNTERS; c++)
		if (overflows[c].nr)
			printf("counter %d overflowed %zu times\n", c, overflows[c].nr);
	printf("no counter overflowed as often as there are samples: %zu\n", samples);
	exit(1);
}

/* How many are left. */
static double count_samples(size_t nr, const uint8_t *in_nmi)
{
	double total = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (in_nmi[i])
			continue;
		row_of(samples_of_event[i].domid, samples_of_event[i].ip)->samples++;
		total++;
	}
	return total;
}

/* Mean absolute deviation of a binomial count: De Moivre. */
static double mean_deviation(double n, double p)
{
	double m = floor(n * p);

	if (p <= 0 || p >= 1)
		return 0;
	return 2 * exp((n - m) * log1p(-p) + (m + 1) * log(p) + log(m + 1) +
		       lgamma(n + 1) - lgamma(m + 2) - lgamma(n - m));
}

static int by_truth(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->truth < y->truth ? 1 : x->truth > y->truth ? -1 : strcmp(x->key, y->key);
}

static bool judge(const char *event, double truth, double samples, double by_nmis)
{
	double distance = 0, ideal = 0, worst = 0;
	int large = 0, near = 0, far = 0;
	size_t i;

	qsort(rows, nr_rows, sizeof(*rows), by_truth);
	for (i = 0; i < nr_rows; i++) {
		double p = rows[i].truth / truth, q = rows[i].samples / samples;
		double error = sqrt(p * (1 - p) / samples), off = fabs(p - q);

		distance += off / 2;
		ideal += mean_deviation(samples, p) / samples / 2;
		if (p < 0.01)
			continue;
		large++;
		near += off <= 3 * error + 0.003;
		far += off > 6 * error + 0.01;
		if (off / error > worst)
			worst = off / error;
		if (off > 3 * error + 0.003)
			printf("%s: %s: truth %.2f%%, samples %.2f%% (%.1f standard errors)\n", event, rows[i].key, 100 * p, 100 * q, off / error);
	}
	printf("figure: %s: %.0f samples of %.4g (and %.0f of overflows in NMIs); %d symbols of 1%% and more, %d within 3 standard errors + 0.3 points, worst %.1f; "
	       "distance %.4f, of as many ideal samples %.4f (%.2f times); in NMIs: %.2f%%, by IRET to a guest: %.2f%%\n",
	       event, samples, truth, by_nmis, large, near, worst, distance, ideal, distance / ideal, 100 * own / (truth + own + iret), 100 * iret / (truth + own + iret));
	return samples + by_nmis >= 20000 && near >= 0.97 * large && !far && distance <= 1.5 * ideal + iret / (truth + iret);
}

int main(int argc, char **argv)
{
	double truth, samples;
	size_t nr;
	int i;

	if (argc < 7)
		die("usage", "truth EVENT COLUMN TRUTH.csv OVERFLOWS.csv DUMP KALLSYMS [NM DOMID]... < nm of xen-syms");
	table_read(&xen, stdin);
	table_open(&kernel, argv[6]);
	for (i = 7; i + 1 < argc && nr_programs < sizeof(programs) / sizeof(*programs); i += 2) {
		programs[nr_programs].domid = (unsigned)atoi(argv[i + 1]);
		table_open(&programs[nr_programs++], argv[i]);
	}
	room = 1 << 20;
	rows = calloc(room, sizeof(*rows));
	if (!rows || !hcreate_r(2 * room, &index_))
		die("memory", strerror(errno));
	truth = read_truth(argv[3], argv[2]);
	nr = read_samples(argv[5], argv[1]);
	if (truth <= 0 || !nr)
		die(argv[1], "no truth, or no samples");
	read_overflows(argv[4]);
	samples = count_samples(nr, in_nmi_of(nr));
	return judge(argv[1], truth, samples, (double)nr - samples) ? 0 : 1;
}
