// SPDX-License-Identifier: GPL-2.0-or-later
// axe-core's rules (WCAG 2.2 A and AA, best practices) hold in every view, light and dark; all is reached by keys.
'use strict';
const assert = require('assert');
const fs = require('fs');
const { t, load, tab, close, settle } = require('./browser');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

async function violations(page) {
	await page.evaluate(axe); // by the debugger's way in: the policy is not for it
	const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
	return found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary.slice(0, 300)}`).join(' | ')}`);
}

module.exports = async ({ dir, browser }) => {
	await t('access: axe would find something', async () => {
		const page = await load(browser, `${dir}/host.html`);
		await page.evaluate(() => {
			byFault(document.createElement('button'));
			byFault(Object.assign(document.createElement('p'), { textContent: 'grey on grey' })).style.color = '#d0d0d0';
			function byFault(e) {
				return document.querySelector('main').appendChild(e);
			}
		});
		const found = (await violations(page)).map((v) => v.split(':')[0]).sort();
		assert.deepStrictEqual(found, ['button-name', 'color-contrast']);
		await close(page);
	});
	for (const colorScheme of ['light', 'dark']) {
		const page = await load(browser, `${dir}/diff.html`, { colorScheme });
		const tabs = await page.getByRole('tab').allInnerTexts();
		await t(`access: axe finds nothing in ${tabs.length} views, ${colorScheme}`, async () => {
			for (const name of tabs) {
				await tab(page, name);
				assert.deepStrictEqual(await violations(page), [], name);
			}
		});
		await t(`access: nor with a range, one domain, pinned details and the keys' dialog, ${colorScheme}`, async () => {
			await tab(page, 'Domains');
			await page.locator('#panel-overview tbody button').first().click();
			await page.getByRole('slider', { name: 'Range begins at' }).focus();
			await page.keyboard.press('PageUp');
			await tab(page, 'Functions');
			await page.locator('#panel-functions tbody button').first().click();
			await settle(page);
			assert.deepStrictEqual(await violations(page), []);
			await page.keyboard.press('?');
			assert.deepStrictEqual(await violations(page), []);
			await page.keyboard.press('Escape');
		});
		await close(page);
	}
	await t('access: Tab reaches the views, arrow keys change them, the focus is seen', async () => {
		const page = await load(browser, `${dir}/host.html`), active = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
		const seen = [];
		for (let i = 0; i < 40 && !seen.includes('tab-overview'); i++) {
			await page.keyboard.press('Tab');
			seen.push(await active());
		}
		for (const id of ['event', 'search', 'help-button', 'by-cpu', 'handle', 'tab-overview'])
			assert.ok(seen.includes(id), `${id} in ${seen.join(' ')}`);
		await page.keyboard.press('ArrowRight');
		assert.strictEqual(await active(), 'tab-functions');
		assert.notStrictEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
		await close(page);
	});
};
