import { describe, expect, it } from 'vitest';
import { HitCounters } from '../../../../../plugins/firewall/rules/hits.ts';
import type { Rule } from '../../../../../plugins/firewall/rules/model.ts';

const list = (...ids: number[]) => ids.map(id => ({ id }) as Rule);

describe('hit counters', () => {
  it('stay with their rule', () => {
    const hits = new HitCounters();
    hits.use(list(5, 6, 7));
    for (const i of [0, 1, 1, 2, 2, 2, -1, 9]) hits.count(i);
    hits.use(list(7, 8, 5));
    hits.count(0);
    hits.count(1);
    expect([5, 6, 7, 8].map(id => hits.of(id))).toEqual([1, 0, 4, 1]);
    hits.use(list(6));
    expect(hits.of(6)).toBe(0);
  });

  it('begin again', () => {
    const hits = new HitCounters();
    hits.use(list(1, 2));
    hits.count(0);
    hits.count(1);
    hits.clear(1);
    hits.clear(99);
    expect([hits.of(1), hits.of(2)]).toEqual([0, 1]);
    hits.clear();
    expect(hits.of(2)).toBe(0);
  });
});
