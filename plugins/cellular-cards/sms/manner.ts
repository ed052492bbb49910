import { at, type AtAnswer, type Script } from '../../../sdk/index.ts';
import type * as sms from '../../../sdk/wire/sms.ts';
import { whyNot } from './cms-errors.ts';

/** What a card has received; `zoneless`: its clock is some local time. */
export type Received = (sms.Deliver & { readonly zoneless?: true }) | sms.StatusReport;
/** A message in the card's memory; `state`: 0 new, 1 read, 2 to be sent, 3 sent (TS 27.005 §3.1). `received`: undefined when it cannot be read. */
export interface Stored { readonly index: number; readonly state: number; readonly received: Received | undefined; /** as the card gave it */ readonly raw: string }
/** `places` in this memory, undefined: the card does not say. */
export interface Memory { readonly name: string; readonly places: number | undefined }
export type Fetched = { readonly ok: true; readonly memory: string; readonly stored: readonly Stored[]; readonly places: number | undefined } | { readonly ok: false; readonly why: string };

/** `why`: there are no messages to be had. `acknowledge`: what the card hands over must be answered with +CNMA. `warning`: what will not work. */
export interface Prepared { readonly why: string | undefined; readonly acknowledge: boolean; readonly warning: string }
export interface Wishes { /** status reports */ readonly reports: boolean; /** the number of the message centre, if not the SIM's own */ readonly centre: string }

/** One message on its way out: the command, and what stands behind its prompt. */
export interface Outgoing { readonly line: string; readonly body: string; readonly text: string }
export interface Draft { readonly to: string; readonly text: string; /** for the parts of a long text */ readonly reference: number; readonly reports: boolean; readonly centre: string }

/** How a kind of cards handles messages. Pure. */
export interface Manner {
  /** Letters that can be sent: all, or ASCII only. */
  readonly letters: 'all' | 'ascii';
  /** Before anything else. */
  readonly mode: string;
  prepare(wishes: Wishes): Script<Prepared>;
  /** All that is in the memory that was chosen. */
  list(): Script<readonly Stored[] | { readonly why: string }>;
  /** Before the messages of one text; only a mode that is refused keeps it from being sent. */
  before(parts: number): readonly string[];
  compose(draft: Draft): readonly Outgoing[];
}

/** The first command of a manner; words when the card does not know it. */
export function* choose(mode: string, none: string): Script<string | undefined> {
  const answer = yield* at(mode);
  if (answer.ok) return undefined;
  return answer.final === 'ERROR' || /^\+CM[ES] ERROR/i.test(answer.final) || /SUPPORT/i.test(answer.final) ? none : whyNot(answer.final, answer.error);
}

/** The memory to be read ('SM', 'ME'): the one that is wanted, else that to which the network delivers. Undefined: the card does not have it. */
function* chooseMemory(wanted: string | undefined): Script<Memory | undefined> {
  const known = memoriesIn(yield* at('AT+CPMS?'));
  const name = wanted !== undefined && isMemory(wanted) ? wanted : known?.delivers ?? 'SM';
  const places = known?.places.get(name);
  if (known?.reads === name) return { name, places };
  const chosen = yield* at(`AT+CPMS="${name}"`);
  if (!chosen.ok && wanted !== undefined) return undefined;
  const told = /\+CPMS:\s*\d+\s*,\s*(\d+)/i.exec(chosen.lines.join('\n'))?.[1];
  return { name, places: told === undefined ? places : Number(told) };
}

/** Frees places of a memory. How many are free now. */
export function* remove(memory: string, indexes: readonly number[]): Script<number> {
  if (isMemory(memory)) yield* at(`AT+CPMS="${memory}"`);
  let done = 0;
  for (const index of indexes) if ((yield* at(`AT+CMGD=${index}`)).ok) done++;
  return done;
}

/** Everything in a memory. One that the card reports from and cannot read is empty. */
export function* fetch(manner: Manner, wanted?: string): Script<Fetched> {
  yield* at(manner.mode);
  const memory = yield* chooseMemory(wanted);
  if (memory === undefined) return { ok: true, memory: '', stored: [], places: undefined };
  const stored = yield* manner.list();
  return 'why' in stored ? { ok: false, why: stored.why } : { ok: true, memory: memory.name, stored, places: memory.places };
}

export interface Sent { readonly parts: number; /** undefined: all went */ readonly why: string | undefined; /** the network's numbers for them, where it gave any */ readonly references: readonly number[] }

/** Networks take their time with a message. */
const SEND_MS = 60_000;

/** One text, part by part; ends at the first that the network does not take. */
export function* send(manner: Manner, messages: readonly Outgoing[]): Script<Sent> {
  const refused = yield* choose(manner.mode, 'the card has no messages');
  if (refused !== undefined) return { parts: 0, why: refused, references: [] };
  for (const line of manner.before(messages.length)) yield* at(line);
  const references: number[] = [];
  for (const [i, { line, body }] of messages.entries()) {
    const answer = yield* at(line, { timeoutMs: SEND_MS, body });
    const failed = answer.ok ? /\^HCMGSF:\s*(\d+)/i.exec(answer.lines.join('\n')) : null;
    if (failed !== null) return { parts: i, why: `the network did not take it (${failed[0]})`, references };
    if (!answer.ok) return { parts: i, why: whyNot(answer.final, answer.error), references };
    const reference = /^[+^](?:CMGS|HCMGS{1,2})\s*:\s*(\d{1,5})/im.exec(answer.lines.join('\n'))?.[1];
    if (reference !== undefined) references.push(Number(reference));
  }
  return { parts: messages.length, why: undefined, references };
}

const isMemory = (name: string): boolean => /^[A-Z]{2}$/.test(name);

/** +CPMS: "SM",3,20,"SM",3,20,"ME",0,99: what is read, what is written, where the network delivers to. */
function memoriesIn(answer: AtAnswer): { readonly reads: string; readonly delivers: string; readonly places: ReadonlyMap<string, number> } | undefined {
  if (!answer.ok) return undefined;
  const found = [...answer.lines.join(' ').matchAll(/"([A-Z]{2})"\s*,\s*\d+\s*,\s*(\d+)/gi)].map(m => ({ name: m[1]!.toUpperCase(), places: Number(m[2]) }));
  const first = found[0];
  return first && { reads: first.name, delivers: (found[2] ?? first).name, places: new Map(found.map(f => [f.name, f.places])) };
}
