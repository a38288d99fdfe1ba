// SPDX-License-Identifier: GPL-2.0-or-later
// Two profiles: the one of the page, in the chosen range, and a base, all of it. Orange grew, blue shrank.

class Difference {
	constructor(p, base, changes, actions) {
		Object.assign(this, { p, base, actions, chances: chancesOf(changes), norm: 'time', width: 'both', style: new FrameStyle(p.frames) });
		this.tree = new Tree(4096);
		this.frames = p.comparableFrames();
		this.baseFrames = base.comparableFrames();
		this.nodes = addCalls(this.tree, p, 'domain', this.frames);
		this.baseNodes = addCalls(this.tree, base, 'domain', this.baseFrames);
		this.flame = new Flame('Differential flame graph: orange grew, blue shrank; arrow keys walk it', this);
		this.note = el('p', { class: 'hint', role: 'status' });
		this.reset = el('button', { type: 'button', text: 'Reset zoom', hidden: true, onclick: () => this.flame.zoomTo(0) });
		this.box = el('div');
		const redraw = (name) => (value) => {
			this[name] = value;
			this.draw(this.selection);
		};
		this.panel = el('div', {}, el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Difference' }),
			segments('Compared by', [['time', 'per second'], ['share', 'share of all']], 'time', redraw('norm')),
			segments('Widths of frames', [['both', 'width: larger of both'], ['base', 'base'], ['now', 'this profile']], 'both', redraw('width'))),
		el('div', { class: 'flame-tools' }, this.note, this.reset), this.flame.box,
		el('p', { class: 'legend' }, el('span', {}, 'less, gone', el('span', { class: 'ramp diff' }), 'more, new'))),
		el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'What has changed' }), el('p', {
			text: '¹ 95% limits, of both whole recordings, as xprof diff has them; what varies from run to run is not covered.' })), this.box));
		this.table = new Table(this.box, { caption: 'Functions by how much they have changed', sort: 2, name: 4, onrow: (r) => this.describeRow(r), columns: [
			{ title: 'Base', number: true, value: (r) => r.was, cell: (r) => this.text(r.was) },
			{ title: 'This profile', number: true, value: (r) => r.is, cell: (r) => this.text(r.is) },
			{ title: 'Change', number: true, value: (r) => Math.abs(r.is - r.was), cell: (r) => changeBadge(r.is - r.was, r.was, this.text(Math.abs(r.is - r.was))) },
			{ title: 'More than chance?¹', number: true, value: (r) => chanceOrder(this.chance(r)), cell: (r) => chanceText(this.chance(r)) },
			{ title: 'Function', class: 'name-cell', value: (r) => p.frames.name[r.frame], cell: (r) => p.frames.name[r.frame] },
			{ title: 'Mode', value: (r) => p.frames.mode[r.frame], cell: (r) => modeBadge(p.frames.mode[r.frame]) },
			{ title: 'Image', value: (r) => lastPart(p.frames.image[r.frame]), cell: (r) => el('span', { class: 'quiet', text: lastPart(p.frames.image[r.frame]) || '–' }) },
			{ title: 'Domain', class: 'whole', value: (r) => r.domain, cell: (r) => r.domain },
		] });
	}

	// The event of the base that has the name of the chosen one; -1: it has none.
	baseEvent() {
		return this.base.events.findIndex((e) => e.name === this.p.events[state.event].name);
	}

	// What values are divided by: seconds, or all that is not idle.
	norms(now, was) {
		const { meta } = this.p, part = (state.to - state.from) / meta.slices;
		if (this.norm === 'time')
			return [meta.duration_ns / 1e9 * part || 1, this.base.meta.duration_ns / 1e9 || 1];
		return [sumBusy(now) || 1, sumBusy(was) || 1];
	}

	// In the base a domain is the one of the same name.
	baseWeights() {
		const { base } = this, { weight } = base.sumCalls(this.baseEvent(), 0, base.meta.slices);
		if (state.domain < 0)
			return weight;
		const same = base.domains.map((d) => d.name === this.p.domains[state.domain].name);
		return weight.map((value, c) => (same[base.callDomain[c]] ? value : 0));
	}

	draw(selection) {
		this.selection = selection;
		if (this.baseEvent() < 0) {
			this.note.textContent = `The base has no event ${this.p.events[state.event].name}.`;
			this.table.set([]);
			return;
		}
		const now = selection.sums[state.event].weight, was = this.baseWeights(), [a, b] = this.norms(now, was);
		const self = sumNodes(this.tree, this.nodes, now).map((x) => x / a), baseSelf = sumNodes(this.tree, this.baseNodes, was).map((x) => x / b);
		this.now = sumUp(this.tree, self);
		this.was = sumUp(this.tree, baseSelf);
		const widths = { now: this.now, base: this.was, both: sumUp(this.tree, self.map((x, n) => Math.max(x, baseSelf[n]))) }[this.width];
		this.style.lookFor(state.search);
		this.flame.set(this.tree, layOut(this.tree, widths));
		this.table.set(this.rows(now, was, a, b).filter((r) => !state.search || matchesSearch(this.p.frames, r.frame, state.search)));
		this.say();
	}

	rows(now, was, a, b) {
		const rows = new Map(), add = (p, frames, weight, norm, key) => {
			for (let c = 1; c < weight.length; c++) {
				if (!weight[c])
					continue;
				const frame = frames[c], domain = p.domains[p.callDomain[c]].name, id = `${frame} ${domain}`;
				if (!rows.has(id))
					rows.set(id, { frame, domain, now: 0, is: 0, was: 0 });
				rows.get(id)[key] += weight[c] / norm;
			}
		};
		add(this.p, this.frames, now, a, 'is');
		add(this.base, this.baseFrames, was, b, 'was');
		return [...rows.values()];
	}

	// What lib/diff says of a row: [low, high, changed], or nothing.
	chance(r) {
		const { frames } = this.p;
		return this.chances.get([this.p.events[state.event].name, r.domain, MODE_NAMES[frames.mode[r.frame]], lastPart(frames.image[r.frame]), frames.name[r.frame]].join('\0'));
	}

	text(value) {
		const event = this.p.events[state.event];
		if (this.norm === 'share')
			return `${(100 * value).toFixed(2)}%`;
		return event.time ? `${(value / 1e7).toFixed(2)}%` : `${formatShort(value)}/s`;
	}

	say() {
		const { zoom, tree } = this.flame, parts = [];
		for (let n = zoom; n; n = tree.parent[n])
			parts.unshift(this.label(n));
		const what = this.norm === 'share' ? 'Shares of what is not idle' : this.p.events[state.event].time ? 'Percent of one CPU' : 'Per second of the recording';
		this.note.textContent = `${what}: base ${this.text(this.was[zoom])}, this profile ${this.text(this.now[zoom])}. ` +
			(parts.length ? `Zoomed to ${parts.slice(-3).join(' › ')}.` : `Base: ${this.base.meta.file || 'the other profile'}.`);
		this.reset.hidden = !zoom;
	}

	color(n) {
		const frame = this.flame.tree.frame[n], most = Math.max(this.now[n], this.was[n]);
		if (n && this.style.found[frame])
			return palette.match;
		return changeColor(most ? (this.now[n] - this.was[n]) / most : 0);
	}

	label(n) {
		return n ? this.style.label(this.flame.tree.frame[n]) : 'all';
	}

	describe(n) {
		const { frames } = this.p, frame = this.flame.tree.frame[n], isFunction = n && frames.type[frame] === 'function';
		return { name: this.label(n), mode: isFunction ? frames.mode[frame] : undefined, pairs: [['base', this.text(this.was[n])],
			['this profile', this.text(this.now[n])], ['change', changeText(this.now[n] - this.was[n], this.was[n], this.text(Math.abs(this.now[n] - this.was[n])))]],
		actions: isFunction && frames.kind[frame] === KIND.symbol ? this.actions(frame) : [] };
	}

	describeRow(r) {
		const { frames } = this.p;
		return { name: frames.name[r.frame], mode: frames.mode[r.frame], pairs: [['domain', r.domain], ['base', this.text(r.was)], ['this profile', this.text(r.is)],
			['change', changeText(r.is - r.was, r.was, this.text(Math.abs(r.is - r.was)))]],
		actions: frames.kind[r.frame] === KIND.symbol ? this.actions(r.frame) : [] };
	}

	zoomed() {
		this.say();
	}
}

// By event, domain, mode, image and function.
function chancesOf(changes) {
	const all = new Map();
	for (const { name, rows } of changes)
		for (const [domain, mode, image, symbol, ...chance] of rows)
			all.set([name, domain, mode, image, symbol].join('\0'), chance);
	return all;
}

// Changed ones first, by how far at least.
const chanceOrder = (c) => (!c ? -2 : !c[2] ? -1 : Math.max(c[0], c[1] === null ? 0 : 1 / Math.max(c[1], 1e-9)));
const limitText = (x) => (x === null ? '∞' : `${x >= 1 ? '+' : '−'}${Math.abs(100 * (x - 1)).toFixed(0)}%`);

function chanceText(c) {
	if (!c)
		return '–';
	return c[2] ? `yes, ${limitText(c[0])} to ${limitText(c[1])}` : 'no';
}

// "+1.2% (+30%)", "−0.4% (gone)": a sign beside the colour.
function changeText(change, was, text) {
	const sign = change > 0 ? '+' : change < 0 ? '−' : '±';
	const relative = !was ? 'new' : change === -was ? 'gone' : `${sign}${Math.abs(100 * change / was).toFixed(Math.abs(change / was) < 0.1 ? 1 : 0)}%`;
	return `${sign}${text} (${relative})`;
}

function changeBadge(change, was, text) {
	const color = changeColor(was || change > 0 ? change / Math.max(was, was + change) : 0);
	return el('span', {}, el('span', { class: 'swatch', vars: { swatch: color } }), changeText(change, was, text));
}
