import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteWord, restOf, splitLine } from '../../../kernel/cli/words.ts';

const texts = (line: string): string[] => splitLine(line).words.map((w) => w.text);

describe('words of a line', () => {
  it.each([
    ['ip arp status', ['ip', 'arp', 'status']],
    ['  a\tb \n c ', ['a', 'b', 'c']],
    ['set "two words" x', ['set', 'two words', 'x']],
    ["set 'it\\n' x", ['set', 'it\\n', 'x']],
    ['set "say \\"hi\\"\\n"', ['set', 'say "hi"\n']],
    ["don't", ["don't"]],
    ['a\\ b C:\\dir', ['a b', 'C:\\dir']],
    ['""', ['']],
    ['', []],
  ])('%j', (line, words) => expect(texts(line)).toEqual(words));

  it.each([
    ['set "open', 4, 'never closed'],
    ['set "a"b', 7, 'space is missing'],
  ])('tells the position of the error in %j', (line, at, message) => {
    const { problem } = splitLine(line);
    expect(problem?.at).toBe(at);
    expect(problem?.message).toContain(message);
  });

  it.each([
    ['flows --json', 1, true], ['flows | json', 1, true], ['flows |json', 1, true],
    ['flows "--json"', 2, false], ['flows json', 2, false], ['set | json x', 4, false],
  ])('the output form of %j', (line, words, json) => {
    const split = splitLine(line);
    expect([split.words.length, split.json]).toEqual([words, json]);
  });

  it('gives a rest argument as typed, or one quoted word without quotes', () => {
    expect(restOf(splitLine('set x {"a":  1}'), 2)).toBe('{"a":  1}');
    expect(restOf(splitLine('set x "a b" --json'), 2)).toBe('a b');
    expect(restOf(splitLine('sh -c "a b" | json'), 1)).toBe('-c "a b"');
    expect(restOf(splitLine('set x'), 2)).toBeUndefined();
  });

  it('refuses a line that is too long', () => expect(splitLine('x'.repeat(70_000)).problem?.message).toContain('longer'));

  it('reads back every word that it quoted', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
      expect(texts(words.map(quoteWord).join(' '))).toEqual(words);
    }));
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => { splitLine(line); }));
  });
});
