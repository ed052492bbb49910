import { controls, h, redraw, sheet } from '/element/v1.js';
import { CardActs } from './card-acts.js';
import { CardView, cardLook } from './card-view.js';
import { pinLook } from './pin-form.js';
import { RouterClock, Ticking } from './router-clock.js';

const PAGE = '#/network/cellular';

/** 3G Card Status: every card that is in, on the home page. */
export default class CardWindow extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #clock = new RouterClock();
  #ticking = new Ticking(() => { for (const { view } of this.#views.values()) view.tick(this.#clock.now()); });
  #views = new Map();
  #body = h('div', { class: 'cards' });
  #empty = h('p', { class: 'empty muted' });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, cardLook, pinLook, look];
    root.append(h('section', { class: 'card', 'aria-labelledby': 'title' },
      h('div', { class: 'card-head' }, h('h2', { id: 'title', class: 'grow' }, '3G Card Status'), h('a', { href: PAGE, class: 'small' }, 'Cellular')), this.#empty, this.#body));
  }

  connectedCallback() { this.#ticking.start(); }
  disconnectedCallback() { this.#ticking.stop(); }

  set data({ wall, cards, enabled }) {
    this.#clock.told(wall);
    this.#empty.hidden = cards.length > 0;
    redraw(this.#empty, String(enabled), () => ['No card is inserted. ', enabled ? 'It appears here as soon as it is in its slot.' : 'Cellular is switched off; a card that is inserted is only looked at.']);
    for (const [slot, { box }] of this.#views) {
      if (cards.some((c) => c.slot === slot)) continue;
      box.remove();
      this.#views.delete(slot);
    }
    for (const card of cards) {
      let shown = this.#views.get(card.slot);
      if (shown === undefined) {
        const view = new CardView();
        const acts = new CardActs((action, input) => this.act(action, input), card.slot);
        shown = { view, acts, box: h('div', { class: 'slot', role: 'group', 'aria-label': `Slot ${card.slot}` }, view.element, acts.element, acts.buttons) };
        this.#views.set(card.slot, shown);
      }
      if (shown.box.parentNode === null) this.#body.append(shown.box);
      shown.view.show(card, this.#clock.now());
      shown.acts.show(card, this.mayWrite);
    }
  }
}

const look = sheet(`
.slot { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-3); padding: var(--space-4); }
.slot + .slot { border-top: 1px solid var(--line); }
.empty { padding: var(--space-4); }
`);
