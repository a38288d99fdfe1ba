// SPDX-License-Identifier: GPL-2.0-or-later
// What the page knows: one profile's frames, calls and samples, and sums over any part of the samples.

const KIND = { symbol: 0, unresolved: 1, truncated: 2, small: 3, smallUnresolved: 4 };
const MODE_IDLE = 3;

// Functions, domains and processes as frames of a flame graph: numbers, the same in both profiles of a difference.
class Frames {
	constructor() {
		this.type = []; // 'function', 'domain', 'process'
		this.name = [];
		this.image = [];
		this.mode = [];
		this.kind = [];
		this.search = '';
		this.found = new Uint8Array(0);
	}

	// One that is not there yet.
	append(type, name, image = '', mode = 0, kind = 0) {
		this.type.push(type);
		this.name.push(name);
		this.image.push(image);
		this.mode.push(mode);
		this.kind.push(kind);
		return this.nr - 1;
	}

	// The like of what is there, or appended.
	add(type, name, image = '', mode = 0, kind = 0) {
		const key = (...parts) => parts.join('\0'), wanted = key(type, name, image, mode, kind);
		this.numbers ??= new Map(this.type.map((_, f) => [key(this.type[f], this.name[f], this.image[f], this.mode[f], this.kind[f]), f]));
		if (!this.numbers.has(wanted))
			this.numbers.set(wanted, this.append(type, name, image, mode, kind));
		return this.numbers.get(wanted);
	}

	get nr() {
		return this.type.length;
	}

	// Of each frame 1 if its name or its image has `search` (lower case) in it. What was last looked for is kept.
	matching(search) {
		if (search !== this.search || this.found.length !== this.nr) {
			this.search = search;
			this.found = Uint8Array.from({ length: this.nr }, (_, f) => (search && matchesSearch(this, f, search) ? 1 : 0));
		}
		return this.found;
	}
}

function matchesSearch(frames, frame, search) {
	return frames.name[frame].toLowerCase().includes(search) || frames.image[frame].toLowerCase().includes(search);
}

/*
 * Samples are added up by some number that each call has: an index of a table, a node of a tree, or the call itself. So one pass over
 * the chosen samples is all that a view takes, however many calls there are.
 */
class Profile {
	constructor(decoded, frames) {
		Object.assign(this, { meta: decoded.meta, rows: decoded.rows, calls: decoded.calls, cells: decoded.cells, entries: decoded.entries });
		this.events = this.meta.events;
		this.domains = this.meta.domains;
		this.frames = frames;
		this.idle = this.domains.findIndex((d) => d.idle);
	}

	static async make(decoded, frames) {
		const p = new Profile(decoded, frames);
		p.nameFrames(decoded.frames);
		await pause();
		p.placeCalls();
		await pause();
		p.domainOrder = p.orderDomains();
		return p;
	}

	text(i) {
		return this.meta.strings[i];
	}

	// The first profile's are all different; those of a second one may be among them.
	nameFrames(decoded) {
		const { rows: { nr, frame }, frames } = this, number = new Uint32Array(decoded.nr), first = !frames.nr, known = {};
		for (let f = 0; f < decoded.nr; f++) {
			const like = ['function', this.text(decoded.name[f]), this.text(decoded.image[f]), decoded.mode[f], decoded.kind[f]];
			number[f] = first ? frames.append(...like) : frames.add(...like);
		}
		Object.assign(this, { frameOfRow: new Uint32Array(nr), modeOfRow: new Uint8Array(nr), kindOfRow: new Uint8Array(nr) });
		for (let r = 0; r < nr; r++) {
			this.frameOfRow[r] = number[frame[r]];
			this.modeOfRow[r] = decoded.mode[frame[r]];
			this.kindOfRow[r] = decoded.kind[frame[r]];
		}
		this.domainFrames = this.domains.map((d) => known[`\0${d.name}`] ??= first ? frames.append('domain', d.name) : frames.add('domain', d.name));
	}

	// Of each row the frame of its process; most pages are never asked for it.
	get processOfRow() {
		const known = [];
		this.processes ??= this.rows.process.map((name) => known[name] ??= this.frames.append('process', this.text(name) || '[no process]'));
		return this.processes;
	}

	/*
	 * Of each call its domain, frame and group: what is of one domain and mode, and has a name or not, is a group: (domain × 4 + mode) × 2,
	 * + 1 if it has none. Idle time (call 0) is the last group.
	 */
	placeCalls() {
		const { rows } = this, { nr, row } = this.calls, groupOfRow = new Uint32Array(rows.nr);
		for (let r = 0; r < rows.nr; r++)
			groupOfRow[r] = (rows.domain[r] * 4 + this.modeOfRow[r]) * 2 + Number(this.kindOfRow[r] === KIND.unresolved || this.kindOfRow[r] === KIND.smallUnresolved);
		this.nrGroups = this.domains.length * 8 + 1;
		this.callDomain = new Uint32Array(nr);
		this.callFrame = new Uint32Array(nr);
		this.callGroup = new Uint32Array(nr);
		for (let c = 1; c < nr; c++) {
			this.callDomain[c] = rows.domain[row[c]];
			this.callFrame[c] = this.frameOfRow[row[c]];
			this.callGroup[c] = groupOfRow[row[c]];
		}
		this.callDomain[0] = this.idle;
		this.callGroup[0] = this.nrGroups - 1;
	}

	// Of each call 0 if one that it was called from is of the same function, whose sum has it already.
	get callTop() {
		const { calls: { nr, caller }, callFrame } = this;
		if (this.tops)
			return this.tops;
		this.tops = new Uint8Array(nr).fill(1);
		for (let c = 1; c < nr; c++) {
			const frame = callFrame[c];
			let up = caller[c];
			while (up && callFrame[up] !== frame)
				up = caller[up];
			if (up)
				this.tops[c] = 0;
		}
		return this.tops;
	}

	// Whether anything is known of who called whom.
	get hasChains() {
		this.chains ??= this.calls.caller.some((c) => c);
		return this.chains;
	}

	// Of each call what is the same in another recording: addresses without a symbol are not.
	comparableFrames() {
		const { frames } = this, ofRow = this.frameOfRow.map((frame, r) => (this.kindOfRow[r] === KIND.unresolved ?
			frames.add('function', '[unresolved]', frames.image[frame], this.modeOfRow[r], KIND.unresolved) : frame));
		return this.calls.row.map((row, c) => (c ? ofRow[row] : 0));
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

	/*
	 * Sums of `what` ('weight': what samples stand for; 'samples': how many) of the event in slices [from, to), of one domain or (-1) of
	 * all, by index[call], which is less than nr.
	 */
	addUp({ event, from, to, domain }, what, index, nr) {
		const sums = new Float64Array(nr), [first, last] = this.cellRange(event, from, to), { callDomain } = this, { call } = this.entries;
		const value = this.entries[what], begin = this.cells.first[first], end = this.cells.first[last];
		if (domain < 0)
			for (let i = begin; i < end; i++)
				sums[index[call[i]]] += value[i];
		else
			for (let i = begin; i < end; i++)
				if (callDomain[call[i]] === domain)
					sums[index[call[i]]] += value[i];
		return sums;
	}

	whole(event) {
		return { event, from: 0, to: this.meta.slices, domain: -1 };
	}

	// Calls themselves, to be added up by.
	get callIndex() {
		this.index ??= Uint32Array.from({ length: this.calls.nr }, (_, c) => c);
		return this.index;
	}

	// Of the whole recording: most of the first event first, the control domain before all.
	orderDomains() {
		const groups = this.addUp(this.whole(0), 'weight', this.callGroup, this.nrGroups), sum = this.domains.map((_, d) => sumGroups(groups, d));
		const seen = new Uint8Array(this.domains.length), rank = (d) => (this.domains[d].control ? Infinity : sum[d]);
		for (let c = 1; c < this.calls.nr; c++)
			seen[this.callDomain[c]] = 1;
		const order = [...this.domains.keys()].filter((d) => d !== this.idle && seen[d]);
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

/* ---- groups ---- */

const sumMode = (groups, domain, mode) => groups[(domain * 4 + mode) * 2] + groups[(domain * 4 + mode) * 2 + 1];

const sumGroups = (groups, domain) => sumMode(groups, domain, 0) + sumMode(groups, domain, 1) + sumMode(groups, domain, 2);

// Of all that is not idle: all, or what has no name.
function sumBusy(groups, onlyUnresolved = false) {
	let sum = 0;
	for (let g = 0; g < groups.length - 1; g++)
		if (!onlyUnresolved || g % 2)
			sum += groups[g];
	return sum;
}

const idleOf = (groups) => groups[groups.length - 1];
