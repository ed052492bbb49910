import { html } from 'lit';
import '../pages/capture/capture-tool.ts';
import { LightElement } from '../shell/light.ts';
import type { ViewOf } from './view.ts';

/** Packets as they pass, decoded. */
class CaptureView extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'capture'>;

  override render() {
    const { title, filter } = this.view;
    return html`${title ? html`<h2>${title}</h2>` : ''}<lc-capture-tool .filter=${filter ?? ''}></lc-capture-tool>`;
  }
}
customElements.define('lc-capture', CaptureView);
