import { z } from 'zod';
import type { Part as DrawablePart } from '../cli/draw.ts';

/** docs/console-protocol.md describes this; a change of meaning raises the number. */
export const PROTOCOL = 1;

/** Octets of one message from a client; a longer one ends the connection. */
export const LARGEST_MESSAGE = 256 * 1024;

const id = z.union([z.int(), z.string().max(64)]);
const line = z.string().max(65_536);
const word = z.string().max(4096);
const section = z.string().min(1).max(128);
/** 'lan.lan.ip', or the section and the way inside it: ['lan', 'lan', 'ip']. */
export const SettingPath = z.union([z.string().min(1).max(4096), z.tuple([section], z.union([z.string().max(128), z.int().min(0)])).refine((p) => p.length <= 33, 'at most 32 steps')]);
/** Entry of the history; 0 is what runs. */
const n = z.int().min(0);
export const ConfirmMinutes = z.int().min(1).max(1440);

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
  z.object({ type: z.literal('panel.action'), id, path: z.string().max(256), action: z.string().max(128), input: z.unknown() }),
  z.object({ type: z.literal('config.sections'), id }),
  z.object({ type: z.literal('config.schema'), id, section }),
  z.object({ type: z.literal('config.show'), id, section, only: z.string().max(256).optional() }),
  z.object({ type: z.literal('config.set'), id, path: SettingPath, value: z.unknown() }),
  z.object({ type: z.literal('config.delete'), id, path: SettingPath }),
  z.object({ type: z.literal('config.diff'), id, n: n.optional() }),
  z.object({ type: z.literal('config.check'), id }),
  z.object({ type: z.literal('config.commit'), id, confirmMinutes: ConfirmMinutes.optional(), note: z.string().max(500).optional() }),
  z.object({ type: z.literal('config.confirm'), id }),
  z.object({ type: z.literal('config.discard'), id }),
  z.object({ type: z.literal('config.history'), id, n: n.optional() }),
  z.object({ type: z.literal('config.rollback'), id, n: n.min(1) }),
  z.object({ type: z.literal('config.reset'), id, to: z.enum(['user', 'factory']) }),
  z.object({ type: z.literal('config.default'), id }),
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

/** A setting that does not fit: `keys` is the way to it inside its section. */
const Problem = z.object({ section: z.string(), path: z.string(), keys: z.array(z.union([z.string(), z.int()])), message: z.string() });

/** What the router says. `id` is the one of the request that it answers. */
export const Answer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), protocol: z.literal(PROTOCOL), version: z.string(), author: z.string(), access: z.enum(['read', 'write']), prompt: z.string(), streams: z.array(z.string()) }),
  /** `missed`: so many parts were left out before this one, because the reader was too slow. */
  z.object({ type: z.literal('part'), id, part: Part, missed: z.int().optional() }),
  z.object({ type: z.literal('end'), id, code: z.int(), missed: z.int().optional() }),
  /** With an id: that request failed (`code` as the exit code of a process). Without: the message could not be read. */
  z.object({ type: z.literal('error'), id: id.optional(), error: z.string(), code: z.int(), at: z.int().optional(), allowed: z.array(z.string()).optional(), missed: z.int().optional(), problems: z.array(Problem).optional() }),
  /** What a `config.…` or `panel.action` request gives. */
  z.object({ type: z.literal('result'), id, result: z.unknown() }),
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

export const encode = (answer: Answer | Request): string => jsonOf(answer);

/** Octets travel as base64, counters beyond 2^53 as text. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return each.toString();
    return each instanceof Uint8Array ? Buffer.from(each.buffer, each.byteOffset, each.byteLength).toString('base64') : each;
  });
}

/** Levels of lists and objects, and values in them, of one message: far above any use, and parsed in a few ms. */
const DEEPEST = 64;
const MOST_VALUES = 10_000;

/** Why a message is not even parsed. An empty list counts as two values. */
function tooMuch(text: string): string | undefined {
  let depth = 0;
  let values = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') inString = !inString;
    else if (inString) { if (c === '\\') i++; }
    else if (c === ',') values++;
    else if (c === '[' || c === '{') { values++; depth++; }
    else if (c === ']' || c === '}') depth--;
    if (depth > DEEPEST) return `nested deeper than ${DEEPEST} levels`;
    if (values > MOST_VALUES) return `more than ${MOST_VALUES} values`;
  }
  return undefined;
}

/** `poll`: the message says `"poll": true`, sent by a timer and not by a person. */
export type Decoded<T> = { readonly ok: true; readonly message: T; readonly poll: boolean } | { readonly ok: false; readonly error: string; readonly id: Id | undefined };

export function decodeRequest(text: string): Decoded<Request> {
  const error = tooMuch(text);
  return error === undefined ? decode(Request, text, 'request') : { ok: false, error, id: undefined };
}
export const decodeAnswer = (text: string): Decoded<Answer> => decode(Answer, text, 'answer');

function decode<T>(schema: z.ZodType<T>, text: string, what: string): Decoded<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, error: `not JSON`, id: undefined };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, message: parsed.data, poll: (json as { poll?: unknown }).poll === true };
  const given = id.safeParse((json as { id?: unknown } | null)?.id);
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  return { ok: false, error: `not a ${what} of this protocol${where}: ${issue?.message ?? ''}`, id: given.success ? given.data : undefined };
}
