export { road } from '../../packet/road.ts';

/** A frame of a protocol that nobody knows. */
export function ether(octets: number): Uint8Array {
  const frame = new Uint8Array(octets);
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5]);
  return frame;
}
