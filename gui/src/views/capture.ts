import { html } from 'lit';
import { LightElement } from '../shell/light.ts';
import type { ViewOf } from './view.ts';

class View extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'capture'>;
  override render() { return html`<section class="card"></section>`; }
}
customElements.define('lc-capture', View);
