import { capital, controls, h, icon, redraw, sheet } from '/element/v1.js';
import { RouterClock, Ticking } from './router-clock.js';
import { dayOf, span, timeOf } from './words.js';

const kinds = { card: 'Card', pin: 'PIN', network: 'Network', call: 'Call', recovery: 'Recovery', sms: 'SMS', budget: 'Budget', user: 'User' };
const shapes = {
  card: 'M3.5 5.5h13v9h-13zM3.5 8.5h13M6 12h3', pin: 'M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9M5 9h10v7.5H5z', network: 'M10 17V9M6.5 12.5a5 5 0 1 1 7 0M4 15a8.5 8.5 0 1 1 12 0', call: 'M4 10h11M11 5.5l4.5 4.5-4.5 4.5',
  recovery: 'M15.5 8A6 6 0 1 0 16 11M15.8 4v4.2h-4.2', sms: 'M3.5 5h13v9H9l-3.5 3v-3h-2z', budget: 'M10 3.5a6.5 6.5 0 1 0 6.5 6.5H10z', user: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4.5 16.5a5.5 5.5 0 0 1 11 0',
};

/** What happened to the cards, newest first; above it the recovery ladder with the steps of the last 24 hours. */
export default class Timeline extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #data;
  #clock = new RouterClock();
  #ticking = new Ticking(() => this.#ages());
  #kind = h('select', { class: 'select', 'aria-label': 'Show', onchange: () => this.#draw() }, h('option', { value: '' }, 'Everything'), Object.entries(kinds).map(([id, words]) => h('option', { value: id }, words)));
  #ladders = h('div', { class: 'stack' });
  #days = h('div', { class: 'days' });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(h('div', { class: 'stack' },
      h('section', { class: 'card', 'aria-labelledby': 'ladder-title' }, h('div', { class: 'card-head' }, h('h2', { id: 'ladder-title', class: 'grow' }, 'Recovery ladder, last 24 hours'), h('span', { class: 'muted small' }, 'the mildest step first')), h('div', { class: 'card-body' }, this.#ladders)),
      h('section', { class: 'card', 'aria-labelledby': 'history-title' }, h('div', { class: 'card-head' }, h('h2', { id: 'history-title', class: 'grow' }, 'What happened'), h('div', { class: 'choose' }, this.#kind)), this.#days)));
  }

  connectedCallback() { this.#ticking.start(); }
  disconnectedCallback() { this.#ticking.stop(); }

  set data(data) {
    this.#data = data;
    this.#clock.told(data.wall);
    this.#draw();
  }

  #draw() {
    const { ladder, entries, slots } = this.#data;
    const several = slots.length > 1;
    redraw(this.#ladders, JSON.stringify(ladder), () => (ladder.length === 0 ? h('p', { class: 'muted' }, 'No card was inserted so far.') : ladder.map(({ slot, steps }) => [
      several && h('h3', {}, `Slot ${slot}`),
      h('ol', { class: 'ladder' }, steps.map((s, i) => h('li', { class: s.times === 0 ? '' : i === 0 ? 'mild' : i < 4 ? 'taken' : 'harsh' },
        h('span', { class: 'rung' }, s.name), h('strong', {}, s.times === 0 ? '–' : `${s.times} ×`), h('span', { class: 'small muted age', 'data-at': s.lastMs ?? '' })))),
    ])));
    const kind = this.#kind.value;
    const shown = kind === '' ? entries : entries.filter((e) => e.kind === kind);
    redraw(this.#days, `${kind} ${several} ${shown.length} ${JSON.stringify(shown[0])} ${shown.at(-1)?.atMs}`, () => (shown.length === 0 ? h('p', { class: 'empty muted' }, kind === '' ? 'Nothing yet. Insertions, calls and what the router does about trouble appear here.' : 'Nothing of this kind.') : byDay(shown).map(([day, list]) => [
      h('h3', { class: 'day' }, day),
      h('ol', { class: 'events' }, list.map((e) => entry(e, several))),
    ])));
    this.#ages();
  }

  #ages() {
    const now = this.#clock.now();
    for (const element of this.#ladders.querySelectorAll('.age')) element.textContent = element.dataset.at === '' ? '' : `${span(now - Number(element.dataset.at))} ago`;
  }
}

function byDay(entries) {
  const days = new Map();
  for (const e of entries) {
    const day = dayOf(e.atMs);
    days.set(day, [...days.get(day) ?? [], e]);
  }
  return [...days];
}

const entry = ({ atMs, slot, kind, words, step }, several) => h('li', { class: `event of-${kind} ${/\bonline\b/.test(words) && kind === 'call' ? 'good' : ''}` },
  h('time', { datetime: new Date(atMs).toISOString() }, timeOf(atMs)), h('span', { class: 'sign' }, icon(shapes[kind] ?? shapes.card, 15)), h('span', { class: 'kind' }, kinds[kind] ?? kind),
  h('span', { class: 'text' }, several && h('span', { class: 'chip' }, `slot ${slot}`), several && ' ', capital(words)),
  step > 0 && h('span', { class: 'pips', role: 'img', 'aria-label': `step ${step} of 5` }, Array.from({ length: 5 }, (_, i) => h('span', { class: i < step ? 'on' : '' }))));

const look = sheet(`
.choose { width: 150px; }
.ladder { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 4px; }
.ladder li { display: grid; gap: 2px; align-content: start; min-height: 76px; padding: 8px 10px; border: 1px solid var(--line); border-top: 4px solid var(--line-strong); border-radius: var(--radius); overflow-wrap: anywhere; }
.ladder .rung { font-size: var(--size-s); color: var(--muted); }
.ladder strong { font-variant-numeric: tabular-nums; }
.ladder li:not([class]), .ladder li[class=""] { color: var(--muted); }
.ladder .mild { border-top-color: var(--accent); }
.ladder .taken { border-top-color: var(--warn); background: var(--warn-soft); }
.ladder .harsh { border-top-color: var(--bad); background: var(--bad-soft); }
.ladder .taken span, .ladder .harsh span { color: var(--text); }
.empty { padding: var(--space-4); }
.day { padding: 10px var(--space-4) 4px; color: var(--muted); font-size: 0.75rem; }
.events { padding-bottom: var(--space-2); }
.event { display: grid; grid-template-columns: 66px 26px 74px minmax(0, 1fr) auto; gap: 0 var(--space-2); align-items: start; padding: 5px var(--space-4); overflow-wrap: anywhere; }
.event:hover { background: var(--hover); }
time, .kind { color: var(--muted); font-size: var(--size-s); font-variant-numeric: tabular-nums; line-height: 1.6; }
.sign { position: relative; display: grid; place-items: center; width: 22px; height: 22px; border-radius: 50%; background: var(--sunken); color: var(--muted); }
.event.of-recovery .sign { background: var(--warn-soft); color: var(--warn); }
.event.of-call .sign { background: var(--accent-soft); color: var(--accent); }
.event.good .sign { background: var(--ok-soft); color: var(--ok); }
.event.good .text { font-weight: 600; }
.pips { display: flex; gap: 3px; padding-top: 6px; }
.pips span { width: 9px; height: 9px; border-radius: 2px; box-shadow: inset 0 0 0 1px var(--line-strong); }
.pips .on { background: var(--warn); box-shadow: none; }
@container (max-width: 640px) {
  .ladder { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .ladder li { min-height: 0; }
  .event { grid-template-columns: 26px minmax(0, 1fr) auto; }
  .event .text { grid-column: 2 / -1; grid-row: 1; }
  .event .sign { grid-column: 1; grid-row: 1; }
  .event time { grid-column: 2; grid-row: 2; }
  .event .kind { display: none; }
}
`);
