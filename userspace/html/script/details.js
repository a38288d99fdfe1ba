// SPDX-License-Identifier: GPL-2.0-or-later
// The bar at the bottom: what is under the pointer or has the focus; a click, or Enter, pins it.

const details = {
	pinned: null,

	// pairs: [[label, value], …]; actions: [[label, function], …]
	draw({ name, mode, pairs, actions = [] }) {
		const text = [el('span', { class: 'name', text: name })];
		if (mode !== undefined && mode < MODE_IDLE)
			text.push(el('span', { class: `badge ${MODE_NAMES[mode]}`, text: MODE_LABELS[mode] }));
		for (const [label, value] of pairs)
			text.push(el('span', { class: 'pair' }, `${label} `, el('b', { text: value })));
		replace(byId('details-text'), ...text);
		const buttons = actions.map(([label, act]) => el('button', { type: 'button', text: label, onclick: act }));
		if (this.pinned)
			buttons.push(el('button', { type: 'button', text: 'Unpin', onclick: () => this.unpin() }));
		replace(byId('details-actions'), ...buttons);
		byId('details').hidden = false;
		byId('details').classList.toggle('pinned', Boolean(this.pinned));
	},

	show(what) {
		if (!this.pinned && what)
			this.draw(what);
	},

	pin(what) {
		this.pinned = what;
		this.draw(what);
	},

	unpin() {
		this.pinned = null;
		byId('details').hidden = true;
	},

	// The pointer left.
	leave() {
		if (!this.pinned)
			byId('details').hidden = true;
	},
};
