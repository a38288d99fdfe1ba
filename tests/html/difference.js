// SPDX-License-Identifier: GPL-2.0-or-later
// Two profiles, of which one function was made to take 30 times as much.
'use strict';
const assert = require('assert');
const { execFileSync } = require('child_process');
const { t, load, tab, close, cells, settle } = require('./browser');
const { Report } = require('./report');

module.exports = async ({ xprof, dir, browser }) => {
	const page = await load(browser, `${dir}/diff.html`), now = new Report(xprof, `${dir}/new.xprof`), was = new Report(xprof, `${dir}/old.xprof`);
	const share = (report) => report.share('timer', (s) => s.symbol === 'linux_get_page_0' && s.domain === 'Domain-0');

	await t('difference: what was made to grow is first, with both reports\' shares', async () => {
		await tab(page, 'Difference');
		await page.getByRole('button', { name: 'share of all' }).click();
		await settle(page);
		const row = (await page.$$eval('#panel-difference tbody tr', (rows) => rows.slice(0, 1).map((r) => [...r.cells].map((c) => c.innerText.trim()))))[0];
		assert.deepStrictEqual([row[4], row[7]], ['linux_get_page_0', 'Domain-0']);
		assert.deepStrictEqual(row.slice(0, 2), [share(was), share(now)]);
		assert.match(row[2], /^\+/);
	});
	await t('difference: what is more than chance are the rows of xprof diff', async () => {
		const diff = JSON.parse(execFileSync(xprof, ['diff', '--json', '-s', 'domain,mode,image,symbol', `${dir}/old.xprof`, `${dir}/new.xprof`], { maxBuffer: 1 << 28 }));
		const wanted = diff.events[0].rows.filter((r) => r.significant).map((r) => `${r.symbol || '[unresolved]'} ${r.domain}`).sort();
		for (let more; (more = page.locator('#panel-difference .more button')) && await more.count();)
			await more.click();
		const rows = await page.$$eval('#panel-difference tbody tr', (all) => all.map((r) => [...r.cells].map((c) => c.innerText.trim())));
		assert.ok(wanted.includes('linux_get_page_0 Domain-0'));
		assert.deepStrictEqual(rows.filter((r) => r[3].startsWith('yes')).map((r) => `${r[4]} ${r[7]}`).sort(), wanted);
	});
	await t('difference: it is orange in the flame graph, by key', async () => {
		await page.locator('#search').fill('linux_get_page_0');
		await settle(page);
		await page.locator('#search').fill('');
		await page.locator('#panel-difference [role=tree]').focus();
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Enter');
		await settle(page);
		assert.strictEqual(await page.locator('#details .name').textContent(), 'linux_get_page_0');
		const color = await page.$eval('#panel-difference canvas', (c) => [...c.getContext('2d').getImageData(c.width - 10, 2 * 19 * c.width / c.clientWidth + 3, 1, 1).data]);
		assert.ok(color[0] > color[2] + 80, `${color}`);
	});
	await t('difference: widths may be those of either side', async () => {
		const canvas = page.locator('#panel-difference canvas'), seen = [];
		await page.locator('#panel-difference').getByRole('button', { name: 'Reset zoom' }).click();
		for (const name of ['width: larger of both', 'base', 'this profile']) {
			await page.locator('#panel-difference').getByRole('button', { name, exact: true }).click();
			await settle(page);
			seen.push((await canvas.screenshot()).toString('base64'));
		}
		assert.strictEqual(new Set(seen).size, 3);
	});
	await t('difference: nothing went wrong', () => assert.deepStrictEqual(page.problems, []));
	await close(page);
};
