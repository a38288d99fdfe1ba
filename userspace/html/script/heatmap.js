// SPDX-License-Identifier: GPL-2.0-or-later
// Samples in columns of fifty slices, time running up in each: what repeats is a pattern. Dragging, or two clicks, select a range.

const HEAT_ROWS = 50;
const HEATS = 24; // shades

class HeatMap {
	constructor(p) {
		Object.assign(this, { p, focus: 0, mark: -1 });
		this.canvas = el('canvas', { 'aria-hidden': 'true' });
		this.words = el('span', { class: 'hidden-text', role: 'status' });
		this.area = el('div', { class: 'heat-area', tabindex: '0', role: 'application', 'aria-label': 'Heat map: arrow keys move, Space begins and ends a range',
			onkeydown: (e) => this.key(e), onblur: () => this.draw(), onfocus: () => this.draw() }, this.canvas, this.words);
		this.rows = el('div', { class: 'heat-rows', 'aria-hidden': 'true' });
		this.axis = el('div', { class: 'axis', 'aria-hidden': 'true' });
		this.note = el('p', { class: 'hint' });
		this.panel = el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Heat map' }), this.note),
			el('div', { class: 'heat' }, this.rows, this.area, this.axis),
			el('p', { class: 'legend' }, el('span', {}, 'no sample', el('span', { class: 'ramp' }), this.most = el('span'))));
		this.canvas.addEventListener('pointermove', (e) => this.point(e));
		this.canvas.addEventListener('pointerleave', () => details.leave());
		this.canvas.addEventListener('pointerdown', (e) => this.press(e));
		this.canvas.addEventListener('pointerup', (e) => this.release(e));
		this.draw = oncePerFrame(() => this.paint());
		new ResizeObserver(() => this.draw()).observe(this.area);
	}

	// Samples (not idle) of each slice.
	count() {
		const { p } = this, counts = new Float64Array(p.meta.slices), { cells, entries } = p, [first, last] = p.cellRange(state.event, 0, p.meta.slices);
		const { call, samples } = entries, { domain } = state, { callDomain } = p;
		for (let c = first; c < last; c++) {
			let sum = 0;
			for (let i = cells.first[c], end = cells.first[c + 1]; i < end; i++)
				if (call[i] && (domain < 0 || callDomain[call[i]] === domain))
					sum += samples[i];
			counts[cells.slice[c]] += sum;
		}
		return counts;
	}

	refresh() {
		const key = `${state.event} ${state.domain}`, { meta } = this.p;
		if (this.counted === key)
			return;
		this.counted = key;
		this.counts = this.count();
		const sorted = this.counts.filter((n) => n).sort();
		this.top = sorted[Math.floor(sorted.length * 0.998)] || 0;
		this.cut = sorted[sorted.length - 1] > this.top;
		this.columns = Math.ceil(meta.slices / HEAT_ROWS);
		const column = HEAT_ROWS * meta.slice_ns;
		this.note.textContent = `A column is ${formatStep(column)}, a cell ${formatStep(meta.slice_ns)} of it, from bottom to top.`;
		this.most.textContent = `${formatCount(this.top)} samples${this.cut ? ' or more' : ''}`;
		replace(this.rows, ...[1, 0.5, 0].map((part) => el('span', { text: part ? `+${formatStep(column * part)}` : '0' })));
	}

	paint() {
		if (!this.area.clientWidth) // not seen
			return;
		this.refresh();
		const wide = Math.max(3, this.area.clientWidth / this.columns), tall = 5, width = Math.max(wide * this.columns, 10);
		this.canvas.style.width = `${width}px`;
		const context = prepareCanvas(this.canvas, width, HEAT_ROWS * tall);
		if (!context)
			return;
		Object.assign(this, { wide, tall });
		context.imageSmoothingEnabled = false;
		context.drawImage(this.picture(), 0, 0, wide * this.columns, HEAT_ROWS * tall);
		this.paintGaps(context, width);
		this.paintMarks(context);
		drawAxis(this.axis, this.columns * HEAT_ROWS * this.p.meta.slice_ns, Math.max(2, Math.min(8, this.area.clientWidth / 110)));
	}

	place(s) {
		return [Math.floor(s / HEAT_ROWS) * this.wide, (HEAT_ROWS - 1 - s % HEAT_ROWS) * this.tall];
	}

	// A pixel for each cell: there are up to 16,000, which is few pixels and many rectangles.
	picture() {
		const { columns, counts, top } = this, image = new ImageData(columns, HEAT_ROWS), pixels = new Uint32Array(image.data.buffer);
		const shades = [...Array(HEATS + 1).keys()].map((heat) => ramp(palette.heat, heat / HEATS)), back = parseColor(palette.surface);
		const pixel = ([r, g, b]) => (r | g << 8 | b << 16 | 255 << 24) >>> 0, bright = shades.map(pixel), dim = shades.map((rgb) => pixel(mix(back, rgb, 0.25)));
		pixels.fill(pixel(back));
		for (let s = 0; s < counts.length; s++) {
			const heat = top ? Math.round(Math.min(counts[s] / top, 1) * HEATS) : 0;
			pixels[(HEAT_ROWS - 1 - s % HEAT_ROWS) * columns + Math.floor(s / HEAT_ROWS)] = (s >= state.from && s < state.to ? bright : dim)[heat];
		}
		const canvas = new OffscreenCanvas(columns, HEAT_ROWS);
		canvas.getContext('2d').putImageData(image, 0, 0);
		return canvas;
	}

	// Between cells, where there is room for it.
	paintGaps(context, width) {
		if (this.wide <= 6)
			return;
		context.fillStyle = palette.surface;
		for (let column = 1; column <= this.columns; column++)
			context.fillRect(column * this.wide - 1, 0, 1, HEAT_ROWS * this.tall);
		for (let row = 1; row <= HEAT_ROWS; row++)
			context.fillRect(0, row * this.tall - 0.5, width, 0.5);
	}

	paintMarks(context) {
		context.lineWidth = 2;
		for (const [s, color] of [[this.mark, palette.text], [document.activeElement === this.area ? this.focus : -1, palette.accent]])
			if (s >= 0) {
				const [x, y] = this.place(s);
				context.strokeStyle = color;
				context.strokeRect(x - 1, y - 1, this.wide + 1, this.tall + 1);
			}
	}

	/* ---- pointer and keys ---- */

	sliceAt(e) {
		const column = Math.floor(e.offsetX / this.wide), row = HEAT_ROWS - 1 - Math.floor(e.offsetY / this.tall);
		return Math.max(0, Math.min(column * HEAT_ROWS + row, this.counts.length - 1));
	}

	describe(s) {
		const { slice_ns: slice } = this.p.meta;
		return { name: `${formatMoment(s * slice, slice)} to ${formatMoment((s + 1) * slice, slice)}`, pairs: [['samples', formatCount(this.counts[s])],
			...(this.mark >= 0 ? [['range begins at', formatMoment(this.mark * slice, slice)]] : [])],
		actions: [['Select this column', () => {
			const first = s - s % HEAT_ROWS;
			choose({ from: first, to: Math.min(first + HEAT_ROWS, this.p.meta.slices) });
		}]] };
	}

	point(e) {
		if (this.counts)
			details.show(this.describe(this.sliceAt(e)));
	}

	press(e) {
		this.begun = this.sliceAt(e);
	}

	// A drag selects at once; a click marks one end, the next the other.
	release(e) {
		const s = this.sliceAt(e), { begun } = this;
		if (begun === undefined)
			return;
		this.begun = undefined;
		if (s !== begun)
			this.select(begun, s);
		else
			this.markAt(s);
	}

	markAt(s) {
		if (this.mark < 0) {
			this.mark = this.focus = s;
			details.pin(this.describe(s));
			this.draw();
		} else {
			this.select(this.mark, s);
		}
	}

	select(a, b) {
		this.mark = -1;
		details.unpin();
		choose({ from: Math.min(a, b), to: Math.max(a, b) + 1 });
		this.draw();
	}

	key(e) {
		const move = { ArrowUp: 1, ArrowDown: -1, ArrowRight: HEAT_ROWS, ArrowLeft: -HEAT_ROWS, Home: -this.focus, End: this.counts.length }[e.key];
		if (e.key === ' ' || e.key === 'Enter') {
			e.preventDefault();
			this.markAt(this.focus);
		} else if (e.key === 'Escape' && this.mark >= 0) {
			e.stopPropagation();
			this.mark = -1;
			details.unpin();
			this.draw();
		} else if (move !== undefined) {
			e.preventDefault();
			this.focus = Math.max(0, Math.min(this.focus + move, this.counts.length - 1));
			const what = this.describe(this.focus);
			details.pinned = null;
			details.show(what);
			this.words.textContent = `${what.name}, ${formatCount(this.counts[this.focus])} samples`;
			this.draw();
		}
	}
}
