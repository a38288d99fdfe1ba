// SPDX-License-Identifier: GPL-2.0-or-later
// What xprof report --json says, which is what the page has to show.
'use strict';
const { execFileSync } = require('child_process');

class Report {
	constructor(xprof, profile, ...options) {
		this.json = JSON.parse(execFileSync(xprof, ['report', '--json', '-i', profile, ...options], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }));
	}

	get events() {
		return this.json.events.map((e) => e.name);
	}

	// Sums of `what` ("counts", "samples", "children") over symbols that are not idle and that `of` takes.
	sum(event, what = 'counts', of = () => true) {
		return this.json.symbols.filter((s) => s.mode !== 'idle' && of(s)).reduce((sum, s) => sum + s[what][event], 0);
	}

	share(event, of) {
		return `${(100 * this.sum(event, 'counts', of) / this.sum(event)).toFixed(2)}%`;
	}

	get domains() {
		return [...new Set(this.json.symbols.filter((s) => s.mode !== 'idle').map((s) => s.domain))];
	}
}

module.exports = { Report };
