// SPDX-License-Identifier: GPL-2.0-or-later
//
// usage: node store.js DIR BEHAVIOUR...: a store of profiles that has bad days. Listens on a free port of 127.0.0.1, which it
// writes into DIR/port; each request gets the next behaviour, the last one again and again:
//
//   STATUS[:SECONDS]  answers so, with Retry-After
//   close-early       closes the connection after the first bytes of the body
//   close-after       reads all of it, keeps it, and closes without an answer
//   slow:MS           answers 200 after that time
//   redirect:URL      to there
//   partial           answers 200 as OpenTelemetry does that rejects 2 profiles: "too old"
//   warn              answers 200 as OpenTelemetry does that takes all: "use v2"
//
// What was kept (2xx, and close-after) is DIR/N.body; DIR/log has a line of JSON for each request.
'use strict';
const fs = require('fs'), http = require('http'), https = require('https'), crypto = require('crypto'), path = require('path');
const [dir, ...behaviours] = process.argv.slice(2);
let nr = 0, kept = 0;

function answer(request, response) {
	const behaviour = behaviours[Math.min(nr++, behaviours.length - 1)];
	const [what, value] = behaviour.split(/:(.*)/);
	const parts = [];
	const log = { nr, behaviour, path: request.url, method: request.method, headers: request.headers, kept: null };
	const end = () => fs.appendFileSync(path.join(dir, 'log'), JSON.stringify(log) + '\n');
	const keep = () => {
		const body = Buffer.concat(parts);
		log.kept = ++kept;
		log.sha = crypto.createHash('sha256').update(body).digest('hex');
		fs.writeFileSync(path.join(dir, `${kept}.body`), body);
	};

	request.on('error', () => {});
	request.on('data', (part) => {
		parts.push(part);
		if (what === 'close-early') {
			end();
			request.destroy();
		}
	});
	request.on('end', () => {
		if (what === 'close-after') {
			keep();
			end();
			request.socket.destroy();
			return;
		}
		if (what === 'slow')
			return setTimeout(() => { keep(); end(); response.end('{}'); }, Number(value));
		if (what === 'redirect') {
			end();
			response.writeHead(302, { Location: value });
			return response.end();
		}
		if (what === 'partial') {
			end();
			return response.end(Buffer.from('0a0b08021207746f6f206f6c64', 'hex'));
		}
		if (what === 'warn') {
			keep();
			end();
			return response.end(Buffer.from('0a081206757365207632', 'hex'));
		}
		if (what[0] === '2')
			keep();
		end();
		response.writeHead(Number(what), value ? { 'Retry-After': value } : {});
		response.end(what[0] === '2' ? '{}' : `this is why: ${what} \x1b[31m`);
	});
}
// With DIR/key.pem and DIR/cert.pem it is https.
const pem = (name) => fs.readFileSync(path.join(dir, name));
const server = fs.existsSync(path.join(dir, 'key.pem')) ? https.createServer({ key: pem('key.pem'), cert: pem('cert.pem') }, answer) :
	http.createServer(answer);
server.listen(0, '127.0.0.1', () => fs.writeFileSync(path.join(dir, 'port'), `${server.address().port}\n`));
