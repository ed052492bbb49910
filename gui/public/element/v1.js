// What the console offers to the elements of plugins: `import { h, controls, sheet } from '/element/v1.js'`. Described in docs/plugins.md.
// Names are only ever added here; what would break an element gets the next number, beside this one.

const SVG = 'http://www.w3.org/2000/svg';

/** A style sheet for `adoptedStyleSheets`. The router's content security policy allows no `style` attribute and no inline sheet, but allows these. */
export function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

/** Children as `h` takes them: nodes and text, in lists or not; undefined, null and false are left out. */
const nodes = (children) => [children].flat(9).filter((c) => c !== undefined && c !== null && c !== false);

/**
 * An element: `h('button', { class: 'button', onclick: … }, 'Save')`. Functions listen, true and false are attributes that are there or not,
 * `value` and `checked` are properties; undefined is left out. Text is text: markup in it is never read.
 */
export function h(tag, set = {}, ...children) {
  const element = document.createElement(tag);
  // Before the rest: the value of a select is one of its options.
  element.append(...nodes(children));
  for (const [key, value] of Object.entries(set)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else if (key === 'value' || key === 'checked') element[key] = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  return element;
}

/** An element of a drawing. */
export function svg(tag, set, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(set)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Replaces the children of an element only when `key` is another one, so that what has the focus keeps it. `key` undefined: in any case. */
export function redraw(element, key, children) {
  if (key !== undefined && element.drawnFor === key) return;
  element.drawnFor = key;
  element.replaceChildren(...nodes(children()));
}

/** Line drawings on a grid of 20, one stroke wide. */
const shapes = {
  alert: 'M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14v.3', info: 'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 9.2v4.3M10 6.5v.3', check: 'M4.5 10.5 8 14l7.5-8', close: 'm5.5 5.5 9 9M14.5 5.5l-9 9', plus: 'M10 4.5v11M4.5 10h11',
  edit: 'm4 16 .8-3.4 8.3-8.3a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2L7.4 15.2z', copy: 'M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4', trash: 'M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5',
  search: 'M9 4.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6m3.6 8.4 4 4', arrow: 'M4 10h11M11 5.5l4.5 4.5-4.5 4.5', clock: 'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 6.5V10l2.5 1.5', log: 'M5 3.5h10v13H5zM7.5 7h5M7.5 10h5M7.5 13h3',
  grip: 'M7.5 5.5h.01M12.5 5.5h.01M7.5 10h.01M12.5 10h.01M7.5 14.5h.01M12.5 14.5h.01', more: 'M5 10h.01M10 10h.01M15 10h.01',
};

/** A drawing: a name (alert, info, check, close, plus, edit, copy, trash, search, arrow, clock, log, grip, more), or a path of your own on a grid of 20. Decorative: say the same in words. */
export const icon = (shape, size = 18) => svg('svg', {
  width: size, height: size, viewBox: '0 0 20 20', fill: 'none', stroke: 'currentColor', 'stroke-width': shape === 'grip' || shape === 'more' ? 2.4 : 1.5, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true',
}, svg('path', { d: shapes[shape] ?? shape }));

/** A button with a drawing and no words; `label` says what it does. */
export const iconButton = (shape, label, onclick, set = {}) => h('button', { type: 'button', class: 'plain icon', 'aria-label': label, title: label, onclick, ...set }, icon(shape, 16));

/** A paragraph that stands out; kind 'warn' or 'bad'. */
export const note = (kind, ...words) => h('p', { class: `note ${kind}` }, icon('alert'), h('span', {}, ...words));

/** A line for what an action came to: put its `element` somewhere, and give it to `press`. */
export class Said {
  element = h('p', { class: 'said', role: 'status', hidden: true });
  clear() { this.element.hidden = true; }
  well(words) { this.#show('said', words); }
  wrong(error) { this.#show('said bad', error instanceof Error ? error.message : String(error)); }
  #show(kind, words) {
    this.element.className = kind;
    this.element.textContent = capital(words);
    this.element.hidden = false;
  }
}

/** Runs an action with its button locked; says `done` when it went well, and what it threw when it did not. True when it went well. */
export async function press(button, said, work, done) {
  button.disabled = true;
  said.clear();
  try {
    await work();
    if (done) said.well(done);
    return true;
  } catch (error) {
    said.wrong(error);
    return false;
  } finally {
    button.disabled = false;
  }
}

/** Asks before something that is hard to undo: `if (await agreed(this.shadowRoot, { title, words, yes: 'Reset' })) …`. Escape means no. `danger`: the button is red. */
export function agreed(root, { title, words, yes, danger = false }) {
  const dialog = h('dialog', { class: 'question', 'aria-labelledby': 'question-title' }, h('form', { method: 'dialog' },
    h('div', { class: 'question-body' }, h('h2', { id: 'question-title' }, title), h('p', {}, words)),
    h('div', { class: 'question-foot' }, h('button', { class: 'button', value: 'no', autofocus: true }, 'Cancel'), h('button', { class: `button ${danger ? 'danger' : 'primary'}`, value: 'yes' }, yes))));
  root.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    }, { once: true });
  });
}

const figures = new Intl.NumberFormat('en');
export const inNumbers = (n) => figures.format(n);
/** '1 rule', '12,345 rules' */
export const many = (n, one) => `${inNumbers(n)} ${n === 1 ? one : `${one}s`}`;
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Controls as they look everywhere in the console; for the front of `adoptedStyleSheets`. */
export const controls = sheet(`
*, *::before, *::after { box-sizing: border-box; }
:host { display: block; min-width: 0; container-type: inline-size; }
h2, h3, p, dl, dd, ul, ol, pre, fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
ul, ol { list-style: none; }
h2, h3 { font-size: var(--size); font-weight: 620; }
svg { display: block; flex: none; }
[hidden] { display: none !important; }
button, input, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: var(--radius); }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-4); }
.row { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2); }
.grow { flex: 1 1 auto; min-width: 0; }
.muted { color: var(--muted); }
.small { font-size: var(--size-s); }
.mono { font-family: var(--mono); }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.card { border: 1px solid var(--line); border-radius: var(--radius-l); background: var(--surface); box-shadow: var(--shadow); }
.card-head { display: flex; align-items: center; flex-wrap: wrap; gap: var(--space-2) var(--space-3); min-height: 46px; padding: 6px var(--space-4); border-bottom: 1px solid var(--line); }
.card-body { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-4); padding: var(--space-4); }
.button, .plain { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-height: var(--control); padding: 0 12px; border: 1px solid light-dark(#c3ccd3, #3a4650);
  border-radius: var(--radius); background: var(--surface); color: var(--text); font-weight: 550; text-decoration: none; white-space: nowrap; cursor: pointer; box-shadow: var(--shadow); }
.button:hover { background: var(--hover); }
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: var(--accent-hover); border-color: var(--accent-hover); }
.button.danger { color: var(--bad); }
.button.danger:hover { background: var(--bad-soft); }
.plain, .button.plain { border-color: transparent; background: none; box-shadow: none; padding: 0 8px; color: var(--muted); }
.plain:hover { background: var(--hover); color: var(--text); }
.button.plain { color: var(--accent); }
.plain.icon { width: var(--control); padding: 0; flex: none; }
.button:disabled, .plain:disabled { opacity: 0.5; cursor: not-allowed; }
.input, .select, textarea { width: 100%; min-height: var(--control); padding: 0 10px; border: 1px solid var(--line-strong); border-radius: var(--radius); background: light-dark(#fff, #10161a); }
textarea { padding: 6px 10px; resize: vertical; line-height: 1.5; }
.select { appearance: none; padding-right: 28px; text-overflow: ellipsis; background-repeat: no-repeat; background-position: right 14px center, right 9px center; background-size: 5px 5px;
  background-image: linear-gradient(45deg, transparent 50%, var(--muted) 50%), linear-gradient(-45deg, transparent 50%, var(--muted) 50%); }
.input:focus-visible, .select:focus-visible, textarea:focus-visible { outline-offset: -1px; border-color: var(--accent); }
.input:disabled, .select:disabled, textarea:disabled { background-color: var(--sunken); color: var(--muted); }
.input::placeholder, textarea::placeholder { color: var(--faint); opacity: 1; }
[aria-invalid="true"] { border-color: var(--bad); }
input[type="number"] { appearance: textfield; }
input[type="number"]::-webkit-inner-spin-button { display: none; }
input[type="checkbox"]:not([role="switch"]), input[type="radio"] { accent-color: var(--accent); width: 16px; height: 16px; margin: 0; }
.check { display: inline-flex; align-items: center; gap: 7px; min-height: 24px; cursor: pointer; }
.switch { position: relative; display: inline-flex; flex: none; width: 36px; height: 20px; }
.switch input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.switch span { flex: 1; border-radius: 10px; background: light-dark(#7d8b97, #53616c); pointer-events: none; transition: background var(--quick); }
.switch span::after { content: ""; position: absolute; left: 2px; top: 2px; width: 16px; height: 16px; border-radius: 50%; background: #fff; transition: translate var(--quick); }
.switch input:checked + span { background: var(--accent); }
.switch input:checked + span::after { translate: 16px 0; background: var(--on-accent); }
.switch input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px; }
.switch input:disabled + span { opacity: 0.5; }
.field { display: grid; gap: 5px; align-content: start; }
.field > label, .field > .row > label:not(.check), .label { font-weight: 560; }
.help { color: var(--muted); font-size: var(--size-s); }
.error { display: flex; gap: 5px; color: var(--bad); font-size: var(--size-s); overflow-wrap: anywhere; }
.chip { display: inline-flex; align-items: center; gap: 6px; height: 22px; padding: 0 9px; border-radius: 11px; background: var(--sunken); color: var(--muted); font-size: 0.75rem; font-weight: 600; white-space: nowrap; }
.chip.dotted::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: currentColor; }
.chip.ok { background: var(--ok-soft); color: var(--ok); }
.chip.ready, .chip.busy, .chip.accent { background: var(--accent-soft); color: var(--accent); }
.chip.warn { background: var(--warn-soft); color: var(--warn); }
.chip.bad { background: var(--bad-soft); color: var(--bad); }
.note { display: flex; gap: var(--space-3); padding: 10px 14px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); overflow-wrap: anywhere; }
.note.warn { border-color: color-mix(in srgb, var(--warn) 40%, transparent); background: var(--warn-soft); color: var(--text); }
.note.warn svg { color: var(--warn); }
.note.bad { border-color: color-mix(in srgb, var(--bad) 40%, transparent); background: var(--bad-soft); }
.note.bad svg { color: var(--bad); }
.said { color: var(--muted); font-size: var(--size-s); overflow-wrap: anywhere; }
.said.bad { color: var(--bad); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(270px, 100%), 1fr)); gap: 0 var(--space-5); }
.facts > div { display: grid; grid-template-columns: minmax(104px, 2fr) 3fr; gap: var(--space-3); padding: 4px 0; align-items: baseline; }
.facts dt { color: var(--muted); }
.facts dd { font-weight: 540; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
dialog { padding: 0; border: 1px solid var(--line); background: var(--raised); color: var(--text); box-shadow: var(--shadow-l); }
.question { max-width: min(480px, calc(100vw - 32px)); border-radius: var(--radius-l); }
.question-body { display: grid; gap: var(--space-3); padding: var(--space-4) var(--space-5); }
.question-foot { display: flex; justify-content: flex-end; flex-wrap: wrap; gap: var(--space-2); padding: var(--space-3) var(--space-5) var(--space-4); }
dialog::backdrop { background: rgb(10 16 20 / 45%); }
@media (pointer: coarse) { .check { min-height: 40px; } }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { transition: none !important; animation: none !important; } }
`);
