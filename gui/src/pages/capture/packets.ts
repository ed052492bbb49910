import { type Decoded, decode, type Ends } from './decode/frame.ts';

/** A packet as the stream `capture` sends it. */
export interface Sent { readonly at: number; readonly link: string; readonly direction: 'in' | 'out'; readonly octets: number; readonly framing: string; readonly says: string; readonly bytes: string }

/** Octets of each packet that the router sends along. */
export const SNAP = 2048;
/** Packets kept in the page; the oldest go. */
export const MOST_PACKETS = 20_000;

export class Packet {
  /** From 1, since the capture began. */
  readonly number: number;
  readonly sent: Sent;
  #bytes: Uint8Array | undefined;
  #decoded: Decoded | undefined;

  constructor(number: number, sent: Sent) {
    this.number = number;
    this.sent = sent;
  }

  get bytes(): Uint8Array { return this.#bytes ??= Uint8Array.from(atob(this.sent.bytes), (c) => c.charCodeAt(0)); }
  get decoded(): Decoded { return this.#decoded ??= decode(this.bytes, this.sent.framing); }

  /** What the router says about it, without the addresses that have columns of their own. */
  get info(): string { return this.sent.says.replace(/^(IP \S+ )?[\d.]+(:\d+)? > [\d.]+(:\d+)? ?/, '').replace(/^IP \w+ [\d.]+(:\d+)? > [\d.]+(:\d+)? ?/, '').trim(); }
}

/** Addresses and ports of one direction of a flow, as the stream `flows` has them. */
export interface Tuple { readonly src: number; readonly dst: number; readonly sport: number; readonly dport: number; readonly proto: number }
export interface Flow { readonly original: Tuple; readonly reply: Tuple }

const number4 = (ip: string): number => ip.split('.').reduce((n, part) => n * 256 + Number(part), 0);
const endsKey = (a: number, ap: number, b: number, bp: number, proto: number): string => (a < b || (a === b && ap <= bp) ? `${proto} ${a}:${ap} ${b}:${bp}` : `${proto} ${b}:${bp} ${a}:${ap}`);

/** The same for both directions. */
export const keyOf = ({ src, dst, proto, sport, dport }: Ends): string => endsKey(number4(src), sport, number4(dst), dport, proto);

/** Under which keys the packets of this one's flow go by: two, where addresses are translated. */
export function keysOf(ends: Ends, flows: readonly Flow[]): ReadonlySet<string> {
  const own = keyOf(ends);
  const tupleKey = (t: Tuple): string => endsKey(t.src, t.sport, t.dst, t.dport, t.proto);
  const flow = flows.find((f) => tupleKey(f.original) === own || tupleKey(f.reply) === own);
  return new Set([own, ...flow === undefined ? [] : [tupleKey(flow.original), tupleKey(flow.reply)]]);
}
