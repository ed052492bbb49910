import { html, nothing, type TemplateResult } from 'lit';
import { pageAt, type Page } from '../pages/registry.ts';
import { Watching } from '../state/cell.ts';
import { wire } from '../wire/socket.ts';
import './account-menu.ts';
import './change-bar.ts';
import { icon, mark } from './icons.ts';
import { LightElement } from './light.ts';
import './menu.ts';
import { route } from './route.ts';
import './toasts.ts';
import '../pages/panel.ts';

/** Pages whose code is here. */
const ready = new Set<Page>();

/** Bars, menu and the page in the middle. */
export class Frame extends LightElement {
  static override properties = { menuOpen: { state: true }, failed: { state: true } };
  declare menuOpen: boolean;
  declare failed: Page | undefined;
  #shown = route.value;

  constructor() {
    super();
    this.menuOpen = false;
    new Watching(this, route, wire.state, wire.welcome);
    this.addEventListener('keydown', (e) => { if (e.key === 'Escape' && this.menuOpen) this.#menu(false); });
  }

  protected override updated(): void {
    if (this.#shown === route.value) return;
    this.#shown = route.value;
    this.menuOpen = false;
    window.scrollTo(0, 0);
    // The next Tab goes on from the new page, and a screen reader begins there.
    this.querySelector<HTMLElement>('#page')?.focus({ preventScroll: true });
  }

  #menu(open: boolean): void {
    this.menuOpen = open;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(open ? '.sidebar a' : '.menu-button')?.focus());
  }

  override render() {
    const lost = wire.state.value !== 'open';
    return html`<div class="frame ${this.menuOpen ? 'menu-open' : ''}">
      <a class="skip" href="#page" @click=${this.#skip}>Skip to the page</a>
      <header class="topbar">
        <button class="plain icon menu-button" aria-expanded=${this.menuOpen} aria-controls="sidebar" aria-label="Menu" @click=${() => this.#menu(!this.menuOpen)}>${icon('menu', 20)}</button>
        <a class="brand" href="#/">${mark}<span>lancell</span><span class="where">${location.host}</span></a>
        <span class="grow"></span>
        <span class="link-state ${lost ? 'lost' : ''}" role="status"><span class="dot" aria-hidden="true"></span><span class="text">${lost ? 'Reconnecting …' : 'Connected'}</span></span>
        <lc-account-menu></lc-account-menu>
      </header>
      <nav class="sidebar" id="sidebar" aria-label="Pages"><lc-menu></lc-menu></nav>
      <div class="scrim" @click=${() => this.#menu(false)}></div>
      <div class="main">
        ${lost && wire.epoch.value > 0 ? html`<div class="offline" role="status">${icon('alert', 16)}<span>The connection to the router was lost. What you see may be old; this page comes back by itself.</span></div>` : nothing}
        <main class="page" id="page" tabindex="-1">${this.#page()}</main>
        <lc-change-bar></lc-change-bar>
      </div>
    </div><lc-toasts></lc-toasts>`;
  }

  #page(): TemplateResult | typeof nothing {
    const found = pageAt(route.value);
    if (found === undefined) {
      document.title = 'lancell';
      return html`<lc-panel-page .path=${route.value}></lc-panel-page>`;
    }
    const { page, rest } = found;
    document.title = `${page.title} · lancell`;
    if (ready.has(page)) return page.draw(rest);
    if (this.failed === page) return html`<div class="note bad" role="alert">${icon('alert')}<span>This page could not be loaded from the router. <a href=${location.href} @click=${() => location.reload()}>Try again</a>.</span></div>`;
    void page.load().then(() => { ready.add(page); this.requestUpdate(); }, () => { this.failed = page; });
    return nothing;
  }

  #skip = (event: Event): void => {
    event.preventDefault();
    this.querySelector<HTMLElement>('#page')?.focus();
  };
}
customElements.define('lc-frame', Frame);
