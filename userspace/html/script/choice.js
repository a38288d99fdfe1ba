// SPDX-License-Identifier: GPL-2.0-or-later
// What is chosen, who is told, and the sums of what is chosen.

const state = { event: -1, from: 0, to: 0, domain: -1, search: '', tab: '' };
const watchers = [];

// watch(f): f(changed) is called after a change, with the set of names that changed.
const watch = (f) => watchers.push(f);
let changed = new Set();
const tell = oncePerFrame(() => {
	const names = changed;
	changed = new Set();
	for (const f of watchers)
		f(names);
});

function choose(changes) {
	for (const [name, value] of Object.entries(changes)) {
		if (state[name] !== value)
			changed.add(name);
		state[name] = value;
	}
	if (changed.size)
		tell();
}

// Sums of the chosen samples, each made when a view asks for it the first time. Domains that are not chosen count nothing.
class Selection {
	constructor(p) {
		const { event, from, to, domain } = state;
		Object.assign(this, { p, event, from, to, domain, groupsOf: [] });
	}

	// By index[call], which is less than nr.
	sums(what, index, nr, event = this.event) {
		return this.p.addUp({ ...this, event }, what, index, nr);
	}

	// What samples of an event stand for, by group.
	groups(event = this.event) {
		this.groupsOf[event] ??= this.sums('weight', this.p.callGroup, this.p.nrGroups, event);
		return this.groupsOf[event];
	}

	busy(event = this.event) {
		return sumBusy(this.groups(event));
	}

	get busyOfAll() {
		return this.p.events.map((_, e) => this.busy(e));
	}

	samples() {
		return this.sums('samples', this.p.callGroup, this.p.nrGroups).reduce((a, b) => a + b, 0);
	}

	// By call, of the chosen event.
	get weight() {
		this.byCall ??= this.sums('weight', this.p.callIndex, this.p.calls.nr);
		return this.byCall;
	}

	// With all that each calls: a caller's number is lower.
	get total() {
		if (this.withCallees)
			return this.withCallees;
		const total = this.weight.slice(), { caller } = this.p.calls;
		for (let c = total.length - 1; c > 0; c--)
			if (caller[c])
				total[caller[c]] += total[c];
		this.withCallees = total;
		return total;
	}
}
