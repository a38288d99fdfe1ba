// SPDX-License-Identifier: GPL-2.0-or-later
// Frames of a tree, drawn. Work is for what can be seen: of each level what lies in the view, and what is narrower than a pixel is
// drawn once a pixel. For those who do not see the canvas the frame with the focus is an item of a tree, too.

const ROW = 19;
const NARROW = 1; // pixels
let nextFlame = 0;

class Flame {
	// owner: color(n), label(n), describe(n), and what is to happen on zoomed(n), sandwich(n); up: callers, from below
	constructor(label, owner, { up = false } = {}) {
		Object.assign(this, { owner, up, focus: 0, hover: -1, zoom: 0, view: [0, 1], id: `flame-${nextFlame++}` });
		this.canvas = el('canvas', { 'aria-hidden': 'true' });
		this.item = el('div', { role: 'treeitem', id: this.id, class: 'hidden-text', 'aria-level': '1' });
		this.box = el('div', { class: 'flame', role: 'tree', tabindex: '0', 'aria-label': label, 'aria-activedescendant': this.id,
			onkeydown: (e) => this.key(e), onfocus: () => this.moveTo(this.focus), onblur: () => this.draw() }, this.canvas, this.item);
		this.canvas.addEventListener('pointermove', (e) => this.point(e));
		this.canvas.addEventListener('pointerleave', () => this.leave());
		this.canvas.addEventListener('pointerdown', (e) => this.press(e));
		this.canvas.addEventListener('pointerup', (e) => this.release(e));
		this.canvas.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
		this.draw = oncePerFrame(() => this.paint());
		new ResizeObserver(() => this.draw()).observe(this.box);
	}

	// layout: layout.js; the same tree keeps its zoom
	set(tree, layout) {
		if (this.tree !== tree)
			this.zoom = this.focus = 0;
		Object.assign(this, { tree, layout, hover: -1 });
		if (!(layout.total[this.zoom] > 0))
			this.zoom = 0;
		if (!(layout.total[this.focus] > 0))
			this.focus = 0;
		this.view = this.rangeOf(this.zoom);
		layout.begin(this.focus);
		this.nameItem();
		this.draw();
	}

	rangeOf(n) {
		const begin = this.layout.begin(n);
		return [begin, begin + this.layout.total[n]];
	}

	yOf(depth) {
		return (this.up ? this.layout.levels - 1 - depth : depth) * ROW;
	}

	/* ---- drawing ---- */

	paint() {
		const width = this.box.clientWidth;
		if (!this.layout || !width)
			return;
		const context = prepareCanvas(this.canvas, width, this.layout.levels * ROW);
		if (!context || !(this.layout.total[0] > 0))
			return;
		context.font = `12px ${palette.mono}`;
		context.textBaseline = 'middle';
		this.letter = context.measureText('m').width;
		this.width = width;
		for (let depth = 0, level = [0]; level.length; depth++) {
			this.paintLevel(context, level, this.yOf(depth));
			level = this.levelBelow(level);
		}
		if (this.hover >= 0)
			this.outline(context, this.hover, 1);
		if (document.activeElement === this.box)
			this.outline(context, this.focus, 2);
	}

	paintLevel(context, level, y) {
		const { x, total } = this.layout, [from, to] = this.view, scale = this.width / (to - from);
		for (const n of level) {
			const left = (x[n] - from) * scale, wide = total[n] * scale;
			if (wide < NARROW) {
				context.fillStyle = this.owner.color(n);
				context.fillRect(Math.floor(left), y, 1, ROW - 1);
			} else {
				this.paintFrame(context, n, left, wide, y);
			}
		}
	}

	// Below each of level what is to be seen: those in the view; of narrow ones the first of each pixel; below a narrow one, its largest.
	levelBelow(level) {
		const { layout } = this, { start, list, total } = layout, [from, to] = this.view, pixel = (to - from) / this.width, below = [];
		for (const n of level)
			if (total[n] >= NARROW * pixel)
				this.childrenInView(n, pixel, below);
			else if (layout.open(n) > start[n])
				below.push(list[start[n]]);
		return below;
	}

	childrenInView(n, pixel, below) {
		const { layout } = this, { start, list, x, total } = layout, [from, to] = this.view, end = layout.open(n);
		let i = Math.max(layout.indexAt(n, from) - 1, start[n]);
		while (i < end && x[list[i]] < to) {
			const child = list[i], wide = total[child];
			if (x[child] + wide > from)
				below.push(child);
			i = wide >= NARROW * pixel ? i + 1 : layout.indexAt(n, from + (Math.floor((x[child] - from) / pixel) + 1) * pixel, i + 1);
		}
	}

	paintFrame(context, n, left, wide, y) {
		const begin = Math.max(left, 0), end = Math.min(left + wide, this.width), room = end - begin;
		context.fillStyle = this.owner.color(n);
		context.fillRect(begin, y, Math.max(room - (room > 3 ? 1 : 0), 0.6), ROW - 1);
		const letters = Math.floor((room - 8) / this.letter);
		if (letters < 3)
			return;
		const label = this.owner.label(n);
		context.fillStyle = palette.frameText;
		context.fillText(label.length > letters ? `${label.slice(0, letters - 1)}…` : label, begin + 4, y + ROW / 2);
	}

	outline(context, n, line) {
		const [from, to] = this.view, scale = this.width / (to - from), left = (this.layout.x[n] - from) * scale;
		const begin = Math.max(left, 0), end = Math.min(left + this.layout.total[n] * scale, this.width);
		context.strokeStyle = line > 1 ? palette.accent : palette.text;
		context.lineWidth = line;
		context.strokeRect(begin + line / 2, this.yOf(this.tree.depth[n]) + line / 2, Math.max(end - begin - line, 1), ROW - 1 - line);
	}

	/* ---- zoom ---- */

	zoomTo(n) {
		this.zoom = n;
		this.glide(this.rangeOf(n));
		this.owner.zoomed?.(n);
	}

	// From view to view in some frames; at once for those who want no motion.
	glide(to) {
		const from = this.view, begin = performance.now(), still = matchMedia('(prefers-reduced-motion: reduce)').matches;
		const step = (now) => {
			const t = still ? 1 : Math.min(Math.max((now - begin) / 180, 0), 1), ease = 1 - (1 - t) ** 3;
			this.view = t === 1 ? to : [from[0] + (to[0] - from[0]) * ease, from[1] + (to[1] - from[1]) * ease];
			this.paint();
			if (t < 1 && this.gliding === step)
				requestAnimationFrame(step);
		};
		this.gliding = step;
		step(begin);
	}

	setView(from, to) {
		const whole = this.layout.total[0], least = whole * 1e-7, wide = Math.min(Math.max(to - from, least), whole);
		const left = Math.min(Math.max(from, 0), whole - wide);
		this.gliding = null;
		this.view = [left, left + wide];
		this.draw();
	}

	wheel(e) {
		if (!e.ctrlKey && !e.metaKey)
			return;
		e.preventDefault();
		const [from, to] = this.view, at = from + (to - from) * e.offsetX / this.width, factor = Math.exp(e.deltaY * 0.004);
		this.setView(at - (at - from) * factor, at + (to - at) * factor);
	}

	/* ---- pointer ---- */

	nodeAt(e) {
		const { levels } = this.layout, line = Math.floor(e.offsetY / ROW), depth = this.up ? levels - 1 - line : line;
		if (depth < 0 || depth >= levels || !this.width)
			return -1;
		return this.layout.nodeAt(depth, this.view[0] + (this.view[1] - this.view[0]) * e.offsetX / this.width);
	}

	point(e) {
		if (this.drag) {
			const [from, to] = this.drag.view, move = (this.drag.x - e.offsetX) * (to - from) / this.width;
			this.drag.moved ||= Math.abs(this.drag.x - e.offsetX) > 4;
			if (this.drag.moved)
				this.setView(from + move, to + move);
			return;
		}
		const n = this.nodeAt(e);
		if (n === this.hover)
			return;
		this.hover = n;
		if (n >= 0)
			details.show(this.owner.describe(n));
		this.draw();
	}

	leave() {
		this.hover = -1;
		details.leave();
		this.draw();
	}

	press(e) {
		if (e.button === 0)
			this.drag = { x: e.offsetX, view: this.view, moved: false };
	}

	release(e) {
		const { drag } = this, n = this.nodeAt(e);
		this.drag = null;
		if (!drag || drag.moved || n < 0)
			return;
		this.focus = n;
		this.nameItem();
		details.pin(this.owner.describe(n));
		this.zoomTo(n);
	}

	/* ---- keys ---- */

	moveTo(n) {
		this.focus = n;
		this.nameItem();
		details.pinned = null;
		details.show(this.owner.describe(n));
		const [from, to] = this.rangeOf(n);
		if (from < this.view[0] || to > this.view[1])
			this.zoomTo(this.tree.parent[n]);
		this.draw();
	}

	child() {
		return this.layout.children(this.focus)[0] ?? this.focus;
	}

	key(e) {
		const inward = this.up ? 'ArrowUp' : 'ArrowDown', outward = this.up ? 'ArrowDown' : 'ArrowUp';
		const moves = {
			[inward]: () => this.moveTo(this.child()), [outward]: () => this.moveTo(this.tree.parent[this.focus]),
			ArrowLeft: () => this.moveTo(this.layout.beside(this.focus, -1)), ArrowRight: () => this.moveTo(this.layout.beside(this.focus, 1)),
			Home: () => this.moveTo(0),
			Enter: () => {
				this.zoomTo(this.focus);
				details.pin(this.owner.describe(this.focus));
			},
			'+': () => this.scaleBy(0.7), '-': () => this.scaleBy(1 / 0.7),
			s: () => this.owner.sandwich?.(this.focus),
		};
		if (e.key === 'Escape' && (this.zoom || this.view[1] - this.view[0] < this.layout.total[0])) {
			e.stopPropagation();
			this.zoomTo(0);
		} else if (moves[e.key] && !e.ctrlKey && !e.metaKey && !e.altKey) {
			e.preventDefault();
			e.stopPropagation();
			moves[e.key]();
		}
	}

	scaleBy(factor) {
		const [from, to] = this.view, middle = (from + to) / 2, half = (to - from) / 2 * factor;
		this.setView(middle - half, middle + half);
	}

	// What has the focus, in words.
	nameItem() {
		const n = this.focus, { name, pairs } = this.owner.describe(n), siblings = n ? this.layout.children(this.tree.parent[n]) : [0];
		this.item.textContent = `${name}, ${pairs.map(([label, value]) => `${label} ${value}`).join(', ')}`;
		this.item.setAttribute('aria-level', this.tree.depth[n] + 1);
		this.item.setAttribute('aria-setsize', siblings.length);
		this.item.setAttribute('aria-posinset', siblings.indexOf(n) + 1);
	}
}
