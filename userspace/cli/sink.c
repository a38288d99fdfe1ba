// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/sink.h"

#include "cli/continuous.h"
#include "cli/summary.h"
#include "lib/series/series.h"
#include "lib/sym/names.h"

static int on_task(void *arg, const struct xprof_task *task, struct xp_err *err)
{
	struct cli_run *r = arg;

	return r->options->continuous ? cli_continuous_task(r, task, err) : xp_names_task(r->names, task, err);
}

static int on_poll(void *arg, struct xp_err *err)
{
	struct cli_run *r = arg;
	int ret = xp_names_poll(r->names, err);

	if (ret == 0)
		ret = xp_series_poll(r->series, false, err);
	if (ret == 0 && r->options->continuous)
		ret = cli_continuous_poll(r, err);
	return ret || !r->viewer ? ret : r->viewer->poll(r->viewer->arg, err);
}

static void on_samples(void *arg, uint32_t cpu, const struct xprof_sample *samples, size_t n)
{
	struct cli_run *r = arg;

	xp_names_sample(r->names, samples, n);
	if (r->viewer)
		r->viewer->samples(r->viewer->arg, cpu, samples, n);
}

static void on_period(void *arg, const struct xp_period *period)
{
	struct cli_run *r = arg;

	if (r->viewer)
		r->viewer->period(r->viewer->arg, period);
}

static void on_walk(void *arg, const struct xp_stack_copy *copy, bool xen, struct xp_stack_chain *chain)
{
	struct cli_run *r = arg;

	cli_chains_walk(&r->chains, copy, xen, chain);
}

static void on_frames(void *arg, const struct xp_chain_context *context, const struct xp_call_frame *frames, size_t nr)
{
	struct cli_run *r = arg;

	xp_names_frames(r->names, context, frames, nr);
}

static int on_finish(void *arg, struct xp_err *err)
{
	struct cli_run *r = arg;
	int ret = xp_series_poll(r->series, true, err);

	if (r->viewer || r->options->continuous)
		return ret; /* who looks has the names that he needs; one of several files gets them by its end */
	return ret ? ret : xp_names_finish(r->names, err);
}

static int on_domain(void *arg, const struct xp_domain *domain, struct xp_err *err)
{
	struct cli_run *r = arg;

	return xp_names_domain(r->names, domain, err);
}

static void on_domain_name(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size)
{
	struct cli_run *r = arg;

	xp_xen_domain_name(&r->xen, domid, uuid, name, size);
}

void cli_figures(struct xp_figures *to, const struct xp_collect_figures *from)
{
	to->elapsed_ns = from->elapsed_ns;
	to->samples = from->delivered - from->filtered;
	to->lost = from->lost;
	to->bytes = from->bytes;
	to->overhead_ppm = from->overhead_ppm;
	to->handler_max_ns = from->handler_max_ns;
	to->coalesced = from->coalesced;
	to->domains = from->domains;
	to->cpus = from->cpus;
	to->finishing = !from->sampling;
}

static void on_progress(void *arg, const struct xp_collect_figures *figures)
{
	struct cli_run *r = arg;
	struct xp_err ignored; /* a full /run is no reason to stop */

	cli_figures(&r->result.figures, figures);
	xp_figures_save(&r->state, &r->result.figures, &ignored);
	if (r->viewer)
		r->viewer->progress(r->viewer->arg, &r->result.figures);
	if (r->show_progress && figures->sampling)
		cli_progress(&r->result.figures);
}

static void on_started(void *arg)
{
	struct cli_run *r = arg;

	r->sampled = true;
	if (r->started)
		r->started(r->arg);
}

void cli_sink_init(struct xp_collect_sink *sink, struct cli_run *r)
{
	*sink = (struct xp_collect_sink){
		.arg = r, .task = on_task, .poll = on_poll, .samples = on_samples, .period = on_period, .finish = on_finish,
		.domain = on_domain, .domain_name = on_domain_name, .started = on_started, .progress = on_progress,
		.walk = r->options->stack_bytes ? on_walk : NULL, .frames = on_frames,
	};
	if (r->options->continuous)
		cli_continuous_sink(sink);
}
