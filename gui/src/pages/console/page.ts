import { html, nothing } from 'lit';
import { LightElement } from '../../shell/light.ts';
import { hrefOf } from '../../shell/route.ts';
import '../../views/lazy.ts';
import { pageHead } from '../head.ts';
import './event-lines.ts';
import './log-lines.ts';

const tabs = [
  { id: '', title: 'Command line', draw: () => html`<lc-lazy .view=${commands}></lc-lazy>` },
  { id: 'events', title: 'Events', draw: () => html`<lc-event-lines></lc-event-lines>` },
  { id: 'log', title: 'Log', draw: () => html`<lc-log-lines></lc-log-lines>` },
  { id: 'capture', title: 'Capture', draw: () => html`<lc-lazy .view=${packets}></lc-lazy>` },
] as const;
const commands = { kind: 'terminal' } as const;
const packets = { kind: 'capture' } as const;

/** The router as it talks: commands, events, log, packets. Which of them is in the address. */
class ConsolePage extends LightElement {
  static override properties = { tab: {} };
  declare tab: string;

  constructor() {
    super();
    this.tab = '';
  }

  override render() {
    const now = tabs.find((t) => t.id === this.tab) ?? tabs[0];
    return html`${pageHead('Live console', { crumb: 'Maintenance' })}
      <nav class="tab-row page-tabs" aria-label="Live console">${tabs.map((t) => html`<a href=${hrefOf(t.id === '' ? 'maintenance/console' : `maintenance/console/${t.id}`)} aria-current=${t === now ? 'page' : nothing}>${t.title}</a>`)}</nav>
      ${now.draw()}`;
  }
}
customElements.define('lc-console-page', ConsolePage);
