// SPDX-License-Identifier: GPL-2.0-or-later
// The hottest functions, instruction by instruction, as far as their binaries were where the page was made.

class Code {
	constructor(p, hot) {
		this.p = p;
		this.hot = hot;
		this.list = el('div', { class: 'code-list' });
		this.panel = el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Hot functions, by instruction' }),
			el('p', { text: 'Of the whole recording. A sample lies at the instruction that was to be executed next.' })), this.list);
	}

	draw() {
		if (this.drawn === state.event)
			return;
		this.drawn = state.event;
		if (!this.hot.length) {
			replace(this.list, el('p', { class: 'empty', text: 'No function was annotated: none has a name, it was not wanted (--annotate 0, --anonymize), or there are very many samples (--time makes them less).' }));
			return;
		}
		let first = true;
		const missing = this.hot.filter((f) => !f.code);
		replace(this.list, ...this.hot.filter((f) => f.code).map((f) => {
			const open = first;
			first = false;
			return this.section(f, open);
		}), missing.length ? this.missing(missing) : null);
	}

	// Why there is no code of some: each reason once.
	missing(functions) {
		const reasons = new Map();
		for (const f of functions)
			reasons.set(f.why, [...(reasons.get(f.why) || []), f.name]);
		return el('div', {}, el('h3', { text: 'Without their code' }), el('dl', { class: 'key-value' }, ...[...reasons].flatMap(([why, names]) => [
			el('dt', {}, ...names.flatMap((name, i) => [i ? ', ' : null, el('code', { text: name })])), el('dd', { text: why })])));
	}

	section(f, open) {
		const image = el('span', { class: 'quiet', text: ` ${lastPart(f.image)}` });
		const box = el('details', { open }, el('summary', {}, el('code', { text: f.name }), image));
		const fill = () => {
			if (box.open && box.children.length === 1)
				box.append(el('p', { class: 'hint', text: `Code from ${f.path}` }), this.table(f));
		};
		box.addEventListener('toggle', fill);
		fill();
		return box;
	}

	table(f) {
		const { events } = this.p, sums = events.map((_, e) => f.code.reduce((sum, i) => sum + (i ? i[2][e] || 0 : 0), 0));
		const head = el('tr', {}, ...events.map((e) => el('th', { scope: 'col', class: 'number', text: e.name })), el('th', { scope: 'col', text: 'Address' }),
			el('th', { scope: 'col', text: 'Instruction' }));
		const rows = [];
		for (const instruction of f.code) {
			if (!instruction) {
				rows.push(el('tr', { class: 'source' }, el('td', { colspan: events.length + 2, text: '⋯ without samples' })));
				continue;
			}
			const [address, text, samples, place, source] = instruction;
			if (place)
				rows.push(el('tr', { class: 'source' }, el('td', { colspan: events.length + 2, text: source ? `${place}   ${source}` : place })));
			const share = sums[state.event] ? (samples[state.event] || 0) / sums[state.event] : 0;
			rows.push(el('tr', { class: share > 0.1 ? 'hot-line' : null }, ...events.map((_, e) => el('td', { class: 'number', text: samples[e] ?
				formatShare(samples[e], sums[e]) : '' })), el('td', { class: 'quiet', text: address }), el('td', { text })));
		}
		return el('div', { class: 'table-box', tabindex: '0', role: 'region', 'aria-label': `Instructions of ${f.name}` },
			el('table', { class: 'code' }, el('thead', {}, head), el('tbody', {}, ...rows)));
	}
}
