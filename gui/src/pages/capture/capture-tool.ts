import { html, nothing } from 'lit';
import { icon } from '../../shell/icons.ts';
import { LightElement } from '../../shell/light.ts';
import { inNumbers, many } from '../../shell/words.ts';
import { wire } from '../../wire/socket.ts';
import '../../style/live.css';
import { protocols } from './decode/ip.ts';
import './details.ts';
import './explain.ts';
import './list.ts';
import { type Flow, keyOf, keysOf, MOST_PACKETS, Packet, type Sent, SNAP } from './packets.ts';
import { pcapng } from './pcapng.ts';
import { keepFile } from './record.ts';

const SYNTAX = 'host 192.168.1.33 tcp port 80';
/** A list is drawn at most so often while packets come. */
const DRAW_MS = 200;

/** Packet capture: choose, watch, look inside, follow a flow, ask why. */
class CaptureTool extends LightElement {
  static override properties = { filter: {}, packets: { state: true }, running: { state: true }, chosen: { state: true }, problem: { state: true }, links: { state: true }, link: { state: true }, direction: { state: true }, flow: { state: true }, explaining: { state: true }, missed: { state: true } };
  declare filter: string;
  declare packets: readonly Packet[];
  declare running: boolean;
  declare chosen: Packet | undefined;
  declare problem: string;
  declare links: readonly string[];
  declare link: string;
  declare direction: '' | 'in' | 'out';
  /** Keys of the flow that is followed. */
  declare flow: ReadonlySet<string> | undefined;
  declare explaining: string | undefined;
  declare missed: number;
  #undo: (() => void) | undefined;
  #next = 1;
  #fresh: Packet[] = [];
  #timer = 0;

  constructor() {
    super();
    this.filter = '';
    this.packets = [];
    this.running = false;
    this.problem = '';
    this.links = [];
    this.link = '';
    this.direction = '';
    this.missed = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const undo = wire.subscribe('metrics', { items: (items) => {
      this.links = (items.at(-1) as { links: readonly { name: string }[] }).links.map((l) => l.name);
      queueMicrotask(undo);
    } });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  get #wholeFilter(): string { return [this.link === '' ? '' : `link ${this.link}`, this.direction === '' ? '' : `direction ${this.direction}`, this.filter.trim()].filter((w) => w !== '').join(' '); }

  #start = (e?: Event): void => {
    e?.preventDefault();
    this.#stop();
    this.problem = '';
    this.#clear();
    this.running = true;
    this.#undo = wire.subscribe('capture', {
      items: (items, missed) => this.#take(items as readonly Sent[], missed),
      closed: (why) => {
        this.problem = why;
        this.running = false;
        this.#undo = undefined;
      },
    }, { filter: this.#wholeFilter, snap: SNAP });
  };

  #stop = (): void => {
    this.#undo?.();
    this.#undo = undefined;
    this.running = false;
    clearTimeout(this.#timer);
    this.#draw();
  };

  #clear = (): void => {
    this.packets = [];
    this.#fresh = [];
    this.#next = 1;
    this.chosen = undefined;
    this.flow = undefined;
    this.explaining = undefined;
    this.missed = 0;
  };

  #take(items: readonly Sent[], missed: number): void {
    this.missed += missed;
    for (const sent of items) this.#fresh.push(new Packet(this.#next++, sent));
    if (this.#timer === 0) this.#timer = window.setTimeout(() => this.#draw(), DRAW_MS);
  }

  #draw(): void {
    this.#timer = 0;
    if (this.#fresh.length > 0) this.packets = [...this.packets, ...this.#fresh.splice(0)].slice(-MOST_PACKETS);
  }

  #shown(): readonly Packet[] {
    const { flow } = this;
    return flow === undefined ? this.packets : this.packets.filter((p) => p.decoded.ends !== undefined && flow.has(keyOf(p.decoded.ends)));
  }

  /** The same flow has other addresses on the other side of NAT: the router knows which. */
  #follow = (): void => {
    const ends = this.chosen?.decoded.ends;
    if (ends === undefined) return;
    this.flow = keysOf(ends, []);
    const undo = wire.subscribe('flows', { items: (items) => {
      if (this.flow !== undefined) this.flow = keysOf(ends, (items.at(-1) as { flows: readonly Flow[] }).flows);
      queueMicrotask(undo);
    } }, { most: 10_000 });
  };

  #explain = (): void => {
    const ends = this.chosen?.decoded.ends;
    if (ends === undefined) this.explaining = this.chosen?.decoded.protocol === 'ARP' ? 'arp' : '';
    else {
      const proto = protocols[ends.proto]?.toLowerCase();
      const known = proto !== undefined && ['icmp', 'tcp', 'udp', 'gre', 'esp'].includes(proto) ? proto : '';
      // The port of the service: the next connection like this one comes from another port.
      const port = ends.sport === 0 ? '' : `port ${Math.min(ends.sport, ends.dport)}`;
      this.explaining = ['host', ends.sport !== 0 && ends.sport < ends.dport ? ends.dst : ends.src, known, port].filter((w) => w !== '').join(' ');
    }
    void this.updateComplete.then(() => this.querySelector('lc-explain')?.scrollIntoView({ block: 'nearest' }));
  };

  #save = (): void => keepFile(pcapng(this.#shown(), SNAP), `capture-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-')}.pcapng`);

  override render() {
    const shown = this.#shown();
    const { chosen } = this;
    return html`<div class="stack">
      <section class="card" aria-label="Packet capture">
        <form class="capture-form" @submit=${this.#start}>
          <label class="field"><span class="label">Link</span><select class="select" ?disabled=${this.running} @change=${(e: Event) => { this.link = (e.target as HTMLSelectElement).value; }}><option value="">all links</option>${this.links.map((l) => html`<option ?selected=${l === this.link}>${l}</option>`)}</select></label>
          <label class="field"><span class="label">Direction</span><select class="select" ?disabled=${this.running} @change=${(e: Event) => { this.direction = (e.target as HTMLSelectElement).value as '' | 'in' | 'out'; }}><option value="">both</option><option value="in">into the router</option><option value="out">out of the router</option></select></label>
          <label class="field broad"><span class="label">Filter</span><input class="input mono" .value=${this.filter} ?disabled=${this.running} placeholder=${SYNTAX} spellcheck="false" autocomplete="off" aria-invalid=${this.problem !== ''} aria-describedby="capture-syntax" @input=${(e: Event) => { this.filter = (e.target as HTMLInputElement).value; this.problem = ''; }}></label>
          ${this.running ? html`<button class="button" type="button" @click=${this.#stop}>${icon('hold', 16)}Stop</button>` : html`<button class="button primary" type="submit">${icon('capture', 16)}Start</button>`}
          <p class="field-help broad-help ${this.problem ? 'bad' : ''}" id="capture-syntax" role=${this.problem ? 'alert' : nothing}>${this.problem || html`Words of the filter: <code>host</code> with an address, <code>port</code> with a number, <code>direction</code> with in or out, <code>tcp</code>, <code>udp</code>, <code>icmp</code>, <code>gre</code>, <code>esp</code>, <code>arp</code>. All must hold.`}</p>
        </form>
        <div class="capture-state">
          <span role="status">${this.running ? html`<span class="pulse" aria-hidden="true"></span>` : nothing}${this.flow === undefined ? many(this.packets.length, 'packet') : html`${inNumbers(shown.length)} of ${many(this.packets.length, 'packet')}`}${this.missed > 0 ? html`, <span class="warn">${inNumbers(this.missed)} left out: too fast for this browser</span>` : nothing}</span>
          <span class="grow"></span>
          ${this.flow === undefined ? html`<button class="button" ?disabled=${chosen?.decoded.ends === undefined} @click=${this.#follow}>Follow this flow</button>` : html`<button class="button" aria-pressed="true" @click=${() => { this.flow = undefined; }}>${icon('close', 14)}One flow</button>`}
          <button class="button" ?disabled=${chosen === undefined} @click=${this.#explain}>Explain this packet</button>
          <button class="button" ?disabled=${shown.length === 0} @click=${this.#save}>${icon('download', 16)}Save</button>
          <button class="plain" ?disabled=${this.packets.length === 0} @click=${this.#clear}>Clear</button>
        </div>
        ${this.packets.length === 0 ? html`<p class="empty">${this.running ? 'Waiting for packets that fit …' : 'Start shows packets as they pass, before and behind the router’s work on them.'}</p>`
          : html`<lc-packet-list .packets=${shown} .chosen=${chosen} .first=${this.packets[0]!.sent.at} @choose=${(e: CustomEvent<Packet>) => { this.chosen = e.detail; }}></lc-packet-list>`}
        ${chosen === undefined ? nothing : html`<lc-packet-details .packet=${chosen}></lc-packet-details>`}
      </section>
      ${this.explaining === undefined ? nothing : html`<lc-explain .filter=${this.explaining} @leave=${() => { this.explaining = undefined; }}></lc-explain>`}
      <lc-record-file .filter=${this.#wholeFilter}></lc-record-file></div>`;
  }
}
customElements.define('lc-capture-tool', CaptureTool);
