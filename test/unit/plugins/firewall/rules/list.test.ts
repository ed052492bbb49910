import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { env } from '../../../../../bench/firewall-sets.ts';
import { direction, freshId, insert, move, places, preview, remove } from '../../../../../plugins/firewall/rules/list.ts';
import type { Rule, Side } from '../../../../../plugins/firewall/rules/model.ts';

const any: Side = { match: [], negate: false };
const rule = (id: number, from = 'LAN', to = 'WAN', source = any): Rule => ({ id, name: '', active: true, from, to, source, destination: any, services: [], log: false, alert: false, action: 'permit', comment: '' });
const ids = (rules: readonly Rule[]) => rules.map(r => r.id);
/** Two directions, mixed: 1, 3 and 5 are LAN to WAN. */
const mixed = [rule(1), rule(2, 'DMZ'), rule(3), rule(4, 'DMZ'), rule(5)];
const shown = direction('LAN', 'WAN');

describe('the list of rules', () => {
  it('numbers what is shown', () => {
    expect(places(mixed, shown)).toEqual([0, 2, 4]);
    expect(places(mixed, direction(undefined, 'WAN'))).toEqual([0, 1, 2, 3, 4]);
    expect(places([rule(1, 'Any'), rule(2)], direction('Any', 'WAN'))).toEqual([0]);
  });

  it('takes a rule in at a number', () => {
    expect(ids(insert(mixed, 1, rule(9), shown))).toEqual([9, 1, 2, 3, 4, 5]);
    expect(ids(insert(mixed, 2, rule(9), shown))).toEqual([1, 2, 9, 3, 4, 5]);
    expect(ids(insert(mixed, 4, rule(9), shown))).toEqual([1, 2, 3, 4, 5, 9]);
    expect(ids(insert(mixed, 3, rule(9, 'DMZ'), direction('DMZ', 'WAN')))).toEqual([1, 2, 3, 4, 9, 5]);
    expect(ids(insert([], 1, rule(9), shown))).toEqual([9]);
  });

  it('moves a rule to a number', () => {
    expect(ids(move(mixed, 3, 1, shown))).toEqual([5, 1, 2, 3, 4]);
    expect(ids(move(mixed, 1, 3, shown))).toEqual([2, 3, 4, 5, 1]);
    expect(ids(move(mixed, 2, 2, shown))).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps numbers in a row when one is deleted', () => {
    expect(ids(remove(mixed, 2, shown))).toEqual([1, 2, 4, 5]);
    expect(places(remove(mixed, 2, shown), shown)).toHaveLength(2);
  });

  it('moves one rule only, and to where it was told', () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 1 }), fc.nat(), fc.nat(), (sides, a, b) => {
      const rules = sides.map((lan, i) => rule(i + 1, lan ? 'LAN' : 'DMZ'));
      const n = places(rules, shown).length;
      if (n === 0) return;
      const [from, to] = [a % n + 1, b % n + 1];
      const moved = rules[places(rules, shown)[from - 1]!]!;
      const after = move(rules, from, to, shown);
      expect(after[places(after, shown)[to - 1]!]).toBe(moved);
      expect(ids(after.filter(r => r !== moved))).toEqual(ids(rules.filter(r => r !== moved)));
    }));
  });

  it('says which numbers there are', () => {
    expect(() => move(mixed, 4, 1, shown)).toThrow('must be a number from 1 to 3');
    expect(() => move(mixed, 1, 1.5, shown)).toThrow(RangeError);
    expect(() => insert(mixed, 5, rule(9), shown)).toThrow('from 1 to 4');
    expect(() => remove([], 1)).toThrow('there are no rules');
  });

  it('shows what a move would hide and what it would free', () => {
    const all = rule(1);
    const one = rule(2, 'LAN', 'WAN', { match: [{ kind: 'single', address: 7 }], negate: false });
    const other = rule(3, 'LAN', 'WAN', { match: [{ kind: 'single', address: 8 }], negate: false });
    const before = [one, all, other];
    const seen = preview(before, move(before, 2, 1), env);
    expect(ids(seen.rules)).toEqual([1, 2, 3]);
    expect(seen.shadowed).toEqual([{ index: 1, by: 0 }, { index: 2, by: 0 }]);
    expect(seen.newly).toEqual([{ index: 1, by: 0 }]);
    expect(preview(before, move(before, 3, 1), env).freed).toEqual([3]);
  });

  it('gives ids that are free', () => {
    expect(freshId([])).toBe(1);
    expect(freshId([{ id: 4 }, { id: 2 }])).toBe(5);
  });
});
