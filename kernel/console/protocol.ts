import { z } from 'zod';
import type { Part as DrawablePart } from '../cli/draw.ts';

/** docs/console-protocol.md describes this; a change of meaning raises the number. */
export const PROTOCOL = 1;

/** Octets of one message from a client; a longer one ends the connection. */
export const LARGEST_MESSAGE = 256 * 1024;

const id = z.union([z.int(), z.string().max(64)]);
const line = z.string().max(65_536);
const word = z.string().max(4096);

/** What a client may say. Unknown keys are ignored, unknown types are answered with an error. */
export const Request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), token: z.string().max(256), client: z.string().max(64).optional() }),
  z.object({ type: z.literal('run'), id, line }),
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('complete'), id, line, cursor: z.int().min(0).optional() }),
  z.object({ type: z.literal('help'), id, line }),
  z.object({ type: z.literal('subscribe'), id, stream: z.string().max(256), filter: z.record(z.string(), z.unknown()).optional() }),
  z.object({ type: z.literal('unsubscribe'), id }),
  z.object({ type: z.literal('panels'), id }),
  z.object({ type: z.literal('act'), id, panel: z.string().max(256), action: z.string().max(128), input: z.unknown() }),
  z.object({ type: z.literal('lab'), id, host: z.string().max(64), argv: z.array(word).min(1).max(1024) }),
]);
export type Request = z.infer<typeof Request>;
export type Id = z.infer<typeof id>;

const cell = z.union([z.string(), z.number(), z.null()]);
/** Output as data: a string, a table, facts, or text whose columns its author aligned. */
export const Part: z.ZodType<DrawablePart> = z.union([
  z.string(),
  z.object({ title: z.string().exactOptional(), columns: z.array(z.string()), rows: z.array(z.array(cell)) }),
  z.object({ title: z.string().exactOptional(), facts: z.record(z.string(), cell) }),
  z.object({ text: z.string() }),
]);

/** What the router says. `id` is the one of the request that it answers. */
export const Answer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), protocol: z.literal(PROTOCOL), version: z.string(), author: z.string(), access: z.enum(['read', 'write']), prompt: z.string(), streams: z.array(z.string()) }),
  /** `missed`: so many parts were left out before this one, because the reader was too slow. */
  z.object({ type: z.literal('part'), id, part: Part, missed: z.int().optional() }),
  z.object({ type: z.literal('end'), id, code: z.int(), missed: z.int().optional() }),
  /** With an id: that request failed (`code` as the exit code of a process). Without: the message could not be read. */
  z.object({ type: z.literal('error'), id: id.optional(), error: z.string(), code: z.int(), at: z.int().optional(), allowed: z.array(z.string()).optional(), missed: z.int().optional() }),
  z.object({ type: z.literal('completion'), id, from: z.int(), to: z.int(), candidates: z.array(z.object({ word: z.string(), help: z.string() })), hint: z.string() }),
  z.object({ type: z.literal('help'), id, parts: z.array(Part) }),
  z.object({ type: z.literal('subscribed'), id, stream: z.string() }),
  /** `missed`: so many items were left out before the first of these. */
  z.object({ type: z.literal('items'), id, items: z.array(z.unknown()), missed: z.int() }),
  /** The stream is over: unsubscribed, or its source went away. */
  z.object({ type: z.literal('closed'), id, why: z.string() }),
  z.object({ type: z.literal('panels'), id, panels: z.array(z.object({ path: z.string(), title: z.string(), owner: z.string(), actions: z.array(z.string()) })) }),
  /** Lab hosts that are real: the client itself runs its command with these words before it, on its own terminal. */
  z.object({ type: z.literal('spawn'), id, argv: z.array(z.string()).min(1) }),
  /** Lab hosts that are virtual: what the command printed, and its exit code. */
  z.object({ type: z.literal('output'), id, output: z.string(), code: z.int() }),
  /** The last message: why the connection ends. */
  z.object({ type: z.literal('bye'), reason: z.string() }),
]);
export type Answer = z.infer<typeof Answer>;

/** Octets travel as base64, counters beyond 2^53 as text. */
export function encode(answer: Answer | Request): string {
  return JSON.stringify(answer, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') : value;
  });
}

export type Decoded<T> = { readonly ok: true; readonly message: T } | { readonly ok: false; readonly error: string; readonly id: Id | undefined };

export const decodeRequest = (text: string): Decoded<Request> => decode(Request, text, 'request');
export const decodeAnswer = (text: string): Decoded<Answer> => decode(Answer, text, 'answer');

function decode<T>(schema: z.ZodType<T>, text: string, what: string): Decoded<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, error: `not JSON`, id: undefined };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, message: parsed.data };
  const given = id.safeParse((json as { id?: unknown } | null)?.id);
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  return { ok: false, error: `not a ${what} of this protocol${where}: ${issue?.message ?? ''}`, id: given.success ? given.data : undefined };
}
