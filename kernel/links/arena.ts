import type { Packet } from '../../sdk/packet.ts';
import { type Arena, packetsOver, STRIDE } from '../packet/pool.ts';
import { libc } from './ffi.ts';

/**
 * One array for all packets of an owner, fresh and zeroed; its pages cost nothing until they are touched. The collector takes it
 * back when no packet points into it any more, so a packet that was kept too long reads old bytes but never faults.
 */
export function createArena(slots: number): Arena {
  const buf = new Uint8Array(slots * STRIDE);
  return { buf, address: addressOf(buf) };
}

/** The descriptors of a link's receive ring, `n` of them over its arena. */
export function receiveRing(arena: Arena, n: number): readonly Packet[] {
  const ring = packetsOver(arena, n);
  for (const p of ring) p.borrowed = true;
  return ring;
}

function addressOf(buf: Uint8Array): number {
  try {
    return libc().addressOf(buf);
  } catch {
    return 0;
  }
}
