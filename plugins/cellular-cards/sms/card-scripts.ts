import { at, type AtAnswer, type Script } from '../../../sdk/index.ts';
import type * as sms from '../../../sdk/wire/sms.ts';
import { whyNot } from './cms-errors.ts';

/** A message in the card's memory; `state`: 0 new, 1 read, 2 to be sent, 3 sent (TS 27.005 §3.1). */
export interface Stored { readonly index: number; readonly state: number; readonly hex: string }
export type Fetched = { readonly ok: true; readonly memory: string; readonly stored: readonly Stored[]; /** places in this memory, undefined: the card does not say */ readonly places: number | undefined } | { readonly ok: false; readonly why: string };
export interface Sent { readonly parts: number; /** undefined: all went */ readonly why: string | undefined }

const LIST_MS = 20_000;
/** Networks take their time with a message. */
const SEND_MS = 60_000;
/** A memory holds fewer; a card that says more is not believed. */
const MOST_STORED = 1000;

const isMemory = (name: string): boolean => /^[A-Z]{2}$/.test(name);

/** PDU mode, and reports of new messages that the card keeps (+CMTI). Says what the card lacks. */
export function* prepare(): Script<string | undefined> {
  const mode = yield* at('AT+CMGF=0');
  if (!mode.ok) return mode.final === 'ERROR' || mode.error !== undefined ? 'the card has no messages in PDU mode' : whyNot(mode.final, mode.error);
  // Cards differ in the first number: 2 keeps reports while the port carries a call, some know 1 only.
  for (const how of ['2,1,0,0,0', '1,1,0,0,0', '1,1']) if ((yield* at(`AT+CNMI=${how}`)).ok) break;
  return undefined;
}

/** All that is in a memory ('SM', 'ME'); without one, in that to which the network delivers. */
export function* fetch(memory?: string): Script<Fetched> {
  yield* at('AT+CMGF=0');
  const known = memoryOf(yield* at('AT+CPMS?'));
  const wanted = memory !== undefined && isMemory(memory) ? memory : known?.delivers ?? 'SM';
  let places = known?.places.get(wanted);
  if (known?.reads !== wanted) {
    const chosen = yield* at(`AT+CPMS="${wanted}"`);
    places = /\+CPMS:\s*\d+\s*,\s*(\d+)/i.exec(chosen.lines.join('\n'))?.[1] === undefined ? places : Number(/\+CPMS:\s*\d+\s*,\s*(\d+)/i.exec(chosen.lines.join('\n'))![1]);
  }
  const answer = yield* at('AT+CMGL=4', { timeoutMs: LIST_MS });
  if (!answer.ok) return { ok: false, why: whyNot(answer.final, answer.error) };
  return { ok: true, memory: wanted, stored: listed(answer.lines), places };
}

/** Frees places of the memory that was read last. How many are free now. */
export function* remove(memory: string, indexes: readonly number[]): Script<number> {
  if (isMemory(memory)) yield* at(`AT+CPMS="${memory}"`);
  let done = 0;
  for (const index of indexes) if ((yield* at(`AT+CMGD=${index}`)).ok) done++;
  return done;
}

/** One text, part by part; ends at the first that the network does not take. */
export function* send(pdus: readonly sms.Pdu[]): Script<Sent> {
  const mode = yield* at('AT+CMGF=0');
  if (!mode.ok) return { parts: 0, why: whyNot(mode.final, mode.error) };
  // The link to the network stays between the parts (TS 27.005 §3.5.6); what does not know it sends them all the same.
  if (pdus.length > 1) yield* at('AT+CMMS=1');
  for (const [i, pdu] of pdus.entries()) {
    const answer = yield* at(`AT+CMGS=${pdu.length}`, { timeoutMs: SEND_MS, body: pdu.hex });
    if (!answer.ok) return { parts: i, why: whyNot(answer.final, answer.error) };
  }
  return { parts: pdus.length, why: undefined };
}

/** +CPMS: "SM",3,20,"SM",3,20,"ME",0,99: what is read, what is written, where the network delivers to. */
function memoryOf(answer: AtAnswer): { readonly reads: string; readonly delivers: string; readonly places: ReadonlyMap<string, number> } | undefined {
  if (!answer.ok) return undefined;
  const found = [...answer.lines.join(' ').matchAll(/"([A-Z]{2})"\s*,\s*\d+\s*,\s*(\d+)/gi)].map(m => ({ name: m[1]!.toUpperCase(), places: Number(m[2]) }));
  const first = found[0];
  return first && { reads: first.name, delivers: (found[2] ?? first).name, places: new Map(found.map(f => [f.name, f.places])) };
}

/** +CMGL: index, state[, alpha], length, and the PDU on the next line. Some cards leave the alpha field out altogether. */
export function listed(lines: readonly string[]): Stored[] {
  const out: Stored[] = [];
  for (let i = 0; i + 1 < lines.length && out.length < MOST_STORED; i++) {
    const head = /^\+CMGL:\s*(\d{1,5})\s*,\s*"?(\d)"?\s*,/i.exec(lines[i]!);
    const hex = lines[i + 1]!.trim();
    if (head === null || !/^[0-9A-F]+$/i.test(hex)) continue;
    out.push({ index: Number(head[1]), state: Number(head[2]), hex });
    i++;
  }
  return out;
}
