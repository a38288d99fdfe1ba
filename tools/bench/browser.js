// SPDX-License-Identifier: GPL-2.0-or-later
// A headless Chromium and one page in it, driven by the DevTools protocol over two pipes: no domain of it is switched on that would make
// the browser work for its driver (keep what it loads, tell of each request, put scripts into the page).
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-extensions', '--disable-sync',
	'--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe', '--window-size=1440,1000'];
const REST = 0.02; // s of CPU time in half a second: the browser has nothing to do

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

class Browser {
	constructor(program = '/usr/bin/chromium') {
		this.home = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
		this.child = spawn(program, [...FLAGS, `--user-data-dir=${this.home}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
		Object.assign(this, { last: 0, waiting: new Map(), listeners: [], rest: Buffer.alloc(0) });
		this.child.stdio[4].on('data', (data) => this.take(data));
		this.child.on('exit', (status) => this.fail(new Error(`${program} ended with ${status}`)));
	}

	// Messages end with a zero byte.
	take(data) {
		let end, all = Buffer.concat([this.rest, data]);
		for (; (end = all.indexOf(0)) >= 0; all = all.subarray(end + 1))
			this.hear(JSON.parse(all.subarray(0, end)));
		this.rest = all;
	}

	hear({ id, result, error, method, params }) {
		if (id === undefined) {
			this.listeners.forEach((f) => f(method, params));
			return;
		}
		const { done, failed, what } = this.waiting.get(id);
		this.waiting.delete(id);
		if (error)
			failed(new Error(`${what}: ${error.message}`));
		else
			done(result);
	}

	fail(error) {
		this.waiting.forEach(({ failed }) => failed(error));
		this.waiting.clear();
	}

	send(method, params = {}, sessionId = undefined) {
		const id = ++this.last;
		this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
		return new Promise((done, failed) => { this.waiting.set(id, { done, failed, what: method }); });
	}

	once(wanted) {
		return new Promise((done) => {
			const f = (method, params) => {
				if (method !== wanted)
					return;
				this.listeners.splice(this.listeners.indexOf(f), 1);
				done(params);
			};
			this.listeners.push(f);
		});
	}

	// CPU time of all its processes, s.
	async cpuTime() {
		const { processInfo } = await this.send('SystemInfo.getProcessInfo');
		return processInfo.reduce((sum, p) => sum + p.cpuTime, 0);
	}

	// What it does by itself when it starts is done.
	async atRest() {
		for (let before = -1, now = await this.cpuTime(); now - before > REST; now = await this.cpuTime()) {
			before = now;
			await sleep(500);
		}
	}

	async page() {
		const { targetInfos } = await this.send('Target.getTargets'), { targetId } = targetInfos.find((t) => t.type === 'page');
		const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
		return new Page(this, sessionId);
	}

	async close() {
		const ended = new Promise((done) => { this.child.once('exit', done); });
		this.send('Browser.close').catch(() => {});
		await ended;
		fs.rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
	}
}

class Page {
	constructor(browser, session) {
		Object.assign(this, { browser, session, buttons: 0, modifiers: 0 });
	}

	send(method, params) {
		return this.browser.send(method, params, this.session);
	}

	async evaluate(expression) {
		const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
		if (exceptionDetails)
			throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
		return result.value;
	}

	open(url) {
		return this.send('Page.navigate', { url });
	}

	// Until the page says that it is drawn.
	ready() {
		return this.evaluate(`new Promise((done) => {
			const look = () => document.documentElement?.dataset.ready && done(true);
			new MutationObserver(look).observe(document, { subtree: true, attributeFilter: ['data-ready'] });
			look();
		})`);
	}

	// Two frames later all that was to be drawn is.
	settle() {
		return this.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))');
	}

	async press(key) {
		await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, text: key.length > 1 ? undefined : key });
		await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key });
	}

	// Of the first of its like: { x, y, width, height }
	box(selector) {
		return this.evaluate(`(({ x, y, width, height }) => ({ x, y, width, height }))(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`);
	}

	mouse(type, x, y, more = {}) {
		return this.send('Input.dispatchMouseEvent', { type, x, y, ...more });
	}

	async click(x, y) {
		await this.mouse('mouseMoved', x, y);
		await this.mouse('mousePressed', x, y, { button: 'left', buttons: 1, clickCount: 1 });
		await this.mouse('mouseReleased', x, y, { button: 'left', clickCount: 1 });
	}
}

module.exports = { Browser, sleep };
