import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/shell.css';
import './style/views.css';
import './style/pages.css';
import { html } from 'lit';
import './shell/frame.ts';
import './shell/gate.ts';
import { LightElement } from './shell/light.ts';
import { Watching } from './state/cell.ts';
import { watchPanels } from './state/panels.ts';
import { watchPlugins } from './state/plugins.ts';
import { begin, phase } from './state/session.ts';
import { settings } from './state/settings.ts';

/** Chooses the screen: signing in, the first set-up, or the console. */
class App extends LightElement {
  constructor() {
    super();
    new Watching(this, phase);
    phase.watch(({ at }) => {
      if (at !== 'in') return;
      watchPanels();
      watchPlugins();
      settings.watch();
    });
    void begin();
  }

  override render() {
    const now = phase.value;
    switch (now.at) {
      case 'starting': return html`<div class="gate" role="status"><span class="muted">Connecting to the router …</span></div>`;
      case 'setup': return html`<lc-gate mode="setup"></lc-gate>`;
      case 'login': return html`<lc-gate mode="login" .why=${now.why ?? ''}></lc-gate>`;
      case 'in': return html`<lc-frame></lc-frame>`;
    }
  }
}
customElements.define('lc-app', App);
