// SPDX-License-Identifier: GPL-2.0-or-later
// usage: speedscope.js FILE: checks it by speedscope's own schema; prints each profile's name and the sum of its weights.
'use strict';
const fs = require('fs');
const path = require('path');
const Ajv = require('ajv');

const schema = path.join(process.env.NODE_PATH, 'speedscope/dist/release/file-format-schema.json');
const validate = new Ajv({ strict: false }).compile(JSON.parse(fs.readFileSync(schema)));
const file = JSON.parse(fs.readFileSync(process.argv[2]));

if (!validate(file)) {
	console.error(validate.errors.slice(0, 5));
	process.exit(1);
}
for (const p of file.profiles) {
	if (p.samples.length !== p.weights.length || p.samples.some((s) => s.some((i) => i >= file.shared.frames.length))) {
		console.error(`${p.name}: stacks and weights, or stacks and frames, do not fit`);
		process.exit(1);
	}
	console.log(p.name, p.weights.reduce((a, b) => a + b, 0));
}
