import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { View } from '../../../sdk/panel.ts';
import { complain, say } from '../shell/toasts.ts';
import { Watching } from '../state/cell.ts';
import { panels } from '../state/panels.ts';
import { mayWrite, phase } from '../state/session.ts';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { hrefOf, route } from '../shell/route.ts';
import { menuTree, pageOf } from '../shell/tree.ts';
import { spoken } from '../shell/words.ts';
import type { PanelInfo, Part } from '../wire/messages.ts';
import { wire } from '../wire/socket.ts';
import { drawView, type ViewContext } from '../views/view.ts';
import { pageHead } from './head.ts';
import { drawParts } from './parts.ts';

/** A page that plugins bring: one panel, or several as tabs. Appears and vanishes with them. */
class PanelPage extends LightElement {
  static override properties = { path: {} };
  declare path: string;

  constructor() {
    super();
    new Watching(this, panels, route);
  }

  override render() {
    if (panels.value === undefined) return nothing;
    const page = pageOf(this.path);
    const section = menuTree(panels.value).find((s) => s.items.some((i) => i.path === page));
    const item = section?.items.find((i) => i.path === page);
    if (section === undefined || item === undefined || item.panels.length === 0) return this.#missing();
    const panel = item.panels.find((p) => p.path === this.path) ?? item.panels[0]!;
    document.title = `${item.title} · lancell`;
    const tabs = item.panels.length < 2 ? nothing : html`
      <nav class="tab-row page-tabs" aria-label=${item.title}>${item.panels.map((p) => html`<a href=${hrefOf(p.path)} aria-current=${p === panel ? 'page' : nothing}>${p.title}</a>`)}</nav>`;
    return keyed(panel.path, html`<lc-panel .panel=${panel} .section=${section.title} .heading=${item.title} .tabs=${tabs}></lc-panel>`);
  }

  #missing() {
    document.title = 'lancell';
    return html`${pageHead('There is no such page', {})}
      <p class="muted">Nothing brings the page <span class="mono">${this.path}</span> just now. It appears here by itself when its plugin is loaded; see <a href="#/maintenance/plugins">Plugins</a>.</p>`;
  }
}
customElements.define('lc-panel-page', PanelPage);

/** One panel: its view, as the router pushes it, and its actions. */
class Panel extends LightElement {
  static override properties = { panel: { attribute: false }, section: {}, heading: {}, tabs: { attribute: false }, view: { state: true }, ended: { state: true }, reply: { state: true }, busy: { state: true } };
  declare panel: PanelInfo;
  declare section: string;
  declare heading: string;
  declare tabs: TemplateResult | typeof nothing;
  declare view: View | undefined;
  declare ended: string;
  declare reply: readonly Part[];
  declare busy: string;
  #undo: (() => void) | undefined;
  #watched: string | undefined;

  constructor() {
    super();
    this.ended = '';
    this.busy = '';
    this.reply = [];
    new Watching(this, phase);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.panel !== undefined) this.#watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#undo?.();
    this.#undo = undefined;
    this.#watched = undefined;
  }

  // A panel that went and came back (a reload) is another object in the list: its stream has to be opened again.
  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('panel') && (this.#watched !== this.panel.path || this.ended !== '')) this.#watch();
  }

  #watch(): void {
    this.#undo?.();
    this.#watched = this.panel.path;
    this.ended = '';
    this.#undo = wire.subscribe(`panel:${this.panel.path}`, {
      items: (items) => { this.view = items.at(-1) as View; },
      closed: (why) => { this.ended = why; },
    });
  }

  override render() {
    const { owner, path } = this.panel;
    const title = this.panel.title;
    const context: ViewContext = { panel: path, title, owner, mayWrite: mayWrite(), act: (action, input) => this.#act(action, input) };
    const buttons = mayWrite() && this.view !== undefined ? leftOver(this.panel.actions, this.view) : [];
    return html`${pageHead(this.heading, {
        crumb: this.section,
        actions: html`${buttons.map((a) => html`<button class="button" ?disabled=${this.busy !== ''} aria-busy=${this.busy === a} @click=${() => this.#press(a)}>${spoken(a)}</button>`)}`,
      })}
      ${this.tabs}
      ${this.ended ? html`<div class="note warn" role="status">${icon('plug')}<span>${this.ended}. It comes back here when its plugin does.</span></div>` : nothing}
      ${this.reply.length > 0 ? html`<div class="reply" role="status">${drawParts(this.reply)}</div>` : nothing}
      ${this.view === undefined || this.ended ? nothing : drawView(this.view, context)}`;
  }

  /** On a narrow screen the row of tabs scrolls: this one is in sight. */
  protected override firstUpdated(): void { this.querySelector('.page-tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); }

  async #act(action: string, input: unknown): Promise<readonly Part[]> {
    const parts: Part[] = [];
    await wire.ask({ type: 'act', panel: this.panel.path, action, input: input ?? null }, (part) => parts.push(part));
    return parts;
  }

  async #press(action: string): Promise<void> {
    this.busy = action;
    try {
      this.reply = await this.#act(action, null);
      if (this.reply.length === 0) say(`${spoken(action)}: done`);
    } catch (error) {
      complain(error);
    }
    this.busy = '';
  }
}
customElements.define('lc-panel', Panel);

/** Actions that become buttons of the page: those that no row offers. An element offers what it wants itself. */
function leftOver(actions: readonly string[], view: View): readonly string[] {
  switch (view.kind) {
    case 'table': return actions.filter((a) => a !== view.move && view.rowActions?.includes(a) !== true);
    case 'element': return [];
    case 'stack': return view.views.reduce(leftOver, actions);
    case 'tabs': return view.tabs.reduce((left, t) => leftOver(left, t.view), actions);
    default: return actions;
  }
}
