import { html, nothing, type TemplateResult } from 'lit';
import { LightElement } from '../../shell/light.ts';
import { dateTime } from '../../shell/words.ts';
import type { Field, Layer } from './decode/octets.ts';
import type { Packet } from './packets.ts';

interface Range { readonly from: number; readonly to: number }
const WIDTH = 16;
/** Octets shown; the rest is a download away. */
const MOST_OCTETS = 2048;

/** The layers of a packet as a tree, and its octets; what is pointed at on one side is marked on the other. */
class PacketDetails extends LightElement {
  static override properties = { packet: { attribute: false }, marked: { state: true } };
  declare packet: Packet;
  declare marked: Range | undefined;

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('packet')) this.marked = undefined;
  }

  override render() {
    const { sent, decoded, bytes } = this.packet;
    return html`<div class="packet-details" @mouseleave=${() => { this.marked = undefined; }}>
      <div class="layers">
        <p class="small muted">Packet ${this.packet.number}, ${sent.octets} octets${bytes.length < sent.octets ? `, ${bytes.length} of them captured` : ''}, ${sent.direction === 'in' ? 'came in on' : 'went out on'} ${sent.link}, ${dateTime(sent.at)}</p>
        ${decoded.layers.map((layer, i) => this.#layer(layer, i >= decoded.layers.length - 2))}
      </div>
      <div class="hex" tabindex="0" role="group" aria-label="Octets of the packet">${this.#hex(bytes)}</div>
    </div>`;
  }

  #layer(layer: Layer, open: boolean) {
    return html`<details class="layer ${layer.bad ? 'bad' : ''}" ?open=${open}>
      <summary @mouseenter=${() => this.#mark(layer)} @focus=${() => this.#mark(layer)}><strong>${layer.name}</strong> <span class="says">${layer.says}</span></summary>
      <ul>${layer.fields.map((f) => this.#field(f))}</ul></details>`;
  }

  #field(f: Field): TemplateResult {
    const here = this.marked !== undefined && this.marked.from <= f.from && this.marked.to >= f.to && this.marked.to - this.marked.from <= f.to - f.from;
    return html`<li class="${f.bad ? 'bad' : ''} ${here ? 'marked' : ''}" @mouseenter=${(e: Event) => { e.stopPropagation(); this.#mark(f); }}>
      <span class="field-name">${f.name}</span> <span class="field-value">${f.value}</span>
      ${f.fields ? html`<ul>${f.fields.map((inner) => this.#field(inner))}</ul>` : nothing}</li>`;
  }

  #mark({ from, to }: Range): void { this.marked = { from, to }; }

  /** Pointing at an octet marks the innermost field that it belongs to. */
  #find(at: number): void {
    const within = <T extends Range>(list: readonly T[]): T | undefined => list.filter((f) => f.from <= at && at < f.to).sort((a, b) => (a.to - a.from) - (b.to - b.from))[0];
    const layer = within(this.packet.decoded.layers);
    if (layer === undefined) return;
    const outer = within(layer.fields);
    this.#mark((outer?.fields && within(outer.fields)) ?? outer ?? layer);
  }

  #hex(bytes: Uint8Array) {
    const end = Math.min(bytes.length, MOST_OCTETS);
    const rows: TemplateResult[] = [];
    for (let at = 0; at < end; at += WIDTH) {
      const row = Array.from(bytes.subarray(at, Math.min(end, at + WIDTH)));
      const cell = (text: string, i: number) => html`<span class=${this.marked !== undefined && at + i >= this.marked.from && at + i < this.marked.to ? 'on' : ''} @mouseenter=${() => this.#find(at + i)}>${text}</span>`;
      rows.push(html`<div class="hex-row"><span class="hex-at">${at.toString(16).padStart(4, '0')}</span><span class="hex-octets">${row.map((n, i) => cell(n.toString(16).padStart(2, '0'), i))}</span><span class="hex-text" aria-hidden="true">${row.map((n, i) => cell(n >= 0x20 && n < 0x7f ? String.fromCharCode(n) : '·', i))}</span></div>`);
    }
    return html`${rows}${bytes.length > end ? html`<p class="small muted">… and ${bytes.length - end} more</p>` : nothing}`;
  }
}
customElements.define('lc-packet-details', PacketDetails);
