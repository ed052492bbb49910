import { html } from 'lit';
import { LightElement } from '../shell/light.ts';
import type { ViewOf } from './view.ts';

/** Lines, the newest last; stays at the end while somebody reads there. */
class LogView extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'log'>;
  #follows = true;

  protected override willUpdate(): void {
    const box = this.querySelector('.log-lines');
    if (box !== null) this.#follows = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  }

  protected override updated(): void {
    const box = this.querySelector('.log-lines');
    if (box !== null && this.#follows) box.scrollTop = box.scrollHeight;
  }

  override render() {
    const { lines, title } = this.view;
    return html`<section class="card" aria-label=${title ?? 'Log'}>
      ${title ? html`<h2 class="card-head">${title}</h2>` : ''}
      <pre class="log-lines" tabindex="0" role="log" aria-live="off" aria-label=${title ?? 'Log'}>${lines.length === 0 ? 'Nothing yet.' : lines.join('\n')}</pre>
    </section>`;
  }
}
customElements.define('lc-log', LogView);
