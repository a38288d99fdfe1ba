// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Manuals: AMD64 Architecture Programmer's Manual vol. 2 (24593), "Performance
 * Monitoring Counters"; Intel 64 and IA-32 SDM vol. 3, "Performance Monitoring"
 * (chapter 20 in edition 078 of December 2022) and "Handling Local Interrupts".
 * Sections are named by their titles: numbers change from edition to edition.
 */
#include "pmu-model.h"

#include <string.h>

/* Event-select registers of both vendors. [APM "PerfEvtSeln"; SDM "IA32_PERFEVTSELx MSRs"] */
#define USR (1ull << 16)
#define OS (1ull << 17)
#define INT (1ull << 20)
#define ENABLE (1ull << 22)

/* A fixed counter's four bits of control. [SDM "IA32_FIXED_CTR_CTRL MSR"] */
#define FIXED_OS 1u
#define FIXED_USR 2u
#define FIXED_ANY 4u
#define FIXED_PMI 8u

/* [SDM and APM "Local Vector Table"] */
#define LVT_MASKED 0x10000u
#define LVT_MODE 0x700u
#define LVT_NMI 0x400u

#define NEVER (~0ull)

static bool is_intel(const struct pmu_model *m)
{
	return m->kind == PMU_INTEL;
}

/* [APM PerfMonV2; SDM "Architectural Performance Monitoring Version 2"] */
static bool has_global(const struct pmu_model *m)
{
	return m->kind == PMU_V2 || (is_intel(m) && m->version >= 2);
}

static uint64_t ones(unsigned int n)
{
	return n >= 64 ? ~0ull : (1ull << n) - 1;
}

static uint64_t all_counters(const struct pmu_model *m)
{
	return ones(m->nr_general) | ones(m->nr_fixed) << 32;
}

void pmu_init(struct pmu_model *m, enum pmu_kind kind, unsigned int version)
{
	memset(m, 0, sizeof(*m));
	m->kind = kind;
	m->version = version;
	m->width = m->width_fixed = 48;
	m->nr_general = kind == PMU_K7 || kind == PMU_INTEL ? 4 : 6;
	m->nr_fixed = kind == PMU_INTEL && version >= 2 ? 3 : 0;
	m->lvtpc = LVT_MASKED;
	/* After reset the general ones are on. [APM PerfCntrGlobalCtl; SDM IA32_PERF_GLOBAL_CTRL: "reset value"] */
	if (has_global(m))
		m->global_control = ones(m->nr_general);
}

/* ---- Events: num in den ticks --------------------------------------------*/

uint16_t pmu_fixed_code(unsigned int n)
{
	/* Instructions, cycles, cycles at the reference's speed. [SDM vol. 4, IA32_FIXED_CTR0 to 2] */
	static const uint16_t codes[PMU_FIXED] = { 0x00c0, 0x003c, 0x013c };

	return codes[n];
}

static const struct pmu_event_rate *rate_of(const struct pmu_model *m, uint16_t code)
{
	static const struct pmu_event_rate none = { 0, 0, 1, 0 };

	for (unsigned int i = 0; i < m->nr_rates; i++)
		if (m->rates[i].code == code)
			return &m->rates[i];
	return &none;
}

static uint64_t events_at(const struct pmu_event_rate *rate, uint64_t tsc)
{
	return (uint64_t)((unsigned __int128)tsc * rate->num / rate->den);
}

uint64_t pmu_events(const struct pmu_model *m, uint16_t code, uint64_t tsc)
{
	return events_at(rate_of(m, code), tsc);
}

/* The first tick at which there have been so many. */
static uint64_t time_of(const struct pmu_event_rate *rate, uint64_t events)
{
	if (!rate->num)
		return NEVER;
	return (uint64_t)(((unsigned __int128)events * rate->den + rate->num - 1) / rate->num);
}

/* ---- Counters ------------------------------------------------------------*/

static uint64_t *value_of(struct pmu_model *m, unsigned int index)
{
	return index < 32 ? &m->value[index] : &m->fixed[index - 32];
}

static unsigned int width_of(const struct pmu_model *m, unsigned int index)
{
	return index < 32 ? m->width : m->width_fixed;
}

/* Of what the counter counts; nothing comes to one that cannot count it. [AMD 42301, PERF_CTL[2:0] and the like] */
static const struct pmu_event_rate *rate_at(const struct pmu_model *m, unsigned int index)
{
	static const struct pmu_event_rate nothing = { 0, 0, 1, 0 };
	const struct pmu_event_rate *rate =
		rate_of(m, index < 32 ? (uint16_t)m->select[index] : pmu_fixed_code(index - 32));

	return index < 32 && rate->counters && !(rate->counters & 1u << index) ? &nothing : rate;
}

static unsigned int fixed_bits(const struct pmu_model *m, unsigned int index)
{
	return (m->fixed_control >> (4 * (index - 32))) & 15;
}

static bool counts(const struct pmu_model *m, unsigned int index)
{
	uint64_t select;

	if (!(all_counters(m) & (1ull << index)) || m->hidden ||
	    (has_global(m) && !(m->global_control & (1ull << index))))
		return false;
	if (index >= 32)
		return fixed_bits(m, index) & (m->cpl ? FIXED_USR : FIXED_OS);

	select = m->select[index];
	return (select & ENABLE) && (select & (m->cpl ? USR : OS));
}

static bool interrupts(const struct pmu_model *m, unsigned int index)
{
	return index < 32 ? !!(m->select[index] & INT) : !!(fixed_bits(m, index) & FIXED_PMI);
}

static void latch_nmi(struct pmu_model *m, uint64_t at)
{
	if (m->nmi_latched) {
		m->merged++;
		return;
	}
	m->nmi_latched = true;
	m->nmi_at = at;
}

/* A masked LVT entry loses what comes. [SDM "Local Vector Table": Mask] */
static void raise_pmi(struct pmu_model *m)
{
	if (m->lvtpc & LVT_MASKED) {
		m->masked++;
		return;
	}
	if ((m->lvtpc & LVT_MODE) != LVT_NMI)
		return;
	/*
	 * "When a local APIC handles a performance-monitoring counters interrupt, it
	 * automatically sets the mask flag in the LVT performance counter register."
	 * [SDM "Local Vector Table"] AMD's does not.
	 */
	if (is_intel(m))
		m->lvtpc |= LVT_MASKED;
	latch_nmi(m, m->tsc + m->skid);
}

static void overflow(struct pmu_model *m, unsigned int index)
{
	m->overflows++;
	if (has_global(m))
		m->global_status |= 1ull << index;
	if (interrupts(m, index))
		raise_pmi(m);
}

static void count(struct pmu_model *m, unsigned int index, uint64_t from, uint64_t to)
{
	const struct pmu_event_rate *rate = rate_at(m, index);
	uint64_t events = events_at(rate, to) - events_at(rate, from);
	uint64_t *value = value_of(m, index), mask = ones(width_of(m, index));
	bool wraps = events > mask - *value;

	*value = (*value + events) & mask;
	if (wraps)
		overflow(m, index);
}

/* When the counter overflows, if nothing changes. */
static uint64_t overflow_time(const struct pmu_model *m, unsigned int index)
{
	const struct pmu_event_rate *rate = rate_at(m, index);
	uint64_t value = index < 32 ? m->value[index] : m->fixed[index - 32];
	uint64_t left = ones(width_of(m, index)) - value + 1;

	return time_of(rate, events_at(rate, m->tsc) + left);
}

static uint64_t next_time(const struct pmu_model *m, uint64_t until)
{
	if (m->nmi_latched && !m->in_nmi && m->nmi_at < until)
		until = m->nmi_at;
	for (unsigned int i = 0; i < 32 + m->nr_fixed; i++)
		if (counts(m, i)) {
			uint64_t at = overflow_time(m, i);

			until = at < until ? at : until;
		}
	return until < m->tsc ? m->tsc : until;
}

static void take_nmis(struct pmu_model *m)
{
	while (m->nmi_latched && !m->in_nmi && m->nmi_at <= m->tsc) {
		m->nmi_latched = false;
		m->in_nmi = true;
		if (m->nmi)
			m->nmi(m->arg);
		m->in_nmi = false;
	}
}

void pmu_run_until(struct pmu_model *m, uint64_t tsc)
{
	take_nmis(m);
	while (m->tsc < tsc) {
		uint64_t from = m->tsc;

		m->tsc = next_time(m, tsc);
		for (unsigned int i = 0; i < 32 + m->nr_fixed; i++)
			if (counts(m, i))
				count(m, i, from, m->tsc);
		take_nmis(m);
	}
}

void pmu_external_nmi(struct pmu_model *m)
{
	latch_nmi(m, m->tsc);
	take_nmis(m);
}

/* ---- Registers -----------------------------------------------------------*/

enum reg { REG_NONE, REG_VALUE, REG_FULL_VALUE, REG_SELECT, REG_FIXED, REG_FIXED_CONTROL,
	   REG_CONTROL, REG_STATUS, REG_STATUS_CLEAR, REG_STATUS_SET, REG_CAPABILITIES };

static enum reg found(unsigned int n, unsigned int limit, enum reg reg, unsigned int *index)
{
	*index = n;
	return n < limit ? reg : REG_NONE;
}

/* [APM: C001_0000 to 0007; with PerfCtrExtCore C001_0200 to 020B, of which the old ones are aliases] */
static enum reg amd_reg(const struct pmu_model *m, uint32_t msr, unsigned int *index)
{
	if (msr - 0xc0010000u < 4)
		return found(msr - 0xc0010000u, m->nr_general, REG_SELECT, index);
	if (msr - 0xc0010004u < 4)
		return found(msr - 0xc0010004u, m->nr_general, REG_VALUE, index);
	if (m->kind != PMU_K7 && msr - 0xc0010200u < 2 * m->nr_general)
		return found((msr - 0xc0010200u) / 2, m->nr_general, msr & 1 ? REG_VALUE : REG_SELECT, index);
	if (m->kind == PMU_V2 && msr - 0xc0000300u < 4) {
		static const enum reg regs[] = { REG_STATUS, REG_CONTROL, REG_STATUS_CLEAR, REG_STATUS_SET };

		return regs[msr - 0xc0000300u];
	}
	return REG_NONE;
}

/* [SDM vol. 4, "IA-32 Architectural MSRs"] */
static enum reg intel_reg(const struct pmu_model *m, uint32_t msr, unsigned int *index)
{
	if (msr - 0xc1u < PMU_GENERAL)
		return found(msr - 0xc1u, m->nr_general, REG_VALUE, index);
	if (msr - 0x186u < PMU_GENERAL)
		return found(msr - 0x186u, m->nr_general, REG_SELECT, index);
	if (msr - 0x4c1u < PMU_GENERAL && m->full_width_writes)
		return found(msr - 0x4c1u, m->nr_general, REG_FULL_VALUE, index);
	if (msr == 0x345)
		return m->version >= 2 ? REG_CAPABILITIES : REG_NONE;
	if (m->version < 2)
		return REG_NONE;
	if (msr - 0x309u < PMU_FIXED)
		return found(msr - 0x309u, m->nr_fixed, REG_FIXED, index);
	switch (msr) {
	case 0x38d:
		return REG_FIXED_CONTROL;
	case 0x38e:
		return REG_STATUS;
	case 0x38f:
		return REG_CONTROL;
	case 0x390:
		return REG_STATUS_CLEAR;
	case 0x391:
		return m->version >= 4 ? REG_STATUS_SET : REG_NONE;
	}
	return REG_NONE;
}

static enum reg reg_of(const struct pmu_model *m, uint32_t msr, unsigned int *index)
{
	*index = 0;
	return is_intel(m) ? intel_reg(m, msr, index) : amd_reg(m, msr, index);
}

bool pmu_read(const struct pmu_model *m, uint32_t msr, uint64_t *value)
{
	unsigned int i;

	switch (reg_of(m, msr, &i)) {
	case REG_VALUE:
	case REG_FULL_VALUE:
		*value = m->value[i];
		return true;
	case REG_SELECT:
		*value = m->select[i];
		return true;
	case REG_FIXED:
		*value = m->fixed[i];
		return true;
	case REG_FIXED_CONTROL:
		*value = m->fixed_control;
		return true;
	case REG_CONTROL:
		*value = m->global_control;
		return true;
	case REG_STATUS:
		*value = m->global_status;
		return true;
	case REG_STATUS_CLEAR:
	case REG_STATUS_SET:
		*value = 0;
		return true;
	case REG_CAPABILITIES:
		*value = m->full_width_writes ? 1u << 13 : 0;
		return true;
	case REG_NONE:
		break;
	}
	return false;
}

/*
 * Intel, C1H and up: "bits 31:0 are written, and sign-extended from bit 31 to
 * the counter's width". [SDM "Full-Width Writes to Performance Counter Registers"]
 * AMD: 48 bits, those above are ignored.
 */
static uint64_t as_written(const struct pmu_model *m, uint64_t value)
{
	if (is_intel(m))
		value = (uint64_t)(int64_t)(int32_t)value;
	return value & ones(m->width);
}

/* Intel: bits 63:32 are reserved; 21 (AnyThread) is there from version 3 to 4, not in 1, 2 and 5. */
static bool select_is_allowed(const struct pmu_model *m, uint64_t value)
{
	if (!is_intel(m)) /* [APM PerfEvtSeln: 63:42, 39:36, 21 and 19 are reserved] */
		return !(value & 0xfffffcf000280000ull);
	return !(value >> 32) && (!(value & (1u << 21)) || m->version == 3 || m->version == 4);
}

static bool write_select(struct pmu_model *m, unsigned int i, uint64_t value)
{
	if (!select_is_allowed(m, value))
		return false;
	m->select[i] = value;
	m->select_writes[i]++;
	return true;
}

static bool write_value(struct pmu_model *m, unsigned int i, uint64_t value)
{
	m->value[i] = value;
	m->value_writes[i]++;
	return true;
}

static bool write_control(struct pmu_model *m, uint64_t value)
{
	if (value & ~all_counters(m))
		return false;
	m->global_control = value;
	m->pmi_control_writes += m->in_nmi;
	return true;
}

bool pmu_write(struct pmu_model *m, uint32_t msr, uint64_t value)
{
	unsigned int i;

	switch (reg_of(m, msr, &i)) {
	case REG_VALUE:
		return write_value(m, i, as_written(m, value));
	case REG_FULL_VALUE: /* reserved bits fault [SDM "Full-Width Writes to Performance Counter Registers"] */
		return !(value & ~ones(m->width)) && write_value(m, i, value);
	case REG_SELECT:
		return write_select(m, i, value);
	case REG_FIXED:
		if (value & ~ones(m->width_fixed))
			return false;
		m->fixed[i] = value;
		return true;
	case REG_FIXED_CONTROL:
		if (value & ~ones(4 * m->nr_fixed))
			return false;
		m->fixed_control = value;
		return true;
	case REG_CONTROL:
		return write_control(m, value);
	case REG_STATUS_CLEAR:
		m->global_status &= ~value;
		return true;
	case REG_STATUS_SET:
		m->global_status |= value & all_counters(m);
		return true;
	case REG_STATUS: /* read-only */
	case REG_CAPABILITIES:
	case REG_NONE:
		break;
	}
	return false;
}

/* [APM vol. 3 "RDPMC": 0 to 5 core; SDM vol. 2 "RDPMC": bit 30 for fixed ones] */
bool pmu_rdpmc(const struct pmu_model *m, uint32_t number, uint64_t *value)
{
	bool fixed = is_intel(m) && (number & (1u << 30));
	unsigned int n = fixed ? number & ~(1u << 30) : number;

	if (n >= (fixed ? m->nr_fixed : m->nr_general))
		return false;
	*value = fixed ? m->fixed[n] : m->value[n];
	return true;
}

/* [APM vol. 3, CPUID 8000_0001h:ECX[23], 8000_0022h] */
static void amd_cpuid(const struct pmu_model *m, uint32_t leaf, uint32_t regs[4])
{
	switch (leaf) {
	case 0x80000000:
		regs[0] = m->kind == PMU_V2 ? 0x80000022 : 0x8000001f;
		break;
	case 0x80000001:
		regs[2] = m->kind == PMU_K7 ? 0 : 1u << 23;
		break;
	case 0x80000022:
		regs[0] = m->kind == PMU_V2;
		regs[1] = m->kind == PMU_V2 ? m->nr_general : 0;
		break;
	}
}

/* [SDM vol. 2 "CPUID": 0AH; 01H:ECX[15] PDCM; EDX of version 1 is not defined to be anything] */
static void intel_cpuid(const struct pmu_model *m, uint32_t leaf, uint32_t regs[4])
{
	switch (leaf) {
	case 0x1:
		regs[2] = m->version >= 2 ? 1u << 15 : 0;
		break;
	case 0xa:
		regs[0] = m->version | m->nr_general << 8 | m->width << 16 | 7u << 24;
		if (m->version >= 2)
			regs[3] = m->nr_fixed | m->width_fixed << 5;
		break;
	}
}

void pmu_cpuid(const struct pmu_model *m, uint32_t leaf, uint32_t regs[4])
{
	memset(regs, 0, 4 * sizeof(regs[0]));
	if (is_intel(m))
		intel_cpuid(m, leaf, regs);
	else
		amd_cpuid(m, leaf, regs);
}
