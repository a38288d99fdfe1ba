// SPDX-License-Identifier: GPL-2.0-or-later
// A table that sorts, and shows so many rows at first. Rows are any values; columns say what of them is shown:
// { title, number, value(row) (what sorts), cell(row) (an element or text), share(row) (0 to 1: a bar behind it) }

const FIRST_ROWS = 40;

class Table {
	constructor(box, { caption, columns, sort, name, chosen, onrow, ascending = false }) {
		Object.assign(this, { box, caption, columns, sort, name, chosen, onrow, ascending, shown: FIRST_ROWS, rows: [] });
	}

	set(rows) {
		this.rows = rows;
		this.draw();
	}

	sortBy(column) {
		this.ascending = this.sort === column ? !this.ascending : !this.columns[column].number;
		this.sort = column;
		this.draw();
		this.box.querySelectorAll('thead button')[column]?.focus();
	}

	sorted() {
		const { value, number } = this.columns[this.sort], sign = this.ascending ? 1 : -1, { rows } = this;
		const keys = number ? Float64Array.from(rows, value) : rows.map(value), order = Uint32Array.from(rows, (_, i) => i);
		order.sort((a, b) => (keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : a - b));
		return Array.from(order.subarray(0, this.shown), (i) => rows[i]);
	}

	head() {
		return el('tr', {}, ...this.columns.map((c, i) => el('th', {
			scope: 'col', class: c.number ? 'number' : null,
			'aria-sort': i === this.sort ? (this.ascending ? 'ascending' : 'descending') : null,
		}, c.value ? el('button', { type: 'button', text: c.title, onclick: () => this.sortBy(i) }) : el('span', { class: 'title', text: c.title }))));
	}

	cell(column, row) {
		const content = column.cell(row), head = this.columns.indexOf(column) === this.name;
		const classes = [column.number && 'number', column.share && 'share', column.class].filter(Boolean).join(' ');
		return el(head ? 'th' : 'td', {
			class: classes || null, scope: head ? 'row' : null, vars: column.share ? { share: Math.max(0, Math.min(column.share(row), 1)) } : {},
		}, column.share ? el('span', {}, content) : content);
	}

	draw() {
		const rows = this.sorted().map((row) => el('tr', {
			class: this.chosen?.(row) ? 'chosen' : null,
			onmouseenter: this.onrow ? () => details.show(this.onrow(row)) : null,
			onclick: this.onrow ? () => details.pin(this.onrow(row)) : null,
		}, ...this.columns.map((c) => this.cell(c, row))));
		replace(this.box,
			el('div', { class: 'table-box', tabindex: '0', role: 'region', 'aria-label': this.caption },
				el('table', {}, el('caption', { class: 'hidden-text', text: this.caption }), el('thead', {}, this.head()), el('tbody', {}, ...rows))),
			this.rows.length > this.shown ? this.moreButton() : null);
	}

	moreButton() {
		const left = this.rows.length - this.shown;
		return el('div', { class: 'more' }, el('button', { type: 'button', text: `Show ${formatCount(Math.min(left, 200))} more`, onclick: () => {
			this.shown += 200;
			this.draw();
		} }), `${formatCount(left)} are not shown`);
	}
}
