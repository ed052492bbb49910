import { describe, expect, it } from 'vitest';
import { differences } from '../../../kernel/config/diff.ts';

const rules = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `rule ${i}`, active: true }));
const places = (before: unknown, after: unknown) => differences(before as never, after as never, false).map((d) => d.keys.join('.'));

describe('what differs between two lists of entries', () => {
  it('is the entry that went, not every one behind it', () => {
    const before = { rules: rules(1000) };
    const after = { rules: before.rules.toSpliced(500, 1) };
    expect(places(before, after)).toEqual(['rules.500.name', 'rules.500.active']);
    expect(places(after, before)).toEqual(['rules.500.name', 'rules.500.active']);
  });

  it('is told entry by entry in between', () => {
    const before = rules(5);
    const after = [before[0]!, { name: 'other', active: true }, before[2]!, { ...before[3]!, active: false }, before[4]!];
    expect(places(before, after)).toEqual(['1.name', '3.active']);
  });

  it('of equal entries, the last ones that went', () => {
    const same = { name: 'a', active: true };
    expect(places([same, same, same], [same])).toEqual(['1.name', '1.active', '2.name', '2.active']);
    expect(places([], [])).toEqual([]);
  });
});
