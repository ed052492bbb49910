import { html, nothing } from 'lit';
import { LightElement } from '../shell/light.ts';
import type { FactsPart, Part, TablePart } from '../wire/messages.ts';
import '../views/form.ts';
import { pageHead } from './head.ts';
import { drawParts } from './parts.ts';
import { verb } from './verb.ts';

const titled = (parts: readonly Part[], title: string): readonly Part[] => parts.map((p) => (typeof p === 'object' && !('text' in p) ? { ...p, title: (p as FactsPart | TablePart).title ?? title } : p));

/** By which doors the router may be managed, and how clients recognise it. */
class RemotePage extends LightElement {
  static override properties = { facts: { state: true } };
  declare facts: readonly Part[];

  constructor() {
    super();
    this.facts = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#read();
  }

  async #read(): Promise<void> {
    // A router without HTTPS or SSH has no such verbs: then there is nothing to show.
    const asked = await Promise.allSettled([verb('certificates my_cert view').then((p) => titled(p, 'Certificate of HTTPS')), verb('sys ssh fingerprint').then((p) => titled(p, 'Host keys of SSH'))]);
    this.facts = asked.flatMap((a) => (a.status === 'fulfilled' ? [...a.value] : []));
  }

  override render() {
    return html`${pageHead('Remote MGMT', { crumb: 'Advanced', about: 'A changed port or access rule can lock you out: apply it with a confirmation, and it comes back by itself.' })}
      <div class="stack"><lc-form .section=${'remote'} .context=${{ title: 'Remote MGMT' }}></lc-form>${this.facts.length > 0 ? drawParts(this.facts) : nothing}</div>`;
  }
}
customElements.define('lc-remote-page', RemotePage);
