// SPDX-License-Identifier: GPL-2.0-or-later
// The style sheet's colours for canvases, which have no style of their own; asked for again when light becomes dark.

const NR_DOMAIN_COLORS = 8;
const MODE_NAMES = ['xen', 'kernel', 'user', 'idle'];
const MODE_LABELS = ['Xen', 'kernel', 'user', 'idle'];
let palette = {};

function readPalette() {
	const style = getComputedStyle(document.documentElement);
	const get = (name) => style.getPropertyValue(`--${name}`).trim();
	palette = {
		text: get('text'), muted: get('muted'), line: get('line'), surface: get('surface'), sunken: get('sunken'),
		accent: get('accent'), match: get('match'), frameText: get('frame-text'), frameLine: get('frame-line'),
		group: get('group-soft'), cut: get('cut-soft'), idle: get('idle'),
		modes: MODE_NAMES.map((m) => get(m)), soft: [...MODE_NAMES.slice(0, 3).map((m) => get(`${m}-soft`)), get('idle')],
		domains: Array.from({ length: NR_DOMAIN_COLORS }, (_, i) => get(`domain-${i}`)), others: get('domain-others'),
		more: parseColor(get('more')), less: parseColor(get('less')), same: parseColor(get('same')),
		heat: [0, 1, 2, 3].map((i) => parseColor(get(`heat-${i}`))),
		font: get('sans'), mono: get('mono'),
	};
}

function parseColor(text) {
	const n = parseInt(text.slice(1), 16);
	return [n >> 16, n >> 8 & 255, n & 255];
}

const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
const css = (rgb) => `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]})`;

// t from 0 to 1 along several colours.
function ramp(colors, t) {
	const at = Math.max(0, Math.min(t, 1)) * (colors.length - 1), i = Math.min(Math.floor(at), colors.length - 2);
	return mix(colors[i], colors[i + 1], at - i);
}

// change from -1 (it is gone) over 0 (the same) to 1 (it is new). Steps, so that few styles are made.
function changeColor(change) {
	const t = Math.round(Math.max(-1, Math.min(change, 1)) * 12) / 12;
	return css(mix(palette.same, t < 0 ? palette.less : palette.more, Math.abs(t) ** 0.7));
}

// A canvas of width × height CSS pixels, sharp on any screen; its context, with 1 = a CSS pixel, or null if it has no size.
function prepareCanvas(canvas, width, height) {
	const scale = window.devicePixelRatio || 1, w = Math.round(width * scale), h = Math.round(height * scale);
	if (w < 1 || h < 1)
		return null;
	if (canvas.width !== w || canvas.height !== h) {
		canvas.width = w;
		canvas.height = h;
		canvas.style.height = `${height}px`;
	}
	const context = canvas.getContext('2d', { alpha: false });
	context.setTransform(scale, 0, 0, scale, 0, 0);
	context.fillStyle = palette.surface;
	context.fillRect(0, 0, width, height);
	return context;
}
