import { html } from 'lit';
import { LightElement } from '../shell/light.ts';
import './console/log-lines.ts';
import { pageHead } from './head.ts';

/** The log, for those who look for it in the menu. */
class LogPage extends LightElement {
  override render() { return html`${pageHead('View Log', { crumb: 'Logs' })}<lc-log-lines></lc-log-lines>`; }
}
customElements.define('lc-log-page', LogPage);
