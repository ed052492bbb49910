import { html, nothing } from 'lit';
import { icon } from '../../shell/icons.ts';
import { LightElement } from '../../shell/light.ts';
import { ago } from '../../shell/words.ts';
import { wire } from '../../wire/socket.ts';

interface LogLine { readonly time: number; readonly level: string; readonly name: string; readonly msg: string }
const SHOWN = 5;

/** The last warnings and errors of the log; the same again only counts. */
class Alerts extends LightElement {
  static override properties = { lines: { state: true } };
  declare lines: readonly (LogLine & { readonly times: number })[];
  #undo: () => void = () => {};
  #connection = 0;

  constructor() {
    super();
    this.lines = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#undo = wire.subscribe('log', { items: (items) => {
      // A new connection tells the old lines again.
      if (this.#connection !== wire.epoch.value) this.lines = [];
      this.#connection = wire.epoch.value;
      let kept = this.lines;
      for (const line of items as readonly LogLine[]) {
        const same = kept.find((k) => k.name === line.name && k.msg === line.msg);
        kept = [{ ...line, times: (same?.times ?? 0) + 1 }, ...kept.filter((k) => k !== same)];
      }
      this.lines = kept.slice(0, SHOWN);
    } }, { level: 'warn' });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#undo();
  }

  override render() {
    return html`<section class="card alerts" aria-labelledby="alerts-head">
      <div class="card-head"><h2 class="grow" id="alerts-head">Alerts</h2><a class="small" href="#/logs/view">View log</a></div>
      ${this.lines.length === 0 ? html`<p class="empty all-well">${icon('check')}<span>No warnings since the router started.</span></p>`
        : html`<ul>${this.lines.map((l) => html`<li class=${l.level === 'error' ? 'bad' : 'warn'}>${icon('alert', 16)}<span class="grow"><span class="visually-hidden">${l.level}: </span><span class="alert-text">${l.msg}</span><span class="small muted">${l.name}${l.times > 1 ? html`, ${l.times} times` : nothing}, <time>${ago(l.time)}</time></span></span></li>`)}</ul>`}
    </section>`;
  }
}
customElements.define('lc-alerts', Alerts);
