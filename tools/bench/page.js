// SPDX-License-Identifier: GPL-2.0-or-later
// usage: page.js FILE: opens a page that xprof html wrote and uses it, in a headless Chromium that traces itself (the page is not asked).
// A line for each thing done: NAME SECONDS TASK TASK-CPU: how long it took, and the longest task of the page's main thread, in ms.
'use strict';
const { chromium } = require('playwright-core');

class Trace {
	constructor(session) {
		this.session = session;
		this.events = [];
		session.on('Tracing.dataCollected', (data) => this.events.push(...data.value));
	}

	// Of all renderers' main threads: this browser has one page.
	longestTask() {
		const names = this.events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`);
		const tasks = this.events.filter((e) => e.ph === 'X' && e.name.endsWith('RunTask') && names.includes(`${e.pid} ${e.tid}`));
		return tasks.reduce((a, b) => (b.dur > a.dur ? b : a), { dur: 0, tdur: 0 });
	}

	async of(name, act) {
		this.events.length = 0;
		await this.session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel'] } });
		const begin = process.hrtime.bigint();
		await act();
		const seconds = Number(process.hrtime.bigint() - begin) / 1e9, done = new Promise((complete) => {
			this.session.once('Tracing.tracingComplete', complete);
		});
		await this.session.send('Tracing.end');
		await done;
		const { dur, tdur } = this.longestTask();
		console.log(name, seconds.toFixed(3), (dur / 1000).toFixed(1), ((tdur || 0) / 1000).toFixed(1));
	}
}

const settle = (page) => page.evaluate(() => new Promise((done) => {
	requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
}));

async function wheel(page, box) {
	await page.mouse.move(box.x + box.width / 3, box.y + 60);
	await page.keyboard.down('Control');
	for (let i = 0; i < 60; i++) {
		await page.mouse.wheel(0, i < 35 ? -120 : 120);
		await settle(page);
	}
	await page.keyboard.up('Control');
}

async function clicks(page, box) {
	for (let i = 0; i < 8; i++) {
		await page.mouse.click(box.x + box.width / 3, box.y + 10 + 19 * (i % 6));
		await page.waitForTimeout(250);
	}
}

async function drag(page) {
	const box = await page.locator('.lane-area').boundingBox(), at = (part) => page.mouse.move(box.x + box.width * part, box.y + 10);
	await at(0.3);
	await page.mouse.down();
	for (let i = 0; i < 20; i++) {
		await at(0.3 + i * 0.015);
		await settle(page);
	}
	await page.mouse.up();
}

(async () => {
	const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
	const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } }), trace = new Trace(await browser.newBrowserCDPSession());
	await trace.of('load', async () => {
		await page.goto(`file://${process.argv[2]}`);
		await page.waitForSelector('html[data-ready]', { state: 'attached', timeout: 300000 });
	});
	for (const [name, key] of [['functions', '2'], ['flame', '3']])
		await trace.of(name, async () => {
			await page.keyboard.press(key);
			await settle(page);
		});
	const box = await page.locator('#panel-flame canvas').boundingBox();
	await trace.of('zoom-wheel', () => wheel(page, box));
	await trace.of('zoom-click', () => clicks(page, box));
	await trace.of('range', () => drag(page));
	await browser.close();
})();
