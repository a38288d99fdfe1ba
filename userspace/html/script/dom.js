// SPDX-License-Identifier: GPL-2.0-or-later
// The only file that makes elements. Text goes in as text: names come from guests.

const byId = (id) => document.getElementById(id);

// el('td', { class: 'number', text: '3', onclick: f, vars: { share: 0.5 } }, child, "text", …)
function el(tag, properties = {}, ...children) {
	const e = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (value === undefined || value === null || value === false)
			continue;
		if (name === 'class')
			e.className = value;
		else if (name === 'text')
			e.textContent = value;
		else if (name === 'vars')
			for (const [key, v] of Object.entries(value))
				e.style.setProperty(`--${key}`, v);
		else if (name.startsWith('on'))
			e.addEventListener(name.slice(2), value);
		else
			e.setAttribute(name, value === true ? '' : value);
	}
	e.append(...children.filter((c) => c !== null && c !== undefined));
	return e;
}

function replace(parent, ...children) {
	parent.replaceChildren(...children.filter((c) => c !== null && c !== undefined));
}

const hiddenText = (text) => el('span', { class: 'hidden-text', text });

// Buttons of which one is pressed: [[value, label], …].
function segments(label, choices, chosen, choose) {
	const group = el('div', { class: 'segments', role: 'group', 'aria-label': label });
	for (const [value, text] of choices)
		group.append(el('button', { type: 'button', text, 'data-value': value, 'aria-pressed': String(value === chosen), onclick: () => {
			for (const b of group.children)
				b.setAttribute('aria-pressed', String(b.dataset.value === value));
			choose(value);
		} }));
	return group;
}

// Lets the browser draw and answer between two long steps. A message comes at once; a timer that others have set waits 4 ms.
const pause = (() => {
	const { port1, port2 } = new MessageChannel(), waiting = [];
	port1.onmessage = () => waiting.shift()();
	return () => new Promise((done) => {
		waiting.push(done);
		port2.postMessage(0);
	});
})();

// When nothing else is to be done.
const idle = () => new Promise((done) => { (window.requestIdleCallback || setTimeout)(() => done()); });

// At most one call a frame, the last one's.
function oncePerFrame(f) {
	let waiting = false;
	return () => {
		if (waiting)
			return;
		waiting = true;
		requestAnimationFrame(() => {
			waiting = false;
			f();
		});
	};
}
