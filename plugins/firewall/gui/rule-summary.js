import { controls, h, icon, inNumbers, many } from '/element/v1.js';
import { actionLook, badge, wayText } from './action.js';
import { RuleForm } from './rule-form.js';
import { RuleList } from './rule-list.js';
import { RowMenu } from './rule-menu.js';
import { MoveDialog } from './rule-move.js';
import { RulePages } from './rule-pages.js';
import { look } from './rule-style.js';
import { TestBox } from './rule-test.js';
import { ruleName } from './rule-text.js';
import { chooseWay, chosenWay } from './way.js';

const TYPING_MS = 200;
/** Hits go on counting while somebody looks. */
const HITS_MS = 5000;
/** Rules become cards below this width in CSS pixels. */
const NARROW = 740;

/** The rules of a direction: what they say, in their order, and every edit of them. */
export default class RuleSummary extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #data;
  #way = chosenWay();
  #filter = '';
  #narrow = false;
  #typing = 0;
  #timer = 0;
  #zones = '';
  #from = this.#zoneBox('From', (zone) => this.#go(zone, this.#way.to));
  #to = this.#zoneBox('To', (zone) => this.#go(this.#way.from, zone));
  #search = h('input', { class: 'input', type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the rules', oninput: () => this.#typed() });
  #new = h('button', { type: 'button', class: 'button primary', onclick: () => this.#insert({ from: this.#way.from || 'LAN', to: this.#way.to || 'WAN' }, 0) }, icon('plus', 16), 'Insert rule');
  #count = h('p', { class: 'muted small', role: 'status' });
  #fallback = h('p', { class: 'row small fallback' });
  #empty = h('div', { class: 'empty', hidden: true });
  #warning = h('p', { class: 'note warn', hidden: true });
  #off = h('p', { class: 'note warn', hidden: true }, icon('alert'), 'The firewall is off: everything passes, whatever stands here.');
  #said = h('div', { class: 'said-bar', role: 'status' });
  #problem = h('div', { role: 'alert' });
  #pages = new RulePages((action, input) => this.act(action, input), () => this.#show(), (error) => this.#fail(error));
  #list = new RuleList(this.#pages, {
    open: (row) => this.#edit(row), menu: (row, button) => this.#menu.open(button, `What to do with ${ruleName(row)}`, this.#choices(row)),
    active: (row, on, box) => this.#activate(row, on, box), move: (row, target) => { if (row !== undefined) void this.#move.open(row, target); },
  });
  #menu = new RowMenu();
  #form = new RuleForm((action, input) => this.act(action, input), (words, way) => this.#stored(words, way));
  #move = new MoveDialog((action, input) => this.act(action, input), (words) => this.#stored(words));
  #test = new TestBox((action, input) => this.act(action, input), (way, rule) => this.#insert(way, 0, rule));
  #width = new ResizeObserver(([entry]) => {
    const narrow = entry.contentRect.width < NARROW;
    if (narrow === this.#narrow) return;
    this.#narrow = narrow;
    this.toggleAttribute('narrow', narrow);
    this.#show();
  });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, actionLook, look];
    root.append(h('div', { class: 'stack' }, this.#off, this.#warning,
      h('section', { class: 'card', 'aria-label': 'Rules' },
        h('div', { class: 'card-head tools' }, this.#from.field, h('span', { class: 'arrow muted' }, icon('arrow')), this.#to.field, h('label', { class: 'search grow' }, icon('search', 16), this.#search), this.#new),
        h('div', { class: 'bar row' }, this.#count, h('span', { class: 'grow' }), this.#fallback),
        this.#problem, this.#list.element, this.#empty),
      this.#test.element), this.#said, this.#menu.element, this.#form.element, this.#move.element);
  }

  connectedCallback() {
    this.#width.observe(this);
    this.#timer = setInterval(() => { if (document.visibilityState === 'visible' && this.#data !== undefined) this.#pages.again(...this.#list.sight); }, HITS_MS);
  }

  disconnectedCallback() {
    this.#width.disconnect();
    clearInterval(this.#timer);
    clearTimeout(this.#typing);
  }

  set data(data) {
    const before = this.#data;
    this.#data = data;
    this.#off.hidden = data.active;
    this.#warning.hidden = data.warning === '';
    this.#warning.replaceChildren(icon('alert'), h('span', {}, data.warning));
    this.#new.hidden = !this.mayWrite;
    const zones = data.zones.join(' ');
    if (zones !== this.#zones) {
      this.#zones = zones;
      this.#from.fill(data.zones, this.#way.from);
      this.#to.fill(data.zones, this.#way.to);
      this.#test.zones = data.zones;
      this.#test.from = this.#way.from;
    }
    if (before === undefined) this.#look();
    else if (before.revision !== data.revision) this.#pages.again(...this.#list.sight);
  }

  /** The direction, when it is one; undefined when several are shown. */
  get #exact() { return this.#way.from !== '' && this.#way.to !== '' ? this.#way : undefined; }

  #zoneBox(label, choose) {
    const select = h('select', { class: 'select', id: `way-${label}`, onchange: () => choose(select.value) });
    return {
      field: h('div', { class: 'way' }, h('label', { for: `way-${label}` }, label), select),
      fill: (zones, now) => {
        select.replaceChildren(h('option', { value: '' }, 'all'), h('option', { value: 'Any' }, 'Any'), ...zones.map((z) => h('option', { value: z }, z)));
        select.value = now;
        if (select.value !== now) select.value = '';
      },
    };
  }

  #go(from, to) {
    this.#way = { from, to };
    chooseWay(from, to);
    this.#from.fill(this.#data.zones, from);
    this.#to.fill(this.#data.zones, to);
    this.#test.from = from;
    this.#look();
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.#filter = this.#search.value.trim();
      this.#look();
    }, TYPING_MS);
  }

  #look() {
    this.#list.top();
    this.#pages.look({ ...this.#way, filter: this.#filter });
  }

  #show() {
    const { total, fallback, logged } = this.#pages;
    this.#problem.replaceChildren();
    this.#list.show({ mayWrite: this.mayWrite, ordered: this.#exact !== undefined && this.#filter === '', narrow: this.#narrow });
    if (total === undefined) return;
    const words = this.#filter === '' ? many(total, 'rule') : `${inNumbers(total)} with “${this.#filter}”`;
    if (this.#count.textContent !== words) this.#count.textContent = words;
    this.#fallback.replaceChildren(...(fallback === '' ? [] : [h('span', { class: 'muted' }, 'what none of them matches:'), badge(fallback), logged && h('span', { class: 'muted' }, 'logged')].filter(Boolean)));
    this.#empty.hidden = total > 0;
    if (total === 0) this.#empty.replaceChildren(h('p', {}, this.#filter !== '' ? `No rule has “${this.#filter}”.` : this.#exact === undefined ? 'There are no rules here.' : `${wayText(this.#way.from, this.#way.to)} has no rules: ${fallback === '' ? 'each direction does what the others say' : `all of it meets the default, ${fallback}`}.`));
  }

  #fail(error) {
    this.#problem.replaceChildren(h('p', { class: 'note bad flat' }, icon('alert'), h('span', {}, error.message)));
  }

  /** A line at the bottom that stays until the next; `undo` takes back what it tells. */
  #say(words, undo) {
    this.#said.replaceChildren();
    if (words === '') return;
    this.#said.append(h('div', { class: 'saying' }, h('span', { class: 'grow' }, words[0].toUpperCase() + words.slice(1)), undo !== undefined && h('button', { type: 'button', class: 'plain undo', onclick: undo }, 'Undo'),
      h('button', { type: 'button', class: 'plain icon', 'aria-label': 'Dismiss', onclick: () => this.#say('') }, icon('close', 14))));
  }

  #stored(words, way) {
    this.#say(words);
    // A rule that would not be seen here leads to its direction.
    if (way !== undefined && ((this.#way.from !== '' && this.#way.from !== way.from) || (this.#way.to !== '' && this.#way.to !== way.to))) this.#go(way.from, way.to);
    else this.#pages.again(...this.#list.sight);
  }

  #edit(row) { this.#form.open(row, { old: true, mayWrite: this.mayWrite, ...this.#data }); }

  #insert({ from, to }, number, rule = {}) { this.#form.open({ from, to, number, rule }, { old: false, mayWrite: true, ...this.#data }); }

  #choices(row) {
    if (!this.mayWrite) return [['info', 'Show', () => this.#edit(row)]];
    const { id: _, name: __, ...copy } = row.rule;
    return [
      ['edit', 'Edit', () => this.#edit(row)], ['before', 'Insert before', () => this.#insert(row, row.number)], ['after', 'Insert after', () => this.#insert(row, row.number + 1)],
      ['copy', 'Duplicate', () => this.#insert(row, row.number + 1, copy)], ['move', 'Move …', () => void this.#move.open(row, row.number)], ['trash', 'Delete', () => void this.#delete(row), true],
    ];
  }

  async #activate(row, on, box) {
    try {
      await this.act('update', { from: row.from, to: row.to, number: row.number, rule: { active: on } });
      this.#say(`${ruleName(row)} is ${on ? 'active' : 'off'} now`);
    } catch (error) {
      box.checked = !on;
      this.#fail(error);
    }
    this.#pages.again(...this.#list.sight);
  }

  async #delete(row) {
    const { from, to, number, rule } = row;
    try {
      await this.act('delete', { from, to, number });
      // With its id: it is the same rule.
      const { from: _, to: __, ...draft } = rule;
      this.#say(`${ruleName(row)} of ${wayText(from, to)} was deleted`, async () => {
        try {
          await this.act('insert', { from, to, number, rule: draft });
          this.#say(`${ruleName(row)} of ${wayText(from, to)} is back`);
        } catch (error) {
          this.#fail(error);
        }
        this.#pages.again(...this.#list.sight);
      });
    } catch (error) {
      this.#fail(error);
    }
    this.#pages.again(...this.#list.sight);
  }
}
