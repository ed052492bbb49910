/**
 * The 802.1Q tag. `at` is the octet after an EtherType TYPE_VLAN, that is frame + ethernet.HEADER:
 *
 *     0                        2
 *     | PCP 3 | DEI 1 | VID 12 | type | payload …
 */
import { TYPE_VLAN } from './ethernet.ts';

export const HEADER = 4;
/** VID 0 carries a priority only; 4095 is reserved. */
export const MAX_VID = 4094;

export function fits(_buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= HEADER;
}

export function vid(buf: Uint8Array, at: number): number {
  return ((buf[at]! & 0x0f) << 8) | buf[at + 1]!;
}

/** Priority code point, 0–7. */
export function pcp(buf: Uint8Array, at: number): number {
  return buf[at]! >>> 5;
}

export function dropEligible(buf: Uint8Array, at: number): boolean {
  return (buf[at]! & 0x10) !== 0;
}

/** The type of what follows the tag. */
export function etherType(buf: Uint8Array, at: number): number {
  return (buf[at + 2]! << 8) | buf[at + 3]!;
}

export function setTci(buf: Uint8Array, at: number, vlanId: number, priority = 0): void {
  buf[at] = (priority << 5) | (vlanId >>> 8);
  buf[at + 1] = vlanId;
}

/**
 * Puts a tag into the frame at `frame` by moving the addresses four octets to the front (there must be that much headroom).
 * Returns where the frame begins now.
 */
export function push(buf: Uint8Array, frame: number, vlanId: number, priority = 0): number {
  const start = frame - HEADER;
  for (let i = 0; i < 12; i++) buf[start + i] = buf[frame + i]!;
  buf[start + 12] = TYPE_VLAN >>> 8;
  buf[start + 13] = TYPE_VLAN & 0xff;
  setTci(buf, start + 14, vlanId, priority);
  return start;
}

/** Takes the outer tag out of the tagged frame at `frame`. Returns where the frame begins now. */
export function pop(buf: Uint8Array, frame: number): number {
  for (let i = 11; i >= 0; i--) buf[frame + HEADER + i] = buf[frame + i]!;
  return frame + HEADER;
}
