// SPDX-License-Identifier: GPL-2.0-or-later
// The flame graph of what is chosen. Colours say whose code it is.

// The frame of a node: its colour and words. Used by the sandwich view, too.
class FrameStyle {
	constructor(frames) {
		this.frames = frames;
		this.lookFor('');
	}

	lookFor(search) {
		this.found = this.frames.matching(search);
	}

	color(frame) {
		const { frames } = this;
		if (this.found[frame])
			return palette.match;
		if (frames.type[frame] !== 'function')
			return palette.group;
		if (frames.kind[frame] >= KIND.truncated)
			return palette.cut;
		return palette.soft[frames.mode[frame]];
	}

	label(frame) {
		return this.frames.name[frame];
	}
}

function frameLegend() {
	const entry = (color, text) => el('span', {}, el('span', { class: 'swatch', vars: { swatch: `var(--${color})` } }), text);
	return el('p', { class: 'legend' }, entry('xen-soft', 'Xen'), entry('kernel-soft', 'kernel'), entry('user-soft', 'user'),
		entry('group-soft', 'domain, process'), entry('cut-soft', 'callers not known, or small'));
}

// Said where stacks are shown, if none were recorded.
const chainsHint = (p) => (p.hasChains ? null : el('p', { class: 'hint', text:
	'No call chains were recorded, so functions stand side by side: xprof record -g records them.' }));

class FlameGraph {
	constructor(p, actions) {
		Object.assign(this, { p, actions, grouping: 'domain', trees: {} });
		this.style = new FrameStyle(p.frames);
		this.flame = new Flame('Flame graph: callers above, what they call below; arrow keys walk it', this);
		this.path = el('p', { class: 'path', role: 'status' });
		this.reset = el('button', { type: 'button', text: 'Reset zoom', hidden: true, onclick: () => this.flame.zoomTo(0) });
		this.panel = el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Flame graph' }),
			segments('What stacks begin with', [['domain', 'domains'], ['process', 'domains, processes'], ['none', 'functions only']], 'domain', (value) => {
				this.grouping = value;
				this.draw(this.selection);
			})), el('div', { class: 'flame-tools' }, this.path, this.reset), this.flame.box, frameLegend(), chainsHint(p));
	}

	tree() {
		if (!this.trees[this.grouping]) {
			const tree = new Tree(roomFor(this.p.calls.nr));
			this.trees[this.grouping] = { tree, node: addCalls(tree, this.p, this.grouping) };
		}
		return this.trees[this.grouping];
	}

	* prepare() {
		yield this.tree().tree.children();
	}

	draw(selection) {
		const { tree, node } = this.tree();
		this.selection = selection;
		this.self = selectNodes(tree, node, selection);
		this.total = sumUp(tree, this.self);
		this.nrSamples = null;
		this.style.lookFor(state.search);
		this.flame.set(tree, new Layout(tree, this.total));
		this.say();
	}

	samples(n) {
		const { tree, node } = this.tree();
		this.nrSamples ??= sumUp(tree, selectNodes(tree, node, this.selection, 'samples'));
		return this.nrSamples[n];
	}

	// Of all that is shown, what lies in frames that were searched for.
	matched() {
		const { tree } = this.flame, inside = new Uint8Array(tree.nr);
		let sum = 0;
		for (let n = 1; n < tree.nr; n++) {
			inside[n] = inside[tree.parent[n]] | this.style.found[tree.frame[n]];
			if (inside[n] && !inside[tree.parent[n]])
				sum += this.total[n];
		}
		return sum;
	}

	say() {
		const parts = [], { zoom, tree } = this.flame;
		for (let n = zoom; n; n = tree.parent[n])
			parts.unshift(this.label(n));
		const where = parts.length ? `Zoomed to ${parts.slice(-3).join(' › ')}` : '';
		const search = state.search ? `“${state.search}” is in ${formatShare(this.matched(), this.total[0])}` : '';
		this.path.textContent = [where, search].filter(Boolean).join('. ') ||
			(this.total[0] ? 'Click a frame to zoom; Ctrl and the wheel zoom anywhere.' : 'No samples of this event in this range.');
		this.reset.hidden = !zoom;
	}

	color(n) {
		return n ? this.style.color(this.flame.tree.frame[n]) : palette.group;
	}

	label(n) {
		return n ? this.style.label(this.flame.tree.frame[n]) : 'all';
	}

	describe(n) {
		const { p } = this, event = p.events[state.event], frame = this.flame.tree.frame[n], isFunction = n && p.frames.type[frame] === 'function';
		const pairs = [['total', `${formatShare(this.total[n], this.total[0])}, ${formatValue(event, this.total[n])}`],
			['self', formatShare(this.self[n], this.total[0])], ['samples', formatCount(this.samples(n))]];
		if (isFunction && p.frames.image[frame])
			pairs.push(['image', p.frames.image[frame]]);
		return { name: this.label(n), mode: isFunction ? p.frames.mode[frame] : undefined, pairs, actions: isFunction ? this.actions(frame) : [] };
	}

	zoomed() {
		this.say();
	}

	sandwich(n) {
		if (n && this.p.frames.type[this.flame.tree.frame[n]] === 'function')
			this.actions(this.flame.tree.frame[n])[0][1]();
	}
}
