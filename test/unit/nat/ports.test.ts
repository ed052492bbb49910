import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_PORT, PortPool } from '../../../plugins/nat/ports.ts';

/** A small generator with a seed (mulberry32), so that a failure can be seen again. */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const pool = (reserved: number[] = []) => new PortPool(reserved, seeded(1));

describe('nat ports', () => {
  it('keeps the source port while it is free', () => {
    expect(pool().pick(40000)).toBe(40000);
  });

  it('never hands out well-known or reserved ports', () => {
    const p = pool([4500]);
    expect(p.pick(500)).toBeGreaterThanOrEqual(FIRST_PORT);
    expect(p.pick(4500)).not.toBe(4500);
    expect(p.isFree(4500)).toBe(false);
  });

  it('takes another port of the same parity when the own one is in use', () => {
    const p = pool();
    p.hold(1, 5004);
    p.hold(2, 5005);
    for (let i = 0; i < 100; i++) {
      expect(p.pick(5004) % 2).toBe(0);
      expect(p.pick(5005) % 2).toBe(1);
    }
  });

  it('changes parity only when one half is used up', () => {
    const p = pool();
    for (let port = FIRST_PORT; port < 65536; port += 2) p.hold(port, port);
    expect(p.pick(2000) % 2).toBe(1);
    for (let port = FIRST_PORT + 1; port < 65536; port += 2) p.hold(port, port);
    expect(p.pick(2000)).toBe(-1);
    expect(p.free).toBe(0);
  });

  it('frees a port with its last flow, and not before', () => {
    const p = pool();
    p.hold(7, 5000);
    p.hold(7, 5000);
    p.release(7, 5000);
    expect(p.isFree(5000)).toBe(false);
    p.release(7, 5000);
    expect(p.isFree(5000)).toBe(true);
    expect(p.lookup(7)).toBe(-1);
    p.release(7, 5000);
    expect(p.free).toBe(65536 - FIRST_PORT);
  });

  it('does not give a reserved port back to the pool that a flow of before held', () => {
    const p = pool([4500]);
    expect(p.hold(7, 4500)).toBe(true);
    p.release(7, 4500);
    expect(p.isFree(4500)).toBe(false);
  });

  it('agrees with a simple model over random work', () => {
    fc.assert(fc.property(fc.array(fc.record({ endpoint: fc.integer({ min: 1, max: 6 }), port: fc.integer({ min: 1020, max: 1034 }), take: fc.boolean() }), { maxLength: 200 }), work => {
      const p = pool([1030]);
      const held: { endpoint: number; port: number }[] = [];
      for (const { endpoint, port: wanted, take } of work) {
        if (take) {
          const mapped = p.lookup(endpoint);
          const port = mapped >= 0 ? mapped : p.pick(wanted);
          const owner = held.find(h => h.port === port)?.endpoint;
          expect(p.hold(endpoint, port)).toBe(owner === undefined || owner === endpoint);
          expect(owner === undefined || owner === endpoint).toBe(true);
          expect(port >= FIRST_PORT && port !== 1030).toBe(true);
          held.push({ endpoint, port });
        } else {
          const at = held.findIndex(h => h.endpoint === endpoint);
          if (at < 0) continue;
          const [gone] = held.splice(at, 1);
          p.release(gone!.endpoint, gone!.port);
        }
        const ports = new Set(held.map(h => h.port));
        expect(p.free).toBe(65536 - FIRST_PORT - 1 - ports.size);
        expect(p.mappings).toBe(new Set(held.map(h => h.endpoint)).size);
      }
    }), { numRuns: 100 });
  });
});
