import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isPlain } from '../../../kernel/config/schema.ts';
import { rig } from './rig.ts';

const entry = z.object({ id: z.int(), name: z.string().default('') });
const schema = z.object({ list: z.array(entry).default([]), note: z.string().default('') });
type Large = z.infer<typeof schema>;

describe('large settings', () => {
  const many = Array.from({ length: 2000 }, (_, id) => ({ id, name: `n${id}` }));

  it('are committed step by step: others have their turn between, and see either all of it or nothing', async () => {
    const { config } = await rig();
    config.attach({ id: 'large', schema, version: 1, apply: () => {} });
    await config.update<Large>('large', d => { d.list.push(...many); }, 'test');
    const seen: number[] = [];
    let done = false;
    const working = config.update<Large>('large', d => { d.list.pop(); d.note = 'less'; }, 'test').finally(() => { done = true; });
    while (!done) {
      const now = config.running<Large>('large');
      expect([now.list.length, now.note]).toEqual(now.note === '' ? [2000, ''] : [1999, 'less']);
      seen.push(now.list.length);
      await new Promise(turn => { setImmediate(turn); });
    }
    await working;
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-1)).toBe(2000);
    expect(config.running<Large>('large').list.length).toBe(1999);
  });

  it('that do not fit are refused as a whole, and the next commit in the queue is not', async () => {
    const { config } = await rig();
    config.attach({ id: 'large', schema, version: 1, apply: () => {} });
    await config.update<Large>('large', d => { d.list.push(...many); }, 'test');
    const wrong = config.update<Large>('large', d => { d.list[5]!.id = 0.5; }, 'test');
    const right = config.update<Large>('large', d => { d.list[6]!.name = 'six'; }, 'test');
    await expect(wrong).rejects.toThrow('large.list[5].id');
    await right;
    expect(config.running<Large>('large').list.slice(5, 7)).toEqual([{ id: 5, name: 'n5' }, { id: 6, name: 'six' }]);
  });

  it('reach a plugin that comes between two steps', async () => {
    const { config } = await rig();
    config.attach({ id: 'large', schema, version: 1, apply: () => {} });
    await config.update<Large>('large', d => { d.list.push(...many); }, 'test');
    const { document } = config;
    const working = config.restore({ ...document, sections: { ...document.sections, late: { version: 1, settings: { n: 2 } } } }, 'test', '');
    for (let i = 0; i < 10; i++) await Promise.resolve();
    const seen: unknown[] = [];
    config.attach({ id: 'late', version: 1, schema: z.object({ n: z.int().default(1) }), apply: next => { seen.push(next); } });
    expect(config.running('late')).toEqual({ n: 1 });
    await working;
    expect([seen, config.running('late')]).toEqual([[{ n: 2 }], { n: 2 }]);
  });

  it('of a plugin share nothing with what it holds on to', async () => {
    const { config } = await rig();
    config.attach({ id: 'large', schema, version: 1, apply: () => {} });
    const mine = { id: 1, name: 'mine' };
    await config.update<Large>('large', d => { d.list.push(mine); }, 'test');
    mine.name = 'changed behind its back';
    expect(config.diff(0)).toEqual([]);
    expect(config.known('running').settings('large')).toEqual({ list: [{ id: 1, name: 'mine' }], note: '' });
  });
});

describe('a schema that changes nothing', () => {
  it.each<[string, boolean, z.ZodType]>([
    ['fields, lists, defaults and checks', true, schema],
    ['refinements', true, z.object({ a: z.string().superRefine(() => {}) })],
    ['records, tuples, enums, what may be missing', true, z.object({ r: z.record(z.string(), z.int()), t: z.tuple([z.literal('a'), z.boolean()]), e: z.enum(['x', 'y']).optional(), n: z.string().nullable() })],
    ['a number of what looks like one', false, z.object({ a: z.coerce.number() })],
    ['a text without its blanks', false, z.object({ a: z.string().trim() })],
    ['a transform', false, z.object({ a: z.array(z.string().transform(t => t.length)) })],
    ['a codec', false, z.object({ a: z.codec(z.number(), z.string(), { decode: n => String(n), encode: t => Number(t) }) })],
    ['a catch', false, z.object({ a: z.number().catch(1) })],
  ])('%s: %s', (_what, is, s) => { expect(isPlain(s)).toBe(is); });
});
