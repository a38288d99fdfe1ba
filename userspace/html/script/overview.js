// SPDX-License-Identifier: GPL-2.0-or-later
// Where the time went: the whole host as one bar, domains as a table. Both follow the range and the event.

class Overview {
	constructor(p) {
		this.p = p;
		this.bar = el('div');
		this.box = el('div');
		this.panel = el('div', {}, el('section', { class: 'card' }, el('div', { class: 'card-head' }, this.title = el('h2')), this.bar),
			el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Domains' }),
				this.note = el('p')), this.box));
		this.table = new Table(this.box, { caption: 'Domains', columns: this.columns(), sort: 1, name: 0, chosen: (d) => d === state.domain });
	}

	// One that samples of "instructions" make ratios possible with.
	event(name) {
		return this.p.events.findIndex((e) => e.counter && (e.name === name || e.name.startsWith(`${name}:`)));
	}

	columns() {
		const { p } = this;
		return [{
			title: 'Domain', class: 'whole', value: (d) => p.domains[d].name, cell: (d) => this.domainButton(d),
		}, ...p.events.map((e, i) => ({
			title: e.name, number: true, value: (d) => this.sum(i, d), cell: (d) => formatShare(this.sum(i, d), this.busy[i]),
			share: (d) => this.sum(i, d) / this.busy[i],
		})), {
			title: 'Xen, kernel, user', cell: (d) => this.modes(d),
		}, ...this.ratioColumns(), ...this.seriesColumns(), {
			title: 'Type', class: 'whole', cell: (d) => [p.domains[d].type, p.domains[d].vcpus ? `${p.domains[d].vcpus} vCPU` : ''].filter(Boolean).join(', ') || '–',
		}];
	}

	ratioColumns() {
		const { p } = this, cycles = this.event('cycles'), instructions = this.event('instructions');
		if (instructions < 0)
			return [];
		const same = (i) => p.events[i].modifiers === p.events[instructions].modifiers, columns = [];
		const column = (title, i, j, factor) => columns.push({
			title, number: true, value: (d) => factor * this.sum(i, d) / this.sum(j, d) || 0,
			cell: (d) => formatRatio(factor * this.sum(i, d) / this.sum(j, d)),
		});
		if (cycles >= 0 && same(cycles))
			column('IPC', instructions, cycles, 1);
		p.events.forEach((e, i) => {
			if (i !== instructions && i !== cycles && e.counter && same(i))
				column(`${e.name} in 1,000 instr.`, i, instructions, 1000);
		});
		return columns;
	}

	// From the host's own counters, of the whole recording.
	seriesColumns() {
		const { domains } = this.p, columns = [];
		const column = (title, key) => {
			if (domains.some((d) => d[key] !== undefined))
				columns.push({ title, number: true, value: (d) => domains[d][key] / domains[d].cpu_span_ns || 0,
					cell: (d) => (domains[d][key] === undefined ? '–' : formatPercent(domains[d][key], domains[d].cpu_span_ns)) });
		};
		column('CPU¹', 'cpu_ns');
		column('Steal¹', 'steal_ns');
		return columns;
	}

	sum(event, d) {
		return sumGroups(this.groups[event], d);
	}

	domainButton(d) {
		const { p } = this;
		return el('button', {
			type: 'button', class: 'plain-button', 'aria-pressed': String(state.domain === d), title: 'Show this domain only',
			onclick: () => choose({ domain: state.domain === d ? -1 : d }),
		}, el('span', { class: 'swatch', vars: { swatch: p.domainColor(d) } }), p.domainLabel(d));
	}

	modes(d) {
		const sums = [0, 1, 2].map((m) => sumMode(this.groups[state.event], d, m)), all = Math.max(...this.p.domainOrder.map((i) => this.sum(state.event, i)), 1e-9);
		const text = sums.map((sum, m) => `${MODE_LABELS[m]} ${formatPercent(sum, this.busy[state.event])}`).join(', ');
		return el('span', {}, el('span', { class: 'stack', 'aria-hidden': 'true' }, ...sums.map((sum, m) => el('i', {
			vars: { part: sum / all, 'part-color': palette.modes[m] } }))), hiddenText(text));
	}

	// Parts of the bar: Xen of all domains is one, then kernel and user of each, then idle.
	parts() {
		const { p } = this, groups = this.groups[state.event], parts = [];
		const xen = p.domainOrder.reduce((sum, d) => sum + sumMode(groups, d, 0), 0);
		if (xen)
			parts.push({ label: 'Xen', value: xen, color: palette.modes[0] });
		for (const d of p.domainOrder)
			for (const m of [1, 2])
				if (sumMode(groups, d, m))
					parts.push({ label: `${p.domains[d].name} ${MODE_LABELS[m]}`, value: sumMode(groups, d, m), color: p.domainColor(d), kernel: m === 1 });
		if (idleOf(groups))
			parts.push({ label: 'idle', value: idleOf(groups), color: palette.idle });
		return parts;
	}

	drawBar() {
		const parts = this.parts(), all = parts.reduce((sum, part) => sum + part.value, 0), event = this.p.events[state.event];
		this.title.textContent = event.time ? 'Where the host’s time went' : `Where the host’s ${event.name} went`;
		const listed = parts.slice().sort((a, b) => b.value - a.value).slice(0, 12);
		replace(this.bar,
			el('div', { class: 'stack tall', 'aria-hidden': 'true' }, ...parts.map((part) => el('i', {
				title: `${part.label}: ${formatShare(part.value, all)}`,
				vars: { part: part.value / all, 'part-color': part.kernel ? `color-mix(in srgb, ${part.color} 62%, ${palette.text})` : part.color } }))),
			el('ul', { class: 'legend', 'aria-label': 'Parts of the bar' }, ...listed.map((part) => el('li', {}, el('span', { class: 'swatch', vars: {
				swatch: part.kernel ? `color-mix(in srgb, ${part.color} 62%, ${palette.text})` : part.color } }), `${part.label} ${formatPercent(part.value, all)}`))),
			all ? null : el('p', { class: 'empty', text: 'No samples of this event in this range.' }));
	}

	draw(selection) {
		this.groups = this.p.events.map((_, e) => selection.groups(e));
		this.busy = selection.busyOfAll;
		this.drawBar();
		this.table.set(this.p.domainOrder.filter((d) => this.p.events.some((_, e) => this.sum(e, d) > 0)));
		this.note.textContent = 'Shares of what is not idle.' + (this.table.columns.some((c) => c.title.endsWith('¹')) ?
			' ¹ of one CPU, by the host’s own counters over the whole recording; steal: ready to run, but not running.' : '');
	}
}
