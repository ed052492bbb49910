import { h, icon, inNumbers } from '/element/v1.js';
import { badge, wayText } from './action.js';
import { ruleName } from './rule-text.js';

/** Neighbours on each side of the new place that are shown. */
const NEAR = 3;
const TYPING_MS = 150;

/** Moves a rule: a number is typed, or comes from a drag, and what it would do is shown before it is done. */
export class MoveDialog {
  element = h('dialog', { class: 'sheet', 'aria-labelledby': 'move-title' });
  #act;
  #done;
  #row;
  #last = 1;
  #timer = 0;
  #asked = 0;
  #title = h('h2', { id: 'move-title', class: 'grow' });
  #number = h('input', { class: 'input target', inputmode: 'numeric', autocomplete: 'off', id: 'move-number', 'aria-describedby': 'move-help move-error', oninput: () => this.#later(), onkeydown: (event) => this.#key(event) });
  #help = h('p', { class: 'help', id: 'move-help' });
  #error = h('p', { class: 'error', id: 'move-error', role: 'alert' });
  #order = h('ol', { class: 'order', 'aria-label': 'Order afterwards' });
  #notes = h('div', { class: 'stack notes', role: 'status' });
  #apply = h('button', { type: 'submit', class: 'button primary' }, 'Move');

  /** `done(words)` is called after a move. */
  constructor(act, done) {
    this.#act = act;
    this.#done = done;
    this.element.append(h('form', { class: 'sheet-form', novalidate: true, onsubmit: (event) => { event.preventDefault(); void this.#move(); } },
      h('div', { class: 'sheet-head' }, this.#title),
      h('div', { class: 'sheet-body' },
        h('div', { class: 'field' }, h('label', { for: 'move-number' }, 'New number'), this.#number, this.#help, this.#error),
        h('div', { class: 'field' }, h('h3', { class: 'label' }, 'Afterwards'), this.#order), this.#notes),
      h('div', { class: 'sheet-foot' }, h('button', { type: 'button', class: 'button', onclick: () => this.element.close() }, 'Cancel'), this.#apply)));
    this.element.addEventListener('close', () => { this.#row = undefined; });
  }

  async open(row, target) {
    this.#row = row;
    this.#title.textContent = `Move ${ruleName(row)} of ${wayText(row.from, row.to)}`;
    this.#number.value = target;
    this.#help.textContent = '';
    this.#say('');
    this.#order.replaceChildren();
    this.#notes.replaceChildren();
    this.#apply.disabled = true;
    this.element.showModal();
    this.#number.select();
    try {
      const [{ facts }] = await this.#act('rules', { from: row.from, to: row.to, limit: 1 });
      this.#last = facts.total;
      this.#help.textContent = `It is number ${inNumbers(row.number)} now; numbers are 1 to ${inNumbers(facts.total)}. Arrow keys move it up and down.`;
      await this.#preview();
    } catch (error) {
      this.#say(error.message);
    }
  }

  #later() {
    this.#apply.disabled = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#preview(), TYPING_MS);
  }

  /** As in the list: up is towards the first. The arrows of a box for numbers go the other way. */
  #key(event) {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    this.#number.value = Math.max(1, Math.min(this.#last, (this.#target ?? this.#row.number) + step));
    this.#later();
  }

  #say(words) {
    this.#error.replaceChildren(...(words === '' ? [] : [icon('alert', 14), words]));
    this.#number.setAttribute('aria-invalid', String(words !== ''));
  }

  get #target() {
    const n = Number(this.#number.value);
    return this.#number.value !== '' && Number.isInteger(n) && n >= 1 && n <= this.#last ? n : undefined;
  }

  async #preview() {
    const [row, target] = [this.#row, this.#target];
    const asked = ++this.#asked;
    if (row === undefined) return;
    if (target === undefined) {
      this.#say(`must be a number from 1 to ${inNumbers(this.#last)}`);
      return;
    }
    try {
      const [order, notes] = await this.#act('movePreview', { from: row.from, to: row.to, number: row.number, target, near: NEAR });
      if (asked !== this.#asked) return;
      this.#say('');
      this.#order.replaceChildren(...order.rows.map(([number, , name, action, active, moved]) => h('li', { class: `${moved === 'yes' ? 'moved' : ''}${active === 'yes' ? '' : ' off'}`, 'aria-current': moved === 'yes' ? 'true' : undefined },
        h('span', { class: 'at' }, inNumbers(number)), h('span', { class: 'grow called' }, name || h('span', { class: 'muted' }, 'no name')), badge(action))));
      this.#notes.replaceChildren(...(notes.rows.length === 0 ? [h('p', { class: 'note' }, icon('check'), 'Every rule can match as before.')] : notes.rows.map(([text, kind]) => h('p', { class: `note ${kind === 'shadowed' ? 'warn' : ''}` }, icon(kind === 'shadowed' ? 'alert' : 'check'), h('span', {}, text)))));
      this.#apply.disabled = target === row.number;
    } catch (error) {
      if (asked === this.#asked) this.#say(error.message);
    }
  }

  async #move() {
    const [row, target] = [this.#row, this.#target];
    if (row === undefined || target === undefined || this.#apply.disabled) return;
    this.#apply.disabled = true;
    try {
      await this.#act('move', { from: row.from, to: row.to, number: row.number, target });
      this.element.close();
      this.#done(`${ruleName(row)} is number ${inNumbers(target)} now`);
    } catch (error) {
      this.#say(error.message);
      this.#apply.disabled = false;
    }
  }
}
