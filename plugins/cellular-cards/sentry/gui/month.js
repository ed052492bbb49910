import { agreed, capital, controls, h, press, redraw, Said, sheet, svg } from '/element/v1.js';

const states = { off: ['Off', ''], well: ['Within budget', 'ok'], warned: ['Warning', 'warn'], over: ['Over budget', 'bad'] };
const MB = 1_000_000;
const figure = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
/** Octets as the budget counts them: 1 MB is 1,000,000. */
const amount = (n) => (n >= 1000 * MB ? `${figure.format(n / MB / 1000)} GB` : `${figure.format(n / MB)} MB`);
const dayName = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayOf = (day) => dayName.format(new Date(`${day}T00:00:00Z`));
const numberOf = (day) => Number(day.slice(-2));

/** The budget month of each card: limits, the days, how it adds up, and the counters' reset. */
export default class MonthPage extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #months = new Map();
  #none = h('section', { class: 'card', 'aria-labelledby': 'none-title' }, h('div', { class: 'card-head' }, h('h2', { id: 'none-title' }, 'No card, no account')),
    h('div', { class: 'card-body' }, h('p', {}, 'A budget belongs to the account of a card. The month is drawn here as soon as one is inserted; limits can be set below before that.')));
  #list = h('div', { class: 'stack' });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(this.#none, this.#list);
  }

  set data({ months }) {
    this.#none.hidden = months.length > 0;
    for (const [slot, { element }] of this.#months) {
      if (months.some((m) => m.slot === slot)) continue;
      element.remove();
      this.#months.delete(slot);
    }
    for (const m of months) {
      const shown = this.#months.get(m.slot) ?? new Month(this.shadowRoot, (action, input) => this.act(action, input));
      this.#months.set(m.slot, shown);
      if (shown.element.parentNode === null) this.#list.append(shown.element);
      shown.show(m, this.mayWrite, months.length > 1);
    }
  }
}

class Month {
  #said = new Said();
  #title = h('h2', { class: 'grow' });
  #state = h('span', { class: 'chip dotted' });
  #words = h('p');
  #limits = h('div', { class: 'limits' });
  #facts = h('dl', { class: 'facts' });
  #drawings = h('div', { class: 'drawings' });
  #table = h('div', { class: 'scroll' });
  #reset = h('button', { type: 'button', class: 'button', onclick: () => this.#ask() }, 'Set to zero …');
  #root;
  #send;
  #slot = 0;

  constructor(root, send) {
    this.#root = root;
    this.#send = send;
    this.element = h('section', { class: 'card' }, h('div', { class: 'card-head' }, this.#title, this.#state, this.#reset),
      h('div', { class: 'card-body' }, this.#said.element, this.#words, this.#limits, this.#drawings, this.#facts, h('details', {}, h('summary', {}, 'The days in numbers'), this.#table)));
  }

  show(m, mayWrite, several) {
    this.#slot = m.slot;
    this.#title.textContent = several ? `This month, slot ${m.slot}: ${m.account}` : `This month: ${m.account}`;
    this.element.setAttribute('aria-label', this.#title.textContent);
    const [name, tone] = states[m.state];
    this.#state.textContent = name;
    this.#state.className = `chip dotted ${tone}`;
    this.#reset.hidden = !mayWrite;
    // The word above says as much.
    this.#words.hidden = m.state === 'well' && m.days.length > 0;
    this.#words.textContent = capital(m.words);
    redraw(this.#limits, JSON.stringify(m.limits), () => m.limits.map(limit));
    redraw(this.#facts, JSON.stringify(m.facts), () => m.facts.map(([key, value]) => h('div', {}, h('dt', {}, key), h('dd', {}, value))));
    redraw(this.#drawings, JSON.stringify([m.days, m.today, m.counted, m.quota, m.atEnd]), () => m.days.length > 0 && [days(m), growth(m)]);
    redraw(this.#table, JSON.stringify(m.days), () => h('table', {}, h('thead', {}, h('tr', {}, ['Day', 'Downloaded', 'Uploaded'].map((c) => h('th', { scope: 'col' }, c)))),
      h('tbody', {}, m.days.filter(([day]) => day <= m.today).map(([day, rx, tx]) => h('tr', {}, h('th', { scope: 'row' }, dayOf(day)), h('td', {}, amount(rx)), h('td', {}, amount(tx)))).reverse())));
  }

  async #ask() {
    const yes = await agreed(this.#root, {
      title: 'Set the counters to zero?', yes: 'Set to zero', danger: true,
      words: 'Data, time and who used it are counted from nothing again, and what was used up is free again. The carrier goes on counting. The day on which the month begins stays.',
    });
    this.#reset.focus();
    if (yes) await press(this.#reset, this.#said, () => this.#send('reset', { slot: this.#slot }), 'the counters are at zero');
  }
}

function limit({ title, words, part, warnAt, ahead }) {
  const level = part === undefined ? '' : part >= 1 ? 'bad' : part >= warnAt ? 'warn' : '';
  const bar = h('span', { class: 'used' });
  const mark = h('span', { class: 'mark', title: `Warning from ${Math.round(warnAt * 100)} %` });
  if (part !== undefined) bar.style.setProperty('width', `${Math.min(1, part) * 100}%`);
  mark.style.setProperty('left', `${warnAt * 100}%`);
  return h('div', { class: `limit ${level}` }, h('div', { class: 'row' }, h('h3', { class: 'grow' }, title), h('span', {}, words), part !== undefined && h('strong', {}, `${Math.floor(part * 100)} %`)),
    part !== undefined && h('div', { class: 'meter', role: 'meter', 'aria-label': `${title} used`, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.min(100, Math.floor(part * 100)), 'aria-valuetext': words }, bar, mark),
    ahead && h('p', { class: ahead.over ? 'small soon' : 'small muted' }, ahead.words));
}

const share = (element, property, part) => {
  element.style.setProperty(property, `${Math.max(0, Math.min(1, part)) * 100}%`);
  return element;
};
const key = (kind, words) => h('span', { class: 'key' }, h('span', { class: `swatch ${kind}` }), words);

/** Download and upload of each day, one upon the other. */
function days({ days: all, today }) {
  const most = Math.max(1, ...all.map(([, rx, tx]) => rx + tx));
  const sum = all.reduce((n, [, rx, tx]) => n + rx + tx, 0);
  return h('figure', {}, h('figcaption', {}, h('h3', {}, 'By day'), h('span', { class: 'keys' }, key('down', 'downloaded'), key('up', 'uploaded'))),
    h('div', { class: 'plot', role: 'img', 'aria-label': `Traffic by day, ${amount(sum)} in all, at most ${amount(most)} on one day; the numbers are below` }, h('span', { class: 'top' }, amount(most)),
      h('div', { class: 'bars' }, all.map(([day, rx, tx]) => h('div', { class: `day ${day === today ? 'today' : day > today ? 'ahead' : ''}`, title: day > today ? dayOf(day) : `${dayOf(day)}: ${amount(rx)} down, ${amount(tx)} up` },
        h('span', { class: 'heap' }, share(h('span', { class: 'up' }), 'height', tx / most), share(h('span', { class: 'down' }), 'height', rx / most)))))),
    axis(all, today));
}

const axis = (all, today) => h('div', { class: 'axis', 'aria-hidden': 'true' }, all.map(([day], i) => h('span', { class: day === today ? 'today' : '' }, i % 5 === 0 && Math.abs(all.findIndex(([d]) => d === today) - i) > 2 || day === today ? numberOf(day) : '')));

/** What counts, added up, against the budget; dashed: on to the end of the month at the present rate. */
function growth({ days: all, today, counted, quota, atEnd }) {
  const last = counted.at(-1) ?? 0;
  const most = Math.max(1, last, quota ?? 0, atEnd ?? 0) * 1.05;
  const [x, y] = [(i) => ((i + 0.5) / all.length) * 100, (n) => 100 - (n / most) * 100];
  const line = counted.map((n, i) => `${x(i)},${y(n)}`).join(' ');
  const end = x(counted.length - 1);
  const drawn = svg('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, svg('polygon', { class: 'area', points: `${x(0)},100 ${line} ${end},100` }), svg('polyline', { class: 'line', points: line }),
    ...(atEnd === undefined ? [] : [svg('polyline', { class: 'line ahead', points: `${end},${y(last)} 100,${y(atEnd)}` })]), ...(quota === undefined ? [] : [svg('line', { class: 'quota', x1: 0, x2: 100, y1: y(quota), y2: y(quota) })]));
  const words = `Counted so far ${amount(last)}${quota === undefined ? '' : ` of ${amount(quota)}`}${atEnd === undefined ? '' : `; at this rate ${amount(atEnd)} at the end of the month`}`;
  return h('figure', {}, h('figcaption', {}, h('h3', {}, 'Added up'), h('span', { class: 'keys' }, key('down', 'counted'), atEnd !== undefined && key('ahead', 'at this rate'), quota !== undefined && key('quota', 'budget'))),
    h('div', { class: 'plot', role: 'img', 'aria-label': words }, h('span', { class: 'top' }, amount(most / 1.05)), drawn), axis(all, today));
}

const look = sheet(`
.card-head h2 { overflow-wrap: anywhere; }
.limits, .drawings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: var(--space-4) var(--space-5); }
.limit { display: grid; gap: 6px; align-content: start; font-variant-numeric: tabular-nums; }
.meter { position: relative; height: 12px; border-radius: 6px; background: var(--sunken); box-shadow: inset 0 0 0 1px var(--line); overflow: hidden; }
.used { position: absolute; inset: 0 auto 0 0; background: var(--accent); }
.limit.warn .used { background: var(--warn); }
.limit.bad .used { background: var(--bad); }
.mark { position: absolute; inset: 0 auto 0 0; width: 2px; background: var(--text); opacity: 0.45; }
.soon { color: var(--warn); font-weight: 560; }
figure { margin: 0; display: grid; gap: 6px; min-width: 0; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px var(--space-3); }
.keys { display: flex; flex-wrap: wrap; gap: var(--space-3); color: var(--muted); font-size: var(--size-s); }
.key { display: inline-flex; align-items: center; gap: 6px; }
.swatch { width: 10px; height: 10px; border-radius: 2px; background: var(--series-1); }
.swatch.up { background: var(--series-2); }
.swatch.ahead { height: 0; width: 16px; border-top: 2px dashed var(--series-1); background: none; border-radius: 0; }
.swatch.quota { height: 2px; width: 16px; background: var(--bad); }
.plot { position: relative; height: 150px; border-bottom: 1px solid var(--line-strong); background: linear-gradient(var(--line), var(--line)) top / 100% 1px no-repeat; }
.top { position: absolute; top: 3px; left: 0; z-index: 1; padding: 0 4px; border-radius: 3px; background: var(--surface); color: var(--muted); font-size: 0.75rem; }
.bars, .axis { display: flex; gap: 2px; }
.bars { height: 100%; align-items: stretch; }
.day { flex: 1 1 0; min-width: 0; }
.day.ahead { background: repeating-linear-gradient(135deg, transparent 0 4px, var(--sunken) 4px 6px); }
.day.today { background: var(--accent-soft); }
.heap { display: flex; flex-direction: column; justify-content: flex-end; height: 100%; }
.heap .down { background: var(--series-1); }
.heap .up { background: var(--series-2); }
.axis span { flex: 1 1 0; min-width: 0; display: grid; place-items: center; height: 16px; overflow: visible; color: var(--muted); font-size: 0.75rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.axis .today { color: var(--accent); font-weight: 700; }
.plot svg { width: 100%; height: 100%; overflow: visible; }
.line { fill: none; stroke: var(--series-1); stroke-width: 2; vector-effect: non-scaling-stroke; }
.line.ahead { stroke-dasharray: 5 4; }
.area { fill: var(--accent-soft); }
.quota { stroke: var(--bad); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
summary { min-height: 30px; padding: 4px 0; color: var(--accent); font-weight: 550; cursor: pointer; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 24px 3px 0; text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: 400; }
thead th { color: var(--muted); font-size: var(--size-s); font-weight: 600; }
`);
