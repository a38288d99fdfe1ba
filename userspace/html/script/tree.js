// SPDX-License-Identifier: GPL-2.0-or-later
// Trees of frames: calls laid on top of each other. Nodes are numbers, a parent's is lower; node 0 is all of it.

// Room for a tree of so many calls, and what they are grouped by.
const roomFor = (nr) => 2 ** Math.ceil(Math.log2(nr + 1024));

class Tree {
	constructor(room = 1024) {
		this.nr = 1;
		this.parent = new Uint32Array(room);
		this.frame = new Uint32Array(room);
		this.depth = new Uint16Array(room);
		this.slots = new Uint32Array(room * 2);
	}

	grow() {
		const bigger = (old, room) => {
			const array = new old.constructor(room);
			array.set(old);
			return array;
		};
		const room = this.parent.length * 2;
		this.parent = bigger(this.parent, room);
		this.frame = bigger(this.frame, room);
		this.depth = bigger(this.depth, room);
		this.slots = new Uint32Array(room * 2);
		for (let n = 1; n < this.nr; n++)
			this.slots[this.slot(this.parent[n], this.frame[n])] = n;
	}

	slot(parent, frame) {
		const { slots } = this, mask = slots.length - 1;
		let h = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame + 1, 0x85ebca6b);
		h ^= h >>> 15;
		for (let i = h & mask; ; i = (i + 1) & mask) {
			const n = slots[i];
			if (!n || (this.parent[n] === parent && this.frame[n] === frame))
				return i;
		}
	}

	// The child of parent that is this frame, made if there is none.
	child(parent, frame) {
		let slot = this.slot(parent, frame);
		if (this.slots[slot])
			return this.slots[slot];
		if (this.nr === this.parent.length) {
			this.grow();
			slot = this.slot(parent, frame);
		}
		const n = this.nr++;
		this.parent[n] = parent;
		this.frame[n] = frame;
		this.depth[n] = this.depth[parent] + 1;
		this.slots[slot] = n;
		return n;
	}

	// Children of all nodes: those of n are list[start[n]] to list[start[n + 1] - 1], in any order. As of now.
	children() {
		if (this.linked?.nr === this.nr)
			return this.linked;
		const { nr, parent } = this, start = new Uint32Array(nr + 2), list = new Uint32Array(nr);
		for (let n = 1; n < nr; n++)
			start[parent[n] + 2]++;
		for (let n = 2; n < start.length; n++)
			start[n] += start[n - 1];
		for (let n = 1; n < nr; n++)
			list[start[parent[n] + 1]++] = n;
		this.linked = { nr, start, list };
		return this.linked;
	}
}

/*
 * The node of each call, from callers to callees; grouping: below 'domain', 'process' (of a domain), or 'none'. Most calls are the
 * only one of their frame below their caller, so a tree may have nearly as many nodes as there are calls.
 */
function addCalls(tree, p, grouping, frames = p.callFrame) {
	const { nr, caller, row } = p.calls, node = new Uint32Array(nr);
	for (let c = 1; c < nr; c++) {
		let parent = node[caller[c]];
		if (!caller[c] && grouping !== 'none') {
			parent = tree.child(0, p.domainFrames[p.callDomain[c]]);
			if (grouping === 'process')
				parent = tree.child(parent, p.processOfRow[row[c]]);
		}
		node[c] = tree.child(parent, frames[c]);
	}
	return node;
}

// What nodes take by themselves, from what calls take.
function sumNodes(tree, nodeOfCall, weight) {
	const self = new Float64Array(tree.nr);
	for (let c = 1; c < nodeOfCall.length; c++)
		self[nodeOfCall[c]] += weight[c];
	return self;
}

// The same from a selection: what is idle (call 0) is in no frame.
function selectNodes(tree, nodeOfCall, selection, what = 'weight') {
	const self = selection.sums(what, nodeOfCall, tree.nr);
	self[0] = 0;
	return self;
}

function sumUp(tree, self) {
	const total = self.slice(), { parent } = tree;
	for (let n = total.length - 1; n > 0; n--)
		total[parent[n]] += total[n];
	return total;
}

// What one function calls (from all places where it is called), and who calls it: two trees and their weights.
function calleesOf(p, frame, weight) {
	const tree = new Tree(), { nr, caller } = p.calls, { callFrame } = p, node = new Uint32Array(nr), self = new Map();
	for (let c = 1; c < nr; c++) {
		const parent = node[caller[c]];
		if (parent)
			node[c] = tree.child(parent, callFrame[c]);
		else if (callFrame[c] === frame)
			node[c] = tree.child(0, frame);
		if (node[c] && weight[c])
			self.set(node[c], (self.get(node[c]) || 0) + weight[c]);
	}
	return { tree, self: arrayOf(self, tree.nr) };
}

function callersOf(p, frame, total) {
	const tree = new Tree(), { nr, caller } = p.calls, { callFrame, callTop } = p, self = new Map();
	for (let c = 1; c < nr; c++) {
		if (callFrame[c] !== frame || !callTop[c] || !total[c])
			continue;
		let n = tree.child(0, frame), last = c;
		for (let up = caller[c]; up; up = caller[up]) {
			n = tree.child(n, callFrame[up]);
			last = up;
		}
		n = tree.child(n, p.domainFrames[p.callDomain[last]]);
		self.set(n, (self.get(n) || 0) + total[c]);
	}
	return { tree, self: arrayOf(self, tree.nr) };
}

function arrayOf(map, nr) {
	const array = new Float64Array(nr);
	for (const [i, value] of map)
		array[i] = value;
	return array;
}
