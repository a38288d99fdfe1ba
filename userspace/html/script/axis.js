// SPDX-License-Identifier: GPL-2.0-or-later
// Seconds below a picture of time.

// 1, 2 or 5 times a power of ten, not less than x.
function niceStep(x) {
	const power = 10 ** Math.floor(Math.log10(Math.max(x, 1)));
	return [1, 2, 5, 10].map((f) => f * power).find((s) => s >= x * 0.999);
}

// From 0 to `span` (ns), about `wanted` marks.
function drawAxis(axis, span, wanted) {
	const step = niceStep(span / wanted), marks = [];
	for (let at = 0; at <= span + 1; at += step)
		marks.push(at);
	replace(axis, ...marks.map((at) => {
		const mark = el('span', { class: at / span > 0.97 ? 'last' : null, text: formatMoment(at, step) });
		mark.style.left = `${100 * at / span}%`;
		return mark;
	}));
}
