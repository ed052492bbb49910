import { HEADROOM, MAX_PACKET, Packet } from '../../sdk/packet.ts';

/** Octets from one packet's room to the next: 64 KiB frames with headroom, and no multiple of 4096, so that the headers of a
 *  batch do not all fall into the same set of the CPU's first cache. */
export const STRIDE = 64 * 1074;
/** Built and queued packets, over all links together; a link's receive ring comes on top. 35 MB of address space, of which only what is touched is real. */
const POOL_PACKETS = 512;

export interface Arena { readonly buf: Uint8Array; /** Native address of buf[0], 0: none. */ readonly address: number }

/** `n` packet descriptors over one arena of at least n * STRIDE octets. */
export function packetsOver(arena: Arena, n: number): Packet[] {
  if (MAX_PACKET + HEADROOM > STRIDE) throw new Error('STRIDE is too small');
  if (arena.buf.length < n * STRIDE) throw new Error(`an arena of ${arena.buf.length} octets does not hold ${n} packets`);
  return Array.from({ length: n }, (_, i) => new Packet(arena.buf, i * STRIDE, STRIDE, arena.address));
}

/** Packets the router makes or keeps itself. Never grows: an empty pool is an answer (drop and count). */
export class PacketPool {
  readonly #free: Packet[];
  readonly size: number;
  /** How often somebody asked in vain. */
  exhausted = 0;

  constructor(n = POOL_PACKETS, arena: Arena = { buf: new Uint8Array(n * STRIDE), address: 0 }) {
    this.#free = packetsOver(arena, n).reverse();
    this.size = n;
  }

  get available(): number { return this.#free.length; }

  take(): Packet | undefined {
    const p = this.#free.pop();
    if (!p) { this.exhausted++; return undefined; }
    p.reset();
    return p;
  }

  /** Borrowed packets belong to a link's ring; giving one back is allowed and does nothing. */
  free(p: Packet): void {
    if (p.borrowed) return;
    if (this.#free.length === this.size) throw new Error('a packet was freed twice');
    this.#free.push(p);
  }
}
