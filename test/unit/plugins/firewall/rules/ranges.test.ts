import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complement, covers, normalise } from '../../../../../plugins/firewall/rules/ranges.ts';

const MOST = 15;
const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: MOST }), fc.integer({ min: 0, max: MOST })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const), { maxLength: 6 });
const numbers = (set: readonly number[]): Set<number> => {
  const found = new Set<number>();
  for (let i = 0; i < set.length; i += 2) for (let n = set[i]!; n <= set[i + 1]!; n++) found.add(n);
  return found;
};

describe('sets of ranges', () => {
  it('are what sets of numbers are', () => {
    fc.assert(fc.property(pairs, pairs, (a, b) => {
      const left = normalise(a.flat());
      const right = normalise(b.flat());
      expect(numbers(left)).toEqual(numbers(a.flat()));
      for (let i = 2; i < left.length; i += 2) expect(left[i]).toBeGreaterThan(left[i - 1]! + 1);
      const not = numbers(complement(left, MOST));
      for (let n = 0; n <= MOST; n++) expect(not.has(n)).toBe(!numbers(left).has(n));
      expect(covers(left, right)).toBe([...numbers(right)].every(n => numbers(left).has(n)));
    }), { numRuns: 500 });
  });
});
