import { controls, h } from '/element/v1.js';
import { Compose } from './compose.js';
import { say, wordsOf } from './dom.js';
import { MessageList } from './message-list.js';
import { look } from './style.js';

/** Messages that came and went, and the form for a new one; what is wrong with a card stands above. */
export default class SmsPage extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #compose = new Compose((action, input) => this.act(action, input));
  #list = new MessageList((action, input) => this.act(action, input), (number) => this.#compose.to(number), () => this.#compose.focus());
  #notes = h('div', { class: 'notes' });
  #drawn = '';

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(h('div', { class: 'page' }, this.#notes, this.#list.element, this.#compose.element));
  }

  set data({ slots, messages }) {
    const drawn = JSON.stringify([slots, this.mayWrite]);
    if (drawn !== this.#drawn) this.#notes.replaceChildren(...slots.flatMap((s) => this.#noteOf(s, slots.length > 1)));
    this.#drawn = drawn;
    this.#notes.hidden = this.#notes.childElementCount === 0;
    this.#compose.element.hidden = !this.mayWrite;
    this.#compose.show(slots);
    this.#list.show(messages, slots.length > 1, this.mayWrite);
  }

  #noteOf({ slot, why, warning, full }, many) {
    return [[why, full], [warning, false]].filter(([words]) => words !== '').map(([words, offer]) => {
      const line = h('span', {});
      say(line, `${many ? `Slot ${slot}: ` : ''}${offer ? words.replace(/: "wwan sms clear".*$/, '') : words}.`);
      const clear = h('button', { class: 'button', type: 'button' }, 'Delete from the card what the router has');
      clear.addEventListener('click', async () => {
        clear.disabled = true;
        try {
          await this.act('clear', { slot });
        } catch (error) {
          say(line, wordsOf(error));
          clear.disabled = false;
        }
      });
      return h('div', { class: 'note warn' }, line, offer && this.mayWrite ? clear : undefined);
    });
  }
}
