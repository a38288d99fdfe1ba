// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/push-options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "lib/base/nearest.h"

#define DEFAULT_SPOOL_BYTES (512u << 20)
#define DEFAULT_RETRY_NS (60 * 1000000000ull)
#define DEFAULT_TIMEOUT_MS 30000u

enum { OPT_TO = 256, OPT_SPOOL, OPT_SPOOL_SIZE, OPT_FOLLOW, OPT_HEADER_FILE, OPT_TOKEN_FILE, OPT_CA, OPT_CERT, OPT_KEY, OPT_TIMEOUT,
       OPT_RETRY, OPT_LABEL };

static const struct option long_options[] = {
	{ "to", required_argument, NULL, OPT_TO },
	{ "format", required_argument, NULL, 'f' },
	{ "follow", required_argument, NULL, OPT_FOLLOW },
	{ "spool", required_argument, NULL, OPT_SPOOL },
	{ "spool-size", required_argument, NULL, OPT_SPOOL_SIZE },
	{ "label", required_argument, NULL, OPT_LABEL },
	{ "header-file", required_argument, NULL, OPT_HEADER_FILE },
	{ "token-file", required_argument, NULL, OPT_TOKEN_FILE },
	{ "ca-file", required_argument, NULL, OPT_CA },
	{ "cert-file", required_argument, NULL, OPT_CERT },
	{ "key-file", required_argument, NULL, OPT_KEY },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "retry-for", required_argument, NULL, OPT_RETRY },
	{ NULL, 0, NULL, 0 },
};

static int set_kind(struct cli_push_options *o, const char *name, struct xp_err *err)
{
	struct xp_nearest near;

	o->kind = xp_push_kind(name, strlen(name));
	if (o->kind)
		return 0;
	xp_nearest_init(&near, name);
	for (const struct xp_push_kind *k = xp_push_kinds; k->name; k++)
		xp_nearest_offer(&near, k->name);
	return xp_fail(err, XP_E_USAGE, "there is no format '%.100s'%s%s%s: pyroscope, parca and otlp are", name, near.best ? ", did you mean " : "",
		       near.best ? near.best : "", near.best ? "?" : "");
}

/* NAME=VALUE, as Prometheus has names of labels; OpenTelemetry has dots in them. */
static int add_label(struct cli_push_options *o, const char *text, struct xp_err *err)
{
	size_t len = strcspn(text, "=");
	char *name;

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_' && text[i] != '.')
			len = 0;
	if (!len || !text[len] || isdigit((unsigned char)text[0]) || !strncmp(text, "__", 2))
		return xp_fail(err, XP_E_USAGE, "--label '%.100s' is not NAME=VALUE, the name of letters, digits and _", text);
	if (len == 6 && !strncmp(text, "domain", 6))
		return xp_fail(err, XP_E_USAGE, "--label '%.100s': the label 'domain' is each domain's name", text);
	if (o->nr_labels == CLI_PUSH_LABELS)
		return xp_fail(err, XP_E_USAGE, "more than %d labels", CLI_PUSH_LABELS);
	name = strndup(text, len);
	if (!name)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	o->labels[o->nr_labels++] = (struct xp_store_label){ name, text + len + 1 };
	return 0;
}

static int set_spool_size(struct cli_push_options *o, struct xp_err *err)
{
	if (cli_parse_size(optarg, &o->spool_bytes, err) == 0 && o->spool_bytes >= XP_SPOOL_MIN_BYTES)
		return 0;
	return xp_fail(err, XP_E_USAGE, "--spool-size '%.100s' is not a size from 1M on: 512M, 2G are", optarg);
}

static int set_timeout(struct cli_push_options *o, struct xp_err *err)
{
	uint64_t ns;
	int ret = cli_parse_duration(optarg, &ns, err);

	o->address.timeout_ms = ns / 1000000;
	if (ret == 0 && (!o->address.timeout_ms || o->address.timeout_ms > 3600000))
		ret = xp_fail(err, XP_E_USAGE, "--timeout '%.100s' is not a time from 1ms to 1h", optarg);
	return ret;
}

static int take_option(struct cli_push_options *o, int c, char **argv, struct xp_err *err)
{
	switch (c) {
	case OPT_TO: o->address.url = optarg; return 0;
	case 'f': return set_kind(o, optarg, err);
	case OPT_FOLLOW: o->follow = optarg; return 0;
	case OPT_SPOOL: o->spool = optarg; return 0;
	case OPT_SPOOL_SIZE: return set_spool_size(o, err);
	case OPT_LABEL: return add_label(o, optarg, err);
	case OPT_HEADER_FILE: o->address.header_file = optarg; return 0;
	case OPT_TOKEN_FILE: o->address.token_file = optarg; return 0;
	case OPT_CA: o->address.ca_file = optarg; return 0;
	case OPT_CERT: o->address.cert_file = optarg; return 0;
	case OPT_KEY: o->address.key_file = optarg; return 0;
	case OPT_TIMEOUT: return set_timeout(o, err);
	case OPT_RETRY: return cli_parse_duration(optarg, &o->retry_ns, err);
	case ':': return xp_fail(err, XP_E_USAGE, "option '%s' needs a value", argv[optind - 1]);
	default: return xp_fail(err, XP_E_USAGE, "there is no option '%s'", argv[optind - 1]);
	}
}

static int check(struct cli_push_options *o, struct xp_err *err)
{
	char *spool;

	if (!o->address.url)
		return xp_fail(err, XP_E_USAGE, "where to? --to http://HOST:4040 (Pyroscope), :7070 (Parca), :4318 (OpenTelemetry)");
	if (!o->kind)
		return xp_fail(err, XP_E_USAGE, "what is there? --format pyroscope, parca or otlp");
	if (o->follow && o->nr_files)
		return xp_fail(err, XP_E_USAGE, "--follow sends the profiles of a directory; leave the files out, or --follow");
	if (!o->follow && !o->nr_files && !o->spool)
		return xp_fail(err, XP_E_USAGE, "which profiles? Name files, or the directory of 'xprof record --continuous' with --follow");
	if (o->follow && !o->spool) {
		if (asprintf(&spool, "%s/spool", o->follow) < 0)
			return xp_fail(err, XP_E_NOMEM, "no memory");
		o->spool = spool;
	}
	return 0;
}

int cli_push_options(int argc, char **argv, struct cli_push_options *o)
{
	struct xp_err err;
	int c, ret = 0;

	*o = (struct cli_push_options){ .spool_bytes = DEFAULT_SPOOL_BYTES, .retry_ns = DEFAULT_RETRY_NS };
	o->address.timeout_ms = DEFAULT_TIMEOUT_MS;
	optind = 1;
	opterr = 0;
	while (ret == 0 && (c = getopt_long(argc, argv, ":f:", long_options, NULL)) != -1)
		ret = take_option(o, c, argv, &err);
	o->files = argv + optind;
	o->nr_files = (size_t)(argc - optind);
	if (ret == 0)
		ret = check(o, &err);
	return ret < 0 ? cli_usage(argv[0], "%s", err.text) : 0;
}
