/**
 * Mixes a flow key into 32 bits. Multiply-xorshift rounds as in the murmur3 finaliser; the seed is drawn at start so that
 * nobody outside can choose keys that collide.
 */
export function mix(src: number, dst: number, ports: number, proto: number, seed: number): number {
  let h = Math.imul(src ^ seed, 0x9e3779b1);
  h = Math.imul((h ^ (h >>> 15)) + dst | 0, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13)) + ports | 0, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 16)) + proto | 0, 0x27d4eb2f);
  return h ^ (h >>> 15);
}
