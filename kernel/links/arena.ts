import { HEADROOM, MAX_PACKET, Packet } from '../../sdk/packet.ts';
import { libc } from './ffi.ts';

/**
 * Octets from one packet's room to the next: the largest packet, its headroom, and some growth behind. Not a multiple of 4096,
 * else the headers of all packets would compete for the same few lines of the first-level cache.
 */
export const STRIDE = 64 * 1074;
if (STRIDE < HEADROOM + MAX_PACKET) throw new Error('arena: the stride is too small for a packet');

/** Memory for packets. `address` is where buf[0] is for the operating system; 0: it cannot be told. */
export interface Arena {
  readonly buf: Uint8Array;
  readonly address: number;
  readonly slots: number;
  readonly stride: number;
}

/**
 * One array for all packets of an owner, fresh and zeroed; its pages cost nothing until they are touched. The collector takes it
 * back when no packet points into it any more, so a packet that was kept too long reads old bytes but never faults.
 */
export function createArena(slots: number, stride: number = STRIDE): Arena {
  const buf = new Uint8Array(slots * stride);
  return { buf, address: addressOf(buf), slots, stride };
}

/** The descriptors of a link's receive ring, one per slot. */
export function receiveRing(arena: Arena): readonly Packet[] {
  return Array.from({ length: arena.slots }, (_, i) => {
    const p = new Packet(arena.buf, i * arena.stride, arena.stride, arena.address);
    p.borrowed = true;
    return p;
  });
}

function addressOf(buf: Uint8Array): number {
  try {
    return libc().addressOf(buf);
  } catch {
    return 0;
  }
}
