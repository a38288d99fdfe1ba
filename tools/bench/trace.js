// SPDX-License-Identifier: GPL-2.0-or-later
// What the threads of the page's process did, by Chromium's own trace: the page is not asked.
'use strict';
const CATEGORIES = ['toplevel'];

class Trace {
	constructor(browser) {
		this.browser = browser;
		this.events = [];
		browser.listeners.push((method, params) => method === 'Tracing.dataCollected' && this.events.push(...params.value));
	}

	// [pid, tid] of threads of that name, in processes of pages: the browser's own pages have another name.
	threads(name) {
		const pages = new Set(this.events.filter((e) => e.name === 'process_name' && e.args.name === 'Renderer').map((e) => e.pid));
		return this.events.filter((e) => e.name === 'thread_name' && e.args.name === name && pages.has(e.pid)).map((e) => [e.pid, e.tid]);
	}

	// Tasks of a thread, none within another.
	tasks([pid, tid]) {
		const all = this.events.filter((e) => e.pid === pid && e.tid === tid && e.ph === 'X' && e.name.endsWith('RunTask')).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
		let end = 0;
		return all.filter((e) => e.ts >= end && (end = e.ts + e.dur, true));
	}

	// Of the main thread that did most (a browser may keep another renderer at hand): longest task and longest by CPU time in ms,
	// CPU time of all of them in s.
	mainThread() {
		const of = (thread) => this.tasks(thread).reduce((r, { dur, tdur = 0 }) => ({
			task: Math.max(r.task, dur / 1e3), taskCpu: Math.max(r.taskCpu, tdur / 1e3), cpu: r.cpu + tdur / 1e6 }), { task: 0, taskCpu: 0, cpu: 0 });
		return this.threads('CrRendererMain').map(of).reduce((a, b) => (b.cpu > a.cpu ? b : a), { task: 0, taskCpu: 0, cpu: 0 });
	}

	// What act() takes: seconds, and the above.
	async of(act) {
		this.events.length = 0;
		await this.browser.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES } });
		const begin = process.hrtime.bigint();
		await act();
		const seconds = Number(process.hrtime.bigint() - begin) / 1e9, complete = this.browser.once('Tracing.tracingComplete');
		await this.browser.send('Tracing.end');
		await complete;
		return { seconds, ...this.mainThread() };
	}
}

module.exports = { Trace };
