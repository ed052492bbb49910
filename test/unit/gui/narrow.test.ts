import { describe, expect, it } from 'vitest';
import { narrowed } from '../../../gui/src/pages/console/narrow.ts';

const table = { title: 'links', columns: ['name', 'kind', 'address', 'state'], rows: [['port1', 'memory', '02:00:00:00:00:01', 'up'], ['wan', 'memory', null, 'down because nobody answers there']] } as const;

describe('a table on a narrow terminal', () => {
  it('becomes a record for each row', () => {
    const [title, first, second] = narrowed(table, 40);
    expect(title).toBe('links');
    expect(first).toEqual({ title: '▸ port1', facts: { kind: 'memory', address: '02:00:00:00:00:01', state: 'up' } });
    expect(second).toMatchObject({ title: '▸ wan', facts: { address: null } });
    expect(narrowed({ columns: ['#', 'a', 'b', 'c'], rows: [[1, 'x'.repeat(40), 'y', 'z']] }, 40)).toMatchObject([{ title: '▸ # 1' }]);
  });
  it('loses no column that is named like another', () => {
    const [record] = narrowed({ columns: ['link', 'packets in', 'out', 'octets in', 'out'], rows: [['wan', 1, 2, 3, 4]] }, 20);
    expect(record).toMatchObject({ facts: { 'packets in': 1, out: 2, 'octets in': 3, 'out (2)': 4 } });
  });
  it('stays a table where there is room for it, and where there is little in it', () => {
    expect(narrowed(table, 100)).toEqual([table]);
    const small = { columns: ['a', 'b', 'c', 'd'], rows: [[1, 2, 3, 4]] };
    const pairs = { columns: ['word', 'meaning'], rows: [['x', 'y'.repeat(80)]] };
    expect([narrowed(small, 40), narrowed(pairs, 40), narrowed('text', 40)]).toEqual([[small], [pairs], ['text']]);
  });
  it('says when it is empty', () => expect(narrowed({ columns: ['one long head', 'another long head', 'a third', 'a fourth'], rows: [] }, 40)).toEqual(['(none)']));
});
