import { html } from 'lit';
import { timeOfDay } from '../../shell/words.ts';
import { LiveLines } from './lines.ts';
import { plain } from './log-lines.ts';

interface BusEvent { readonly topic: string; readonly at: number; readonly event: unknown }

/** What the parts of the router tell each other. */
class EventLines extends LiveLines<BusEvent> {
  protected readonly stream = 'events';
  protected readonly heading = 'Events';
  #words: readonly string[] = [];

  protected filter() { return {}; }

  protected override keeps({ topic, event }: BusEvent): boolean {
    if (this.#words.length === 0) return true;
    const text = `${topic} ${JSON.stringify(event)}`.toLowerCase();
    return this.#words.every((w) => text.includes(w));
  }

  protected drawFilters() {
    return html`<label class="live-filter wider"><span>Filter</span><input class="input" placeholder="topic or text, such as link/ or lease" autocomplete="off" spellcheck="false" @input=${(e: Event) => {
      this.#words = (e.target as HTMLInputElement).value.toLowerCase().split(/\s+/).filter((w) => w !== '');
      this.requestUpdate();
    }}></label>`;
  }

  protected drawLine({ topic, at, event }: BusEvent) {
    const fields = typeof event === 'object' && event !== null ? Object.entries(event) : [['', event] as const];
    return html`<div class="live-line event"><time>${timeOfDay(at)}</time><span class="who topic">${topic}</span><span class="what"><span class="line-fields">${fields.map(([k, v]) => html`<span><b>${k}</b> ${plain(v)}</span> `)}</span></span></div>`;
  }
}
customElements.define('lc-event-lines', EventLines);
