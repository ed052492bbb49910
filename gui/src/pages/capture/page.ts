import { html } from 'lit';
import { LightElement } from '../../shell/light.ts';
import { pageHead } from '../head.ts';
import './capture-tool.ts';

/** Packet capture as a page of its own. */
class CapturePage extends LightElement {
  override render() { return html`${pageHead('Packet capture', { crumb: 'Maintenance' })}<lc-capture-tool></lc-capture-tool>`; }
}
customElements.define('lc-capture-page', CapturePage);
