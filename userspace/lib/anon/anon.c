/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/anon/anon.h"

#include <nettle/sha2.h>
#include <sys/random.h>

#include "lib/base/buf.h"

/* ---- tokens --------------------------------------------------------------*/

_Static_assert(XP_ANON_KEY_BYTES == SHA256_DIGEST_SIZE, "a key is a digest");

int xp_anon_init(struct xp_anon *a, const char *salt, struct xp_err *err)
{
	struct sha256_ctx s;

	*a = (struct xp_anon){ .failed = false };
	/* As many tokens as the profile has strings, which reading it has bounded. */
	xp_arena_init(&a->tokens, SIZE_MAX);
	if (!salt && getrandom(a->key, sizeof(a->key), 0) != (ssize_t)sizeof(a->key))
		return xp_fail_errno(err, XP_E_SYSTEM, "no random salt can be had: give one");
	if (!salt)
		return 0;
	sha256_init(&s);
	sha256_update(&s, strlen(salt), (const uint8_t *)salt);
	sha256_digest(&s, sizeof(a->key), a->key);
	return 0;
}

void xp_anon_release(struct xp_anon *a)
{
	xp_arena_release(&a->tokens);
	memset(a->key, 0, sizeof(a->key));
}

/* A prefix as key is enough: nobody sees a whole digest, from which a longer text could be hashed on. */
static void digest(const struct xp_anon *a, const char *word, const void *data, size_t n, uint8_t out[SHA256_DIGEST_SIZE])
{
	struct sha256_ctx s;

	sha256_init(&s);
	sha256_update(&s, sizeof(a->key), a->key);
	sha256_update(&s, strlen(word) + 1, (const uint8_t *)word);
	sha256_update(&s, n, data);
	sha256_digest(&s, SHA256_DIGEST_SIZE, out);
}

/* "word-0123456789"; "" stays: there was no name. */
static const char *token(struct xp_anon *a, const char *word, const char *name)
{
	uint8_t d[SHA256_DIGEST_SIZE];
	char text[64], *copy;
	int n;

	if (!*name)
		return name;
	digest(a, word, name, strlen(name), d);
	n = snprintf(text, sizeof(text), "%s-%02x%02x%02x%02x%02x", word, d[0], d[1], d[2], d[3], d[4]);
	copy = xp_arena_string(&a->tokens, text, (size_t)n);
	if (!copy)
		a->failed = true;
	return copy ? copy : "";
}

/* Other bytes for these; none but zeroes stay: dom0's UUID says nothing. */
static void replace_bytes(const struct xp_anon *a, const char *word, uint8_t *bytes, size_t n)
{
	uint8_t d[SHA256_DIGEST_SIZE], any = 0;
	size_t i;

	for (i = 0; i < n; i++)
		any |= bytes[i];
	if (!any || n > sizeof(d))
		return;
	digest(a, word, bytes, n, d);
	memcpy(bytes, d, n);
}

static bool is_among(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s, list[i]))
			return true;
	return false;
}
#define IS_AMONG(s, list) is_among(s, list, sizeof(list) / sizeof((list)[0]))

/* ---- the host ------------------------------------------------------------*/

/* The domain whose "NAME (ID)" stands at s, and its length; of several the longest, for a name may hold any text. */
static const struct xp_domain *domain_at(const struct xp_profile *p, const char *s, size_t *len)
{
	const struct xp_domain *best = NULL;
	char text[256];

	*len = 0;
	for (size_t i = 0; i < p->nr_domains; i++) {
		int n = snprintf(text, sizeof(text), "%s (%u)", p->domains[i].name, p->domains[i].domid);

		if (n < 0 || (size_t)n >= sizeof(text) || (size_t)n <= *len || strncmp(s, text, (size_t)n))
			continue;
		*len = (size_t)n;
		best = &p->domains[i];
	}
	return best;
}

/* "web1 (5), Domain-0 (0)"; one token for all of it unless each is a domain that the profile knows. */
static const char *recorded_domains(struct xp_anon *a, const struct xp_profile *p, const char *value)
{
	const char *s = value, *text;
	struct xp_buf out = XP_BUF_INIT;
	const struct xp_domain *d;
	char id[16];
	size_t len;

	while ((d = domain_at(p, s, &len))) {
		const char *name = xp_anon_domain(a, d->name);

		snprintf(id, sizeof(id), " (%u)", d->domid);
		xp_buf_add(&out, name, strlen(name));
		xp_buf_add(&out, id, strlen(id));
		s += len;
		if (strncmp(s, ", ", 2))
			break;
		xp_buf_add(&out, s, 2);
		s += 2;
	}
	text = *s || !xp_buf_ok(&out) ? token(a, "domains", value)
				      : xp_arena_string(&a->tokens, out.len ? (const char *)out.data : "", out.len);
	xp_buf_release(&out);
	a->failed |= !text;
	return text ? text : "";
}

static const char *host_value(struct xp_anon *a, const struct xp_profile *p, const char *key, const char *value)
{
	static const char *const kept[] = {
		"xprof.version", "host.cpu", "host.cpus", "xen.version", "xen.changeset", "xen.build_id", "xen.scheduler",
		"kernel.release", "kernel.build_id", "tsc.khz", "samples.filtered", "chains.xen",
	};

	if (IS_AMONG(key, kept))
		return value;
	if (!strcmp(key, "host.name"))
		return token(a, "host", value);
	if (!strcmp(key, "record.domains"))
		return recorded_domains(a, p, value);
	return token(a, strcmp(key, "boot_id") ? "command" : "boot", value);
}

/* "/home/joe/x.data: ends in …; 3 whole chunks were read": what follows the semicolon says nothing of who or where. */
static void hide_damage(struct xp_anon *a, struct xp_profile *p)
{
	const char *counts = p->damage ? strrchr(p->damage, ';') : NULL;
	char *text = NULL;

	if (!p->damage)
		return;
	if (asprintf(&text, "the profile is damaged, or was cut off%s", counts ? counts : "") < 0) {
		a->failed = true;
		return;
	}
	free(p->damage);
	p->damage = text;
}

/* ---- domains -------------------------------------------------------------*/

const char *xp_anon_domain(struct xp_anon *a, const char *name)
{
	static const char *const kept[] = { "Domain-0", "[idle]" };

	return IS_AMONG(name, kept) ? name : token(a, "domain", name);
}

/* "vif5.0", which says no more than the ids do. */
static bool is_plain_vif(const char *name)
{
	const char *p = name + 3;
	size_t n;

	if (strncmp(name, "vif", 3))
		return false;
	n = strspn(p, "0123456789");
	return n && p[n] == '.' && p[n + 1] && !p[n + 1 + strspn(p + n + 1, "0123456789")];
}

static void hide_series(struct xp_anon *a, struct xp_series_record *r)
{
	if (r->kind == XP_SERIES_DOMAIN) {
		r->u.domain.name = xp_anon_domain(a, r->u.domain.name);
		replace_bytes(a, "uuid", r->u.domain.uuid, sizeof(r->u.domain.uuid));
	} else if (r->kind == XP_SERIES_VIF && !is_plain_vif(r->u.vif.name)) {
		r->u.vif.name = token(a, "vif", r->u.vif.name);
	}
}

/* ---- images --------------------------------------------------------------*/

static bool is_users(const struct xp_image *image)
{
	return image->kind == XP_IMAGE_FILE || image->kind == XP_IMAGE_ANON;
}

/* "bpf_prog_6deef7357e7b4530_sd_fw_ingress": who loads a BPF program names it. bpf_prog_alloc is the kernel's. */
static bool is_bpf(const char *symbol)
{
	static const char prefix[] = "bpf_prog_";
	size_t n = sizeof(prefix) - 1;

	return !strncmp(symbol, prefix, n) && strspn(symbol + n, "0123456789abcdef") >= 16;
}

static void hide_symbols(struct xp_anon *a, struct xp_image *image)
{
	size_t i;

	for (i = 0; i < image->nr_symbols; i++) {
		const char **name = &image->symbols[i].name;

		if (is_users(image))
			*name = token(a, "symbol", *name);
		else if (is_bpf(*name))
			*name = token(a, "bpf", *name);
	}
}

static void hide_file(struct xp_anon *a, struct xp_image *image)
{
	static const char *const kept[] = { "//anon", "[heap]", "[stack]", "[vsyscall]" };

	if (!IS_AMONG(image->name, kept))
		image->name = token(a, image->kind == XP_IMAGE_FILE ? "file" : "memory", image->name);
	replace_bytes(a, "build", image->build_id, image->build_id_len);
}

static void hide_image(struct xp_anon *a, struct xp_image *image)
{
	if (is_users(image))
		hide_file(a, image);
	/* It may name a file, or a domain; that there is a reason is all that others need. */
	if (*image->why)
		image->why = "left out";
	hide_symbols(a, image);
}

/* ---- all of it -----------------------------------------------------------*/

int xp_anonymize(struct xp_anon *a, struct xp_profile *p, struct xp_err *err)
{
	size_t i;

	/* The host first: which domains were recorded is told by their names. */
	for (i = 0; i < p->nr_host; i++)
		p->host[i].value = host_value(a, p, p->host[i].key, p->host[i].value);
	for (i = 0; i < p->nr_domains; i++) {
		p->domains[i].name = (char *)xp_anon_domain(a, p->domains[i].name);
		replace_bytes(a, "uuid", p->domains[i].uuid, sizeof(p->domains[i].uuid));
	}
	for (i = 0; i < p->nr_tasks; i++)
		p->tasks[i].comm = token(a, "process", p->tasks[i].comm);
	for (i = 0; i < p->nr_images; i++)
		hide_image(a, &p->images[i]);
	for (i = 0; i < p->nr_series; i++)
		hide_series(a, &p->series[i]);
	hide_damage(a, p);
	return a->failed ? xp_fail(err, XP_E_NOMEM, "no memory to replace the names in the profile") : 0;
}
