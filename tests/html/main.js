// SPDX-License-Identifier: GPL-2.0-or-later
// usage: main.js XPROF DIR: all cases, in one browser.
'use strict';
const { counts, open } = require('./browser');

(async () => {
	const [xprof, dir] = process.argv.slice(2), browser = await open(), job = { xprof, dir, browser };
	try {
		for (const part of ['totals', 'range', 'flame', 'difference', 'heat', 'harm', 'access', 'looks'])
			await require(`./${part}`)(job);
	} finally {
		await browser.close();
	}
	console.log(`html: ${counts.passed} passed, ${counts.failed} failed, 0 skipped`);
	process.exit(counts.failed ? 1 : 0);
})().catch((error) => {
	console.log(`not ok - the browser starts\n    | ${error.message.split('\n')[0]}`);
	console.log(`html: ${counts.passed} passed, ${counts.failed + 1} failed, 0 skipped`);
	process.exit(1);
});
