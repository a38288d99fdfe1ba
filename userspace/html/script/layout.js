// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where nodes of a tree lie: children beside each other, most first, in units of what they take. A node's children are put in order
 * when somebody looks at them: of a tree of 100,000 nodes few are ever wide enough to be seen.
 */
class Layout {
	constructor(tree, total) {
		const { start, list } = tree.children();
		Object.assign(this, { tree, total, start, list });
		this.x = new Float64Array(tree.nr);      // where each begins, of those whose parent was opened
		this.behind = new Uint32Array(tree.nr);  // 1 + behind the last child that takes something, of those that were opened
		this.deepest = new Uint16Array(tree.nr); // depth of the deepest at or below it
		this.findDeepest();
	}

	findDeepest() {
		const { tree: { nr, parent, depth }, total, deepest } = this;
		for (let n = nr - 1; n > 0; n--) {
			if (!(total[n] > 0))
				continue;
			if (deepest[n] < depth[n])
				deepest[n] = depth[n];
			if (deepest[parent[n]] < deepest[n])
				deepest[parent[n]] = deepest[n];
		}
	}

	get levels() {
		return this.deepest[0] + 1;
	}

	// n's children that take something, if it is known where n begins, are list[start[n]] to list[open(n) - 1], from left to right.
	open(n) {
		if (!this.behind[n])
			this.order(n);
		return this.behind[n] - 1;
	}

	order(n) {
		const { list, total, tree: { frame }, x } = this, first = this.start[n], all = list.subarray(first, this.start[n + 1]);
		let end = first, at = x[n];
		if (all.length > 1)
			all.sort((a, b) => total[b] - total[a] || frame[a] - frame[b]);
		for (; end < first + all.length && total[list[end]] > 0; end++) {
			x[list[end]] = at;
			at += total[list[end]];
		}
		this.behind[n] = end + 1;
	}

	// Where n begins, whoever was opened.
	begin(n) {
		const { tree: { parent }, behind } = this, closed = [];
		for (let up = n; up && !behind[parent[up]]; up = parent[up])
			closed.push(parent[up]);
		while (closed.length)
			this.open(closed.pop());
		return this.x[n];
	}

	children(n) {
		return this.list.subarray(this.start[n], this.open(n));
	}

	// The place in list, among n's children, of the first that begins at or behind `at`, looking from `low` on.
	indexAt(n, at, low = this.start[n]) {
		const { x, list } = this;
		let high = this.open(n);
		while (low < high) {
			const middle = (low + high) >> 1;
			if (x[list[middle]] < at)
				low = middle + 1;
			else
				high = middle;
		}
		return low;
	}

	// The node of that depth that lies over `at`; -1: there is none.
	nodeAt(depth, at) {
		const { start, list, x, total } = this;
		let n = 0;
		for (let d = 0; n >= 0 && d < depth; d++) {
			const end = this.open(n);
			let i = this.indexAt(n, at);
			if (i === end || x[list[i]] > at)
				i--;
			n = i >= start[n] && at < x[list[i]] + total[list[i]] ? list[i] : -1;
		}
		return n;
	}

	// The next node of n's depth to the left (-1) or right (1); n if it is the last.
	beside(n, step) {
		const { tree: { parent, depth }, deepest } = this, wanted = depth[n];
		const next = (kids, i) => {
			while (i >= 0 && i < kids.length && deepest[kids[i]] < wanted)
				i += step;
			return kids[i];
		};
		for (let m = n; m; m = parent[m]) {
			const kids = this.children(parent[m]);
			let found = next(kids, kids.indexOf(m) + step);
			while (found !== undefined && depth[found] < wanted) {
				const below = this.children(found);
				found = next(below, step > 0 ? 0 : below.length - 1);
			}
			if (found !== undefined)
				return found;
		}
		return n;
	}
}
