// SPDX-License-Identifier: GPL-2.0-or-later
// What the page shows of the whole recording is what the report says.
'use strict';
const assert = require('assert');
const { t, load, tab, close, cells, settle } = require('./browser');
const { Report } = require('./report');

async function facts(page) {
	await settle(page);
	return page.$eval('#facts', (e) => ({ busy: Number(e.dataset.busy), samples: Number(e.dataset.samples) }));
}

module.exports = async ({ xprof, dir, browser }) => {
	for (const name of ['host', 'chains']) {
		const report = new Report(xprof, `${dir}/${name}.xprof`), page = await load(browser, `${dir}/${name}.html`);

		await t(`${name}: opens without an error, a warning or a request`, () => assert.deepStrictEqual(page.problems, []));
		await t(`${name}: every event's samples, and what they stand for, are the report's`, async () => {
			for (const [i, event] of report.events.entries()) {
				await page.selectOption('#event', String(i));
				const { busy, samples } = await facts(page);
				assert.strictEqual(samples, report.json.samples[event], `samples of ${event}`);
				assert.strictEqual(busy, report.sum(event), event);
			}
			await page.selectOption('#event', '0');
		});
		await t(`${name}: every domain's share of every event is the report's`, async () => {
			await settle(page);
			const rows = await cells(page, 'overview');
			assert.strictEqual(rows.length, report.domains.length);
			for (const domain of report.domains) {
				const row = rows.find(([text]) => text.startsWith(`${domain} (`));
				assert.ok(row, domain);
				assert.deepStrictEqual(row.slice(1, 1 + report.events.length), report.events.map((e) => report.share(e, (s) => s.domain === domain)), domain);
			}
		});
		await t(`${name}: functions with names have the report's shares`, async () => {
			await tab(page, 'Functions');
			const rows = await cells(page, 'functions'), nr = report.events.length, [event] = report.events;
			let compared = 0;
			for (const row of rows) {
				const [text, mode, , domain] = row.slice(-4);
				if (text.startsWith('['))
					continue;
				const same = report.json.symbols.filter((s) => s.symbol === text && s.mode === mode.toLowerCase() && domain.startsWith(`${s.domain} (`));
				assert.strictEqual(same.length, 1, row.join(' '));
				assert.strictEqual(row[0], report.share(event, (s) => s === same[0]), text);
				compared++;
			}
			assert.ok(compared > 5 && nr, `only ${compared} rows have names`);
		});
		await t(`${name}: a flame graph without call chains says so`, async () => {
			await tab(page, 'Flame graph');
			assert.strictEqual(await page.locator('#panel-flame').getByText('xprof record -g').count(), name === 'host' ? 1 : 0);
		});
		await t(`${name}: one domain alone has its part of everything`, async () => {
			await tab(page, 'Domains');
			const domain = report.domains.find((d) => d !== 'Domain-0');
			await page.locator('#panel-overview').getByRole('button', { name: domain }).click();
			assert.strictEqual((await facts(page)).busy, report.sum(report.events[0], 'counts', (s) => s.domain === domain));
			await page.getByRole('button', { name: 'All domains', exact: true }).click();
			assert.strictEqual((await facts(page)).busy, report.sum(report.events[0]));
		});
		await close(page);
	}
};
