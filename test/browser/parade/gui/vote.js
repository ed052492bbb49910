import { controls, h, press, Said } from '/element/v1.js';

export default class Vote extends HTMLElement {
  #said = new Said();
  #votes = h('strong', { 'aria-label': 'Votes' });
  #button = h('button', { type: 'button', class: 'button primary', onclick: () => press(this.#button, this.#said, () => this.act('vote', { for: 'steady' }), 'counted') }, 'Vote');

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls];
    root.append(h('p', { class: 'row' }, this.#button, this.#votes), this.#said.element);
  }

  set data({ votes }) {
    this.#votes.textContent = votes;
    this.#button.hidden = !this.mayWrite;
  }
}
