import { html } from 'lit';
import { timeOfDay } from '../../shell/words.ts';
import { LiveLines, MOST_LINES } from './lines.ts';
import { plain } from './log-lines.ts';

/** Fields that hold IPv4 addresses as the router reckons with them: unsigned 32-bit numbers. */
const addresses = new Set(['ip', 'src', 'dst', 'gateway', 'dns', 'via', 'dest', 'server', 'network', 'address']);
const dotted = (n: unknown): unknown => (typeof n === 'number' && Number.isInteger(n) && n > 0xffff && n <= 0xffffffff ? [24, 16, 8, 0].map((by) => (n >>> by) & 0xff).join('.') : n);

/** The value of a field as people read it. */
export function shownField(key: string, value: unknown): string {
  const read = addresses.has(key) ? dotted : (v: unknown) => v;
  return Array.isArray(value) ? value.map((v) => plain(read(v))).join(', ') : plain(read(value));
}

interface BusEvent { readonly topic: string; readonly at: number; readonly event: unknown }

/** What the parts of the router tell each other. */
class EventLines extends LiveLines<BusEvent> {
  protected readonly stream = 'events';
  protected readonly heading = 'Events';
  #words: readonly string[] = [];

  /** With those that happened before somebody looked. */
  protected filter() { return { backlog: MOST_LINES }; }

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
    return html`<div class="live-line event"><time>${timeOfDay(at)}</time><span class="who topic">${topic}</span><span class="what"><span class="line-fields">${fields.filter(([, v]) => v !== '' && v !== undefined).map(([k, v]) => html`<span><b>${k}</b> <bdi>${shownField(k, v)}</bdi></span> `)}</span></span></div>`;
  }
}
customElements.define('lc-event-lines', EventLines);
