import { controls, h, redraw, sheet } from '/element/v1.js';
import { Activation } from './activation.js';
import { CardActs } from './card-acts.js';
import { CardView, cardLook } from './card-view.js';
import { pinLook } from './pin-form.js';
import { RouterClock, Ticking } from './router-clock.js';

/** The cards that are in, and what can be done with them; without one, what to do. */
export default class CardPage extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #clock = new RouterClock();
  #ticking = new Ticking(() => { for (const b of this.#boxes.values()) b.view.tick(this.#clock.now()); });
  #boxes = new Map();
  #cards = h('div', { class: 'stack', hidden: true });
  #empty = h('section', { class: 'card', 'aria-labelledby': 'empty-title', hidden: true });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, cardLook, pinLook, look];
    root.append(this.#empty, this.#cards);
  }

  connectedCallback() { this.#ticking.start(); }
  disconnectedCallback() { this.#ticking.stop(); }

  set data({ wall, cards, enabled, supported }) {
    this.#clock.told(wall);
    this.#cards.hidden = cards.length === 0;
    this.#empty.hidden = cards.length > 0;
    redraw(this.#empty, JSON.stringify([enabled, supported]), () => nobody(enabled, supported));
    for (const [slot, box] of this.#boxes) {
      if (cards.some((c) => c.slot === slot)) continue;
      box.element.remove();
      this.#boxes.delete(slot);
    }
    for (const card of cards) {
      const box = this.#boxes.get(card.slot) ?? new CardBox((action, input) => this.act(action, input), card.slot);
      this.#boxes.set(card.slot, box);
      if (box.element.parentNode === null) this.#cards.append(box.element);
      box.show(card, this.mayWrite, this.#clock.now());
    }
  }
}

/** One card with its buttons. */
class CardBox {
  view = new CardView();
  #title = h('h2', { class: 'grow' });
  #more = h('dl', { class: 'facts' });
  #acts;
  #activation;

  constructor(send, slot) {
    this.#acts = new CardActs(send, slot);
    this.#activation = new Activation(send, slot);
    this.element = h('section', { class: 'card' }, h('div', { class: 'card-head' }, this.#title, this.#acts.buttons),
      h('div', { class: 'card-body' }, this.view.element, this.#acts.element, h('details', {}, h('summary', {}, 'All that the card says of itself'), this.#more), this.#activation.element));
  }

  show(card, mayWrite, now) {
    const name = `${card.maker} ${card.model}`.trim() || 'Card';
    this.#title.textContent = `Slot ${card.slot}: ${name}`;
    this.element.setAttribute('aria-label', this.#title.textContent);
    this.#acts.show(card, mayWrite);
    this.#activation.show(card, mayWrite);
    this.view.show(card, now);
    redraw(this.#more, JSON.stringify(card.more), () => card.more.map(([key, value]) => h('div', {}, h('dt', {}, key), h('dd', {}, value))));
  }
}

const nobody = (enabled, supported) => [
  h('div', { class: 'card-head' }, h('h2', { id: 'empty-title' }, 'No card is inserted')),
  h('div', { class: 'card-body' },
    h('ol', { class: 'steps' },
      h('li', {}, 'Put the SIM into the card, where it takes one, and screw on the antenna.'),
      h('li', {}, 'Insert the card. It is recognised within seconds and appears here by itself; nothing has to be restarted.'),
      h('li', {}, enabled ? 'APN and PIN are in ' : 'Switch cellular on, and enter APN and PIN, in ', h('a', { href: '#/network/cellular/settings' }, 'Settings'), '.')),
    h('p', { class: 'muted small' }, 'Nothing happens? Look at the card’s light, try another socket, and see the ', h('a', { href: '#/network/cellular/timeline' }, 'timeline'), '.'),
    supported.length > 0 && [h('h3', {}, `${supported.length} kinds of cards are supported`), h('ul', { class: 'supported' }, supported.map((name) => h('li', {}, name))),
      h('p', { class: 'muted small' }, 'Other modems that speak the commands of GSM, UMTS or LTE (3GPP TS 27.007) work as a generic card.')]),
];

const look = sheet(`
summary { min-height: 30px; padding: 4px 0; color: var(--accent); font-weight: 550; cursor: pointer; }
@media (pointer: coarse) { summary { min-height: 40px; } }
.steps { display: grid; gap: var(--space-2); padding-left: 1.4em; list-style: decimal; }
.steps li::marker { color: var(--muted); font-weight: 600; }
.supported { columns: 220px; column-gap: var(--space-5); font-size: var(--size-s); }
.supported li { padding: 3px 0; break-inside: avoid; }
details .facts { padding-top: var(--space-2); }
.activation .ends { align-items: start; gap: var(--space-3); }
.activation .ends .button { margin-top: 25px; }
`);
