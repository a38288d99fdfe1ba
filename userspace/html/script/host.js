// SPDX-License-Identifier: GPL-2.0-or-later
// What was measured, on what, and how far it can be trusted.

const HOST_LABELS = {
	'host.name': 'Host', 'host.cpu': 'CPU', 'host.cpus': 'CPUs', 'xen.version': 'Xen', 'xen.changeset': 'Xen’s changeset', 'xen.build_id': 'Xen’s build-id',
	'xen.command_line': 'Xen’s command line', 'xen.scheduler': 'Scheduler', 'xen.pools': 'CPU pools', 'kernel.release': 'Kernel of Domain-0', 'kernel.build_id': 'Kernel’s build-id',
	'tsc.khz': 'TSC, kHz', 'boot_id': 'Boot', 'command': 'Recorded by', 'xprof.version': 'Recorded with xprof',
};

class Host {
	constructor(p, base, version) {
		this.p = p;
		this.base = base;
		const { meta } = p;
		this.panel = el('div', {}, el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Host' })), this.facts()),
			el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'Events' })), this.eventBox = el('div')),
			el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'What the report says of it' })),
				el('ul', { class: 'notes' }, ...meta.notes.map((text) => el('li', { text })))),
			el('section', { class: 'card' }, el('div', { class: 'card-head' }, el('h2', { text: 'How to read this page' })), this.method(version)));
	}

	// Only when it is looked at: it adds up every event.
	draw() {
		if (this.drawn)
			return;
		this.drawn = true;
		new Table(this.eventBox, { caption: 'Events', sort: 0, ascending: true, name: 0, columns: this.eventColumns() }).set([...this.p.events.keys()]);
	}

	facts() {
		const value = (p, key) => p.meta.host.find(([k]) => k === key)?.[1];
		return el('dl', { class: 'key-value' }, ...this.p.meta.host.flatMap(([key, text]) => {
			const was = this.base && value(this.base, key);
			return [el('dt', { text: HOST_LABELS[key] || key }), el('dd', { class: 'mono' }, text,
				this.base && was !== text ? el('span', { class: 'quiet', text: `  (base: ${was ?? 'not known'})` }) : null)];
		}));
	}

	eventColumns() {
		const { p } = this, of = (what) => p.events.map((_, e) => p.addUp(p.whole(e), what, p.callGroup, p.nrGroups)), groups = of('weight'), samples = of('samples');
		const sum = (array) => array.reduce((a, b) => a + b, 0);
		return [
			{ title: 'Event', value: (e) => e, cell: (e) => p.events[e].name + (p.events[e].modifiers ? `:${p.events[e].modifiers}` : '') },
			{ title: 'Period', number: true, cell: (e) => (p.events[e].hz ? `${formatCount(p.events[e].hz)} Hz` : formatCount(p.events[e].period)) },
			{ title: 'Source', cell: (e) => p.events[e].source || '–' },
			{ title: 'Samples', number: true, cell: (e) => formatCount(p.events[e].samples) },
			{ title: 'Lost', number: true, cell: (e) => formatCount(p.events[e].lost) },
			{ title: 'Stand for', number: true, cell: (e) => (p.events[e].time ? formatNs(sum(groups[e])) : formatCount(sum(groups[e]))) },
			{ title: 'Idle', number: true, cell: (e) => formatShare(idleOf(samples[e]), sum(samples[e])) },
			{ title: 'Unresolved', number: true, cell: (e) => formatShare(sumBusy(groups[e], true), sumBusy(groups[e])) },
			{ title: 'Had a counter for', number: true, cell: (e) => (p.events[e].active ? formatPercent(p.events[e].running, p.events[e].active) : '–') },
		];
	}

	method(version) {
		const { meta } = this.p, lines = [
			'Samples are taken by NMI in Xen itself. Each stands for as many events as its period was at that time; where events took turns on a counter, for as many more as the event was without one.',
			'Percentages are of what is not idle, in the chosen range and of the chosen domain. “Self” is a function’s own code, “with callees” also what it called.',
			`Samples are put together by slices of ${formatStep(meta.slice_ns)}; a range begins and ends between two.`,
			'“[unresolved]” has no symbol in the profile, “[truncated]” stands for callers that are not known.',
			`The data are in this file, compressed; nothing is loaded from anywhere, and a content security policy sees to that. Made by xprof ${version}: xprof html ${meta.file}; xprof report prints the same figures.`,
		];
		if (meta.small)
			lines.push(`There are very many stacks: what has fewer than ${formatCount(meta.small)} samples is put together.`);
		return el('ul', { class: 'notes' }, ...lines.map((text) => el('li', { text })));
	}
}
