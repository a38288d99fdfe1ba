// SPDX-License-Identifier: GPL-2.0-or-later
// Two profiles: the one of the page, in the chosen range, and a base, all of it. Orange grew, blue shrank.

class Difference {
	constructor(p, base, changes, actions) {
		Object.assign(this, { p, base, actions, chances: chancesOf(changes), norm: 'time', width: 'both', style: new FrameStyle(p.frames) });
		this.flame = new Flame('Differential flame graph: orange grew, blue shrank; arrow keys walk it', this);
		this.note = el('p', { class: 'hint', role: 'status' });
		this.reset = el('button', { type: 'button', text: 'Reset zoom', hidden: true, onclick: () => this.flame.zoomTo(0) });
		this.box = el('div');
		const frameOf = (r) => this.joined.frame[r], redraw = (name) => (value) => {
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
			{ title: 'Base', number: true, value: (r) => this.had[r], cell: (r) => this.text(this.had[r]) },
			{ title: 'This profile', number: true, value: (r) => this.is[r], cell: (r) => this.text(this.is[r]) },
			{ title: 'Change', number: true, value: (r) => Math.abs(this.change(r)), cell: (r) => changeBadge(this.change(r), this.had[r], this.text(Math.abs(this.change(r)))) },
			{ title: 'More than chance?¹', number: true, value: (r) => chanceOrder(this.chance(r)), cell: (r) => chanceText(this.chance(r)) },
			{ title: 'Function', class: 'name-cell', value: (r) => p.frames.name[frameOf(r)], cell: (r) => p.frames.name[frameOf(r)] },
			{ title: 'Mode', value: (r) => p.frames.mode[frameOf(r)], cell: (r) => modeBadge(p.frames.mode[frameOf(r)]) },
			{ title: 'Image', value: (r) => lastPart(p.frames.image[frameOf(r)]), cell: (r) => el('span', { class: 'quiet', text: lastPart(p.frames.image[frameOf(r)]) || '–' }) },
			{ title: 'Domain', class: 'whole', value: (r) => this.domainName(r), cell: (r) => this.domainName(r) },
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
		return [sumCalls(now) || 1, sumCalls(was) || 1];
	}

	// Both profiles' calls in one tree, and as lines of the table: when they are wanted first.
	join() {
		const { p, base } = this, names = new Map(), domain = (q) => q.domains.map((d) => names.get(d.name) ?? names.set(d.name, names.size).get(d.name));
		const domains = [p, base].map(domain), frames = [p.comparableFrames(), base.comparableFrames()], known = new Map(), frame = [], domainOf = [];
		const lineOf = (q, side) => frames[side].map((f, c) => {
			const name = domains[side][q.callDomain[c]], key = f * names.size + name;
			let line = known.get(key);
			if (c && line === undefined) {
				line = frame.length;
				known.set(key, line);
				frame.push(f);
				domainOf.push(name);
			}
			return c ? line : 0xffffffff;
		});
		const tree = new Tree(roomFor(Math.max(p.calls.nr, base.calls.nr))), lines = [lineOf(p, 0), lineOf(base, 1)];
		const nodes = [addCalls(tree, p, 'domain', frames[0]), addCalls(tree, base, 'domain', frames[1])];
		return { tree, nodes, lines, nr: frame.length, frame, domain: domainOf, names: [...names.keys()] };
	}

	// In the base a domain is the one of the same name.
	baseWeights() {
		const { base } = this, weight = base.addUp(base.whole(this.baseEvent()), 'weight', base.callIndex, base.calls.nr);
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
		this.joined ??= this.join();
		const { tree, nodes } = this.joined, now = selection.weight, was = this.baseWeights(), [a, b] = this.norms(now, was);
		const self = sumNodes(tree, nodes[0], now).map((x) => x / a), baseSelf = sumNodes(tree, nodes[1], was).map((x) => x / b);
		this.now = sumUp(tree, self);
		this.was = sumUp(tree, baseSelf);
		const widths = { now: this.now, base: this.was, both: sumUp(tree, self.map((x, n) => Math.max(x, baseSelf[n]))) }[this.width];
		this.style.lookFor(state.search);
		this.flame.set(tree, new Layout(tree, widths));
		this.table.set(this.rows(now, was, a, b));
		this.say();
	}

	// Sums of both sides by line; those that match the search and are on either side.
	rows(now, was, a, b) {
		const { nr, lines, frame } = this.joined, rows = [], add = (weight, lineOf, norm) => {
			const sums = new Float64Array(nr);
			for (let c = 1; c < weight.length; c++)
				sums[lineOf[c]] += weight[c];
			return sums.map((x) => x / norm);
		};
		this.is = add(now, lines[0], a);
		this.had = add(was, lines[1], b);
		for (let r = 0; r < nr; r++)
			if ((this.is[r] || this.had[r]) && (!state.search || this.style.found[frame[r]]))
				rows.push(r);
		return rows;
	}

	change(r) {
		return this.is[r] - this.had[r];
	}

	domainName(r) {
		return this.joined.names[this.joined.domain[r]];
	}

	// What lib/diff says of a row: [low, high, changed], or nothing.
	chance(r) {
		const { frames } = this.p, f = this.joined.frame[r];
		return this.chances.get([this.p.events[state.event].name, this.domainName(r), MODE_NAMES[frames.mode[f]], lastPart(frames.image[f]), frames.name[f]].join('\0'));
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
		const { frames } = this.p, f = this.joined.frame[r], is = this.is[r], was = this.had[r];
		return { name: frames.name[f], mode: frames.mode[f], pairs: [['domain', this.domainName(r)], ['base', this.text(was)], ['this profile', this.text(is)],
			['change', changeText(is - was, was, this.text(Math.abs(is - was)))]],
		actions: frames.kind[f] === KIND.symbol ? this.actions(f) : [] };
	}

	zoomed() {
		this.say();
	}
}

// All but idle time.
function sumCalls(weight) {
	let sum = 0;
	for (let c = 1; c < weight.length; c++)
		sum += weight[c];
	return sum;
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
