import { controls, h, icon, inNumbers, many, sheet } from '/element/v1.js';
import { actionLook, badge, shapes, wayText } from './action.js';
import { chooseWay } from './way.js';

const SUMMARY = '#/security/firewall/rule-summary';

/** The direction matrix: what each pair of zones does when no rule says otherwise, and the way to its rules. */
export default class DefaultRule extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #zones = '';
  #cells = new Map();
  #status = h('p', { class: 'visually-hidden', role: 'status' });
  #problem = h('p', { class: 'note bad', role: 'alert', hidden: true });
  #warning = h('p', { class: 'note warn', hidden: true });
  #off = h('p', { class: 'note warn', hidden: true }, icon('alert'), 'The firewall is off: everything passes, whatever stands here.');
  #any = h('p', { class: 'small muted' });
  #table = h('table');

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, actionLook, look];
    root.append(h('div', { class: 'stack' }, this.#off, this.#warning, this.#problem,
      h('section', { class: 'card', 'aria-labelledby': 'title' },
        h('div', { class: 'card-head' }, h('h2', { id: 'title', class: 'grow' }, 'What a direction does when none of its rules matches'), legend()),
        h('div', { class: 'scroll' }, this.#table),
        h('div', { class: 'foot' }, h('p', { class: 'small muted' }, 'From X to X is traffic between subnets of X, and to the router itself. A dot marks what differs from the profile.'), this.#any)),
      this.#status));
  }

  set data(data) {
    this.#off.hidden = data.active;
    this.#warning.hidden = data.warning === '';
    this.#warning.replaceChildren(icon('alert'), h('span', {}, data.warning));
    this.#any.replaceChildren(...(data.any === 0 ? [] : [h('a', { href: SUMMARY, onclick: () => chooseWay('', '') }, `${many(data.any, 'rule')} with Any`), data.any === 1 ? ' stands for several directions.' : ' stand for several directions.']));
    const zones = data.zones.join(' ');
    if (zones !== this.#zones) this.#draw(data);
    this.#zones = zones;
    for (const cell of data.cells) this.#cells.get(wayText(cell.from, cell.to))?.pushed(cell, data.profile);
  }

  #draw({ zones }) {
    this.#cells.clear();
    this.#table.replaceChildren(
      h('caption', { class: 'visually-hidden' }, 'Default action by direction: rows say from where, columns to where'),
      h('thead', {}, h('tr', {}, h('td', { class: 'corner' }, h('span', {}, 'From'), icon('arrow', 14), h('span', {}, 'To')), zones.map((to) => h('th', { scope: 'col' }, to)))),
      h('tbody', {}, zones.map((from) => h('tr', {}, h('th', { scope: 'row' }, h('span', { class: 'only-narrow muted' }, 'From '), from), zones.map((to) => {
        const cell = new Cell(from, to, this);
        this.#cells.set(wayText(from, to), cell);
        return cell.element;
      })))));
  }

  /** Stores the default of a direction; says why not. */
  async store(from, to, action, log) {
    try {
      await this.act('setDefault', { from, to, action, ...(action === 'profile' ? {} : { log }) });
      this.#problem.hidden = true;
      this.#status.textContent = `${wayText(from, to)}: ${action === 'profile' ? 'as the profile says' : `${action}${log ? ', with log' : ''}`}`;
      return true;
    } catch (error) {
      this.#problem.replaceChildren(icon('alert'), h('span', {}, `${wayText(from, to)} was not changed: ${error.message}`));
      this.#problem.hidden = false;
      return false;
    }
  }
}

/** One direction. */
class Cell {
  #now;
  #profile = '';
  #storing = false;

  constructor(from, to, page) {
    const way = wayText(from, to);
    this.page = page;
    this.mark = h('span', { class: 'mark', hidden: true });
    this.select = h('select', { 'aria-label': `Default action ${way}`, onchange: () => this.#store(this.select.value, this.#now.log) });
    this.pill = h('div', { class: 'pill' });
    this.log = h('button', { type: 'button', class: 'plain icon log', onclick: () => this.#store(this.#now.action, !this.#now.log) }, icon('log', 15));
    this.count = h('a', { class: 'count', href: SUMMARY, onclick: () => chooseWay(from, to) });
    const edit = h('a', { class: 'plain icon', href: SUMMARY, 'aria-label': `Edit the rules ${way}`, title: `Edit the rules ${way}`, onclick: () => chooseWay(from, to) }, icon('edit', 15));
    this.element = h('td', { class: from === to ? 'own' : '' }, h('span', { class: 'only-narrow to' }, `→ ${to}`), this.pill, h('div', { class: 'below' }, this.count, this.mark, this.log, edit));
    this.way = { from, to };
  }

  /** What the router says while a change is on its way may be from before it. */
  pushed(cell, profile) { if (!this.#storing) this.show(cell, profile); }

  show(cell, profile = this.#profile) {
    this.#now = cell;
    this.#profile = profile;
    const { from, to } = this.way;
    const mayWrite = this.page.mayWrite;
    this.pill.className = `pill ${cell.action}`;
    if (this.pill.firstChild === null) this.pill.append(this.select);
    const said = `${cell.action} ${cell.profile} ${profile}`;
    if (this.said !== said) {
      this.said = said;
      this.select.replaceChildren(...['permit', 'drop', 'reject'].map((a) => h('option', { value: a }, a)), h('option', { value: 'profile' }, `as ${profile} says (${cell.profile})`));
      this.pill.replaceChildren(icon(shapes[cell.action], 14), this.select);
    }
    this.select.value = cell.action;
    this.select.disabled = !mayWrite;
    const differs = cell.action !== cell.profile || cell.log;
    this.mark.hidden = !differs;
    this.mark.title = differs ? `The profile says ${cell.profile}, without log` : '';
    this.log.setAttribute('aria-pressed', String(cell.log));
    this.log.setAttribute('aria-label', `Log what falls to the default ${wayText(from, to)}`);
    this.log.title = cell.log ? 'Logged' : 'Not logged';
    this.log.disabled = !mayWrite;
    this.count.textContent = inNumbers(cell.rules);
    this.count.setAttribute('aria-label', `${many(cell.rules, 'rule')} ${wayText(from, to)}`);
    this.count.title = many(cell.rules, 'rule');
    this.count.classList.toggle('none', cell.rules === 0);
  }

  async #store(action, log) {
    const { from, to } = this.way;
    this.select.disabled = this.log.disabled = this.#storing = true;
    const stored = await this.page.store(from, to, action, log);
    this.#storing = false;
    this.select.disabled = this.log.disabled = false;
    // What the router pushes comes a little later, and somebody may press the next thing before.
    if (stored) this.show(action === 'profile' ? { ...this.#now, action: this.#now.profile, log: false } : { ...this.#now, action, log });
    else this.select.value = this.#now.action;
  }
}

const legend = () => h('div', { class: 'row small muted legend', 'aria-hidden': 'true' }, ['permit', 'drop', 'reject'].map((a) => badge(a)), h('span', { class: 'row key' }, icon('log', 14), 'logged'));

const look = sheet(`
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: separate; border-spacing: 0; }
th, .corner { padding: 10px 8px; color: var(--muted); font-size: 0.75rem; font-weight: 600; text-align: center; }
thead th, .corner { border-bottom: 1px solid var(--line); }
.corner { text-align: left; padding-left: var(--space-4); white-space: nowrap; }
.corner svg { display: inline-block; vertical-align: -2px; margin: 0 4px; }
tbody th { position: sticky; left: 0; z-index: 1; padding-left: var(--space-4); background: var(--surface); color: var(--text); font-size: var(--size-s); text-align: left; }
tbody td { padding: 8px 6px; min-width: 112px; vertical-align: top; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody td.own { background: var(--sunken); }
tbody tr:hover td, tbody tr:hover th { background: var(--hover); }
.pill { position: relative; display: flex; align-items: center; gap: 5px; height: 28px; padding-left: 9px; border-radius: 14px; font-weight: 600; font-size: var(--size-s); }
.pill svg { pointer-events: none; }
.pill select { flex: 1; min-width: 0; width: 100%; height: 28px; padding: 0 20px 0 29px; margin-left: -28px; border: 0; border-radius: 14px; appearance: none; color: inherit; font-weight: inherit; cursor: pointer; text-overflow: ellipsis;
  background: right 11px center / 5px 5px no-repeat linear-gradient(45deg, transparent 50%, currentColor 50%), right 7px center / 5px 5px no-repeat linear-gradient(-45deg, transparent 50%, currentColor 50%); }
.pill select:disabled { opacity: 1; cursor: default; background: none; }
.pill option { background: var(--raised); color: var(--text); font-weight: 400; }
.pill select:focus-visible { outline-offset: 1px; border-radius: 14px; }
.below { display: flex; align-items: center; gap: 1px; padding-left: 4px; --control: 26px; }
.count { flex: 1; padding: 4px 6px; color: var(--accent); font-weight: 620; font-size: var(--size-s); text-underline-offset: 2px; border-radius: var(--radius); }
.count.none { color: var(--muted); font-weight: 400; }
.count.none:not(:hover) { text-decoration: none; }
.mark { width: 6px; height: 6px; margin-right: 4px; border-radius: 50%; background: var(--accent); }
.log[aria-pressed="false"] { color: var(--faint); opacity: 0.75; }
.log[aria-pressed="true"] { color: var(--accent); background: var(--accent-soft); }
.key { gap: 4px; }
.foot { display: grid; gap: 4px; padding: 10px var(--space-4); border-top: 1px solid var(--line); }
.only-narrow { display: none; }
a { color: var(--accent); }
@media (pointer: coarse) { .below { --control: 36px; } }
@container (max-width: 700px) {
  .only-narrow { display: inline; font-weight: 560; }
  .corner, thead, .legend { display: none; }
  table, tbody { display: block; }
  tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: var(--space-3); padding: var(--space-3) var(--space-4); }
  tbody tr + tr { border-top: 1px solid var(--line); }
  tbody tr + tr > * { border-top: 0; }
  tbody th { position: static; grid-column: 1 / -1; padding: 0; font-size: var(--size); }
  tbody td { padding: 6px 8px; min-width: 0; border: 1px solid var(--line) !important; border-radius: var(--radius); }
  tbody tr:hover th { background: none; }
  .to { display: block; padding: 0 2px 4px; font-size: var(--size-s); color: var(--muted); }
}
`);
