// SPDX-License-Identifier: GPL-2.0-or-later
// The event over time: a lane for each CPU, coloured by domain, or for each domain, coloured by mode. Dragging selects a range, which
// all else follows; so do the two handles, by arrow keys.

const MAX_BINS = 320;
const PEAKS = 0.99; // what is higher than so many of all bins is cut off, or one peak would make all else flat

class Timeline {
	constructor(p, box) {
		Object.assign(this, { p, by: 'cpu' });
		this.canvas = el('canvas', { role: 'img' });
		this.brush = el('div', { class: 'brush', hidden: true });
		this.handles = [this.handle('Range begins at', 'from'), this.handle('Range ends at', 'to')];
		this.area = el('div', { class: 'lane-area' }, this.canvas, this.brush, ...this.handles);
		this.names = el('div', { class: 'lane-names' });
		this.axis = el('div', { class: 'axis', 'aria-hidden': 'true' });
		this.lanes = el('div', { class: 'lanes' }, this.names, this.area, this.axis);
		this.scroll = el('div', { class: 'lanes-box', tabindex: '0', role: 'group', 'aria-label': 'Timeline' }, this.lanes);
		box.append(this.scroll);
		this.area.addEventListener('pointerdown', (e) => this.press(e));
		this.area.addEventListener('dblclick', () => this.clear());
		this.draw = oncePerFrame(() => this.paint());
		new ResizeObserver(() => this.draw()).observe(this.area);
	}

	handle(label, which) {
		return el('div', { class: 'handle', role: 'slider', tabindex: '0', 'aria-label': label, 'aria-orientation': 'horizontal',
			onkeydown: (e) => this.key(e, which), onpointerdown: (e) => this.dragHandle(e, which) });
	}

	/* ---- sums ---- */

	// Sums of bins: [lane][part][bin] in one array; a part is a domain or a mode.
	count() {
		const { p } = this, { slices } = p.meta, cpus = p.meta.cpus.length, byCpu = this.by === 'cpu';
		const perBin = Math.max(1, Math.ceil(slices / MAX_BINS)), bins = Math.ceil(slices / perBin);
		const lanes = byCpu ? cpus : p.domainOrder.length, parts = byCpu ? NR_DOMAIN_COLORS + 2 : 3;
		const sums = new Float64Array(lanes * parts * bins), { cells, entries: { call, weight }, callGroup } = p, [first, last] = p.cellRange(state.event, 0, slices);
		const offset = this.offsets(byCpu, parts, bins);
		for (let c = first; c < last; c++) {
			const at = Math.floor(cells.slice[c] / perBin) + (byCpu ? cells.cpu[c] * parts * bins : 0);
			for (let i = cells.first[c], end = cells.first[c + 1]; i < end; i++) {
				const more = offset[callGroup[call[i]]];
				if (more >= 0)
					sums[at + more] += weight[i];
			}
		}
		return { sums, lanes, parts, bins, perBin, ...this.most(sums, lanes, parts, bins) };
	}

	// Of each group of calls where in sums it begins; -1: nowhere, it is idle time.
	offsets(byCpu, parts, bins) {
		const { p } = this;
		return Int32Array.from({ length: p.nrGroups }, (_, group) => {
			const place = p.domainPlace.get(group >> 3);
			if (place === undefined)
				return -1;
			return (byCpu ? Math.min(place, NR_DOMAIN_COLORS) : place * parts + (group >> 1 & 3)) * bins;
		});
	}

	// What makes a lane full, and whether something is higher.
	most(sums, lanes, parts, bins) {
		const all = [];
		for (let lane = 0; lane < lanes; lane++)
			for (let bin = 0; bin < bins; bin++) {
				let sum = 0;
				for (let part = 0; part < parts; part++)
					sum += sums[(lane * parts + part) * bins + bin];
				if (sum)
					all.push(sum);
			}
		all.sort((a, b) => a - b);
		const most = (all[Math.floor(all.length * PEAKS)] || 0) * 1.1, top = all[all.length - 1] || 0;
		return { most: Math.min(most, top), cut: top > most };
	}

	refresh() {
		const key = `${state.event} ${this.by}`;
		if (this.key_ === key)
			return;
		this.key_ = key;
		this.data = this.count();
		this.laneHeight = this.data.lanes > 16 ? 12 : this.data.lanes > 8 ? 20 : this.data.lanes > 3 ? 32 : 44;
		replace(this.names, ...this.laneNames().map((name) => el('span', { text: name, title: name })));
		this.names.style.setProperty('grid-auto-rows', `${this.laneHeight}px`);
		this.drawLegend();
	}

	laneNames() {
		const { p } = this;
		return this.by === 'cpu' ? p.meta.cpus.map((cpu) => `CPU ${cpu}`) : p.domainOrder.map((d) => p.domains[d].name);
	}

	drawLegend() {
		const { p } = this, shown = p.domainOrder.slice(0, NR_DOMAIN_COLORS);
		const entry = (color, text) => el('span', {}, el('span', { class: 'swatch', vars: { swatch: color } }), text);
		const entries = this.by === 'cpu' ? shown.map((d) => el('button', { type: 'button', class: 'plain-button', 'aria-pressed': String(state.domain === d),
			title: 'Show this domain only', onclick: () => choose({ domain: state.domain === d ? -1 : d }) },
		el('span', { class: 'swatch', vars: { swatch: p.domainColor(d) } }), p.domains[d].name)) : [0, 1, 2].map((m) => entry(palette.modes[m], MODE_LABELS[m]));
		if (this.by === 'cpu' && p.domainOrder.length > NR_DOMAIN_COLORS)
			entries.push(entry(palette.others, `${p.domainOrder.length - NR_DOMAIN_COLORS} others`));
		if (this.data.cut)
			entries.push(el('span', { text: 'The highest peaks are cut off.' }));
		replace(byId('timeline-legend'), ...entries);
	}

	/* ---- drawing ---- */

	paint() {
		if (!this.area.clientWidth || state.event < 0)
			return;
		this.refresh();
		const { lanes, most } = this.data, width = this.area.clientWidth, height = this.laneHeight;
		const context = prepareCanvas(this.canvas, width, Math.max(lanes, 1) * height);
		if (!context)
			return;
		this.canvas.setAttribute('aria-label', `${this.p.events[state.event].name} over time, ${lanes} lanes by ${this.by === 'cpu' ? 'CPU' : 'domain'}`);
		for (let lane = 0; lane < lanes; lane++) {
			context.fillStyle = palette.sunken;
			context.fillRect(0, lane * height + 1, width, height - 2);
			if (most)
				this.paintLane(context, lane, width, height);
		}
		this.paintRange(context, width, lanes * height);
		drawAxis(this.axis, this.p.meta.slices * this.p.meta.slice_ns, Math.max(2, Math.min(8, Math.floor(width / 110))));
	}

	paintLane(context, lane, width, height) {
		const { sums, parts, bins, perBin, most } = this.data, { p } = this, bottom = (lane + 1) * height - 1;
		const base = new Float64Array(bins), place = p.domainPlace.get(state.domain);
		for (let part = 0; part < parts; part++) {
			context.fillStyle = this.by !== 'cpu' ? palette.modes[part] : part < NR_DOMAIN_COLORS ? palette.domains[part] : palette.others;
			context.globalAlpha = state.domain >= 0 && (this.by === 'cpu' ? part : lane) !== place ? 0.18 : 1;
			for (let bin = 0; bin < bins; bin++) {
				const value = sums[(lane * parts + part) * bins + bin];
				if (!value)
					continue;
				const left = bin * perBin / p.meta.slices * width, right = Math.min((bin + 1) * perBin / p.meta.slices, 1) * width;
				const tall = Math.min(value / most * (height - 2), height - 2 - base[bin]);
				context.fillRect(left, bottom - base[bin] - tall, right - left + 0.3, tall);
				base[bin] += tall;
			}
		}
		context.globalAlpha = 1;
	}

	xOf(slice, width) {
		return slice / this.p.meta.slices * width;
	}

	paintRange(context, width, height) {
		const { slices } = this.p.meta, all = state.from === 0 && state.to === slices, left = this.xOf(state.from, width), right = this.xOf(state.to, width);
		this.area.classList.toggle('selected', !all);
		this.brush.hidden = all;
		this.brush.style.left = `${left}px`;
		this.brush.style.width = `${right - left}px`;
		if (!all) {
			context.globalAlpha = 0.62;
			context.fillStyle = palette.surface;
			context.fillRect(0, 0, left, height);
			context.fillRect(right, 0, width - right, height);
			context.globalAlpha = 1;
		}
		[[this.handles[0], state.from, left], [this.handles[1], state.to, right]].forEach(([handle, slice, x]) => {
			handle.style.left = `${x}px`;
			handle.setAttribute('aria-valuemin', '0');
			handle.setAttribute('aria-valuemax', slices);
			handle.setAttribute('aria-valuenow', slice);
			handle.setAttribute('aria-valuetext', this.moment(slice));
		});
	}

	moment(slice) {
		return formatMoment(slice * this.p.meta.slice_ns, this.p.meta.slice_ns);
	}

	/* ---- choosing ---- */

	sliceAt(e) {
		const box = this.area.getBoundingClientRect(), { slices } = this.p.meta;
		return Math.max(0, Math.min(Math.round((e.clientX - box.left) / box.width * slices), slices));
	}

	clear() {
		choose({ from: 0, to: this.p.meta.slices });
	}

	// From where the pointer went down; a click without a move does nothing.
	press(e) {
		if (e.button !== 0 || e.target.classList.contains('handle'))
			return;
		const begin = this.sliceAt(e);
		this.follow(e, (slice) => {
			if (slice !== begin)
				choose({ from: Math.min(begin, slice), to: Math.max(begin, slice) });
		});
	}

	dragHandle(e, which) {
		const fixed = which === 'from' ? state.to : state.from;
		e.stopPropagation();
		this.follow(e, (slice) => {
			if (slice !== fixed)
				choose({ from: Math.min(fixed, slice), to: Math.max(fixed, slice) });
		});
	}

	follow(e, moved) {
		const target = e.currentTarget, move = (event) => moved(this.sliceAt(event));
		const end = () => {
			target.removeEventListener('pointermove', move);
			target.removeEventListener('pointerup', end);
			target.removeEventListener('pointercancel', end);
		};
		target.setPointerCapture(e.pointerId);
		target.addEventListener('pointermove', move);
		target.addEventListener('pointerup', end);
		target.addEventListener('pointercancel', end);
	}

	key(e, which) {
		const { slices } = this.p.meta, step = Math.max(1, Math.round(slices / 100)), move = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step,
			ArrowUp: step, PageDown: -10 * step, PageUp: 10 * step, Home: -slices, End: slices }[e.key];
		if (move === undefined)
			return;
		e.preventDefault();
		if (which === 'from')
			choose({ from: Math.max(0, Math.min(state.from + move, state.to - 1)) });
		else
			choose({ to: Math.max(state.from + 1, Math.min(state.to + move, slices)) });
	}
}
