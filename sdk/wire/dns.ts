import { readName } from './dns-name.ts';
import { type Data, readData, TYPE_OPT, Writer } from './dns-record.ts';
import { setU16, u16, u32 } from './octets.ts';

export { canonical, isName, MAX_LABEL, MAX_NAME, reverseName } from './dns-name.ts';
export * from './dns-record.ts';

/**
 * DNS messages (RFC 1035 §4.1):
 *
 *     0    2       4         6         8           10           12
 *     | id | flags | QDCOUNT | ANCOUNT | NSCOUNT   | ARCOUNT    | questions, answers, authorities, additionals …
 *
 *     flags: | QR 1 | opcode 4 | AA | TC | RD | RA | Z | AD | CD | rcode 4 |
 */
export const PORT = 53;
export const HEADER = 12;
/** The longest message over UDP without EDNS (octets). */
export const MAX_UDP = 512;

export const OPCODE_QUERY = 0;
export const OPCODE_UPDATE = 5;

export const NOERROR = 0;
export const FORMERR = 1;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const NOTIMP = 4;
export const REFUSED = 5;

export interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface ResourceRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Seconds; for OPT the flags. */
  readonly ttl: number;
  readonly data: Data;
}

export interface Message {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authentic: boolean;
  readonly checkingDisabled: boolean;
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** A header is there. The rest is seen by `parse` only. */
export function fits(_buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= HEADER;
}

export function id(buf: Uint8Array, at: number): number {
  return (buf[at]! << 8) | buf[at + 1]!;
}

/** A relay passes a message on unread but for its id. */
export function setId(buf: Uint8Array, at: number, v: number): void {
  setU16(buf, at, v);
}

export function isResponse(buf: Uint8Array, at: number): boolean {
  return (buf[at + 2]! & 0x80) !== 0;
}

export function isTruncated(buf: Uint8Array, at: number): boolean {
  return (buf[at + 2]! & 0x02) !== 0;
}

export function rcode(buf: Uint8Array, at: number): number {
  return buf[at + 3]! & 0x0f;
}

export function questionCount(buf: Uint8Array, at: number): number {
  return (buf[at + 4]! << 8) | buf[at + 5]!;
}

/** The first question alone, for a relay that does not need the rest. Undefined: none, or malformed. */
export function question(buf: Uint8Array, at: number, end: number): Question | undefined {
  if (end - at < HEADER || questionCount(buf, at) === 0) return undefined;
  return readQuestion(buf, at, at + HEADER, end)?.value;
}

/** Reads the message in [at, end): the UDP payload, or TCP's after its length. Undefined when anything is malformed or missing. */
export function parse(buf: Uint8Array, at: number, end: number): Message | undefined {
  if (end - at < HEADER) return undefined;
  const flags = u16(buf, at + 2);
  const questions = list(u16(buf, at + 4), at + HEADER, (o) => readQuestion(buf, at, o, end));
  const answers = questions && list(u16(buf, at + 6), questions.next, (o) => readRecord(buf, at, o, end));
  const authorities = answers && list(u16(buf, at + 8), answers.next, (o) => readRecord(buf, at, o, end));
  const additionals = authorities && list(u16(buf, at + 10), authorities.next, (o) => readRecord(buf, at, o, end));
  if (!additionals) return undefined;
  return {
    id: u16(buf, at), response: (flags & 0x8000) !== 0, opcode: (flags >>> 11) & 15,
    authoritative: (flags & 0x0400) !== 0, truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0, recursionAvailable: (flags & 0x0080) !== 0,
    authentic: (flags & 0x0020) !== 0, checkingDisabled: (flags & 0x0010) !== 0, rcode: flags & 15,
    questions: questions.value, answers: answers.value, authorities: authorities.value, additionals: additionals.value,
  };
}

interface Read<T> { readonly value: T; readonly next: number }

function list<T>(count: number, at: number, read: (o: number) => Read<T> | undefined): Read<readonly T[]> | undefined {
  const value: T[] = [];
  let next = at;
  for (let i = 0; i < count; i++) {
    const item = read(next);
    if (!item) return undefined;
    value.push(item.value);
    next = item.next;
  }
  return { value, next };
}

function readQuestion(buf: Uint8Array, start: number, at: number, end: number): Read<Question> | undefined {
  const name = readName(buf, start, at, end);
  if (!name || name.next + 4 > end) return undefined;
  return { value: { name: name.name, type: u16(buf, name.next), class: u16(buf, name.next + 2) }, next: name.next + 4 };
}

function readRecord(buf: Uint8Array, start: number, at: number, end: number): Read<ResourceRecord> | undefined {
  const name = readName(buf, start, at, end);
  if (!name || name.next + 10 > end) return undefined;
  const n = name.next;
  const next = n + 10 + u16(buf, n + 8);
  if (next > end) return undefined;
  const type = u16(buf, n);
  const data = readData(buf, start, type, n + 10, next);
  return data && { value: { name: name.name, type, class: u16(buf, n + 2), ttl: u32(buf, n + 4), data }, next };
}

/** Writes a message. Names must be names (`isName`); throws RangeError otherwise, which nothing read by `parse` causes. */
export function emit(msg: Message, compress = true): Uint8Array {
  const out = new Writer(compress);
  out.u16(msg.id);
  out.u16((Number(msg.response) << 15) | ((msg.opcode & 15) << 11) | (Number(msg.authoritative) << 10) | (Number(msg.truncated) << 9)
    | (Number(msg.recursionDesired) << 8) | (Number(msg.recursionAvailable) << 7) | (Number(msg.authentic) << 5)
    | (Number(msg.checkingDisabled) << 4) | (msg.rcode & 15));
  for (const section of [msg.questions, msg.answers, msg.authorities, msg.additionals]) out.u16(section.length);
  for (const q of msg.questions) {
    out.name(q.name);
    out.u16(q.type);
    out.u16(q.class);
  }
  for (const record of [...msg.answers, ...msg.authorities, ...msg.additionals]) {
    out.name(record.name);
    out.u16(record.type);
    out.u16(record.class);
    out.u32(record.ttl);
    out.data(record.data);
  }
  return out.done();
}

/** An ordinary recursive query. */
export function query(queryId: number, name: string, type: number): Message {
  return {
    id: queryId, response: false, opcode: OPCODE_QUERY, authoritative: false, truncated: false, recursionDesired: true,
    recursionAvailable: false, authentic: false, checkingDisabled: false, rcode: NOERROR,
    questions: [{ name, type, class: 1 }], answers: [], authorities: [], additionals: [],
  };
}

/** The answer to a query: same id and question; a relay's, so recursion is available. */
export function answer(to: Message, code: number, answers: readonly ResourceRecord[]): Message {
  return {
    ...to, response: true, authoritative: false, truncated: false, recursionAvailable: true, authentic: false, rcode: code,
    answers, authorities: [], additionals: to.additionals.filter((r) => r.type === TYPE_OPT).map((r) => ({ ...r, class: MAX_UDP, ttl: 0, data: { kind: 'raw', bytes: new Uint8Array(0) } })),
  };
}
