// SPDX-License-Identifier: GPL-2.0-or-later
// A push.v1.PushRequest on stdin; its first series' first sample's raw_profile, inflated, on stdout.
'use strict';
const fs = require('fs'), zlib = require('zlib');

function varint(b, at) {
	let value = 0, scale = 1;
	for (;; scale *= 128) {
		value += (b[at] & 127) * scale;
		if (b[at++] < 128)
			return [value, at];
	}
}
// The first field of that number, all being length-delimited.
function field(b, number) {
	for (let at = 0, key, len; at < b.length; at += len) {
		[key, at] = varint(b, at);
		[len, at] = varint(b, at);
		if (key === number * 8 + 2)
			return b.subarray(at, at + len);
	}
	throw new Error(`no field ${number}`);
}
process.stdout.write(zlib.gunzipSync(field(field(field(fs.readFileSync(0), 1), 2), 1)));
