import { z } from 'zod';
import type { JsonSchema } from '../settings-schema.ts';

const bare = (schema: z.ZodType): JsonSchema => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return json;
};
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const listOf = (name: string): JsonSchema => ({ type: 'array', items: ref(name) });
const object = (properties: Record<string, JsonSchema>, optional: readonly string[] = []): JsonSchema => ({ type: 'object', properties, required: Object.keys(properties).filter((k) => !optional.includes(k)) });

const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer' };
const truth: JsonSchema = { type: 'boolean' };
const time: JsonSchema = { type: 'number', description: 'ms since 1970' };
const maybeTime: JsonSchema = { type: ['number', 'null'], description: 'ms since 1970' };
const cell: JsonSchema = { type: ['string', 'number', 'null'] };
const words: JsonSchema = { type: 'array', items: text };
const end = object({ address: text, port: whole });

/** Answers that several operations give; `answer` of an operation names one. */
export const schemas: Readonly<Record<string, JsonSchema>> = {
  Problem: object({ error: text, problems: listOf('FieldProblem'), allowed: words }, ['problems', 'allowed']),
  FieldProblem: object({ section: text, path: text, keys: { type: 'array', items: { type: ['string', 'integer'] } }, message: text }),
  Change: object({ section: text, path: text, before: {}, after: {}, secret: { type: 'boolean', description: 'neither value is told' }, words: text }, ['before', 'after', 'secret']),
  Edited: object({ changes: listOf('Change'), problems: listOf('FieldProblem') }),
  Pending: object({ changes: listOf('Change'), problems: listOf('FieldProblem'), authors: words, since: maybeTime, confirmBy: maybeTime }),
  Committed: object({ changes: listOf('Change'), confirmBy: maybeTime, to: text }, ['to']),
  Section: object({ id: text, title: text, version: whole }),
  Settings: object({ section: text, version: whole, running: { type: 'object' }, candidate: { type: 'object' }, set: { type: 'object' } }),
  HistoryEntry: object({ n: whole, time, author: text, note: text, changes: whole }),
  Part: { description: 'Output as data, never drawn', oneOf: [
    text,
    object({ title: text, columns: words, rows: { type: 'array', items: { type: 'array', items: cell } } }, ['title']),
    object({ title: text, facts: { type: 'object', additionalProperties: cell } }, ['title']),
    object({ text }),
  ] },
  Output: object({ parts: listOf('Part'), cancelled: { type: 'boolean', description: 'the verb was still running and was ended' }, missed: { type: 'integer', description: 'parts left out because there were too many' } }, ['cancelled', 'missed']),
  OutputLine: { description: 'One line each', oneOf: [object({ part: ref('Part') }), object({ error: text }), object({ end: truth })] },
  StreamLine: { description: 'One line each; missed: so many were left out before the next one', oneOf: [object({ item: {} }), object({ missed: whole }), object({ closed: text })] },
  Plugin: object({ id: text, title: text, version: text, state: text, why: text, generation: whole, folder: text, needs: words, provides: words, failClosed: truth, holds: words, faults: { type: 'array', items: { type: 'object' } }, counters: { type: 'object', additionalProperties: whole, description: 'packets, mostly dropped ones, by the name of the counter' }, memory: object({ bytes: whole, how: text }) }, ['folder', 'memory']),
  Panel: object({ path: text, title: text, owner: text, actions: words }),
  View: { type: 'object', properties: { kind: text }, required: ['kind'] },
  Link: object({ id: whole, name: text, kind: text, framing: text, mac: text, mtu: whole, up: truth, why: text, stats: { type: 'object', additionalProperties: { type: 'number' } } }),
  Flow: object({ id: whole, protocol: whole, from: end, to: end, replyFrom: end, replyTo: end, state: text, inLink: text, outLink: text, local: truth, createdMs: { type: 'number' }, expiresInMs: { type: 'number' }, packets: { type: 'array', items: whole }, bytes: { type: 'array', items: whole }, inspect: text }),
  LogLine: object({ time, level: text, name: text, msg: text, fields: { type: 'object' } }),
  Token: object({ name: text, role: text, areas: { type: ['array', 'null'], items: text }, made: time, by: text, used: maybeTime }),
  RestoreReport: object({ made: time, router: text, changes: listOf('Change'), problems: listOf('FieldProblem'), notes: words, restored: truth }),
  Facts: bare(z.record(z.string(), z.unknown())),
};
