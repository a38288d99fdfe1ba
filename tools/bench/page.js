// SPDX-License-Identifier: GPL-2.0-or-later
// usage: page.js FILE: opens a page that xprof html wrote and uses it, in a headless Chromium that traces itself.
// A line for each thing done: NAME SECONDS CPU TASK TASK-CPU: how long it took; CPU time of the page's main thread meanwhile (s); the
// longest of its tasks, by the clock and by CPU time (ms).
'use strict';
const { Browser, sleep } = require('./browser');
const { Trace } = require('./trace');

const FLAME = '#panel-flame canvas', CTRL = 2;

async function open(page, file) {
	await page.open(`file://${file}`);
	await page.ready();
}

async function view(page, key) {
	await page.press(key);
	await page.settle();
}

async function wheel(page) {
	const box = await page.box(FLAME);
	for (let i = 0; i < 60; i++) {
		await page.mouse('mouseWheel', box.x + box.width / 3, box.y + 60, { deltaX: 0, deltaY: i < 35 ? -120 : 120, modifiers: CTRL });
		await page.settle();
	}
}

async function clicks(page) {
	const box = await page.box(FLAME);
	for (let i = 0; i < 8; i++) {
		await page.click(box.x + box.width / 3, box.y + 10 + 19 * (i % 6));
		await sleep(250);
	}
}

// A range that grows while it is dragged, and what is open follows.
async function drag(page) {
	const box = await page.box('.lane-area'), x = (i) => box.x + box.width * (0.3 + i * 0.015), y = box.y + 10;
	await page.mouse('mouseMoved', x(0), y);
	await page.mouse('mousePressed', x(0), y, { button: 'left', buttons: 1, clickCount: 1 });
	for (let i = 0; i < 20; i++) {
		await page.mouse('mouseMoved', x(i), y, { button: 'left', buttons: 1 });
		await page.settle();
	}
	await page.mouse('mouseReleased', x(19), y, { button: 'left', clickCount: 1 });
	await page.settle();
}

async function all(page) {
	await page.press('Escape');
	await page.settle();
}

async function search(page) {
	await page.press('/');
	for (const letter of 'xen_1')
		await page.press(letter);
	await page.settle();
	await page.evaluate("(() => { const s = document.getElementById('search'); s.value = ''; s.dispatchEvent(new Event('input')); s.blur(); })()");
	await page.settle();
}

const VIEWS = [['overview', '1'], ['functions', '2'], ['flame', '3'], ['sandwich', '4'], ['heat', '5'], ['instructions', '6'], ['host', '7']];

(async () => {
	const browser = new Browser(), trace = new Trace(browser), page = await browser.page();
	const measure = async (name, act) => {
		const { seconds, cpu, task, taskCpu } = await trace.of(act);
		console.log(name, seconds.toFixed(3), cpu.toFixed(3), task.toFixed(1), taskCpu.toFixed(1));
	};
	await page.send('Emulation.setDeviceMetricsOverride', { width: 1440, height: 1000, deviceScaleFactor: 1, mobile: false });
	await browser.atRest();
	await measure('load', () => open(page, process.argv[2]));
	for (const [name, key] of VIEWS.slice(1))
		await measure(`view-${name}`, () => view(page, key));
	await view(page, '3');
	await measure('zoom-wheel', () => wheel(page));
	await measure('zoom-click', () => clicks(page));
	for (const [name, key] of VIEWS.slice(0, 5)) {
		await view(page, key);
		await measure(`range-${name}`, () => drag(page));
		await all(page);
	}
	await view(page, '3');
	await measure('search', () => search(page));
	await browser.close();
})().catch((error) => {
	console.error(`page.js: ${error.stack}`);
	process.exit(1);
});
