// SPDX-License-Identifier: GPL-2.0-or-later
// Functions, most first: by domain or all together; with every event beside each other.

class Functions {
	constructor(p, actions) {
		Object.assign(this, { p, actions, byDomain: true });
		this.box = el('div');
		this.note = el('p');
		this.panel = el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Functions' }),
			segments('Rows of functions', [['domain', 'by domain'], ['all', 'all domains together']], 'domain', (value) => {
				this.byDomain = value === 'domain';
				this.make();
				this.draw(this.selection);
			}), this.note), this.box);
		this.make();
	}

	make() {
		const { p } = this, several = p.events.length > 1, columns = [];
		p.events.forEach((e, i) => columns.push({
			title: several ? e.name : 'Self', number: true, value: (r) => r.self[i], cell: (r) => formatShare(r.self[i], this.busy[i]),
			share: (r) => r.self[i] / this.busy[i],
		}));
		if (this.hasChains())
			columns.push({ title: several ? `with callees (${p.events[Math.max(state.event, 0)].name})` : 'With callees', number: true, value: (r) => r.total,
				cell: (r) => formatShare(r.total, this.busy[state.event]) });
		this.nameColumn = columns.length;
		columns.push({ title: 'Function', class: 'name-cell', value: (r) => p.frames.name[r.frame], cell: (r) => el('button', {
			type: 'button', class: 'plain-button', text: p.frames.name[r.frame], onclick: (event) => {
				event.stopPropagation();
				details.pin(this.describe(r));
			} }) });
		columns.push({ title: 'Mode', value: (r) => p.frames.mode[r.frame], cell: (r) => modeBadge(p.frames.mode[r.frame]) });
		columns.push({ title: 'Image', value: (r) => p.frames.image[r.frame], cell: (r) => el('span', { class: 'quiet', title: p.frames.image[r.frame],
			text: lastPart(p.frames.image[r.frame]) || '–' }) });
		if (this.byDomain)
			columns.push({ title: 'Domain', class: 'whole', value: (r) => p.domains[r.domain].name, cell: (r) => el('span', {},
				el('span', { class: 'swatch', vars: { swatch: p.domainColor(r.domain) } }), p.domainLabel(r.domain)) });
		this.table = new Table(this.box, { caption: 'Functions', columns, sort: Math.max(state.event, 0), name: this.nameColumn,
			onrow: (r) => this.describe(r) });
	}

	hasChains() {
		this.chains ??= this.p.calls.caller.some((c) => c);
		return this.chains;
	}

	describe(r) {
		const { p } = this, event = p.events[state.event], busy = this.busy[state.event];
		const pairs = [['self', `${formatShare(r.self[state.event], busy)}, ${formatValue(event, r.self[state.event])}`],
			['with callees', formatShare(r.total, busy)], ['samples', formatCount(r.samples)]];
		if (this.byDomain)
			pairs.push(['domain', p.domainLabel(r.domain)]);
		if (p.frames.image[r.frame])
			pairs.push(['image', p.frames.image[r.frame]]);
		return { name: p.frames.name[r.frame], mode: p.frames.mode[r.frame], pairs, actions: this.actions(r.frame) };
	}

	rows({ sums, total }) {
		const { p } = this, { calls } = p, rows = [], at = new Map(), nrEvents = p.events.length;
		for (let c = 1; c < calls.nr; c++) {
			if (!total[c] && !sums.some((s) => s.weight[c]))
				continue;
			const frame = p.callFrame[c], key = this.byDomain ? frame * p.domains.length + p.callDomain[c] : frame;
			let row = at.get(key);
			if (!row) {
				row = { frame, domain: p.callDomain[c], self: new Float64Array(nrEvents), total: 0, samples: 0 };
				at.set(key, row);
				rows.push(row);
			}
			for (let e = 0; e < nrEvents; e++)
				row.self[e] += sums[e].weight[c];
			row.samples += sums[state.event].samples[c];
			if (p.callTop[c])
				row.total += total[c];
		}
		return rows;
	}

	matches(r) {
		const { p } = this, { search } = state;
		return matchesSearch(p.frames, r.frame, search) || (this.byDomain && p.domains[r.domain].name.toLowerCase().includes(search));
	}

	draw(selection) {
		if (this.drawnEvent !== state.event) {
			this.drawnEvent = state.event;
			this.make();
		}
		this.selection = selection;
		this.busy = selection.busy;
		let rows = this.rows(selection);
		const all = rows.length;
		if (state.search)
			rows = rows.filter((r) => this.matches(r));
		this.note.textContent = state.search ? `${formatCount(rows.length)} of ${formatCount(all)} match “${state.search}”` : `${formatCount(all)} functions`;
		this.table.set(rows);
	}
}

const modeBadge = (mode) => el('span', { class: `badge ${MODE_NAMES[mode]}`, text: MODE_LABELS[mode] });

function matchesSearch(frames, frame, search) {
	return frames.name[frame].toLowerCase().includes(search) || frames.image[frame].toLowerCase().includes(search);
}
