import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { BadJson, readJson } from '../../../kernel/console/json-text.ts';

const bounds = { values: 1000, depth: 16 };
const read = (text: string) => readJson(Buffer.from(text), bounds);

describe('JSON from outside', () => {
  it('is what JSON.parse makes of it', async () => {
    await fc.assert(fc.asyncProperty(fc.json({ maxDepth: 6 }), async (text) => { expect(await readJson(Buffer.from(text), { values: 1e6, depth: 100 })).toEqual(JSON.parse(text)); }), { numRuns: 100 });
  });

  it.each([
    ['too many names', JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, i]))), 'more than 1000 values'],
    ['too many zeros', `[${'0,'.repeat(1000)}0]`, 'more than 1000 values'],
    ['too deep', `${'['.repeat(17)}${']'.repeat(17)}`, 'deeper than 16 levels'],
    ['too deep without an end', '{"a":'.repeat(500_000), 'deeper than 16 levels'],
    ['cut off', '{"a":', 'not JSON'], ['empty', ' \n', 'empty'], ['no JSON', 'x', 'not JSON'],
  ])('is refused: %s', async (_, text, why) => {
    await expect(read(text)).rejects.toThrow(BadJson);
    await expect(read(text)).rejects.toThrow(why);
  });

  it('may hold brackets, commas, quotes and letters of several octets in strings, across slices', async () => {
    const text = JSON.stringify(['[{,"\\\u00e9\u{1f600}'.repeat(40_000), '\\']);
    expect(await read(text)).toEqual(JSON.parse(text));
    await expect(readJson(Uint8Array.of(0x22, 0xff, 0x22), bounds)).rejects.toThrow('UTF-8');
    await expect(readJson(Uint8Array.of(0x22, 0xc3), bounds)).rejects.toThrow(BadJson);
  });

  it('lets others have their turn', async () => {
    let turns = 0;
    const count = (): void => { turns++; again = setImmediate(count); };
    let again = setImmediate(count);
    await read(`"${'a'.repeat(1024 * 1024)}"`);
    clearImmediate(again);
    expect(turns).toBeGreaterThanOrEqual(15);
  });
});
