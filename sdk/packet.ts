/** What becomes of a packet after the present stage. */
export const Verdict = { Pass: 0, Drop: 1, Stolen: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Room kept in front of every received or built packet, for encapsulation and for the virtio-net header (octets). */
export const HEADROOM = 192;
/** The largest packet a descriptor carries: a 64 KiB GSO super-frame and its Ethernet header (octets). */
export const MAX_PACKET = 65_536 + 64;

/** A named count. Stages make theirs with `ctx.counter`; a drop always names one. */
export interface Counter { readonly name: string; n: number }

/** virtio_net_hdr.gso_type (linux/virtio_net.h). */
export const Gso = { None: 0, TcpV4: 1, Udp: 3, TcpV6: 4, UdpL4: 5, Ecn: 0x80 } as const;

/**
 * A pooled packet descriptor. The bytes are buf[off, off+len); l3 and l4 are offsets into the same buffer (never slices).
 * On an Ethernet link off points at the Ethernet header; on a TUN link off === l3. Fields are small integers so that the
 * object keeps one shape; nothing may be added to it.
 */
export class Packet {
  buf: Uint8Array;
  /** First octet of this descriptor's own room in buf; data starts HEADROOM later when fresh. */
  readonly base: number;
  /** Octets of room from base. */
  readonly room: number;
  /** Native address of buf[0] as a number, or 0 where there is none (memory lab). */
  readonly address: number;
  off = 0;
  len = 0;
  /** Offset of the IP header, or 0 before prerouting's sanity stage. */
  l3 = 0;
  /** Offset of the transport header (0 for a later fragment). */
  l4 = 0;
  /** EtherType in host order; 0x0800 on a TUN link. */
  etherType = 0;
  /** IP protocol. */
  proto = 0;
  /** Link ids; -1: none yet. `port` is where the wire is, when `inLink` became a bridge's. */
  inLink = -1;
  port = -1;
  outLink = -1;
  /** Index into the neighbour table that egress fills the Ethernet header from; -1: header is already written. */
  neighbour = -1;
  /** flow id * 2 + direction (0 original, 1 reply); -1: none. */
  tuple = -1;
  mark = 0;
  verdict: Verdict = Verdict.Pass;
  /** Set with Verdict.Drop. */
  reason: Counter | undefined = undefined;
  /** Offload facts as in virtio_net_hdr. csumStart counts from off. With needsCsum the transport checksum field holds the
   *  uncomplemented pseudo-header sum and is finished by whoever puts the packet on a real wire. */
  needsCsum = false;
  csumStart = 0;
  csumOffset = 0;
  gsoType = 0;
  gsoSize = 0;
  hdrLen = 0;
  /** Made by the router itself. */
  local = false;
  /** Addresses are final already: the executor routes it like its tuple and rewrites nothing. */
  translated = false;
  /** Belongs to a link's receive ring, not to the pool: the owner reuses it after the breath. */
  borrowed = false;
  /** Not 0: the trace session that follows this packet. */
  trace = 0;

  constructor(buf: Uint8Array, base: number, room: number, address = 0) {
    this.buf = buf;
    this.base = base;
    this.room = room;
    this.address = address;
    this.off = base + HEADROOM;
  }

  /** As fresh from the pool: no data, no facts. */
  reset(): void {
    this.off = this.base + HEADROOM;
    this.len = 0;
    this.clearMeta();
  }

  /** Forgets everything but the bytes. */
  clearMeta(): void {
    this.l3 = 0; this.l4 = 0; this.etherType = 0; this.proto = 0;
    this.inLink = -1; this.port = -1; this.outLink = -1; this.neighbour = -1; this.tuple = -1; this.mark = 0;
    this.verdict = Verdict.Pass; this.reason = undefined;
    this.needsCsum = false; this.csumStart = 0; this.csumOffset = 0; this.gsoType = 0; this.gsoSize = 0; this.hdrLen = 0;
    this.local = false; this.translated = false; this.trace = 0;
  }

  /** Bytes and offload facts of another packet; the only way to keep one beyond the breath. */
  copyFrom(other: Packet): void {
    this.reset();
    this.off = this.base + HEADROOM;
    this.len = other.len;
    this.buf.set(other.buf.subarray(other.off, other.off + other.len), this.off);
    const shift = this.off - other.off;
    this.l3 = other.l3 ? other.l3 + shift : 0;
    this.l4 = other.l4 ? other.l4 + shift : 0;
    this.etherType = other.etherType; this.proto = other.proto;
    this.inLink = other.inLink; this.port = other.port; this.outLink = other.outLink; this.neighbour = other.neighbour;
    this.tuple = other.tuple; this.mark = other.mark; this.local = other.local; this.translated = other.translated; this.trace = other.trace;
    this.needsCsum = other.needsCsum; this.csumStart = other.csumStart; this.csumOffset = other.csumOffset;
    this.gsoType = other.gsoType; this.gsoSize = other.gsoSize; this.hdrLen = other.hdrLen;
  }

  /** Copies bytes in as the packet's data (at the fresh offset). False when they do not fit. */
  fill(data: Uint8Array): boolean {
    this.reset();
    if (data.length > this.room - HEADROOM) return false;
    this.buf.set(data, this.off);
    this.len = data.length;
    return true;
  }

  /** A copy of the packet's bytes; for tests, captures and control protocols, not for the hot path. */
  bytes(): Uint8Array {
    return this.buf.slice(this.off, this.off + this.len);
  }
}

/** Up to BATCH packets that move together. Valid during the emission only. */
export const BATCH = 64;

export class Batch {
  readonly pkts: (Packet | undefined)[] = new Array<Packet | undefined>(BATCH).fill(undefined);
  n = 0;

  get full(): boolean { return this.n === BATCH; }

  /** The caller has checked `full`. */
  push(p: Packet): void { this.pkts[this.n++] = p; }

  /** The packet at i < n. */
  at(i: number): Packet { return this.pkts[i] as Packet; }

  /** Marks for dropping; the pipeline removes it, counts it and tells the trace. */
  drop(p: Packet, why: Counter): void {
    p.verdict = Verdict.Drop;
    p.reason = why;
  }

  /** Marks as taken away: the stage has copied what it wants, and the pipeline forgets the packet without counting a drop. */
  steal(p: Packet): void { p.verdict = Verdict.Stolen; }

  clear(): void { this.n = 0; }
}

/** netfilter's hooks, each with the slots the kernel owns, in order. A stage picks a slot, never a neighbour. */
export const hooks = {
  ingress: ['tap', 'decap', 'bridge'],
  prerouting: ['arp', 'sanity', 'reassembly', 'ipsec-in', 'flow'],
  input: ['policy', 'local', 'deliver'],
  forward: ['policy', 'alg', 'mangle'],
  output: ['policy'],
  postrouting: ['ipsec-out', 'fragment'],
  egress: ['shape', 'neighbour', 'encap', 'tap'],
} as const;
export type Hook = keyof typeof hooks;
export type Slot = { [H in Hook]: `${H}.${(typeof hooks)[H][number]}` }[Hook];
