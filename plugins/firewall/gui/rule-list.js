import { h, icon, iconButton, inNumbers } from '/element/v1.js';
import { badge, wayText } from './action.js';
import { RowDrag } from './rule-drag.js';
import { ruleName, scheduleText, serviceText, sideText } from './rule-text.js';

/** Rows drawn above and below those in sight. */
const AHEAD = 8;
/** Height of a row in CSS pixels, as in the sheet: a line of a table, or on a narrow page a card. */
const LINE = 46;
const CARD = 116;
const HEADS = ['Number', 'Active', 'Name', 'Source', 'Destination', 'Service', 'Schedule', 'Action', 'Log', 'Hits', 'Actions'];
const hidden = new Set(['Active', 'Actions']);

/**
 * A table of any length of which only the rows in sight are in the page. `on` has `open(row)`, `menu(row, button)`, `active(row, on, box)` and
 * `move(row, target)`.
 */
export class RuleList {
  element = h('div', { class: 'scroll', tabindex: 0 });
  #rows = h('div', { class: 'rows', role: 'rowgroup' });
  #table = h('div', { class: 'table', role: 'table', 'aria-label': 'Rules' });
  #pages;
  #on;
  #drawn = new Map();
  #row = LINE;
  #mayWrite = true;
  /** One direction and no filter: neighbours in the list are neighbours in the order. */
  #ordered = false;
  #drag;

  constructor(pages, on) {
    this.#pages = pages;
    this.#on = on;
    this.#table.append(h('div', { class: 'heads', role: 'rowgroup' }, h('div', { class: 'line', role: 'row', 'aria-rowindex': 1 },
      HEADS.map((name) => h('div', { role: 'columnheader', class: name.toLowerCase() }, h('span', hidden.has(name) ? { class: 'visually-hidden' } : {}, name === 'Number' ? '#' : name))))), this.#rows);
    this.element.append(this.#table);
    this.#drag = new RowDrag({
      scroller: this.element, rows: this.#rows, height: () => this.#row, total: () => this.#pages.total ?? 0,
      drop: (from, to) => this.#on.move(this.#pages.at(from), to + 1),
    });
    this.element.addEventListener('scroll', () => this.draw(), { passive: true });
  }

  /** Rows that are in sight, as [first, last]. */
  get sight() {
    const top = Math.max(0, this.element.scrollTop - (this.#row === LINE ? 34 : 0));
    return [Math.floor(top / this.#row), Math.ceil((top + this.element.clientHeight) / this.#row)];
  }

  show({ mayWrite, ordered, narrow }) {
    const row = narrow ? CARD : LINE;
    if (row !== this.#row || mayWrite !== this.#mayWrite || ordered !== this.#ordered) this.#clear();
    this.#row = row;
    this.#mayWrite = mayWrite;
    this.#ordered = ordered;
    this.draw();
  }

  top() { this.element.scrollTop = 0; }

  /** Draws what is in sight and a little more; rows that are as they were stay, with their focus. */
  draw() {
    const total = this.#pages.total ?? 0;
    this.element.hidden = total === 0;
    this.#table.setAttribute('aria-rowcount', total + 1);
    this.#rows.style.setProperty('height', `${total * this.#row}px`);
    const [first, last] = this.sight;
    const [from, to] = [Math.max(0, first - AHEAD), Math.min(total, last + AHEAD)];
    for (const [index, { element }] of this.#drawn) {
      if (index >= from && index < to) continue;
      element.remove();
      this.#drawn.delete(index);
    }
    let missing = false;
    for (let index = from; index < to; index++) {
      const row = this.#pages.at(index);
      missing ||= row === undefined;
      const key = row === undefined ? '' : JSON.stringify([row.number, row.hits, row.rule]);
      const before = this.#drawn.get(index);
      if (before?.key === key) continue;
      const element = row === undefined ? this.#blank(index) : this.#line(index, row);
      element.style.setProperty('top', `${index * this.#row}px`);
      const focus = before?.element.contains(before.element.getRootNode().activeElement) ? before.element.getRootNode().activeElement.dataset.act : undefined;
      if (before === undefined) this.#insert(index, element);
      else before.element.replaceWith(element);
      this.#drawn.set(index, { element, key });
      if (focus !== undefined) element.querySelector(`[data-act="${focus}"]`)?.focus({ preventScroll: true });
    }
    if (missing || total === 0) this.#pages.need(from, to);
    else this.#pages.need(first, last);
  }

  /** Keeps rows in their order, for whoever goes through them by keyboard or hears them. */
  #insert(index, element) {
    let next;
    for (const [other, drawn] of this.#drawn) if (other > index && (next === undefined || other < next[0])) next = [other, drawn.element];
    this.#rows.insertBefore(element, next?.[1] ?? null);
  }

  #clear() {
    for (const { element } of this.#drawn.values()) element.remove();
    this.#drawn.clear();
  }

  #blank(index) {
    return h('div', { class: 'line blank', role: 'row', 'aria-rowindex': index + 2 }, h('div', { class: 'number', role: 'cell' }, '…'));
  }

  #line(index, row) {
    const { number, from, to, hits, rule } = row;
    const name = ruleName(row);
    const cell = (kind, set, ...children) => h('div', { class: kind, role: 'cell', ...set }, ...children);
    const text = (kind, words, plain) => cell(kind, { title: words }, h('span', plain ? { class: 'muted' } : {}, words));
    const box = h('input', { type: 'checkbox', role: 'switch', 'data-act': 'active', checked: rule.active, disabled: !this.#mayWrite, 'aria-label': `${name} is active`, onchange: () => this.#on.active(row, box.checked, box) });
    const grip = this.#mayWrite && iconButton('grip', `Move ${name}. Arrow keys choose another place.`, undefined, {
      class: 'plain icon grip', 'data-act': 'grip', disabled: !this.#ordered, title: this.#ordered ? 'Drag to another place' : 'To drag, choose one direction and no filter',
      onpointerdown: (event) => this.#drag.start(event, index), onkeydown: (event) => this.#key(event, row),
    });
    if (grip) grip.addEventListener('click', () => { if (!this.#drag.dragged) this.#on.move(row, number); });
    const second = this.#ordered ? rule.comment : wayText(from, to);
    return h('div', { class: `line${rule.active ? '' : ' off'}`, role: 'row', 'aria-rowindex': index + 2, 'data-index': index },
      cell('number', {}, grip, h('span', {}, inNumbers(number))),
      cell('active', {}, h('span', { class: 'switch' }, box, h('span'))),
      cell('name', {}, h('button', { type: 'button', class: 'open', 'data-act': 'open', title: rule.name, 'aria-label': `${rule.name || 'no name'}, ${this.#mayWrite ? 'edit' : 'show'} rule ${number}`, onclick: () => this.#on.open(row) }, rule.name || h('span', { class: 'muted' }, 'no name')), second && h('span', { class: 'second', title: second }, second)),
      text('source', sideText(rule.source, rule.sourceNot), rule.source.length === 0),
      text('destination', sideText(rule.destination, rule.destinationNot), rule.destination.length === 0),
      text('service', serviceText(rule.services), rule.services.length === 0),
      text('schedule', scheduleText(rule.schedule), rule.schedule === undefined),
      cell('action', {}, badge(rule.action)),
      cell('log', {}, rule.log && h('span', { class: 'flag', title: 'Logged' }, icon('log', 15), h('span', { class: 'visually-hidden' }, 'log ')), rule.alert && h('span', { class: 'flag warn', title: 'Alert' }, icon('alert', 15), h('span', { class: 'visually-hidden' }, 'alert')), !rule.log && !rule.alert && h('span', { class: 'muted none' }, '–')),
      cell('hits', {}, h('span', { class: hits === 0 ? 'muted' : '' }, inNumbers(hits)), h('span', { class: 'unit muted' }, hits === 1 ? ' hit' : ' hits')),
      cell('actions', {}, iconButton('more', `What to do with ${name}`, (event) => this.#on.menu(row, event.currentTarget), { 'aria-haspopup': 'menu', 'data-act': 'menu' })));
  }

  #key(event, row) {
    const target = event.key === 'ArrowUp' ? row.number - 1 : event.key === 'ArrowDown' ? row.number + 1 : undefined;
    if (target === undefined) return;
    event.preventDefault();
    this.#on.move(row, Math.max(1, Math.min(this.#pages.total, target)));
  }
}
