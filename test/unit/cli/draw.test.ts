import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw, toJson } from '../../../kernel/cli/draw.ts';
import { columns, visible, wrap } from '../../../kernel/cli/width.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200f]/;

describe('drawing', () => {
  it('aligns a table, numbers to the right', () => {
    expect(draw({ title: 'Links', columns: ['name', 'mtu'], rows: [['eth0', 1500], ['wan', 68], ['x', null]] })).toBe(
      'Links\nname   mtu\n----  ----\neth0  1500\nwan     68\nx        -\n');
  });

  it('counts columns, not characters', () => {
    expect(draw({ columns: ['n', 'v'], rows: [['日本', 'a'], ['e\u0301', 'b'], ['abc', 'c']] })).toBe('n     v\n----  -\n日本  a\ne\u0301     b\nabc   c\n');
    expect(columns('😀日e\u0301')).toBe(5);
  });

  it('draws facts and texts', () => {
    expect(draw({ facts: { name: 'x', uptime: 3, gone: null } })).toBe('name    x\nuptime  3\ngone    -\n');
    expect(draw({ text: 'a\tb\n  c\n' })).toBe('a       b\n  c\n');
    expect(draw({ columns: ['a'], rows: [] })).toBe('a\n-\n(none)\n');
  });

  it('wraps to the terminal and loses nothing', () => {
    const text = 'one two three four five six seven eight nine ten';
    const drawn = draw({ columns: ['k', 'text'], rows: [['key', text]] }, { width: 30 });
    for (const line of drawn.split('\n')) expect(columns(line)).toBeLessThanOrEqual(30);
    expect(drawn.split('\n').slice(2).join(' ').replace('key', '').split(/\s+/).filter(Boolean).join(' ')).toBe(text);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });

  it.each([
    ['\x1b[2Jx', '\\x1b[2Jx'], ['a\r\nb', 'a\\r\\nb'], ['\u202egnp', '\\u{202e}gnp'], ['\x9b31m', '\\x9b31m'], ['a\u0000', 'a\\x00'], ['\ud800', '\\u{d800}'],
  ])('makes %j visible', (text, shown) => expect(visible(text)).toBe(shown));

  it('never lets hostile text reach the terminal, whatever it stands in', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }), (text, width) => {
      for (const part of [text, { text }, { columns: [text], rows: [[text]], title: text }, { facts: { [text]: text }, title: text }]) {
        expect(draw(part, { width })).not.toMatch(raw);
        expect(toJson(part)).not.toMatch(raw);
      }
    }), { numRuns: 200 });
  });

  it('gives JSON that a program can use', () => {
    expect(JSON.parse(toJson({ columns: ['a', 'b'], rows: [['x', 1], ['y', null]] }))).toEqual([{ a: 'x', b: 1 }, { a: 'y', b: null }]);
    expect(JSON.parse(toJson({ facts: { a: '\x9b' } }))).toEqual({ a: '\x9b' });
  });
});
