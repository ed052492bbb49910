import { controls, h, icon, inNumbers, many, press, redraw, Said, sheet } from '/element/v1.js';

const stamp = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Attacks by kind; a kind that is opened asks for all who did it. */
export default class Attacks extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #kinds = new Map();
  #list = h('div');
  #none = h('p', { class: 'empty muted' }, icon('check'), h('span', {}, 'No attack was seen.'));
  #sum = h('span', { class: 'muted small' });
  #said = new Said();
  #forget = h('button', { type: 'button', class: 'button', onclick: () => { void press(this.#forget, this.#said, () => this.act('forgetAttacks')); } }, 'Forget them');

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(h('section', { class: 'card', 'aria-labelledby': 'title' }, h('div', { class: 'card-head' }, h('h2', { id: 'title', class: 'grow' }, 'Attacks'), this.#sum, this.#forget, this.#said.element), this.#none, this.#list));
  }

  set data({ kinds: given }) {
    // By their beginning, which stays: a kind that is open or has the focus keeps its place.
    const kinds = given.toSorted((a, b) => b.first - a.first || (a.kind < b.kind ? -1 : 1));
    this.#none.hidden = kinds.length > 0;
    this.#forget.hidden = kinds.length === 0 || !this.mayWrite;
    this.#sum.textContent = kinds.length === 0 ? '' : `${many(kinds.reduce((sum, k) => sum + k.count, 0), 'time')}, the newest kind first`;
    for (const [name, kind] of this.#kinds) {
      if (kinds.some((k) => k.kind === name)) continue;
      kind.element.remove();
      this.#kinds.delete(name);
    }
    for (const [at, k] of kinds.entries()) {
      const kind = this.#kinds.get(k.kind) ?? new Kind(k.kind, () => this.act('senders', { kind: k.kind }));
      this.#kinds.set(k.kind, kind);
      if (this.#list.children[at] !== kind.element) this.#list.insertBefore(kind.element, this.#list.children[at] ?? null);
      kind.show(k);
    }
  }
}

class Kind {
  #ask;
  #times = h('strong', { class: 'times' });
  #when = h('span', { class: 'muted small when' });
  #worst = h('span', { class: 'muted small worst' });
  #senders = h('div', { class: 'senders', tabindex: 0, role: 'group' });
  #shown = '';

  constructor(name, ask) {
    this.#ask = ask;
    this.#senders.setAttribute('aria-label', `Senders, ${name}`);
    this.element = h('details', { ontoggle: () => this.#fill() }, h('summary', {}, h('span', { class: 'turn' }, icon('m8 5 5 5-5 5', 16)), h('span', { class: 'kind' }, name), this.#times, this.#when, this.#worst), this.#senders);
  }

  show({ count, first, last, senders, worst }) {
    this.#times.textContent = `${inNumbers(count)} ×`;
    this.#when.textContent = last - first < 1000 ? stamp.format(last) : `${stamp.format(first)} – ${stamp.format(last)}`;
    const more = senders - worst.length;
    this.#worst.textContent = `${senders === 1 ? 'by' : 'most by'} ${worst.map((w) => (senders === 1 ? w.from : `${w.from} (${inNumbers(w.count)} ×)`)).join(', ')}${more > 0 ? ` and ${many(more, 'other')}` : ''}`;
    this.#shown = `${count} ${senders}`;
    void this.#fill();
  }

  async #fill() {
    const wanted = this.#shown;
    if (!this.element.open || this.#senders.drawnFor === wanted) return;
    try {
      const [table] = await this.#ask();
      redraw(this.#senders, wanted, () => h('table', {}, h('thead', {}, h('tr', {}, table.columns.map((c) => h('th', { scope: 'col' }, c)))), h('tbody', {}, table.rows.map((row) => h('tr', {}, row.map((cell, i) => h('td', { 'data-head': table.columns[i], class: i === 1 ? 'number' : '' }, i === 1 ? inNumbers(cell) : cell)))))));
    } catch (error) {
      redraw(this.#senders, undefined, () => h('p', { class: 'said bad' }, error.message));
    }
  }
}

const look = sheet(`
.empty { display: flex; gap: var(--space-2); padding: var(--space-4); }
.empty svg { color: var(--ok); }
details + details { border-top: 1px solid var(--line); }
summary { display: grid; grid-template-columns: 16px minmax(120px, 1fr) 64px 250px minmax(0, 2fr); align-items: center; gap: 2px var(--space-3); min-height: 40px; padding: 6px var(--space-4); cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--hover); }
summary:focus-visible { outline-offset: -2px; }
.turn { color: var(--muted); transition: rotate var(--quick); }
[open] > summary .turn { rotate: 90deg; }
.kind { font-weight: 560; }
.times { text-align: right; font-variant-numeric: tabular-nums; }
.when { font-variant-numeric: tabular-nums; }
.worst { overflow-wrap: anywhere; }
.senders { max-height: 50vh; overflow: auto; padding: 0 var(--space-4) var(--space-3) calc(var(--space-4) + 28px); }
table { width: 100%; border-collapse: collapse; font-size: var(--size-s); font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: var(--surface); color: var(--muted); font-weight: 600; text-align: left; white-space: nowrap; }
th, td { padding: 5px 12px 5px 0; }
th:nth-child(2), .number { text-align: right; padding-right: 20px; }
td { border-top: 1px solid var(--line); overflow-wrap: anywhere; }
@container (max-width: 760px) {
  summary { grid-template-columns: 16px minmax(0, 1fr) auto; }
  .when, .worst { grid-column: 2 / -1; }
  .senders { padding-left: var(--space-4); }
  thead { display: none; }
  table, tbody { display: block; }
  tr { display: grid; grid-template-columns: 1fr auto; gap: 0 var(--space-3); padding: 6px 0; border-top: 1px solid var(--line); }
  td { padding: 1px 0; border: 0; }
  td:nth-child(1) { font-weight: 560; }
  td:nth-child(2) { padding: 1px 0; }
  td:nth-child(n + 3) { grid-column: 1 / -1; color: var(--muted); }
  td:nth-child(n + 3)::before { content: attr(data-head) ": "; }
  td:empty { display: none; }
}
`);
