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
/** An inside endpoint by a small number: the address and the port differ for each. */
const ip = (endpoint: number) => 0xc0a8_0000 + endpoint;
const own = (endpoint: number) => 2000 + endpoint;
const pool = (reserved: number[] = [], first = FIRST_PORT, last = 65535) => {
  const blocked = new Uint8Array(65536);
  for (const port of reserved) blocked[port] = 1;
  const p = new PortPool({ first, last, blocked }, seeded(1));
  return {
    pool: p,
    get free() { return p.free; },
    get mappings() { return p.mappings; },
    pick: (port: number) => p.pick(ip(99), port),
    isFree: (port: number) => p.isFree(port),
    lookup: (e: number) => p.lookup(ip(e), own(e)),
    hold: (e: number, port: number) => p.hold(ip(e), own(e), port),
    release: (e: number, port: number) => p.release(ip(e), own(e), port),
  };
};

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
    for (let port = FIRST_PORT; port < 65536; port += 2) p.pool.hold(port, port, port);
    expect(p.pick(2000) % 2).toBe(1);
    for (let port = FIRST_PORT + 1; port < 65536; port += 2) p.pool.hold(port, port, port);
    expect(p.pick(2000)).toBe(-1);
    expect(p.free).toBe(0);
  });

  it('puts the odd one of a pair next to the even one (RTP and RTCP)', () => {
    const p = pool();
    p.hold(1, 5004);
    p.hold(1, 5005);
    const even = p.pool.pick(ip(2), 5004);
    expect(even).not.toBe(5004);
    expect(p.pool.hold(ip(2), 5004, even)).toBe(true);
    expect(p.pool.pick(ip(2), 5005)).toBe(even + 1);
  });

  it('keeps to its range, also when that changes', () => {
    const p = pool([], 40_000, 40_009);
    expect(p.free).toBe(10);
    expect(p.pick(5000)).toBeGreaterThanOrEqual(40_000);
    p.hold(1, 40_000);
    p.pool.rules = { first: 50_000, last: 50_001, blocked: new Uint8Array(65536) };
    expect(p.free).toBe(2);
    p.release(1, 40_000);
    expect([p.free, p.isFree(40_000)]).toEqual([2, false]);
  });

  it('finds every endpoint again among many, and forgets those that left', () => {
    const p = pool();
    let held = 0;
    for (let n = 0; n < 60_000; n++) if (p.pool.hold(0x0a00_0000 + n, n & 0xffff, 2000 + n)) held++;
    expect(held).toBe(60_000);
    for (let n = 0; n < 60_000; n += 3) p.pool.release(0x0a00_0000 + n, n & 0xffff, 2000 + n);
    const wrong = Array.from({ length: 60_000 }, (_, n) => n).filter(n => p.pool.lookup(0x0a00_0000 + n, n & 0xffff) !== (n % 3 === 0 ? -1 : 2000 + n));
    expect(wrong).toEqual([]);
    expect(p.mappings).toBe(40_000);
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
