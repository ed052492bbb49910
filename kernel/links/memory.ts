import type { Link, LinkHost, LinkStats } from '../../sdk/link.ts';
import { type Batch, BATCH, HEADROOM, MAX_PACKET, Packet } from '../../sdk/packet.ts';
import { macFromName } from './mac.ts';
import { emptyStats } from './stats.ts';

/** Offload facts of one frame, as in virtio_net_hdr; see sdk/packet.ts. */
export interface FrameFacts {
  readonly needsCsum: boolean; readonly csumStart: number; readonly csumOffset: number;
  readonly gsoType: number; readonly gsoSize: number; readonly hdrLen: number;
}

export interface MemoryLinkOptions {
  readonly name: string;
  /** 6 octets; default: a locally administered address made from the name. */
  readonly mac?: Uint8Array;
  /** Default 1500. */
  readonly mtu?: number;
  /** Frames that may wait towards the router; default 256. One more is dropped and counted. */
  readonly queue?: number;
  /** Default 'ether'. */
  readonly framing?: 'ether' | 'ip';
  /** What the far side takes; default: finished checksums and wire-sized frames only. */
  readonly offload?: { readonly csum: boolean; readonly gso: boolean };
}

/** The other end of a memory link: a virtual host, a test. */
export interface FarEnd {
  /** Queues a copy towards the router and wakes it. False: dropped (down, closed, queue full, too long). */
  send(frame: Uint8Array, facts?: FrameFacts): boolean;
  /** Told of each frame the router sends, at once; the bytes are a copy. Facts only where the link takes offloads. */
  onFrame: ((frame: Uint8Array, facts?: FrameFacts) => void) | undefined;
  setUp(up: boolean): void;
  setMtu(mtu: number): void;
}

/** A wire in memory: what one end sends, the other has at once. It outlives closing: the registry may open it again. */
export function memoryLink(opts: MemoryLinkOptions): { open(host: LinkHost): Link; readonly far: FarEnd } {
  const wire = new Wire(opts);
  return { open: (host) => wire.open(host), far: wire };
}

class Wire implements FarEnd {
  onFrame: ((frame: Uint8Array, facts?: FrameFacts) => void) | undefined = undefined;
  readonly opts: MemoryLinkOptions;
  mtu: number;
  up = true;
  near: NearEnd | undefined = undefined;

  constructor(opts: MemoryLinkOptions) {
    this.opts = opts;
    this.mtu = opts.mtu ?? 1500;
  }

  open(host: LinkHost): Link {
    if (this.near) throw new Error(`${this.opts.name}: is open already`);
    return this.near = new NearEnd(this, host);
  }

  send(frame: Uint8Array, facts?: FrameFacts): boolean {
    return this.near?.receive(frame, facts) ?? false;
  }

  setUp(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    this.near?.host.changed(up ? 'carrier' : 'no carrier');
  }

  setMtu(mtu: number): void {
    if (this.mtu === mtu) return;
    this.mtu = mtu;
    this.near?.host.changed('mtu');
  }
}

class NearEnd implements Link {
  readonly kind = 'memory';
  readonly fd = -1;
  readonly name: string;
  readonly framing: 'ether' | 'ip';
  readonly mac: Uint8Array;
  readonly offload: { readonly csum: boolean; readonly gso: boolean };
  readonly stats: LinkStats = emptyStats();
  readonly host: LinkHost;
  readonly #wire: Wire;
  readonly #depth: number;
  /** Descriptors in a circle: #waiting of them before #tail wait; the BATCH before those may still be borrowed. */
  readonly #ring: (Packet | undefined)[];
  #tail = 0;
  #waiting = 0;

  constructor(wire: Wire, host: LinkHost) {
    const { name, mac, queue = 256, framing = 'ether', offload = { csum: false, gso: false } } = wire.opts;
    this.name = name;
    this.framing = framing;
    this.mac = framing === 'ip' ? new Uint8Array(6) : mac ?? macFromName(name);
    this.offload = offload;
    this.host = host;
    this.#wire = wire;
    this.#depth = queue;
    this.#ring = new Array<Packet | undefined>(queue + BATCH).fill(undefined);
  }

  get mtu(): number { return this.#wire.mtu; }
  get up(): boolean { return this.#wire.up; }

  receive(frame: Uint8Array, facts: FrameFacts | undefined): boolean {
    if (!this.up || this.#waiting === this.#depth || frame.length > MAX_PACKET) {
      this.stats.rxDropped++;
      return false;
    }
    const p = this.#slot(frame.length);
    p.fill(frame);
    if (facts) Object.assign(p, facts);
    this.#tail = (this.#tail + 1) % this.#ring.length;
    if (this.#waiting++ === 0) this.host.wake();
    return true;
  }

  rx(into: Batch): number {
    const size = this.#ring.length;
    let n = 0;
    while (this.#waiting > 0 && !into.full) {
      const p = this.#ring[(this.#tail - this.#waiting + size) % size] as Packet;
      this.#waiting--;
      this.stats.rxPackets++;
      this.stats.rxBytes += p.len;
      into.push(p);
      n++;
    }
    return n;
  }

  tx(batch: Batch): void {
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      if (!this.up) { this.stats.txDropped++; continue; }
      this.stats.txPackets++;
      this.stats.txBytes += p.len;
      this.#wire.onFrame?.(p.bytes(), this.offload.csum || this.offload.gso ? factsOf(p) : undefined);
    }
  }

  close(): void {
    if (this.#wire.near === this) this.#wire.near = undefined;
    this.#waiting = 0;
  }

  /** The next descriptor, with room for `length` octets and some growth; buffers are made on first use. */
  #slot(length: number): Packet {
    const have = this.#ring[this.#tail];
    if (have && have.room >= HEADROOM + length) return have;
    const room = HEADROOM + Math.max(2048, length + 256);
    const made = new Packet(new Uint8Array(room), 0, room);
    made.borrowed = true;
    this.#ring[this.#tail] = made;
    return made;
  }
}

function factsOf(p: Packet): FrameFacts {
  return { needsCsum: p.needsCsum, csumStart: p.csumStart, csumOffset: p.csumOffset, gsoType: p.gsoType, gsoSize: p.gsoSize, hdrLen: p.hdrLen };
}
