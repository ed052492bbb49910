import { capital, h, redraw, sheet, svg } from '/element/v1.js';
import { decibel, octets, span } from './words.js';

const BARS = 5;

/** Five bars that are filled as the signal is strong; the drawing is made once. */
function signalBars() {
  const rects = Array.from({ length: BARS }, (_, i) => svg('rect', { x: i * 13, y: 36 - 8 * i, width: 9, height: 12 + 8 * i, rx: 2.2 }));
  return { element: svg('svg', { class: 'bars', width: 61, height: 48, viewBox: '0 0 61 48', role: 'img' }, ...rects), rects };
}

/** One card as the status window shows it; `show` changes what changed. */
export class CardView {
  #bars = signalBars();
  #phase = h('span', { class: 'chip dotted' });
  #provider = h('strong', { class: 'provider' });
  #chips = h('span', { class: 'row' });
  #level = h('span', { class: 'level' });
  #age = h('span', { class: 'age small' });
  /** The radio that does not carry the data. */
  #other = h('span', { class: 'small muted' });
  #words = h('p', { class: 'words muted' });
  #facts = h('dl', { class: 'facts' });
  #budget = h('div', { class: 'budget' });
  #connected = h('dd');
  #technology = h('dd');
  #card;
  element = h('div', { class: 'view' },
    h('div', { class: 'top' }, this.#bars.element, h('div', { class: 'who' }, this.#provider, this.#chips, h('p', { class: 'signal' }, this.#level, this.#age, this.#other)), this.#phase),
    this.#words, this.#facts, this.#budget);

  /** `now`: ms since the epoch by the router's clock. */
  show(card, now) {
    this.#card = card;
    this.#phase.className = `chip dotted ${card.tone}`;
    this.#phase.textContent = card.phase;
    this.#provider.textContent = card.provider ?? 'No network';
    this.#provider.classList.toggle('muted', card.provider === undefined);
    this.#words.textContent = capital(card.words);
    this.#drawSignal(card.signal);
    const { technology } = card;
    redraw(this.#chips, JSON.stringify([technology?.value, technology?.stale, card.roaming]), () => [
      technology && h('span', { class: technology.stale ? 'chip' : 'chip accent' }, technology.value), card.roaming && h('span', { class: 'chip warn' }, 'Roaming'),
    ]);
    const rows = [
      ['Card', `${card.maker} ${card.model}`.trim() || 'not known yet'], card.number, technology && ['Technology', this.#technology], ['Provider', card.provider],
      card.connectedAt !== undefined && ['Connected for', this.#connected], card.ip && ['IP address', card.ip],
      card.connectedAt !== undefined && ['Received', octets(card.rx)], card.connectedAt !== undefined && ['Sent', octets(card.tx)],
    ].filter((r) => r?.[1]);
    redraw(this.#facts, JSON.stringify(rows), () => rows.map(([name, value]) => h('div', {}, h('dt', {}, name), value instanceof Node ? value : h('dd', {}, value))));
    this.#budget.hidden = card.budget.length === 0;
    redraw(this.#budget, JSON.stringify(card.budget), () => card.budget.map(budgetLine));
    this.tick(now);
  }

  /** What changes with the time alone. */
  tick(now) {
    const { signal, otherSignal, technology, connectedAt } = this.#card;
    this.#technology.textContent = technology === undefined ? '' : technology.stale ? `${technology.value}, ${ageOf(technology, now)}` : technology.value;
    if (connectedAt !== undefined) this.#connected.textContent = span(now - connectedAt);
    this.#age.textContent = signal === undefined ? '' : ageOf(signal, now);
    this.#other.hidden = otherSignal === undefined;
    this.#other.textContent = otherSignal === undefined ? '' : `${levelOf(otherSignal)}, ${ageOf(otherSignal, now)}`;
  }

  #drawSignal(signal) {
    const bars = signal?.bars ?? 0;
    const { element, rects } = this.#bars;
    element.setAttribute('class', `bars ${signal === undefined || signal.stale ? 'stale' : bars <= 1 ? 'weak' : ''}`);
    for (const [i, rect] of rects.entries()) rect.setAttribute('class', i < bars ? 'on' : '');
    const level = signal === undefined ? 'No signal known' : levelOf(signal);
    element.setAttribute('aria-label', signal === undefined ? 'Signal not known' : `Signal ${bars} of ${BARS}${signal.stale ? ', an old value' : ''}`);
    this.#level.textContent = level;
    this.#level.title = signal === undefined ? '' : `${signal.measure}, told by ${signal.source}${signal.quality === undefined ? '' : `; quality ${decibel(signal.quality, 'dB')}`}`;
    this.#age.classList.toggle('stale', signal?.stale === true);
    this.#level.classList.toggle('stale', signal?.stale !== false);
  }
}

/** '-84 dBm', 'EV-DO -84 dBm', '1x 3 of 5 bars (-8 dB)'. */
function levelOf({ radio, dbm, quality, bars }) {
  const level = dbm !== undefined ? decibel(dbm, 'dBm') : `${bars} of ${BARS} bars${quality === undefined ? '' : ` (${decibel(quality, 'dB')})`}`;
  return radio === undefined ? level : `${radio} ${level}`;
}

const ageOf = ({ stale, atMs }, now) => (stale ? `${span(now - atMs)} old` : now - atMs < 5000 ? 'now' : `${span(now - atMs)} ago`);

function budgetLine({ title, words, part }) {
  const used = Math.min(1, Math.max(0, part));
  const bar = h('span');
  bar.style.setProperty('width', `${used * 100}%`);
  return h('div', { class: `limit ${used >= 1 ? 'bad' : used >= 0.8 ? 'warn' : ''}` }, h('span', { class: 'muted' }, title),
    h('span', { class: 'meter', role: 'meter', 'aria-label': `${title}: budget used`, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(used * 100), 'aria-valuetext': words }, bar), h('span', {}, words));
}

export const cardLook = sheet(`
.view { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-3); }
.top { display: flex; align-items: flex-start; gap: var(--space-4); }
.top > .chip { margin-left: auto; }
.who { display: grid; gap: 5px; min-width: 0; }
.provider { font-size: 1.125rem; font-weight: 640; overflow-wrap: anywhere; line-height: 1.25; }
.signal { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px; font-variant-numeric: tabular-nums; }
.level { font-weight: 600; }
.level.stale { color: var(--muted); font-weight: 400; }
.age { color: var(--muted); }
.age.stale { padding: 0 7px; border-radius: 9px; background: var(--warn-soft); color: var(--warn); font-weight: 600; }
.bars { flex: none; margin-top: 2px; }
.bars rect { fill: light-dark(#d5dce1, #2c3740); }
.bars .on { fill: var(--ok); }
.bars.weak .on { fill: var(--warn); }
.bars.stale .on { fill: var(--faint); opacity: 0.75; }
.words { overflow-wrap: anywhere; }
.acts { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-3); }
.acts:not(:has(> :not([hidden]))) { display: none; }
.hint { padding-left: var(--space-3); border-left: 3px solid var(--accent); }
.budget { display: grid; gap: 6px; padding-top: var(--space-3); border-top: 1px solid var(--line); }
.limit { display: grid; grid-template-columns: minmax(60px, auto) 1fr auto; align-items: center; gap: var(--space-3); font-size: var(--size-s); }
.meter { height: 8px; border-radius: 4px; background: var(--sunken); overflow: hidden; box-shadow: inset 0 0 0 1px var(--line); }
.meter span { display: block; height: 100%; background: var(--accent); }
.limit.warn .meter span { background: var(--warn); }
.limit.bad .meter span { background: var(--bad); }
@container (max-width: 420px) {
  .top { flex-wrap: wrap; gap: var(--space-3) var(--space-4); }
  .who { flex: 1; }
  .top > .chip { margin: 0; }
  .limit { grid-template-columns: 1fr auto; }
  .meter { grid-row: 2; grid-column: 1 / -1; }
}
`);
