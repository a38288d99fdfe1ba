// SPDX-License-Identifier: GPL-2.0-or-later
// A selected range is what report --time says of it, and every view follows.
'use strict';
const assert = require('assert');
const { t, load, tab, close, cells, settle } = require('./browser');
const { Report } = require('./report');

const value = (page, label) => page.getByRole('slider', { name: label }).getAttribute('aria-valuenow').then(Number);
const moment = (page, label) => page.getByRole('slider', { name: label }).getAttribute('aria-valuetext').then(parseFloat);

module.exports = async ({ xprof, dir, browser }) => {
	const page = await load(browser, `${dir}/chains.html`), from = 'Range begins at', to = 'Range ends at';
	const whole = await cells(page, 'overview');

	await t('range: handles move by keys', async () => {
		for (const [label, key, times] of [[from, 'ArrowRight', 25], [to, 'ArrowLeft', 30]]) {
			await page.getByRole('slider', { name: label }).focus();
			for (let i = 0; i < times; i++)
				await page.keyboard.press(key);
		}
		await settle(page);
		const slices = Number(await page.getByRole('slider', { name: from }).getAttribute('aria-valuemax'));
		assert.ok(Math.abs(await value(page, from) / slices - 0.25) < 0.03);
		assert.ok(Math.abs(await value(page, to) / slices - 0.7) < 0.03);
	});
	const report = new Report(xprof, `${dir}/chains.xprof`, '--time', `${await moment(page, from)}-${await moment(page, to)}`);
	await t('range: samples and sums are those of report --time', async () => {
		const seen = await page.$eval('#facts', (e) => [Number(e.dataset.samples), Number(e.dataset.busy)]);
		assert.deepStrictEqual(seen, [report.json.samples.cycles, report.sum('cycles')]);
	});
	await t('range: domains follow', async () => {
		const rows = await cells(page, 'overview');
		assert.notDeepStrictEqual(rows, whole);
		for (const domain of report.domains)
			assert.strictEqual(rows.find(([text]) => text.startsWith(`${domain} (`))[1], report.share('cycles', (s) => s.domain === domain), domain);
	});
	await t('range: functions follow', async () => {
		await tab(page, 'Functions');
		const row = (await cells(page, 'functions')).find((r) => !r[r.length - 4].startsWith('[')), [text, mode, , domain] = row.slice(-4);
		assert.strictEqual(row[0], report.share('cycles', (s) => s.symbol === text && s.mode === mode.toLowerCase() && domain.startsWith(`${s.domain} (`)));
	});
	await t('range: the flame graph follows', async () => {
		await tab(page, 'Flame graph');
		const item = await page.locator('#panel-flame [role=treeitem]').textContent();
		assert.ok(item.includes(`samples ${report.sum('cycles', 'samples').toLocaleString('en-US')}`), item);
	});
	await t('range: a drag over the timeline selects, Escape takes it back', async () => {
		const box = await page.locator('.lane-area').boundingBox(), y = box.y + box.height / 2;
		await page.keyboard.press('Escape');
		await page.mouse.move(box.x + box.width * 0.5, y);
		await page.mouse.down();
		await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
		await page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 });
		await page.mouse.up();
		await settle(page);
		const slices = Number(await page.getByRole('slider', { name: from }).getAttribute('aria-valuemax'));
		assert.ok(Math.abs(await value(page, from) / slices - 0.5) < 0.02 && Math.abs(await value(page, to) / slices - 0.75) < 0.02);
		await page.keyboard.press('Escape');
		await settle(page);
		assert.deepStrictEqual([await value(page, from), await value(page, to)], [0, slices]);
	});
	await t('range: lanes are by CPU or by domain', async () => {
		const names = () => page.locator('.lane-names').innerText().then((text) => text.split('\n'));
		assert.deepStrictEqual(await names(), ['CPU 0', 'CPU 1', 'CPU 2', 'CPU 3']);
		await page.getByRole('button', { name: 'by domain' }).first().click();
		await settle(page);
		assert.strictEqual((await names())[0], 'Domain-0');
	});
	await t('range: nothing went wrong', () => assert.deepStrictEqual(page.problems, []));
	await close(page);
};
