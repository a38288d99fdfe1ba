// SPDX-License-Identifier: GPL-2.0-or-later
// Names that a guest has chosen to do harm (mkprofile --hostile) are shown, and nothing else happens.
'use strict';
const assert = require('assert');
const { execFileSync } = require('child_process');
const { t, load, tab, close, cells, settle } = require('./browser');

const TABS = ['Domains', 'Functions', 'Flame graph', 'Callers and callees', 'Heat map', 'Instructions', 'Host and method'];

module.exports = async ({ xprof, dir, browser }) => {
	const page = await load(browser, `${dir}/hostile.html`);

	await t('harm: no name becomes an element, none is executed', async () => {
		for (const name of TABS)
			await tab(page, name);
		await page.locator('#event').focus();
		await page.keyboard.press('/');
		await page.keyboard.type('<img');
		await settle(page);
		assert.strictEqual(await page.evaluate('window.harmed'), undefined);
		assert.strictEqual(await page.locator('img, svg, b:not(.pair b), iframe').count(), 0);
		assert.strictEqual(await page.locator('script').count(), 2);
		assert.deepStrictEqual(page.problems, []);
	});
	await t('harm: names are shown as they are, control characters escaped', async () => {
		await page.keyboard.press('Escape');
		await tab(page, 'Domains');
		const names = (await cells(page, 'overview')).map(([text]) => text);
		assert.ok(names.some((n) => n.startsWith('<img src=x onerror=window.harmed=2>1 (1)')), names.join('; '));
		await tab(page, 'Functions');
		assert.ok((await cells(page, 'functions')).some((r) => r.join(' ').includes('<img src=x onerror=window.harmed=2>_')));
		await tab(page, 'Flame graph');
		await page.getByRole('button', { name: 'domains, processes' }).click();
		await settle(page);
		await page.locator('#panel-flame [role=tree]').focus();
		await page.keyboard.press('ArrowDown');
		const seen = [];
		await page.keyboard.press('ArrowDown');
		for (let i = 0; i < 12; i++) {
			seen.push(await page.locator('#panel-flame [role=treeitem]').textContent());
			await page.keyboard.press('ArrowRight');
		}
		assert.ok(seen.some((text) => text.startsWith('</script><script>window.harmed=1</script>0,')), seen.join('\n'));
		assert.ok(seen.some((text) => text.startsWith('\\x1b[31mred\\x074,')), seen.join('\n'));
	});
	await close(page);

	await t('harm: an inline script that somebody adds is refused by the policy', async () => {
		const other = await load(browser, `${dir}/host.html`);
		await other.evaluate(() => {
			const script = document.createElement('script');
			script.textContent = 'window.harmed = 4';
			document.body.append(script);
			document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.harmed=5">');
		});
		await settle(other);
		assert.strictEqual(await other.evaluate('window.harmed'), undefined);
		assert.ok(other.problems.some((p) => p.includes('Content Security Policy')), other.problems.join('; '));
		await close(other);
	});
	await t('harm: an anonymous page has no name of the host', async () => {
		execFileSync(xprof, ['html', '--anonymize=salt', `${dir}/host.xprof`, '-o', `${dir}/anonymous.html`], { stdio: 'ignore' });
		const anonymous = await load(browser, `${dir}/anonymous.html`);
		for (const name of TABS) {
			await tab(anonymous, name);
			assert.ok(!/web1|db1|xenstored|host\.xprof/.test(await anonymous.locator('body').innerText()), name);
		}
		assert.deepStrictEqual(anonymous.problems, []);
		await close(anonymous);
	});
};
