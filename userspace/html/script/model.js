// SPDX-License-Identifier: GPL-2.0-or-later
// What the page knows, what is chosen, and what follows from both: sums over the chosen part of the samples.

const KIND = { symbol: 0, unresolved: 1, truncated: 2, small: 3, smallUnresolved: 4 };
const MODE_IDLE = 3;

// Functions, domains and processes as frames of a flame graph: numbers, the same in both profiles of a difference.
class Frames {
	constructor() {
		this.numbers = new Map();
		this.type = []; // 'function', 'domain', 'process', 'all'
		this.name = [];
		this.image = [];
		this.mode = [];
		this.kind = [];
	}

	add(type, name, image = '', mode = 0, kind = 0) {
		const key = `${type}\0${name}\0${image}\0${mode}\0${kind}`;
		let number = this.numbers.get(key);
		if (number === undefined) {
			number = this.type.length;
			this.numbers.set(key, number);
			this.type.push(type);
			this.name.push(name);
			this.image.push(image);
			this.mode.push(mode);
			this.kind.push(kind);
		}
		return number;
	}

	get nr() {
		return this.type.length;
	}
}

class Profile {
	constructor(decoded, frames) {
		Object.assign(this, decoded);
		this.events = this.meta.events;
		this.domains = this.meta.domains;
		this.frames = frames;
		this.wholeSums = [];
		this.idle = this.domains.findIndex((d) => d.idle);
		this.nameFrames();
		this.placeCalls();
		this.domainOrder = this.orderDomains();
	}

	text(i) {
		return this.meta.strings[i];
	}

	nameFrames() {
		const { rows, frames } = this, known = [];
		this.frameOfRow = new Uint32Array(rows.nr);
		this.processOfRow = new Uint32Array(rows.nr);
		for (let r = 0; r < rows.nr; r++) {
			this.frameOfRow[r] = frames.add('function', this.text(rows.name[r]), this.text(rows.image[r]), rows.mode[r], rows.kind[r]);
			this.processOfRow[r] = known[rows.process[r]] ??= frames.add('process', this.text(rows.process[r]) || '[no process]');
		}
		this.domainFrames = this.domains.map((d) => frames.add('domain', d.name));
	}

	// Of each call its domain, mode and frame; whether a caller of it is of the same function (then the caller's sum has it already).
	placeCalls() {
		const { calls, rows } = this, { nr, caller } = calls;
		this.callDomain = new Uint32Array(nr);
		this.callMode = new Uint8Array(nr);
		this.callFrame = new Uint32Array(nr);
		this.callTop = new Uint8Array(nr).fill(1);
		this.callDomain[0] = this.idle;
		this.callMode[0] = MODE_IDLE;
		for (let c = 1; c < nr; c++) {
			const row = calls.row[c];
			this.callDomain[c] = rows.domain[row];
			this.callMode[c] = rows.mode[row];
			this.callFrame[c] = this.frameOfRow[row];
			for (let up = caller[c]; up; up = caller[up])
				if (this.callFrame[up] === this.callFrame[c]) {
					this.callTop[c] = 0;
					break;
				}
		}
	}

	// Of each call what is the same in another recording: addresses without a symbol are not.
	comparableFrames() {
		const { rows, frames } = this, ofRow = this.frameOfRow.map((frame, r) => (rows.kind[r] === KIND.unresolved ?
			frames.add('function', '[unresolved]', frames.image[frame], rows.mode[r], KIND.unresolved) : frame));
		return this.callFrame.map((_, c) => (c ? ofRow[this.calls.row[c]] : 0));
	}

	// First and last + 1 cell of an event in slices [from, to).
	cellRange(event, from, to) {
		const { cells } = this;
		const after = (e, s) => {
			let low = 0, high = cells.nr;
			while (low < high) {
				const middle = (low + high) >> 1;
				if (cells.event[middle] < e || (cells.event[middle] === e && cells.slice[middle] < s))
					low = middle + 1;
				else
					high = middle;
			}
			return low;
		};
		return [after(event, from), after(event, to)];
	}

	// For each call what samples of the event in slices [from, to) stand for, and how many they are. Of all slices it is kept: do not change it.
	sumCalls(event, from, to) {
		const whole = from === 0 && to === this.meta.slices;
		if (whole && this.wholeSums[event])
			return this.wholeSums[event];
		const sums = this.addUp(event, from, to);
		if (whole)
			this.wholeSums[event] = sums;
		return sums;
	}

	addUp(event, from, to) {
		const weight = new Float64Array(this.calls.nr), samples = new Float64Array(this.calls.nr);
		const [first, last] = this.cellRange(event, from, to), { call, weight: w, samples: n } = this.entries;
		for (let i = this.cells.first[first], end = this.cells.first[last]; i < end; i++) {
			weight[call[i]] += w[i];
			samples[call[i]] += n[i];
		}
		return { weight, samples };
	}

	// Of the whole recording: most of the first event first, the control domain before all.
	orderDomains() {
		const { weight } = this.sumCalls(0, 0, this.meta.slices), sum = new Float64Array(this.domains.length);
		for (let c = 1; c < weight.length; c++)
			sum[this.callDomain[c]] += weight[c];
		this.seenDomains = new Uint8Array(this.domains.length);
		for (let c = 1; c < this.calls.nr; c++)
			this.seenDomains[this.callDomain[c]] = 1;
		const rank = (d) => (this.domains[d].control ? Infinity : sum[d]);
		const order = [...this.domains.keys()].filter((d) => d !== this.idle && this.seenDomains[d]);
		order.sort((a, b) => rank(b) - rank(a) || (this.domains[a].name < this.domains[b].name ? -1 : 1));
		this.domainPlace = new Map(order.map((d, i) => [d, i]));
		return order;
	}

	domainColor(d) {
		const place = this.domainPlace.get(d);
		return place !== undefined && place < NR_DOMAIN_COLORS ? palette.domains[place] : palette.others;
	}

	domainLabel(d) {
		const { name, id, idle } = this.domains[d];
		return idle || id > 32751 ? name : `${name} (${id})`;
	}
}

/* ---- what is chosen ---- */

const state = { event: -1, from: 0, to: 0, domain: -1, search: '', tab: '' };
const watchers = [];

// watch(f): f(changed) is called after a change, with the set of names that changed.
const watch = (f) => watchers.push(f);
let changed = new Set();
const tell = oncePerFrame(() => {
	const names = changed;
	changed = new Set();
	for (const f of watchers)
		f(names);
});

function choose(changes) {
	for (const [name, value] of Object.entries(changes)) {
		if (state[name] !== value)
			changed.add(name);
		state[name] = value;
	}
	if (changed.size)
		tell();
}

/* ---- sums of what is chosen ---- */

// By call for each event; domains that are not chosen count nothing. Idle time is call 0.
function sumSelection(p) {
	let sums = p.events.map((_, e) => p.sumCalls(e, state.from, state.to));
	if (state.domain >= 0)
		sums = sums.map(({ weight, samples }) => ({ weight: onlyDomain(p, weight, state.domain), samples: onlyDomain(p, samples, state.domain) }));
	return { sums, busy: sums.map((s) => sumBusy(s.weight)), total: sumChildren(p.calls, sums[state.event].weight) };
}

const onlyDomain = (p, array, domain) => array.map((value, c) => (p.callDomain[c] === domain ? value : 0));

function sumBusy(weight) {
	let sum = 0;
	for (let c = 1; c < weight.length; c++)
		sum += weight[c];
	return sum;
}

// With all that each calls: a caller's number is lower.
function sumChildren(calls, weight) {
	const total = weight.slice();
	for (let c = total.length - 1; c > 0; c--)
		if (calls.caller[c])
			total[calls.caller[c]] += total[c];
	return total;
}

// Of the selected range, by domain and mode: [domain][mode] for each event.
function sumDomains(p, sums) {
	return sums.map(({ weight }) => {
		const table = p.domains.map(() => new Float64Array(4));
		for (let c = 0; c < weight.length; c++)
			table[p.callDomain[c]][p.callMode[c]] += weight[c];
		return table;
	});
}
