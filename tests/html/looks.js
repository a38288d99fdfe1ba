// SPDX-License-Identifier: GPL-2.0-or-later
// Screenshots are compared with others of the same run, not with files: fonts differ from machine to machine.
'use strict';
const assert = require('assert');
const { t, load, tab, close, settle } = require('./browser');

async function shots(browser, file, options) {
	const page = await load(browser, file, options), pictures = {};
	for (const name of await page.getByRole('tab').allInnerTexts()) {
		await tab(page, name);
		pictures[name] = await page.screenshot({ fullPage: true });
	}
	assert.deepStrictEqual(page.problems, []);
	await close(page);
	return pictures;
}

// How many different colours the canvases that are seen have.
const colors = (page) => page.$$eval('canvas', (all) => all.filter((c) => c.offsetParent && c.width).map((c) => {
	const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
	return new Set(new Uint32Array(data.buffer)).size;
}));

module.exports = async ({ dir, browser }) => {
	const light = await shots(browser, `${dir}/diff.html`, { colorScheme: 'light' });

	await t('looks: every view looks different, and the same again when it is loaded again', async () => {
		const again = await shots(browser, `${dir}/diff.html`, { colorScheme: 'light' }), pictures = Object.values(light).map((p) => p.toString('base64'));
		assert.strictEqual(new Set(pictures).size, pictures.length);
		for (const [name, picture] of Object.entries(light))
			assert.ok(picture.equals(again[name]), name);
	});
	await t('looks: dark is dark, in every view', async () => {
		const page = await load(browser, `${dir}/diff.html`, { colorScheme: 'dark' });
		for (const name of Object.keys(light)) {
			await tab(page, name);
			assert.ok(!light[name].equals(await page.screenshot({ fullPage: true })), name);
		}
		const [r] = await page.$eval('.card canvas', (c) => [...c.getContext('2d').getImageData(1, 3, 1, 1).data]);
		assert.ok(r < 80, `${r}`);
		await page.emulateMedia({ colorScheme: 'light' });
		await settle(page);
		await tab(page, 'Domains');
		assert.ok(light.Domains.equals(await page.screenshot({ fullPage: true })), 'light again');
		await close(page);
	});
	await t('looks: charts are not blank', async () => {
		const page = await load(browser, `${dir}/chains.html`);
		for (const [name, least] of [['Domains', 4], ['Flame graph', 4], ['Callers and callees', 3], ['Heat map', 6]]) {
			await tab(page, name);
			for (const nr of await colors(page))
				assert.ok(nr >= least, `${name}: ${nr} colours`);
		}
		await close(page);
	});
	for (const width of [360, 768])
		await t(`looks: nothing is wider than a window of ${width} pixels`, async () => {
			const page = await load(browser, `${dir}/chains.html`, { viewport: { width, height: 800 } });
			for (const name of await page.getByRole('tab').allInnerTexts()) {
				await tab(page, name);
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, name);
			}
			await close(page);
		});
	await t('looks: without JavaScript the page says what it is', async () => {
		const page = await load(browser, `${dir}/host.html`, { javaScriptEnabled: false });
		assert.match(await page.locator('noscript').innerText(), /xprof report/);
		await close(page);
	});
};
