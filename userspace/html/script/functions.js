// SPDX-License-Identifier: GPL-2.0-or-later
// Functions, most first: by domain or all together; with every event beside each other.

class Functions {
	constructor(p, actions) {
		Object.assign(this, { p, actions, byDomain: true, known: [] });
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
		const { p } = this, several = p.events.length > 1, columns = [], frameOf = (r) => this.lines.frame[r], domainOf = (r) => this.lines.domain[r];
		p.events.forEach((e, i) => columns.push({
			title: several ? e.name : 'Self', number: true, value: (r) => this.self[i][r], cell: (r) => formatShare(this.self[i][r], this.busy[i]),
			share: (r) => this.self[i][r] / this.busy[i],
		}));
		if (p.hasChains)
			columns.push({ title: several ? `with callees (${p.events[Math.max(state.event, 0)].name})` : 'With callees', number: true, value: (r) => this.total[r],
				cell: (r) => formatShare(this.total[r], this.busy[state.event]) });
		this.nameColumn = columns.length;
		columns.push({ title: 'Function', class: 'name-cell', value: (r) => p.frames.name[frameOf(r)], cell: (r) => el('button', {
			type: 'button', class: 'plain-button', text: p.frames.name[frameOf(r)], onclick: (event) => {
				event.stopPropagation();
				details.pin(this.describe(r));
			} }) });
		columns.push({ title: 'Mode', value: (r) => p.frames.mode[frameOf(r)], cell: (r) => modeBadge(p.frames.mode[frameOf(r)]) });
		columns.push({ title: 'Image', value: (r) => p.frames.image[frameOf(r)], cell: (r) => el('span', { class: 'quiet', title: p.frames.image[frameOf(r)],
			text: lastPart(p.frames.image[frameOf(r)]) || '–' }) });
		if (this.byDomain)
			columns.push({ title: 'Domain', class: 'whole', value: (r) => p.domains[domainOf(r)].name, cell: (r) => el('span', {},
				el('span', { class: 'swatch', vars: { swatch: p.domainColor(domainOf(r)) } }), p.domainLabel(domainOf(r))) });
		this.table = new Table(this.box, { caption: 'Functions', columns, sort: Math.max(state.event, 0), name: this.nameColumn,
			onrow: (r) => this.describe(r) });
	}

	describe(r) {
		const { p } = this, event = p.events[state.event], busy = this.busy[state.event], { frame } = this.lines, self = this.self[state.event][r];
		this.samples ??= this.selection.sums('samples', this.lines.ofCall, this.lines.nr + 1);
		const pairs = [['self', `${formatShare(self, busy)}, ${formatValue(event, self)}`],
			...(p.hasChains ? [['with callees', formatShare(this.total[r], busy)]] : []), ['samples', formatCount(this.samples[r])]];
		if (this.byDomain)
			pairs.push(['domain', p.domainLabel(this.lines.domain[r])]);
		if (p.frames.image[frame[r]])
			pairs.push(['image', p.frames.image[frame[r]]]);
		return { name: p.frames.name[frame[r]], mode: p.frames.mode[frame[r]], pairs, actions: this.actions(frame[r]) };
	}

	// Which functions there are, of each domain or of all: `ofCall` numbers them; idle time has the number behind the last.
	numberLines() {
		const { p } = this, { frameOfRow, rows, calls } = p, { byDomain } = this, known = new Map(), frame = [], domain = [];
		const ofRow = frameOfRow.map((f, r) => {
			const key = byDomain ? f * p.domains.length + rows.domain[r] : f;
			let line = known.get(key);
			if (line === undefined) {
				line = frame.length;
				known.set(key, line);
				frame.push(f);
				domain.push(rows.domain[r]);
			}
			return line;
		});
		const nr = frame.length;
		return { nr, frame, domain, ofCall: calls.row.map((row, c) => (c ? ofRow[row] : nr)) };
	}

	// What is needed whatever is chosen, in steps.
	* prepare() {
		yield this.p.callTop;
		yield this.known[Number(this.byDomain)] ??= this.numberLines();
	}

	// Self of each event, and with callees (of the chosen one), by line.
	count(selection) {
		const { p } = this, { nr, ofCall } = this.lines, { total } = selection, { callTop } = p;
		this.self = p.events.map((_, e) => selection.sums('weight', ofCall, nr + 1, e));
		this.total = new Float64Array(nr + 1);
		this.samples = null;
		for (let c = 1; c < ofCall.length; c++)
			if (callTop[c])
				this.total[ofCall[c]] += total[c];
	}

	// Lines that have samples.
	rows() {
		const { self, total, lines } = this, rows = [];
		for (let r = 0; r < lines.nr; r++)
			if (total[r] || self.some((sums) => sums[r]))
				rows.push(r);
		return rows;
	}

	searched(rows) {
		const { p, lines } = this, found = p.frames.matching(state.search), ofDomain = p.domains.map((d) => this.byDomain && d.name.toLowerCase().includes(state.search));
		return rows.filter((r) => found[lines.frame[r]] || ofDomain[lines.domain[r]]);
	}

	draw(selection) {
		if (this.drawnEvent !== state.event) {
			this.drawnEvent = state.event;
			this.make();
		}
		this.selection = selection;
		this.busy = selection.busyOfAll;
		this.lines = this.known[Number(this.byDomain)] ??= this.numberLines();
		this.count(selection);
		let rows = this.rows();
		const all = rows.length;
		if (state.search)
			rows = this.searched(rows);
		this.note.textContent = state.search ? `${formatCount(rows.length)} of ${formatCount(all)} match “${state.search}”` : `${formatCount(all)} functions`;
		this.table.set(rows);
	}
}

const modeBadge = (mode) => el('span', { class: `badge ${MODE_NAMES[mode]}`, text: MODE_LABELS[mode] });
