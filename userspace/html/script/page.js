// SPDX-License-Identifier: GPL-2.0-or-later
// Puts it all together: the head, tabs, keys, and who is to be drawn when something has changed.

const HELP = [
	['1 … 7', 'the views'], ['/', 'search'], ['e', 'next event'], ['arrow keys', 'walk the flame graph; move the range’s handles, the heat map’s cell'],
	['Enter', 'zoom to the frame, pin its details'], ['s', 'callers and callees of the frame'], ['+ −', 'zoom in and out; so do Ctrl and the wheel'],
	['Space', 'in the heat map: begin and end a range'], ['Esc', 'back: zoom, pinned details, search, domain, range, one after the other'], ['?', 'these keys'],
];

class Page {
	constructor({ data, p, base }) {
		Object.assign(this, { data, p, base });
		Object.assign(state, { to: this.p.meta.slices });
		this.timeline = new Timeline(this.p, byId('timeline'));
		const actions = (frame) => [['Callers and callees', () => this.showSandwich(frame)]];
		this.sandwich = new Sandwich(this.p, actions);
		this.views = [
			['overview', 'Domains', new Overview(this.p)], ['functions', 'Functions', new Functions(this.p, actions)],
			['flame', 'Flame graph', new FlameGraph(this.p, actions)], ['sandwich', 'Callers and callees', this.sandwich],
			...(this.base ? [['difference', 'Difference', new Difference(this.p, this.base, data.changes, actions)]] : []),
			['heat', 'Heat map', new HeatMap(this.p)], ['code', 'Instructions', new Code(this.p, data.hot)], ['host', 'Host and method', new Host(this.p, this.base, data.xprof)],
		];
	}

	showSandwich(frame) {
		this.sandwich.choose(frame);
		this.openTab('sandwich');
	}

	/* ---- the head ---- */

	drawHead() {
		const { meta } = this.p, value = (key) => meta.host.find(([k]) => k === key)?.[1];
		const name = value('host.name') || 'unknown host', parts = [];
		const from = meta.start_ms ? new Date(meta.start_ms).toISOString().replace('T', ' ').slice(0, 19) : '';
		if (value('xen.version'))
			parts.push(`Xen ${value('xen.version')}`);
		if (value('kernel.release'))
			parts.push(`Linux ${value('kernel.release')}`);
		if (value('host.cpus'))
			parts.push(`${value('host.cpus')} × ${value('host.cpu') || 'CPU'}`);
		if (from)
			parts.push(`${from} UTC`);
		byId('title').textContent = name;
		replace(byId('subtitle'), ...parts.flatMap((part, i) => [i ? ' · ' : null, el('span', { class: 'whole', text: part })]));
		document.title = `${name}${meta.file ? ` · ${meta.file}` : ''} · xprof`;
		replace(byId('event'), ...this.p.events.map((e, i) => el('option', { value: i, text: e.name })));
		byId('event').addEventListener('change', () => choose({ event: Number(byId('event').value) }));
		byId('search').addEventListener('input', () => choose({ search: byId('search').value.trim().toLowerCase() }));
	}

	// Beside what follows the range stands what is of the whole recording: lost samples, and the report's words.
	drawFacts() {
		const { p, selection } = this, event = p.events[state.event], busy = selection.busy(), n = selection.samples();
		const span = (state.to - state.from) * p.meta.slice_ns, whole = state.from === 0 && state.to === p.meta.slices;
		const missing = sumBusy(selection.groups(), true), overhead = p.meta.notes.find((line) => line.startsWith('overhead'))?.match(/[\d.]+%/)?.[0];
		const fact = (label, text, note, bad) => el('div', { class: bad ? 'fact bad' : 'fact' }, el('p', { class: 'label', text: label }),
			el('p', { class: 'value', text }), el('p', { class: 'note', text: note }));
		replace(byId('facts'),
			fact('Range', formatNs(whole ? p.meta.duration_ns || span : span), whole ? 'whole recording' : `of ${formatNs(p.meta.duration_ns)}`),
			fact('Samples', formatCount(n), event.name + (event.hz ? `, ${formatCount(event.hz)} Hz` : '')),
			fact('Stand for', event.time ? formatNs(busy) : formatShort(busy), event.time ? 'of CPU time, not idle' : `${event.name}, not idle`),
			fact('Lost', formatCount(event.lost), event.lost ? `${formatShare(event.lost, event.lost + event.samples)} of all there were` : 'no sample', event.lost > 0),
			fact('Unresolved', formatShare(missing, busy), 'has no name', missing > busy / 2),
			overhead ? fact('Overhead', overhead, 'of all CPUs’ time') : null);
		byId('facts').dataset.samples = n;
		byId('facts').dataset.busy = busy;
	}

	drawWarnings() {
		const bad = this.p.meta.notes.filter((line) => /^(NOT WHOLE|CPU \d+ was not sampled|and \d+ more gaps|overhead not known)/.test(line));
		byId('warnings').hidden = !bad.length;
		replace(byId('warnings'), ...bad.map((text) => el('li', { text })));
	}

	drawChoice() {
		const { p } = this, { slice_ns: slice, slices } = p.meta, all = state.from === 0 && state.to === slices;
		byId('range').textContent = all ? 'Drag to select a range.' : `${formatMoment(state.from * slice, slice)} to ${formatMoment(state.to * slice, slice)}`;
		byId('range-clear').hidden = all;
		byId('filter').hidden = state.domain < 0;
		if (state.domain >= 0)
			replace(byId('filter'), el('span', {}, el('span', { class: 'swatch', vars: { swatch: p.domainColor(state.domain) } }), `Only ${p.domainLabel(state.domain)}`),
				el('button', { type: 'button', text: 'All domains', onclick: () => choose({ domain: -1 }) }));
		byId('event').value = String(state.event);
	}

	/* ---- tabs ---- */

	makeTabs() {
		for (const [id, label, view] of this.views) {
			byId('tabs').append(el('button', { type: 'button', class: 'tab', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}`, 'aria-selected': 'false',
				tabindex: '-1', text: label, onclick: () => this.openTab(id), onkeydown: (e) => this.tabKey(e) }));
			byId('panels').append(el('div', { role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}`, hidden: true }, view.panel));
		}
	}

	openTab(id) {
		byId(`tab-${id}`).scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
		for (const [name] of this.views) {
			byId(`tab-${name}`).setAttribute('aria-selected', String(name === id));
			byId(`tab-${name}`).tabIndex = name === id ? 0 : -1;
			byId(`panel-${name}`).hidden = name !== id;
		}
		details.unpin();
		choose({ tab: id });
	}

	tabKey(e) {
		const at = this.views.findIndex(([id]) => id === state.tab), nr = this.views.length;
		const next = { ArrowRight: (at + 1) % nr, ArrowLeft: (at + nr - 1) % nr, Home: 0, End: nr - 1 }[e.key];
		if (next === undefined)
			return;
		e.preventDefault();
		this.openTab(this.views[next][0]);
		byId(`tab-${this.views[next][0]}`).focus();
	}

	/* ---- what has changed is drawn ---- */

	react(names) {
		const data = ['event', 'from', 'to', 'domain'].some((name) => names.has(name));
		if (data) {
			this.selection = new Selection(this.p);
			this.drawFacts();
			this.drawChoice();
		}
		if (data || names.has('colors'))
			this.timeline.draw();
		if (data || names.has('search') || names.has('colors'))
			this.dirty = new Set(this.views.map(([id]) => id));
		if (this.dirty.delete(state.tab))
			this.views.find(([id]) => id === state.tab)[2].draw?.(this.selection);
	}

	// What views will need, while nobody asks for anything.
	async prepare() {
		for (const [, , view] of this.views)
			for (const step = view.prepare?.(); step; ) {
				await idle();
				if (step.next().done)
					break;
			}
	}

	keys(e) {
		const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName);
		if (e.key === 'Escape' && !byId('help').open)
			this.back();
		if (typing || e.ctrlKey || e.metaKey || e.altKey || byId('help').open)
			return;
		const view = this.views[Number(e.key) - 1];
		if (view)
			this.openTab(view[0]);
		else if (e.key === '/') {
			e.preventDefault();
			byId('search').focus();
		} else if (e.key === 'e')
			choose({ event: (state.event + 1) % this.p.events.length });
		else if (e.key === '?')
			byId('help').showModal();
	}

	// One thing after the other.
	back() {
		const { slices } = this.p.meta;
		if (details.pinned)
			details.unpin();
		else if (state.search) {
			byId('search').value = '';
			choose({ search: '' });
		} else if (state.domain >= 0)
			choose({ domain: -1 });
		else if (state.from !== 0 || state.to !== slices)
			choose({ from: 0, to: slices });
	}

	recolor() {
		readPalette();
		this.timeline.key_ = '';
		this.views.find(([id]) => id === 'code')[2].drawn = -1;
		this.react(new Set(['colors']));
	}

	start() {
		this.drawHead();
		this.drawWarnings();
		this.makeTabs();
		watch((names) => this.react(names));
		byId('range-clear').addEventListener('click', () => choose({ from: 0, to: this.p.meta.slices }));
		for (const by of ['cpu', 'domain'])
			byId(`by-${by}`).addEventListener('click', () => {
				this.timeline.by = by;
				for (const other of ['cpu', 'domain'])
					byId(`by-${other}`).setAttribute('aria-pressed', String(other === by));
				this.timeline.draw();
			});
		replace(byId('help-keys'), ...HELP.flatMap(([key, what]) => [el('dt', { text: key }), el('dd', { text: what })]));
		byId('help-button').addEventListener('click', () => byId('help').showModal());
		document.addEventListener('keydown', (e) => this.keys(e));
		matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.recolor());
		byId('loading').remove();
		byId('page').hidden = false;
		this.openTab('overview');
		choose({ event: 0 });
		watch(() => {
			if (!document.documentElement.dataset.ready)
				this.prepare();
			document.documentElement.dataset.ready = 'yes';
		});
	}
}

// The page's profile, and its base if there is one.
async function readProfiles(text) {
	const { data, profile, base } = await readData(text), frames = new Frames(), p = await Profile.make(profile, frames);
	await pause();
	return { data, p, base: base && await Profile.make(base, frames) };
}

try {
	readPalette();
	new Page(await readProfiles(byId('data').textContent.trimStart())).start();
} catch (error) {
	byId('loading').textContent = `The profile in this page cannot be read: ${error.message}`;
	throw error;
}
