// SPDX-License-Identifier: GPL-2.0-or-later
// The data block: base64, zlib; then four bytes (how long the JSON is), JSON, and columns of varints (userspace/lib/html/README.md).

async function unpack(text) {
	const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
	if (typeof DecompressionStream === 'undefined')
		throw new Error('this browser cannot decompress the data; Firefox 113, Chrome 80 or Safari 16.4 and newer can');
	await pause();
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

class Column {
	constructor(bytes) {
		this.bytes = bytes;
		this.at = 0;
	}

	// LEB128. Above 2^53 digits are lost, as in all numbers here.
	next() {
		const { bytes } = this;
		let byte = bytes[this.at++], value = byte & 127;
		for (let factor = 128; byte > 127; factor *= 128) {
			byte = bytes[this.at++];
			value += (byte & 127) * factor;
		}
		return value;
	}

	take(array) {
		for (let i = 0; i < array.length; i++)
			array[i] = this.next();
		return array;
	}
}

const unzigzag = (n) => (n % 2 ? -(n + 1) / 2 : n / 2);

function decodeRows(column, nr) {
	const rows = {
		nr, domain: column.take(new Uint32Array(nr)), mode: column.take(new Uint8Array(nr)), kind: new Uint8Array(nr),
		process: column.take(new Uint32Array(nr)), image: column.take(new Uint32Array(nr)), name: column.take(new Uint32Array(nr)),
	};
	for (let i = 0; i < nr; i++) {
		rows.kind[i] = rows.mode[i] & 7;
		rows.mode[i] >>= 3;
	}
	return rows;
}

function decodeCalls(column, nr) {
	const calls = { nr, caller: new Uint32Array(nr), row: new Uint32Array(nr) };
	for (let i = 1; i < nr; i++)
		calls.caller[i] = i - column.next();
	for (let i = 1; i < nr; i++)
		calls.row[i] = column.next();
	return calls;
}

// Cells: entries of one event, slice and CPU; cell i has entries first[i] to first[i + 1] - 1.
function decodeCells(column, meta) {
	const nr = meta.cells, nrCpus = Math.max(meta.cpus.length, 1), cells = {
		nr, event: new Uint8Array(nr), slice: new Uint32Array(nr), cpu: new Uint16Array(nr), first: new Uint32Array(nr + 1), base: new Float64Array(nr),
	};
	let number = 0, at = 0;
	for (let c = 0; c < nr; c++) {
		number += column.next();
		const line = Math.floor(number / nrCpus);
		cells.event[c] = line / meta.slices;
		cells.slice[c] = line % meta.slices;
		cells.cpu[c] = number % nrCpus;
		cells.first[c] = at;
		at += column.next();
		cells.base[c] = column.next();
	}
	cells.first[nr] = at;
	return cells;
}

function decodeEntryCalls(column, cells, nr) {
	const call = new Uint32Array(nr);
	for (let c = 0; c < cells.nr; c++)
		for (let i = cells.first[c], last = 0; i < cells.first[c + 1]; i++)
			call[i] = last += column.next();
	return call;
}

function decodeWeights(column, cells, samples) {
	const weight = new Float64Array(samples.length);
	for (let c = 0; c < cells.nr; c++)
		for (let i = cells.first[c]; i < cells.first[c + 1]; i++)
			weight[i] = samples[i] * cells.base[c] + unzigzag(column.next());
	return weight;
}

// One profile's columns, which begin at bytes[at]. Returns what was decoded, and where they end.
async function decodeProfile(meta, bytes, at) {
	const columns = {};
	for (const [name, length] of Object.entries(meta.bytes)) {
		columns[name] = new Column(bytes.subarray(at, at + length));
		at += length;
	}
	const rows = decodeRows(columns.rows, meta.rows), calls = decodeCalls(columns.calls, meta.calls);
	await pause();
	const cells = decodeCells(columns.cells, meta);
	await pause();
	const entries = { nr: meta.entries, call: decodeEntryCalls(columns.entries, cells, meta.entries) };
	await pause();
	entries.samples = columns.entries.take(new Uint32Array(meta.entries));
	await pause();
	entries.weight = decodeWeights(columns.entries, cells, entries.samples);
	await pause();
	return { profile: { meta, rows, calls, cells, entries }, end: at };
}

async function readData(text) {
	const bytes = await unpack(text);
	const length = new DataView(bytes.buffer).getUint32(0, true);
	const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
	await pause();
	const { profile, end } = await decodeProfile(data.profile, bytes, 4 + length);
	return { data, profile, base: data.base ? (await decodeProfile(data.base, bytes, end)).profile : null };
}
