import { html } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { LightElement } from '../shell/light.ts';
import { drawView, type ViewContext, type ViewOf } from './view.ts';

let count = 0;

/** Views behind each other. Arrow keys go from tab to tab, as WAI-ARIA has it. */
class Tabs extends LightElement {
  static override properties = { view: { attribute: false }, context: { attribute: false }, chosen: { state: true } };
  declare view: ViewOf<'tabs'>;
  declare context: ViewContext;
  declare chosen: number;
  readonly #id = `tabs-${++count}`;

  constructor() {
    super();
    this.chosen = 0;
  }

  override render() {
    const { tabs, title } = this.view;
    const at = Math.min(this.chosen, tabs.length - 1);
    const tab = tabs[at];
    return html`<div class="stack">
      <div class="tab-row" role="tablist" aria-label=${title ?? this.context.title} @keydown=${this.#keys}>${tabs.map((t, i) => html`
        <button role="tab" id="${this.#id}-${i}" aria-selected=${i === at} aria-controls="${this.#id}-panel" tabindex=${i === at ? 0 : -1} @click=${() => { this.chosen = i; }}>${t.title}</button>`)}</div>
      <div role="tabpanel" id="${this.#id}-panel" aria-labelledby="${this.#id}-${at}">${tab === undefined ? '' : keyed(at, drawView(tab.view, { ...this.context, title: tab.title }))}</div>
    </div>`;
  }

  #keys = (event: KeyboardEvent): void => {
    const n = this.view.tabs.length;
    const next = event.key === 'ArrowRight' ? (this.chosen + 1) % n : event.key === 'ArrowLeft' ? (this.chosen + n - 1) % n : event.key === 'Home' ? 0 : event.key === 'End' ? n - 1 : undefined;
    if (next === undefined) return;
    event.preventDefault();
    this.chosen = next;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`#${this.#id}-${next}`)?.focus());
  };
}
customElements.define('lc-tabs', Tabs);
