import { html } from 'lit';
import { CommandLine } from '../pages/console/command-line.ts';
import { LightElement } from '../shell/light.ts';
import { colours } from '../shell/theme.ts';
import '../style/live.css';
import type { ViewOf } from './view.ts';

/** The router's command line. */
class TerminalView extends LightElement {
  static override properties = { view: { attribute: false } };
  declare view: ViewOf<'terminal'>;
  #line: CommandLine | undefined;
  #undo: () => void = () => {};

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#undo();
    this.#line?.dispose();
    this.#line = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#open();
  }

  protected override firstUpdated(): void { this.#open(); }

  #open(): void {
    const box = this.querySelector<HTMLElement>('.terminal-box');
    if (box === null) return;
    box.replaceChildren();
    this.#line = new CommandLine(box);
    this.#undo = colours.watch(() => this.#line?.recolour(box));
    if (this.view.run) this.#line.type(this.view.run);
  }

  override focus(): void { this.#line?.focus(); }

  override render() {
    const { title } = this.view;
    return html`<section class="card terminal-card" aria-label=${title ?? 'Command line'}>
      ${title ? html`<h2 class="card-head">${title}</h2>` : ''}
      <div class="terminal-box"></div>
      <p class="terminal-keys small muted"><span><kbd>Tab</kbd> completes</span><span><kbd>?</kbd> helps</span><span><kbd>↑</kbd> earlier lines</span><span><kbd>Ctrl</kbd>+<kbd>C</kbd> stops</span><span><kbd>Shift</kbd>+<kbd>Tab</kbd> leaves</span></p>
    </section>`;
  }
}
customElements.define('lc-terminal', TerminalView);
