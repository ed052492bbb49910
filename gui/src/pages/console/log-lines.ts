import { html, nothing } from 'lit';
import { timeOfDay } from '../../shell/words.ts';
import { LiveLines } from './lines.ts';

export interface LogLine { readonly time: number; readonly level: string; readonly name: string; readonly msg: string; readonly fields: Readonly<Record<string, unknown>> }

const levels = ['debug', 'info', 'warn', 'error'] as const;
const TYPED_MS = 250;

/** What a field of a log line or an event holds, as text. */
export const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The router's log as it grows; the router does the filtering. */
class LogLines extends LiveLines<LogLine> {
  protected readonly stream = 'log';
  protected readonly heading = 'Log';
  #level = 'info';
  #name = '';
  #text = '';
  #timer = 0;

  protected filter() {
    return { level: this.#level, ...(this.#name === '' ? {} : { name: this.#name }), ...(this.#text === '' ? {} : { text: this.#text }) };
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => { if (this.isConnected) this.listen(); }, TYPED_MS);
  }

  protected drawFilters() {
    return html`
      <label class="live-filter"><span>Level</span><select class="select" @change=${(e: Event) => { this.#level = (e.target as HTMLSelectElement).value; this.listen(); }}>${levels.map((l) => html`<option value=${l} ?selected=${l === this.#level}>${l === 'error' ? 'error' : `${l} and above`}</option>`)}</select></label>
      <label class="live-filter"><span>From</span><input class="input" placeholder="anybody" autocomplete="off" spellcheck="false" @input=${(e: Event) => { this.#name = (e.target as HTMLInputElement).value.trim(); this.#later(); }}></label>
      <label class="live-filter wider"><span>Text</span><input class="input" placeholder="anything" autocomplete="off" spellcheck="false" @input=${(e: Event) => { this.#text = (e.target as HTMLInputElement).value; this.#later(); }}></label>`;
  }

  protected drawLine({ time, level, name, msg, fields }: LogLine) {
    const more = Object.entries(fields).filter(([, v]) => v !== '' && v !== undefined);
    return html`<div class="live-line ${level}"><time>${timeOfDay(time)}</time><span class="chip ${level === 'error' ? 'bad' : level === 'warn' ? 'warn' : ''}">${level}</span><span class="who">${name}</span>
      <span class="what"><bdi>${msg}</bdi>${more.length > 0 ? html` <span class="line-fields">${more.map(([k, v]) => html`<span><b>${k}</b> <bdi>${plain(v)}</bdi></span> `)}</span>` : nothing}</span></div>`;
  }
}
customElements.define('lc-log-lines', LogLines);
