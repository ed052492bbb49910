import { html, nothing } from 'lit';
import { LightElement } from '../../shell/light.ts';
import { styled } from '../../shell/styled.ts';
import type { Packet } from './packets.ts';

const ROW = 26;
const AHEAD = 12;
const PAGE_ROWS = 15;

const heads = [['No.', 'number'], ['Time', 'number'], ['Link', ''], ['From', ''], ['To', ''], ['Protocol', ''], ['Octets', 'number'], ['What it says', '']] as const;
const families: Readonly<Record<string, string>> = { TCP: 'tcp', UDP: 'udp', ICMP: 'icmp', ARP: 'arp', DNS: 'dns', DHCP: 'dhcp' };

/** Packets, one per row; only those in sight are drawn. Arrow keys choose. Fires `choose` with the packet. */
class PacketList extends LightElement {
  static override properties = { packets: { attribute: false }, chosen: { attribute: false }, first: { attribute: false }, top: { state: true }, room: { state: true } };
  declare packets: readonly Packet[];
  declare chosen: Packet | undefined;
  /** Time from which the times count, in ms. */
  declare first: number;
  declare top: number;
  declare room: number;
  #follows = true;
  #resize: ResizeObserver | undefined;

  constructor() {
    super();
    this.packets = [];
    this.top = 0;
    this.room = 480;
    this.first = 0;
  }

  protected override firstUpdated(): void {
    const box = this.#box!;
    this.#resize = new ResizeObserver(() => { this.room = box.clientHeight; });
    this.#resize.observe(box);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize?.disconnect();
  }

  get #box(): HTMLElement | null { return this.querySelector('.packet-scroll'); }

  protected override updated(changed: Map<string, unknown>): void {
    const box = this.#box;
    if (box !== null && changed.has('packets') && this.#follows) box.scrollTop = box.scrollHeight;
  }

  #scroll = (): void => {
    const box = this.#box!;
    this.#follows = box.scrollHeight - box.scrollTop - box.clientHeight < ROW * 1.5;
    this.top = box.scrollTop;
  };

  #choose(packet: Packet | undefined): void {
    if (packet !== undefined) this.dispatchEvent(new CustomEvent('choose', { detail: packet }));
  }

  #key = (e: KeyboardEvent): void => {
    const at = this.chosen === undefined ? -1 : this.packets.indexOf(this.chosen);
    const last = this.packets.length - 1;
    const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE_ROWS, PageUp: at - PAGE_ROWS, Home: 0, End: last };
    const to = steps[e.key];
    if (to === undefined || last < 0) return;
    e.preventDefault();
    const next = Math.max(0, Math.min(last, to));
    const box = this.#box!;
    if (next * ROW < box.scrollTop) box.scrollTop = next * ROW;
    else if ((next + 2) * ROW > box.scrollTop + box.clientHeight) box.scrollTop = (next + 2) * ROW - box.clientHeight;
    this.#choose(this.packets[next]);
  };

  override render() {
    const { packets } = this;
    const from = Math.max(0, Math.floor(this.top / ROW) - AHEAD);
    const to = Math.min(packets.length, Math.ceil((this.top + this.room) / ROW) + AHEAD);
    const active = this.chosen !== undefined && packets.includes(this.chosen) ? `packet-${this.chosen.number}` : nothing;
    return html`<div class="packet-scroll" tabindex="0" role="grid" aria-label="Packets; arrow keys choose one" aria-rowcount=${packets.length + 1} aria-activedescendant=${active} @scroll=${this.#scroll} @keydown=${this.#key}>
      <div class="packet-row packet-head" role="row" aria-rowindex="1">${heads.map(([title, kind]) => html`<span role="columnheader" class=${kind}>${title}</span>`)}</div>
      <div class="packet-rows" role="rowgroup" ${styled({ height: `${packets.length * ROW}px` })}>
        ${packets.slice(from, to).map((p, i) => this.#row(p, from + i))}
      </div></div>`;
  }

  #row(p: Packet, at: number) {
    const { decoded, sent } = p;
    const family = families[decoded.protocol] ?? '';
    const bad = decoded.layers.some((l) => l.bad) || /Flags \[[^\]]*R/.test(sent.says);
    return html`<div class="packet-row ${family} ${bad ? 'bad' : ''}" role="row" id="packet-${p.number}" aria-rowindex=${at + 2} aria-selected=${p === this.chosen} ${styled({ top: `${at * ROW}px` })} @click=${() => this.#choose(p)}>
      <span role="gridcell" class="number">${p.number}</span><span role="gridcell" class="number">${((sent.at - this.first) / 1000).toFixed(3)}</span>
      <span role="gridcell" class="link"><span class="way ${sent.direction}" aria-hidden="true">${sent.direction === 'in' ? '→' : '←'}</span><span class="visually-hidden">${sent.direction} on </span>${sent.link}</span>
      <span role="gridcell">${decoded.from}</span><span role="gridcell">${decoded.to}</span><span role="gridcell" class="proto">${decoded.protocol}</span><span role="gridcell" class="number">${sent.octets}</span><span role="gridcell" class="info">${p.info}</span></div>`;
  }
}
customElements.define('lc-packet-list', PacketList);
