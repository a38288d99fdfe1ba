// SPDX-License-Identifier: GPL-2.0-or-later
// Trees of frames: calls laid on top of each other. Nodes are numbers, a parent's is lower; node 0 is all of it.

class Tree {
	constructor(room = 1024) {
		this.nr = 1;
		this.parent = new Uint32Array(room);
		this.frame = new Uint32Array(room);
		this.depth = new Uint16Array(room);
		this.slots = new Uint32Array(room * 4);
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
		this.slots = new Uint32Array(room * 4);
		for (let n = 1; n < this.nr; n++)
			this.slots[this.slot(this.parent[n], this.frame[n])] = n;
	}

	slot(parent, frame) {
		const mask = this.slots.length - 1;
		let h = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame + 1, 0x85ebca6b);
		h ^= h >>> 15;
		for (let i = h & mask; ; i = (i + 1) & mask) {
			const n = this.slots[i];
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
}

// The node of each call, from callers to callees; grouping: below 'domain', 'process' (of a domain), or 'none'.
function addCalls(tree, p, grouping, frames = p.callFrame) {
	const { calls } = p, node = new Uint32Array(calls.nr);
	for (let c = 1; c < calls.nr; c++) {
		let parent = node[calls.caller[c]];
		if (!calls.caller[c] && grouping !== 'none') {
			parent = tree.child(0, p.domainFrames[p.callDomain[c]]);
			if (grouping === 'process')
				parent = tree.child(parent, p.processOfRow[calls.row[c]]);
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

function sumUp(tree, self) {
	const total = self.slice();
	for (let n = total.length - 1; n > 0; n--)
		total[tree.parent[n]] += total[n];
	return total;
}

// What one function calls (from all places where it is called), and who calls it: two trees and their weights.
function calleesOf(p, frame, weight) {
	const tree = new Tree(), { calls } = p, node = new Uint32Array(calls.nr), self = new Map();
	for (let c = 1; c < calls.nr; c++) {
		const parent = node[calls.caller[c]];
		if (parent)
			node[c] = tree.child(parent, p.callFrame[c]);
		else if (p.callFrame[c] === frame)
			node[c] = tree.child(0, frame);
		if (node[c] && weight[c])
			self.set(node[c], (self.get(node[c]) || 0) + weight[c]);
	}
	return { tree, self: arrayOf(self, tree.nr) };
}

function callersOf(p, frame, total) {
	const tree = new Tree(), { calls } = p, self = new Map();
	for (let c = 1; c < calls.nr; c++) {
		if (p.callFrame[c] !== frame || !p.callTop[c] || !total[c])
			continue;
		let n = tree.child(0, frame), last = c;
		for (let up = calls.caller[c]; up; up = calls.caller[up]) {
			n = tree.child(n, p.callFrame[up]);
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

/* ---- where nodes lie ---- */

// Children of all nodes: those of n are list[start[n]] to list[start[n + 1] - 1].
function childrenOf(tree, total) {
	const start = new Uint32Array(tree.nr + 2), list = new Uint32Array(tree.nr);
	for (let n = 1; n < tree.nr; n++)
		if (total[n] > 0)
			start[tree.parent[n] + 2]++;
	for (let n = 2; n < start.length; n++)
		start[n] += start[n - 1];
	for (let n = 1; n < tree.nr; n++)
		if (total[n] > 0)
			list[start[tree.parent[n] + 1]++] = n;
	return { start, list };
}

// Most first. levels[d]: nodes of depth d from left to right; x, in units of total, is where each begins.
function layOut(tree, total) {
	const { start, list } = childrenOf(tree, total), x = new Float64Array(tree.nr), levels = [Uint32Array.of(0)];
	for (let n = 0; n < tree.nr; n++)
		if (start[n + 1] - start[n] > 1)
			list.subarray(start[n], start[n + 1]).sort((a, b) => total[b] - total[a] || tree.frame[a] - tree.frame[b]);
	for (;;) {
		const level = levels[levels.length - 1], next = [];
		for (const n of level) {
			let at = x[n];
			for (let i = start[n]; i < start[n + 1]; i++) {
				const child = list[i];
				x[child] = at;
				at += total[child];
				next.push(child);
			}
		}
		if (!next.length)
			return { total, x, levels, start, list };
		levels.push(Uint32Array.from(next));
	}
}
