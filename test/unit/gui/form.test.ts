import { describe, expect, it } from 'vitest';
import { helpWithRange } from '../../../gui/src/views/form/help.ts';
import { beginsWith, put } from '../../../gui/src/views/form/keys.ts';
import { beginning, keysOf, nodeOf, schemaAt, valueAt } from '../../../gui/src/views/form/schema.ts';
import type { JsonSchema } from '../../../gui/src/wire/settings.ts';
import { settingsSchema } from '../../../kernel/console/settings-schema.ts';
import { z } from '../../../sdk/index.ts';

const rule = z.object({
  name: z.string().min(1), active: z.boolean().default(true), key: z.string().default('').meta({ secret: true }),
  match: z.discriminatedUnion('by', [z.object({ by: z.literal('address'), ip: z.string().default('0.0.0.0') }), z.object({ by: z.literal('time'), from: z.string().default('08:00') })]),
});
const root = settingsSchema(z.object({
  mode: z.enum(['a', 'b']).default('a'), limit: z.union([z.null(), z.int().min(1)]).default(null), sides: z.array(z.enum(['lan', 'wan'])).default([]),
  rules: z.array(rule).default([]), hosts: z.record(z.string(), z.object({ ip: z.string() })).default({}), either: z.union([z.literal('auto'), z.int()]).default('auto'), any: z.unknown(),
})) as JsonSchema;
const kind = (...keys: (string | number)[]) => nodeOf(schemaAt(root, keys, { rules: [{ match: { by: 'time' } }] })!, root).kind;

describe('the JSON Schema that the router makes', () => {
  it('tells how each setting is edited', () => {
    expect([kind(), kind('mode'), kind('limit'), kind('sides'), kind('rules'), kind('hosts'), kind('either'), kind('any')])
      .toEqual(['object', 'choice', 'number', 'set', 'list', 'record', 'json', 'json']);
    expect([kind('rules', 0), kind('rules', 0, 'name'), kind('rules', 0, 'active'), kind('rules', 0, 'key'), kind('rules', 0, 'match'), kind('hosts', 'nas', 'ip')])
      .toEqual(['object', 'text', 'switch', 'secret', 'variant', 'text']);
  });
  it('says what may be null', () => expect(nodeOf(schemaAt(root, ['limit'], {})!, root).nullable).toBe(true));
  it('leads into the variant that is chosen', () => {
    expect(schemaAt(root, ['rules', 0, 'match', 'from'], { rules: [{ match: { by: 'time' } }] })).toMatchObject({ default: '08:00' });
    expect(schemaAt(root, ['rules', 0, 'match', 'from'], { rules: [{ match: { by: 'address' } }] })).toBeUndefined();
  });
  it('gives a new entry its defaults', () => {
    expect(beginning(schemaAt(root, ['rules', 0], undefined)!, root)).toEqual({ active: true, match: { by: 'address', ip: '0.0.0.0' } });
  });
  it('goes nowhere with a path that leads nowhere, and follows references that go round', () => {
    expect(schemaAt(root, ['mode', 'x'], {})).toBeUndefined();
    const round: JsonSchema = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } };
    expect(nodeOf(round, round).kind).toBe('json');
  });
});

describe('the help of a number', () => {
  it('has its range once', () => {
    const number = { type: 'integer', minimum: 1, maximum: 15 } as const;
    expect([helpWithRange(number), helpWithRange({ ...number, help: '1-15; smaller wins.' }), helpWithRange({ ...number, help: 'smaller wins' }), helpWithRange({ ...number, help: 'Up to 15 of them.' })])
      .toEqual(['1–15', '1-15; smaller wins.', 'Smaller wins. 1–15.', 'Up to 15 of them. 1–15.']);
  });
});

describe('ways', () => {
  it('are read from their spelling', () => {
    expect(keysOf('dhcp.static[2].mac')).toEqual(['dhcp', 'static', 2, 'mac']);
    expect(keysOf('hosts["a.example"].ip')).toEqual(['hosts', 'a.example', 'ip']);
    expect(keysOf('')).toEqual([]);
  });
  it('put a value without touching what was there', () => {
    const before = { list: [{ a: 1 }, { a: 2 }] } as const;
    expect(put(before, ['list', 1, 'a'], 3)).toEqual({ list: [{ a: 1 }, { a: 3 }] });
    expect(put(before, ['list', 0], undefined)).toEqual({ list: [{ a: 2 }] });
    expect(put(undefined, ['x', 'y'], 1)).toEqual({ x: { y: 1 } });
    expect(before.list[1].a).toBe(2);
  });
  it('do not lead to what only the prototype has', () => expect(valueAt({}, ['constructor'])).toBeUndefined());
  it('begin with one another', () => expect([beginsWith(['a', 0], ['a']), beginsWith(['a'], ['a', 0]), beginsWith(['b'], ['a'])]).toEqual([true, false, false]));
});
