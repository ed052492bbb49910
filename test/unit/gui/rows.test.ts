import { describe, expect, it } from 'vitest';
import { arrange, columnsOf } from '../../../gui/src/views/rows.ts';

const rows = [['192.168.1.10', 7], ['192.168.1.9', 30], ['host', null], [null, 2]] as const;

describe('arrange', () => {
  it('keeps the order of the rows when nobody wants another', () => expect(arrange(rows, '', undefined)).toEqual([0, 1, 2, 3]));
  it('orders addresses by their numbers, and what is empty last', () => expect(arrange(rows, '', { column: 0, down: false })).toEqual([1, 0, 2, 3]));
  it('orders numbers as numbers, downwards too', () => expect(arrange(rows, '', { column: 1, down: true })).toEqual([2, 1, 0, 3]));
  it('wants every word of the filter somewhere in the row', () => {
    expect(arrange(rows, '168 30', undefined)).toEqual([1]);
    expect(arrange(rows, 'HOST', undefined)).toEqual([2]);
    expect(arrange(rows, '168 nowhere', undefined)).toEqual([]);
  });
  it('leaves the order of equal rows alone', () => {
    const same = Array.from({ length: 50 }, (_, i) => ['x', i] as const);
    expect(arrange(same, '', { column: 0, down: true })).toEqual(same.map((_, i) => i));
  });
});

describe('columnsOf', () => {
  it('knows numbers from text; a column without any value is text', () => {
    expect(columnsOf(['a', 'b', 'c'], [['x', 1, null], ['y', null, null]]).map((c) => c.numeric)).toEqual([false, true, false]);
  });
  it('is bounded whatever the network sends', () => expect(columnsOf(['a'], [['x'.repeat(100_000)]])[0]!.width).toBeLessThan(60));
});
