// SPDX-License-Identifier: GPL-2.0-or-later
// A Chromium, pages in it, and what went wrong there; a case is a sentence and a function that throws.
'use strict';
const { chromium } = require('playwright-core');

const counts = { passed: 0, failed: 0 };

async function t(sentence, test) {
	const begin = Date.now();
	try {
		await test();
		console.log(`ok - ${sentence} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
		counts.passed++;
	} catch (error) {
		console.log(`not ok - ${sentence}`);
		console.log(String(error.stack || error).split('\n').slice(0, 12).map((line) => `    | ${line}`).join('\n'));
		counts.failed++;
	}
}

const open = () => chromium.launch({
	executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'], timeout: 120000,
});

// The page, when it is ready; page.problems: errors, warnings, violations of its policy, requests for anything else.
async function load(browser, file, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
	const page = await context.newPage();
	page.setDefaultTimeout(180000); // of machines that do much else
	page.problems = [];
	page.on('pageerror', (e) => page.problems.push(`error: ${e.message}`));
	// Reading canvases back is what tests do, not the page.
	page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !m.text().includes('willReadFrequently') && page.problems.push(`${m.type()}: ${m.text()}`));
	page.on('request', (r) => r.url() !== `file://${file}` && page.problems.push(`request: ${r.url()}`));
	page.on('dialog', (d) => {
		page.problems.push(`dialog: ${d.message()}`);
		d.dismiss();
	});
	await page.goto(`file://${file}`);
	if (options.javaScriptEnabled !== false)
		await page.waitForSelector('html[data-ready]', { state: 'attached' });
	return page;
}

// Two frames later all that was to be drawn is.
const settle = (page) => page.evaluate(() => new Promise((done) => {
	requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
}));

async function tab(page, name) {
	await page.getByRole('tab', { name, exact: true }).click();
	await settle(page);
}

async function close(page) {
	await page.context().close();
}

// Cells of a table's body, as text.
const cells = (page, panel) => page.$$eval(`#panel-${panel} table`, (tables) => [...tables[0].tBodies[0].rows].map((row) => [...row.cells].map((c) => c.innerText.trim())));

module.exports = { t, counts, open, load, settle, tab, close, cells };
