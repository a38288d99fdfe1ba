// SPDX-License-Identifier: GPL-2.0-or-later
// The data block: base64, zlib; then four bytes (how long the JSON is), JSON, and columns of varints (userspace/lib/html/README.md).

const LINES = 77 * 4096; // so many characters at a time: lines are of 76 and their end, and stand for whole bytes

const fromBase64 = (text) => (Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));

// Into the decompressor piece by piece: as a Blob's stream all of it would go to another process and back.
async function feed(writer, text) {
	for (let at = 0; at < text.length; at += LINES) {
		await writer.write(fromBase64(text.slice(at, at + LINES)));
		await pause();
	}
	await writer.close();
}

async function drain(reader) {
	const parts = [];
	let nr = 0, at = 0;
	for (let part; !(part = await reader.read()).done; nr += part.value.length)
		parts.push(part.value);
	const bytes = new Uint8Array(nr);
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}

async function unpack(text) {
	if (typeof DecompressionStream === 'undefined')
		throw new Error('this browser cannot decompress the data; Firefox 113, Chrome 80 or Safari 16.4 and newer can');
	const { writable, readable } = new DecompressionStream('deflate'), all = drain(readable.getReader());
	await Promise.all([feed(writable.getWriter(), text), all]);
	return all;
}

class Column {
	constructor(bytes) {
		this.bytes = bytes;
		this.at = 0;
	}

	// LEB128. Above 2^53 digits are lost, as in all numbers here.
	next() {
		const byte = this.bytes[this.at++];
		return byte < 128 ? byte : this.rest(byte & 127);
	}

	rest(value) {
		for (let factor = 128; ; factor *= 128) {
			const byte = this.bytes[this.at++];
			value += (byte & 127) * factor;
			if (byte < 128)
				return value;
		}
	}

	take(array) {
		for (let i = 0; i < array.length; i++)
			array[i] = this.next();
		return array;
	}
}

const unzigzag = (n) => (n % 2 ? -(n + 1) / 2 : n / 2);

function decodeFrames(column, nr) {
	const mode = column.take(new Uint8Array(nr)), kind = mode.map((both) => both & 7);
	return { nr, mode: mode.map((both) => both >> 3), kind, image: column.take(new Uint32Array(nr)), name: column.take(new Uint32Array(nr)) };
}

const decodeRows = (column, nr) => ({ nr, domain: column.take(new Uint32Array(nr)), process: column.take(new Uint32Array(nr)), frame: column.take(new Uint32Array(nr)) });

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
		nr, event: new Uint8Array(nr), slice: new Uint16Array(nr), cpu: new Uint16Array(nr), first: new Uint32Array(nr + 1), base: new Float64Array(nr),
	};
	let event = 0, slice = 0, cpu = 0, at = 0;
	for (let c = 0; c < nr; c++) {
		for (cpu += column.next(); cpu >= nrCpus; cpu -= nrCpus)
			slice++;
		for (; slice >= meta.slices; slice -= meta.slices)
			event++;
		cells.event[c] = event;
		cells.slice[c] = slice;
		cells.cpu[c] = cpu;
		cells.first[c] = at;
		at += column.next();
		cells.base[c] = column.next();
	}
	cells.first[nr] = at;
	return cells;
}

function decodeEntryCalls(column, cells, nr) {
	const call = column.take(new Uint32Array(nr));
	for (let c = 0; c < cells.nr; c++)
		for (let i = cells.first[c] + 1, end = cells.first[c + 1]; i < end; i++)
			call[i] += call[i - 1];
	return call;
}

// What most samples of a cell stand for is the cell's.
function decodeWeights(column, cells, samples) {
	const weight = new Float64Array(samples.length);
	for (let c = 0; c < cells.nr; c++) {
		const base = cells.base[c];
		for (let i = cells.first[c], end = cells.first[c + 1]; i < end; i++) {
			const more = column.next();
			weight[i] = samples[i] * base + (more ? unzigzag(more) : 0);
		}
	}
	return weight;
}

// One profile's columns, which begin at bytes[at]. Returns what was decoded, and where they end.
async function decodeProfile(meta, bytes, at) {
	const columns = {};
	for (const [name, length] of Object.entries(meta.bytes)) {
		columns[name] = new Column(bytes.subarray(at, at + length));
		at += length;
	}
	const frames = decodeFrames(columns.frames, meta.frames), rows = decodeRows(columns.rows, meta.rows), calls = decodeCalls(columns.calls, meta.calls);
	await pause();
	const cells = decodeCells(columns.cells, meta);
	await pause();
	const entries = { nr: meta.entries, call: decodeEntryCalls(columns.entries, cells, meta.entries) };
	await pause();
	entries.samples = columns.entries.take(new Uint32Array(meta.entries));
	await pause();
	entries.weight = decodeWeights(columns.entries, cells, entries.samples);
	await pause();
	return { profile: { meta, frames, rows, calls, cells, entries }, end: at };
}

async function readData(text) {
	const bytes = await unpack(text);
	const length = new DataView(bytes.buffer).getUint32(0, true);
	const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
	await pause();
	const { profile, end } = await decodeProfile(data.profile, bytes, 4 + length);
	return { data, profile, base: data.base ? (await decodeProfile(data.base, bytes, end)).profile : null };
}
