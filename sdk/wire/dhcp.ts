import { fromLatin1, latin1, setU16, setU32, take, u16, u32 } from './octets.ts';
import { OPTION_END, OPTION_MESSAGE_TYPE, OPTION_OVERLOAD, OPTION_PAD, OPTION_RELAY_AGENT, type Options } from './dhcp-options.ts';

export * from './dhcp-options.ts';

/**
 * DHCP (RFC 2131 §2) in the frame of BOOTP:
 *
 *     0    1       2      3      4     8      10      12       16       20       24       28       44      108    236
 *     | op | htype | hlen | hops | xid | secs | flags | ciaddr | yiaddr | siaddr | giaddr | chaddr | sname | file | cookie, options …
 */
export const SERVER_PORT = 67;
export const CLIENT_PORT = 68;

export const OP_REQUEST = 1;
export const OP_REPLY = 2;

/** Message types (RFC 2132 §9.6): what a client says … */
export const DISCOVER = 1;
export const REQUEST = 3;
export const DECLINE = 4;
export const RELEASE = 7;
export const INFORM = 8;
/** … and what a server says. */
export const OFFER = 2;
export const ACK = 5;
export const NAK = 6;

const NAMES = ['', 'Discover', 'Offer', 'Request', 'Decline', 'ACK', 'NAK', 'Release', 'Inform'];

/** BOOTP messages are this long at least (RFC 951 §3); some relays and clients drop shorter ones. */
export const MIN_LENGTH = 300;
/** The longest message everybody takes without option 57: 576 octets with IP and UDP headers (RFC 2131 §2). */
export const MAX_LENGTH = 548;
/** A lease time that never ends (s). */
export const FOREVER = 0xffff_ffff;

const FIXED = 236;
const COOKIE = 0x6382_5363;
const BROADCAST_FLAG = 0x8000;
const SNAME = { from: 44, to: 108 };
const FILE = { from: 108, to: 236 };

export interface Message {
  readonly op: number;
  /** 1: Ethernet. */
  readonly htype: number;
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  /** The client cannot take unicast yet. */
  readonly broadcast: boolean;
  readonly ciaddr: number;
  readonly yiaddr: number;
  readonly siaddr: number;
  readonly giaddr: number;
  /** As long as hlen says: at most 16 octets. */
  readonly chaddr: Uint8Array;
  /** Server name and boot file; empty where the field carries options. */
  readonly sname: string;
  readonly file: string;
  /** Option 53; undefined: plain BOOTP. */
  readonly type: number | undefined;
  /** All other options, of all three places, parts of long ones joined (RFC 3396). */
  readonly options: Options;
}

export function typeName(type: number | undefined): string {
  return (type !== undefined && NAMES[type]) || (type === undefined ? 'BOOTP' : `type ${type}`);
}

/** Reads the UDP payload in [at, end). Undefined: cut, no BOOTP, or an option reaches beyond its place. */
export function parse(buf: Uint8Array, at: number, end: number): Message | undefined {
  if (end - at < FIXED) return undefined;
  const op = buf[at]!;
  const hlen = buf[at + 2]!;
  if ((op !== OP_REQUEST && op !== OP_REPLY) || hlen > 16) return undefined;
  const found: Record<number, Uint8Array> = {};
  let overload = 0;
  if (end - at >= FIXED + 4 && u32(buf, at + FIXED) === COOKIE) {
    if (!readOptions(buf, at + FIXED + 4, end, found)) return undefined;
    overload = found[OPTION_OVERLOAD]?.[0] ?? 0;
    // Order as RFC 3396 §5 joins them: options, file, sname.
    if ((overload & 1) !== 0 && !readOptions(buf, at + FILE.from, at + FILE.to, found)) return undefined;
    if ((overload & 2) !== 0 && !readOptions(buf, at + SNAME.from, at + SNAME.to, found)) return undefined;
  }
  const { [OPTION_MESSAGE_TYPE]: type, [OPTION_OVERLOAD]: _, ...options } = found;
  return {
    op, htype: buf[at + 1]!, hops: buf[at + 3]!, xid: u32(buf, at + 4), secs: u16(buf, at + 8),
    broadcast: (u16(buf, at + 10) & BROADCAST_FLAG) !== 0,
    ciaddr: u32(buf, at + 12), yiaddr: u32(buf, at + 16), siaddr: u32(buf, at + 20), giaddr: u32(buf, at + 24),
    chaddr: take(buf, at + 28, at + 28 + hlen),
    sname: (overload & 2) !== 0 ? '' : terminated(buf, at + SNAME.from, at + SNAME.to),
    file: (overload & 1) !== 0 ? '' : terminated(buf, at + FILE.from, at + FILE.to),
    type: type?.[0],
    options,
  };
}

function terminated(buf: Uint8Array, from: number, to: number): string {
  let end = from;
  while (end < to && buf[end] !== 0) end++;
  return latin1(buf, from, end);
}

function readOptions(buf: Uint8Array, from: number, to: number, into: Record<number, Uint8Array>): boolean {
  let at = from;
  while (at < to && buf[at] !== OPTION_END) {
    if (buf[at] === OPTION_PAD) { at++; continue; }
    const code = buf[at]!;
    if (at + 2 > to || at + 2 + buf[at + 1]! > to) return false;
    const next = at + 2 + buf[at + 1]!;
    const part = take(buf, at + 2, next);
    const before = into[code];
    into[code] = before ? join(before, part) : part;
    at = next;
  }
  return true;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/**
 * Writes a message: type first, then the options in the order of their codes, relay agent information last (RFC 3046 §2.1);
 * those above 255 octets in parts (RFC 3396). What does not fit within `most` octets goes into the file and sname fields when
 * these are empty (option 52), and is left out when it does not fit there either. At least 300 octets.
 */
export function emit(msg: Message, most = 1472): Uint8Array {
  const out = new Uint8Array(Math.max(MIN_LENGTH, most));
  out[0] = msg.op;
  out[1] = msg.htype;
  out[2] = Math.min(16, msg.chaddr.length);
  out[3] = msg.hops;
  setU32(out, 4, msg.xid);
  setU16(out, 8, msg.secs);
  setU16(out, 10, msg.broadcast ? BROADCAST_FLAG : 0);
  setU32(out, 12, msg.ciaddr);
  setU32(out, 16, msg.yiaddr);
  setU32(out, 20, msg.siaddr);
  setU32(out, 24, msg.giaddr);
  out.set(msg.chaddr.subarray(0, 16), 28);
  out.set(fromLatin1(msg.sname).subarray(0, SNAME.to - SNAME.from - 1), SNAME.from);
  out.set(fromLatin1(msg.file).subarray(0, FILE.to - FILE.from - 1), FILE.from);
  setU32(out, FIXED, COOKIE);
  return out.slice(0, Math.max(MIN_LENGTH, writeOptions(out, msg)));
}

interface Place { at: number; readonly to: number; readonly bit: number }

/** Returns where the options field ends. */
function writeOptions(out: Uint8Array, msg: Message): number {
  // Each place keeps an octet for its end mark; the first also keeps three for option 52, when that can be needed at all.
  const extra: Place[] = [];
  if (msg.file === '') extra.push({ at: FILE.from, to: FILE.to - 1, bit: 1 });
  if (msg.sname === '') extra.push({ at: SNAME.from, to: SNAME.to - 1, bit: 2 });
  const main: Place = { at: FIXED + 4, to: out.length - 1 - (extra.length > 0 ? 3 : 0), bit: 0 };
  let overload = 0;
  for (const [code, bytes] of inOrder(msg)) {
    const size = bytes.length + 2 * Math.max(1, Math.ceil(bytes.length / 255));
    const place = [main, ...extra].find((p) => size <= p.to - p.at);
    if (!place) continue;
    overload |= place.bit;
    for (let from = 0; from === 0 || from < bytes.length; from += 255) {
      const part = bytes.subarray(from, from + 255);
      out[place.at] = code;
      out[place.at + 1] = part.length;
      out.set(part, place.at + 2);
      place.at += 2 + part.length;
    }
  }
  for (const place of extra) if ((overload & place.bit) !== 0) out[place.at] = OPTION_END;
  if (overload !== 0) {
    out[main.at++] = OPTION_OVERLOAD;
    out[main.at++] = 1;
    out[main.at++] = overload;
  }
  out[main.at++] = OPTION_END;
  return main.at;
}

function inOrder(msg: Message): (readonly [number, Uint8Array])[] {
  const rest = Object.entries(msg.options).map(([code, bytes]) => [Number(code), bytes] as const)
    .filter(([code]) => code > OPTION_PAD && code < OPTION_END && code !== OPTION_MESSAGE_TYPE && code !== OPTION_OVERLOAD)
    .sort(([a], [b]) => Number(a === OPTION_RELAY_AGENT) - Number(b === OPTION_RELAY_AGENT) || a - b);
  return msg.type === undefined ? rest : [[OPTION_MESSAGE_TYPE, Uint8Array.of(msg.type)], ...rest];
}

/** Whether a message of this type is a client's. */
export function fromClient(type: number): boolean {
  return type === DISCOVER || type === REQUEST || type === DECLINE || type === RELEASE || type === INFORM;
}
