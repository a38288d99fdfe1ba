// SPDX-License-Identifier: GPL-2.0-or-later
'use strict';
const assert = require('assert');
const { t, load, tab, close, settle } = require('./browser');

const range = (page) => page.$$eval('[role=slider]', (handles) => handles.map((h) => Number(h.getAttribute('aria-valuenow'))));

module.exports = async ({ dir, browser }) => {
	const page = await load(browser, `${dir}/chains.html`);

	await t('heat map: two clicks select from one cell to the other', async () => {
		await tab(page, 'Heat map');
		const box = await page.locator('#panel-heat canvas').boundingBox(), columns = Math.ceil((await range(page))[1] / 50), wide = box.width / columns;
		await page.mouse.click(box.x + 2.5 * wide, box.y + box.height - 2);
		await page.mouse.click(box.x + 4.5 * wide, box.y + 2);
		await settle(page);
		assert.deepStrictEqual(await range(page), [100, 250]);
	});
	await t('heat map: by keys, too', async () => {
		await page.locator('.heat-area').focus();
		await page.keyboard.press('Home');
		for (const key of ['ArrowRight', 'ArrowUp', 'ArrowUp', ' ', 'ArrowRight', ' '])
			await page.keyboard.press(key);
		await settle(page);
		assert.deepStrictEqual(await range(page), [52, 103]);
	});
	await t('heat map: a column at once', async () => {
		const box = await page.locator('#panel-heat canvas').boundingBox();
		await page.mouse.click(box.x + 3, box.y + box.height - 2);
		await page.getByRole('button', { name: 'Select this column' }).click();
		await settle(page);
		assert.deepStrictEqual(await range(page), [0, 50]);
	});
	await t('heat map: nothing went wrong', () => assert.deepStrictEqual(page.problems, []));
	await close(page);
};
