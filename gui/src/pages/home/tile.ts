import { nothing } from 'lit';
import type { View } from '../../../../sdk/panel.ts';
import { LightElement } from '../../shell/light.ts';
import { Watching } from '../../state/cell.ts';
import { mayWrite, phase } from '../../state/session.ts';
import { drawView } from '../../views/view.ts';
import type { PanelInfo, Part } from '../../wire/messages.ts';
import { wire } from '../../wire/socket.ts';

/** A panel that a plugin puts on the home page. */
class HomeTile extends LightElement {
  static override properties = { panel: { attribute: false }, view: { state: true } };
  declare panel: PanelInfo;
  declare view: View | undefined;
  #undo: () => void = () => {};

  constructor() {
    super();
    new Watching(this, phase);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#undo();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#watch();
  }

  // After a reload of its plugin the panel is another object in the list: its stream has to be opened again.
  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('panel')) this.#watch();
  }

  #watch(): void {
    this.#undo();
    this.#undo = wire.subscribe(`panel:${this.panel.path}`, { items: (items) => { this.view = items.at(-1) as View; }, closed: () => { this.view = undefined; } });
  }

  override render() {
    if (this.view === undefined) return nothing;
    const { path, title, owner } = this.panel;
    return drawView(this.view, { panel: path, title, owner, mayWrite: mayWrite(), act: async (action, input) => {
      const parts: Part[] = [];
      await wire.ask({ type: 'act', panel: path, action, input: input ?? null }, (part) => parts.push(part));
      return parts;
    } });
  }
}
customElements.define('lc-home-tile', HomeTile);
