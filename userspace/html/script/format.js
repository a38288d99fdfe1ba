// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers as people read them.

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const formatCount = (n) => grouped.format(n);

// 25.6 G: three digits.
function formatShort(n) {
	const units = ['', ' k', ' M', ' G', ' T', ' P', ' E'];
	let unit = 0;
	while (Math.abs(n) >= 999.5 && unit < units.length - 1) {
		n /= 1000;
		unit++;
	}
	const digits = unit === 0 && Number.isInteger(n) ? 0 : Math.abs(n) < 9.995 ? 2 : Math.abs(n) < 99.95 ? 1 : 0;
	return n.toFixed(digits) + units[unit];
}

const formatShare = (part, whole) => (whole > 0 ? `${(100 * part / whole).toFixed(2)}%` : '–');
const formatPercent = (part, whole, digits = 1) => (whole > 0 ? `${(100 * part / whole).toFixed(digits)}%` : '–');

// As many digits as say something: 0.31, 12.5, 340.
const formatRatio = (x) => (Number.isFinite(x) ? x.toFixed(x < 10 ? 2 : x < 100 ? 1 : 0) : '–');

function formatNs(ns) {
	if (ns >= 59.5e9) {
		const s = Math.round(ns / 1e9);
		return `${Math.floor(s / 60)} min ${s % 60} s`;
	}
	if (ns >= 1e9)
		return `${(ns / 1e9).toFixed(ns < 1e10 ? 2 : 1)} s`;
	if (ns >= 1e6)
		return `${(ns / 1e6).toFixed(ns < 1e7 ? 2 : 1)} ms`;
	return ns >= 1e3 ? `${(ns / 1e3).toFixed(1)} µs` : `${Math.round(ns)} ns`;
}

// A length that was chosen, not measured: "250 ms", "2.5 s".
function formatStep(ns) {
	const [unit, name] = ns >= 1e9 ? [1e9, 's'] : ns >= 1e6 ? [1e6, 'ms'] : ns >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
	return `${Number((ns / unit).toPrecision(4))} ${name}`;
}

// A moment of the recording, with the digits that `step` (ns) needs: "12.34 s".
function formatMoment(ns, step) {
	const digits = step >= 1e9 ? 0 : step >= 1e8 ? 1 : step >= 1e7 ? 2 : 3;
	return `${(ns / 1e9).toFixed(digits)} s`;
}

// What samples of an event stand for: of the timer, CPU time.
const formatValue = (event, value) => (event.time ? formatNs(value) : `${formatShort(value)} ${event.name}`);

const lastPart = (path) => path.slice(path.lastIndexOf('/') + 1);
