import { h, icon } from '/element/v1.js';
import { shapes } from './action.js';

/** A menu beside a button. One for all rows: rows come and go as the list scrolls. */
export class RowMenu {
  element = h('div', { class: 'menu', role: 'menu', popover: 'auto' });
  #button;

  constructor() {
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('toggle', (event) => {
      if (event.newState === 'closed') this.#button?.setAttribute('aria-expanded', 'false');
    });
  }

  /** `items`: [drawing, words, what to do, whether it destroys]. */
  open(button, label, items) {
    this.#button = button;
    this.element.setAttribute('aria-label', label);
    this.element.replaceChildren(...items.map(([drawing, words, run, harsh]) => h('button', {
      type: 'button', role: 'menuitem', class: harsh ? 'harsh' : undefined, tabindex: -1,
      onclick: () => {
        this.element.hidePopover();
        run();
      },
    }, icon(shapes[drawing] ?? drawing, 16), words)));
    button.setAttribute('aria-expanded', 'true');
    this.element.showPopover();
    const at = button.getBoundingClientRect();
    const own = this.element.getBoundingClientRect();
    const top = at.bottom + own.height + 8 > innerHeight ? Math.max(8, at.top - own.height - 2) : at.bottom + 2;
    this.element.style.setProperty('top', `${top}px`);
    this.element.style.setProperty('left', `${Math.max(8, Math.min(innerWidth - own.width - 8, at.right - own.width))}px`);
    this.element.firstElementChild.focus();
  }

  #key(event) {
    const items = [...this.element.children];
    const now = items.indexOf(event.target);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === 'Tab') this.element.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    items[next % items.length].focus();
  }
}
