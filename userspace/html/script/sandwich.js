// SPDX-License-Identifier: GPL-2.0-or-later
// One function: who calls it (above), and what it calls (below), from all places where it is called.

class Half {
	constructor(owner, label, up) {
		this.owner = owner;
		this.flame = new Flame(label, this, { up });
	}

	set({ tree, self }) {
		this.self = self;
		this.total = sumUp(tree, self);
		this.flame.set(tree, new Layout(tree, this.total));
	}

	color(n) {
		return n ? this.owner.style.color(this.flame.tree.frame[n]) : palette.surface;
	}

	label(n) {
		return n ? this.owner.style.label(this.flame.tree.frame[n]) : '';
	}

	describe(n) {
		const { p } = this.owner, frame = this.flame.tree.frame[n], isFunction = n && p.frames.type[frame] === 'function', event = p.events[state.event];
		return { name: n ? this.label(n) : 'all of it', mode: isFunction ? p.frames.mode[frame] : undefined,
			pairs: [['of the function', formatShare(this.total[n], this.total[0])], ['of all', formatShare(this.total[n], this.owner.busy)],
				['is', formatValue(event, this.total[n])]],
			actions: isFunction ? this.owner.actions(frame) : [] };
	}

	sandwich(n) {
		if (n && this.owner.p.frames.type[this.flame.tree.frame[n]] === 'function')
			this.owner.choose(this.flame.tree.frame[n]);
	}
}

class Sandwich {
	constructor(p, actions) {
		Object.assign(this, { p, actions, frame: -1, style: new FrameStyle(p.frames) });
		this.callers = new Half(this, 'Callers of the function, nearest below; arrow keys walk them', true);
		this.callees = new Half(this, 'What the function calls, nearest above; arrow keys walk it', false);
		this.title = el('h2');
		this.list = el('div', { class: 'list' });
		this.panel = el('section', { class: 'card' }, el('div', { class: 'card-head' }, this.title),
			el('div', { class: 'sandwich' }, this.list, el('div', {}, el('p', { class: 'flame-title', text: 'called by' }), this.callers.flame.box,
				el('p', { class: 'flame-title', text: 'calls' }), this.callees.flame.box, frameLegend(), chainsHint(p))));
		this.table = new Table(this.list, { caption: 'Functions to choose from', sort: 0, name: 2, chosen: (frame) => frame === this.frame, columns: [
			{ title: 'Self', number: true, value: (f) => this.self[f], cell: (f) => formatShare(this.self[f], this.busy), share: (f) => this.self[f] / this.busy },
			{ title: 'With callees', number: true, value: (f) => this.all[f], cell: (f) => formatShare(this.all[f], this.busy) },
			{ title: 'Function', class: 'name-cell', value: (f) => p.frames.name[f], cell: (f) => el('button', {
				type: 'button', class: 'plain-button', text: p.frames.name[f], 'aria-pressed': String(f === this.frame),
				onclick: () => this.choose(f) }) },
		] });
	}

	choose(frame) {
		this.frame = frame;
		if (this.selection)
			this.draw(this.selection);
	}

	// Frames that have samples, or call what has.
	rows({ weight, total }) {
		const { frames, calls: { nr }, callFrame, callTop } = this.p, self = new Float64Array(frames.nr), all = new Float64Array(frames.nr), rows = [];
		for (let c = 1; c < nr; c++) {
			self[callFrame[c]] += weight[c];
			if (callTop[c])
				all[callFrame[c]] += total[c];
		}
		Object.assign(this, { self, all });
		for (let frame = 0; frame < all.length; frame++)
			if (all[frame] && (!state.search || this.style.found[frame]))
				rows.push(frame);
		return rows;
	}

	// With most of its own, and a name, if there is such a one.
	hottest(rows) {
		const named = rows.filter((f) => this.p.frames.kind[f] === KIND.symbol);
		return (named.length ? named : rows).reduce((a, b) => (this.self[b] > this.self[a] ? b : a));
	}

	draw(selection) {
		const { p } = this;
		this.selection = selection;
		this.busy = selection.busy();
		this.style.lookFor(state.search);
		const rows = this.rows(selection);
		if (this.frame < 0 && rows.length)
			this.frame = this.hottest(rows);
		this.title.textContent = this.frame < 0 ? 'Callers and callees' : `Callers and callees of ${p.frames.name[this.frame]}`;
		this.table.set(rows);
		this.callers.set(callersOf(p, this.frame, selection.total));
		this.callees.set(calleesOf(p, this.frame, selection.weight));
	}
}
