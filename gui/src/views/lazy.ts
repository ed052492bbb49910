import { html, nothing } from 'lit';
import type { View } from '../../../sdk/panel.ts';
import { LightElement } from '../shell/light.ts';
import type { ViewContext } from './view.ts';

const modules = { terminal: () => import('./terminal.ts'), capture: () => import('./capture.ts') } as const;

/** Views whose code is heavy: fetched when the first of them is shown. */
class Lazy extends LightElement {
  static override properties = { view: { attribute: false }, context: { attribute: false }, ready: { state: true } };
  declare view: Extract<View, { kind: keyof typeof modules }>;
  declare context: ViewContext;
  declare ready: string;

  constructor() {
    super();
    this.ready = '';
  }

  override render() {
    const { kind } = this.view;
    if (this.ready !== kind) {
      void modules[kind]().then(() => { this.ready = kind; });
      return nothing;
    }
    return kind === 'terminal' ? html`<lc-terminal .view=${this.view}></lc-terminal>` : html`<lc-capture .view=${this.view}></lc-capture>`;
  }
}
customElements.define('lc-lazy', Lazy);
