import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOSTS_MOST, SessionCounts } from '../../../../plugins/firewall/sessions.ts';

describe('sessions per host', () => {
  it('are counted as flows begin and end, whatever the order', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(40), fc.nat(5)), { maxLength: 300 }), (steps) => {
      const counts = new SessionCounts();
      const model = new Map<number, number>();
      for (const [begins, flow, host] of steps) {
        if (begins) { counts.begun(flow, host); model.set(flow, host); } else { counts.ended(flow); model.delete(flow); }
        for (let h = 0; h <= 5; h++) expect(counts.of(h)).toBe([...model.values()].filter((m) => m === h).length);
      }
    }), { numRuns: 100 });
  });

  it('of more hosts than there is room for are not counted, and nothing grows', () => {
    const counts = new SessionCounts();
    for (let i = 0; i < HOSTS_MOST * 2; i++) counts.begun(i, (i + 1) * 0x10001 >>> 0);
    for (let i = 0; i < HOSTS_MOST * 2; i++) counts.ended(i);
    for (let i = 0; i < HOSTS_MOST * 2; i++) expect(counts.of((i + 1) * 0x10001 >>> 0)).toBe(0);
  });
});
