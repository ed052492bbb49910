import { html } from 'lit';
import { LightElement } from '../shell/light.ts';
import { capitalised } from '../shell/words.ts';
import type { Value } from '../wire/messages.ts';
import type { ViewOf } from './view.ts';

const shown = (value: Value) => (value === null || value === '' ? html`<span class="muted">–</span>` : value);

/** Names and values. */
class FactsView extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'facts'>;

  override render() {
    const { title, facts } = this.view.facts;
    return html`<section class="card" aria-label=${title ?? 'Status'}>
      ${title ? html`<h2 class="card-head">${title}</h2>` : ''}
      <dl class="facts">${Object.entries(facts).map(([name, value]) => html`<div><dt>${capitalised(name)}</dt><dd>${shown(value)}</dd></div>`)}</dl>
    </section>`;
  }
}
customElements.define('lc-facts', FactsView);
