import type { Batch, Link, LinkHost, LinkStats, Packet, Packets } from '../../../../sdk/index.ts';

/** Packets that wait for the next breath; more are dropped. */
const QUEUE = 256;

/** Where packets for the network go. */
export interface Wire {
  /** False: no room. The octets are the caller's again afterwards. */
  send(buf: Uint8Array, from: number, to: number): boolean;
  flush(): void;
}

/** The IP interface of a call. It is there as long as the card is, and up as long as the call stands. */
export class PppLink implements Link {
  readonly kind = 'virtual';
  readonly framing = 'ip';
  readonly fd = -1;
  readonly mac = new Uint8Array(6);
  /** PPP takes finished packets of its own size. */
  readonly offload = { csum: false, gso: false };
  readonly stats: LinkStats = { rxPackets: 0, rxBytes: 0, rxDropped: 0, txPackets: 0, txBytes: 0, txDropped: 0, txErrors: 0 };
  readonly name: string;
  mtu = 1500;
  /** When a packet last went out (ms, the clock's). */
  lastSent = 0;
  readonly #host: LinkHost;
  readonly #packets: Pick<Packets, 'take' | 'free'>;
  readonly #now: () => number;
  readonly #ring: (Packet | undefined)[] = new Array<Packet | undefined>(QUEUE).fill(undefined);
  #head = 0;
  #waiting = 0;
  #wire: Wire | undefined;

  constructor(name: string, host: LinkHost, packets: Pick<Packets, 'take' | 'free'>, now: () => number) {
    this.name = name;
    this.#host = host;
    this.#packets = packets;
    this.#now = now;
  }

  get up(): boolean { return this.#wire !== undefined; }

  /** The call stands: packets go this way. */
  connect(wire: Wire, mtu: number): void {
    this.#wire = wire;
    this.mtu = mtu;
    this.#host.changed('');
  }

  disconnect(why: string): void {
    if (this.#wire === undefined) return;
    this.#wire = undefined;
    this.#clear();
    this.#host.changed(why);
  }

  /** A packet from the network in buf[from, to), valid during the call. */
  receive(buf: Uint8Array, from: number, to: number): void {
    const p = this.#waiting === QUEUE ? undefined : this.#packets.take();
    if (p === undefined) { this.stats.rxDropped++; return; }
    p.buf.set(buf.subarray(from, to), p.off);
    p.len = to - from;
    this.#ring[(this.#head + this.#waiting) % QUEUE] = p;
    if (this.#waiting++ === 0) this.#host.wake();
  }

  rx(into: Batch): number {
    let n = 0;
    while (this.#waiting > 0 && !into.full) {
      const p = this.#ring[this.#head]!;
      this.#head = (this.#head + 1) % QUEUE;
      this.#waiting--;
      this.stats.rxPackets++;
      this.stats.rxBytes += p.len;
      into.push(p);
      n++;
    }
    return n;
  }

  tx(batch: Batch): void {
    const wire = this.#wire;
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (wire?.send(p.buf, p.off, p.off + p.len) === true) {
        this.stats.txPackets++;
        this.stats.txBytes += p.len;
      } else this.stats.txDropped++;
    }
    if (wire === undefined || batch.n === 0) return;
    wire.flush();
    this.lastSent = this.#now();
  }

  close(): void {
    this.#wire = undefined;
    this.#clear();
  }

  #clear(): void {
    for (; this.#waiting > 0; this.#waiting--) {
      this.#packets.free(this.#ring[this.#head]!);
      this.#head = (this.#head + 1) % QUEUE;
    }
  }
}
