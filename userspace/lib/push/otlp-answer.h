/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an OpenTelemetry receiver says of a request that it took [open-telemetry/opentelemetry-proto @ac2c4b5]:
 *
 *   ExportProfilesServiceResponse { 1: partial_success { 1: rejected_profiles, 2: error_message } }
 *
 * It comes from outside: may be no such message, and may have been cut off anywhere.
 */
#ifndef XP_PUSH_OTLP_ANSWER_H
#define XP_PUSH_OTLP_ANSWER_H

#include <stddef.h>
#include <stdint.h>

struct xp_otlp_answer {
	uint64_t rejected;   /* profiles; 0: none, or it does not say */
	const char *message; /* why; with none rejected, a warning. In the data, len bytes, not terminated; "" */
	size_t len;
};

void xp_otlp_answer_parse(struct xp_otlp_answer *a, const void *data, size_t len);

#endif
