import * as dns from '../../sdk/wire/dns.ts';

/**
 * What a relay must know of a DNS message (RFC 1035 §4), with offsets instead of values: the message itself is passed on and
 * kept as it came, for re-encoding would break compressed names inside record types that we do not know.
 */
export interface Shape {
  readonly id: number;
  readonly flags: number;
  /** Low four bits of the flags. */
  readonly rcode: number;
  /** The question's name in canonical spelling. */
  readonly name: string;
  readonly type: number;
  readonly class_: number;
  /** The question section is [HEADER, questionEnd). */
  readonly questionEnd: number;
  readonly answers: number;
  /** Offsets of the TTL fields of all records except OPT (whose TTL is none, RFC 6891 §6.1.3). */
  readonly ttls: readonly number[];
  /** The smallest of them (s); 0 without records. */
  readonly ttl: number;
  /** How long a refusal may be kept: the smaller of the SOA record's TTL and its minimum (RFC 2308 §5); undefined without SOA. */
  readonly negativeTtl: number | undefined;
  /** The flags of an OPT record; -1: there is none. */
  readonly edns: number;
}

export const QR = 0x8000;
export const TC = 0x0200;
export const OPCODE = 0x7800;
export const RD = 0x0100;
export const CD = 0x0010;

/** A message has at most so many records here; more is not something a client waits for. */
const RECORDS = 512;

/** Undefined for anything that is not a well-formed message with exactly one question. */
export const shapeOf = (msg: Uint8Array): Shape | undefined => {
  if (msg.length < dns.HEADER || u16(msg, 4) !== 1) return undefined;
  const nameEnd = skipName(msg, dns.HEADER);
  const question = dns.question(msg, 0, msg.length);
  if (nameEnd < 0 || !question) return undefined;
  const counts = [u16(msg, 6), u16(msg, 8), u16(msg, 10)];
  const records = counts.reduce((sum, n) => sum + n, 0);
  if (records > RECORDS) return undefined;
  const ttls: number[] = [];
  let ttl = Number.POSITIVE_INFINITY;
  let negativeTtl: number | undefined;
  let edns = -1;
  let at = nameEnd + 4;
  for (let i = 0; i < records; i++) {
    const fixed = skipName(msg, at);
    if (fixed < 0 || fixed + 10 > msg.length) return undefined;
    const end = fixed + 10 + u16(msg, fixed + 8);
    if (end > msg.length) return undefined;
    const type = u16(msg, fixed);
    if (type === dns.TYPE_OPT) {
      edns = u16(msg, fixed + 6);
    } else {
      ttls.push(fixed + 4);
      // RFC 2181 §8: a TTL with the top bit set is zero.
      const own = u32(msg, fixed + 4) > 0x7fff_ffff ? 0 : u32(msg, fixed + 4);
      ttl = Math.min(ttl, own);
      if (type === dns.TYPE_SOA && end - (fixed + 10) >= 22) negativeTtl = Math.min(own, u32(msg, end - 4));
    }
    at = end;
  }
  const flags = u16(msg, 2);
  return {
    id: u16(msg, 0), flags, rcode: flags & 15, name: dns.canonical(question.name), type: question.type, class_: question.class, questionEnd: nameEnd + 4,
    answers: counts[0]!, ttls, ttl: Number.isFinite(ttl) ? ttl : 0, negativeTtl, edns,
  };
};

/** The offset behind the name at `at`, or -1. Pointers are not followed: where they point does not matter here. */
const skipName = (msg: Uint8Array, at: number): number => {
  for (let o = at; o < msg.length;) {
    const length = msg[o]!;
    if (length === 0) return o + 1;
    if (length >= 0xc0) return o + 2 <= msg.length ? o + 2 : -1;
    if (length > 63 || o - at > 254) return -1;
    o += length + 1;
  }
  return -1;
};

/** Whether two messages ask the same question, letters compared without case (RFC 1035 §2.3.3). */
export const sameQuestion = (a: Uint8Array, b: Uint8Array, end: number): boolean => {
  if (a.length < end || b.length < end) return false;
  // Type and class at the end are numbers, where case has no meaning.
  for (let i = end - 4; i < end; i++) if (a[i] !== b[i]) return false;
  for (let i = dns.HEADER; i < end - 4; i++) if (lower(a[i]!) !== lower(b[i]!)) return false;
  return true;
};

const lower = (c: number): number => (c >= 0x41 && c <= 0x5a ? c + 0x20 : c);

/** An answer of the router's own to a query; undefined when the query does not parse. */
export const answerTo = (query: Uint8Array, rcode: number, records: readonly dns.ResourceRecord[] = []): Uint8Array | undefined => {
  const message = dns.parse(query, 0, query.length);
  return message && dns.emit(dns.answer(message, rcode, records));
};

export const u16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!;
export const u32 = (b: Uint8Array, at: number): number => u16(b, at) * 65536 + u16(b, at + 2);
export const put16 = (b: Uint8Array, at: number, n: number): void => { b[at] = n >>> 8; b[at + 1] = n; };
export const put32 = (b: Uint8Array, at: number, n: number): void => { put16(b, at, n >>> 16); put16(b, at + 2, n & 0xffff); };
