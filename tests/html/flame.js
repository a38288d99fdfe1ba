// SPDX-License-Identifier: GPL-2.0-or-later
// Flame graph, search, callers and callees: by pointer and by keys.
'use strict';
const assert = require('assert');
const { t, load, tab, close, cells, settle } = require('./browser');
const { Report } = require('./report');

const item = (page, panel) => page.locator(`#panel-${panel} [role=treeitem]`).first().textContent();

// The colour that the canvas has at (x, y).
const colorAt = (page, panel, x, y) => page.$eval(`#panel-${panel} canvas`, (canvas, [px, py]) => {
	const scale = canvas.width / canvas.clientWidth;
	return [...canvas.getContext('2d').getImageData(px * scale, py * scale, 1, 1).data.slice(0, 3)].join(' ');
}, [x, y]);

const colorOf = (page, name) => page.evaluate((n) => {
	const hex = parseInt(getComputedStyle(document.documentElement).getPropertyValue(n).trim().slice(1), 16);
	return [hex >> 16, hex >> 8 & 255, hex & 255].join(' ');
}, name);

async function keys(page, report) {
	await t('flame graph: arrow keys walk it, the item with the focus is told', async () => {
		await tab(page, 'Flame graph');
		await page.locator('#panel-flame [role=tree]').focus();
		assert.match(await item(page, 'flame'), /^all, total 100\.00%/);
		await page.keyboard.press('ArrowDown');
		assert.ok((await item(page, 'flame')).startsWith(`Domain-0, total ${report.share('cycles', (s) => s.domain === 'Domain-0')}`), await item(page, 'flame'));
		await page.keyboard.press('ArrowRight');
		assert.match(await item(page, 'flame'), /^guest\d, /);
		await page.keyboard.press('ArrowLeft');
		await page.keyboard.press('ArrowDown');
		assert.strictEqual(await page.locator('#panel-flame [role=treeitem]').getAttribute('aria-level'), '3');
	});
	await t('flame graph: beside a domain lie the others, most first, and nothing more', async () => {
		await page.keyboard.press('ArrowUp');
		const first = await item(page, 'flame'), seen = [first];
		for (;;) {
			await page.keyboard.press('ArrowRight');
			const next = await item(page, 'flame');
			if (next === seen.at(-1))
				break;
			seen.push(next);
		}
		const sums = report.domains.map((d) => [d, report.sum('cycles', 'counts', (s) => s.domain === d)]).sort((a, b) => b[1] - a[1]);
		assert.deepStrictEqual(seen.map((text) => text.split(',')[0]), sums.map(([d]) => d));
		for (let i = 1; i < seen.length; i++)
			await page.keyboard.press('ArrowLeft');
		assert.strictEqual(await item(page, 'flame'), first);
		await page.keyboard.press('ArrowDown');
	});
	await t('flame graph: Enter zooms and pins, Escape resets', async () => {
		await page.keyboard.press('Enter');
		await settle(page);
		assert.match(await page.locator('#panel-flame .path').textContent(), /^Zoomed to Domain-0 › /);
		assert.ok(await page.locator('#details.pinned').isVisible());
		await page.keyboard.press('Escape');
		await settle(page);
		assert.match(await page.locator('#panel-flame .path').textContent(), /^Click a frame/);
	});
}

async function pointer(page) {
	await t('flame graph: a click zooms, what was clicked fills the width, details stay', async () => {
		const box = await page.locator('#panel-flame canvas').boundingBox();
		const right = () => colorAt(page, 'flame', Math.floor(box.width) - 12, 2 * 19 + 4);
		await page.mouse.click(box.x + 30, box.y + 2 * 19 + 8);
		await settle(page);
		const name = await page.locator('#details .name').textContent();
		assert.ok((await page.locator('#panel-flame .path').textContent()).includes(name), name);
		await page.mouse.move(10, 10);
		assert.strictEqual(await page.locator('#details .name').textContent(), name);
		assert.strictEqual(await right(), await colorAt(page, 'flame', 2, 2 * 19 + 4));
		await page.getByRole('button', { name: 'Reset zoom' }).first().click();
		await page.getByRole('button', { name: 'Unpin' }).click();
		assert.ok(!await page.locator('#details').isVisible());
	});
	await t('flame graph: colours say whose code it is', async () => {
		assert.strictEqual(await colorAt(page, 'flame', 5, 19 + 3), await colorOf(page, '--group-soft'));
		const soft = await Promise.all(['--xen-soft', '--kernel-soft', '--user-soft', '--cut-soft'].map((n) => colorOf(page, n)));
		assert.ok(soft.includes(await colorAt(page, 'flame', 5, 2 * 19 + 3)));
	});
	await t('flame graph: Ctrl and the wheel zoom', async () => {
		const box = await page.locator('#panel-flame canvas').boundingBox(), before = await page.locator('#panel-flame canvas').screenshot();
		await page.mouse.move(box.x + box.width / 2, box.y + 30);
		await page.keyboard.down('Control');
		await page.mouse.wheel(0, -300);
		await page.keyboard.up('Control');
		await settle(page);
		assert.ok(!before.equals(await page.locator('#panel-flame canvas').screenshot()));
		await page.locator('#panel-flame [role=tree]').focus();
		await page.keyboard.press('Escape');
	});
}

async function search(page, report) {
	await t('search: its share is the report\'s, rows are those that match', async () => {
		await page.keyboard.press('/');
		await page.keyboard.type('XEN_');
		await settle(page);
		const share = /“xen_” is in ([\d.]+%)/.exec(await page.locator('#panel-flame .path').textContent())[1];
		const callers = report.json.symbols.filter((s) => s.symbol && s.symbol.startsWith('xen_'));
		assert.ok(callers.length > 3);
		assert.ok(parseFloat(share) >= parseFloat(report.share('cycles', (s) => callers.includes(s))));
		await tab(page, 'Functions');
		for (const row of await cells(page, 'functions'))
			assert.ok(row.join(' ').toLowerCase().includes('xen'), row.join(' '));
		await page.keyboard.press('Escape');
		await settle(page);
		assert.strictEqual(await page.inputValue('#search'), '');
	});
}

async function sandwich(page, report) {
	await t('callers and callees: a function has the report\'s sum with all that it calls', async () => {
		await tab(page, 'Callers and callees');
		await page.locator('#panel-sandwich').getByRole('button', { name: 'With callees' }).click();
		await settle(page);
		const row = (await cells(page, 'sandwich')).find((r) => !r[2].startsWith('['));
		const children = report.json.symbols.filter((s) => s.symbol === row[2]).reduce((sum, s) => sum + s.children.cycles, 0);
		assert.strictEqual(row[1], `${(100 * children / report.sum('cycles')).toFixed(2)}%`, row[2]);
		await page.locator('#panel-sandwich').getByRole('button', { name: row[2], exact: true }).click();
		await settle(page);
		assert.ok((await page.locator('#panel-sandwich h2').textContent()).endsWith(row[2]));
		for (const tree of await page.locator('#panel-sandwich [role=tree]').all()) {
			await tree.focus();
			await page.keyboard.press('ArrowDown');
			await page.keyboard.press('ArrowUp');
			assert.match(await tree.locator('[role=treeitem]').textContent(), /of the function [\d.]+%, of all [\d.]+%/);
		}
	});
}

module.exports = async ({ xprof, dir, browser }) => {
	const page = await load(browser, `${dir}/chains.html`), report = new Report(xprof, `${dir}/chains.xprof`, '-g');

	await keys(page, report);
	await pointer(page);
	await search(page, report);
	await sandwich(page, report);
	await t('flame graph: nothing went wrong', () => assert.deepStrictEqual(page.problems, []));
	await close(page);
};
