import * as tcp from '../../sdk/wire/tcp.ts';
import { IGNORE, INVALID, Kind, kindOf, S, transition } from './tcp-state.ts';

/**
 * Follows a TCP connection from the middle and says which segments can belong to it, after G. van Rooij, "Real Stateful TCP Packet
 * Filtering in IP Filter" (2001), with what netfilter's connection tracking has learned since about SACK, scaling, connections that began
 * without us and resets (RFC 5961). All that is kept are RECORD words, in memory that the caller names:
 *
 *      0     end: the highest sequence number seen from side 0, plus 1
 *      1     maxend: the highest that side 0 may send, by what side 1 has acknowledged and advertised
 *      2     maxwin: the largest window side 0 has advertised, scaled; 0: nothing was seen of it
 *      3     maxack: the highest acknowledgement from side 0
 *      4–7   the same of side 1
 *      8     scale and bits of side 0, scale and bits of side 1 (octets)
 *      9     the last segment: kind, direction << 3, whether a challenge ACK may follow << 4, simultaneous open << 5, 1 << 6, bits << 8,
 *            scale << 12; its window << 16
 *     10     its end
 *     11     the acknowledgement of an ACK that answered a SYN and was let through unread
 *
 * A segment from the sender passes when (all modulo 2^32; r is the receiver)
 *
 *      I    seq ≤ sender.maxend                        it is not beyond the receiver's window
 *      II   seq + len ≥ sender.end − r.maxwin          it is not older than what the receiver can still want
 *      III  ack ≤ r.end                                it acknowledges nothing that was not sent
 *      IV   ack ≥ r.end − max(2 sender.maxwin, 66000)  nor something acknowledged long ago
 *
 * Van Rooij has one window in IV. A segment that was overtaken by a window's worth of others may carry news all the same, and RFC 5961
 * §5.2 has its receiver take it: up to MAX.SND.WND before SND.UNA, which itself is that much before r.end.
 */
export const RECORD = 12;

const END = 0;
const MAXEND = 1;
const MAXWIN = 2;
const MAXACK = 3;
const SIDE = 4;
const SIDES = 8;
const LAST = 9;
const LAST_END = 10;
const CHALLENGED = 11;

/** Bits of a side. */
const SCALE = 1;
const SACK = 2;
/** Joined in the middle: its scale is unknown, so that the window cannot be judged. */
const LIBERAL = 4;
const MAXACK_SET = 8;

const LAST_DIR = 1 << 3;
const CHALLENGE = 1 << 4;
const SIMULTANEOUS = 1 << 5;
/** Never clear once the record is in use. */
const FOLLOWED = 1 << 6;
const LAST_MARKS = CHALLENGE | SIMULTANEOUS | FOLLOWED;

/** The least that counts as a window in IV: more than a window without scaling, for it may be that one that is on its way. */
const ACK_WINDOW = 66_000;

/** Octets that may have been sent since a SYN of which a late copy comes. */
const RECENT = 1 << 24;

/** Answers of `follow` that are no state: why the segment is not to pass. */
export const Refused = { Impossible: -1, Beyond: -2, Unsent: -3, Old: -4, OldAck: -5, Reset: -6, Early: -7 } as const;

const before = (a: number, b: number): boolean => (a - b | 0) < 0;
const u32 = (buf: Uint8Array, at: number): number => buf[at]! << 24 | buf[at + 1]! << 16 | buf[at + 2]! << 8 | buf[at + 3]!;

const bitsOf = (w: Int32Array, at: number, side: number): number => w[at + SIDES]! >>> (side * 16 + 8) & 0xff;
const scaleOf = (w: Int32Array, at: number, side: number): number => w[at + SIDES]! >>> side * 16 & 0xff;
const setSide = (w: Int32Array, at: number, side: number, scale: number, bits: number): void => {
  w[at + SIDES] = w[at + SIDES]! & ~(0xffff << side * 16) | (scale | bits << 8) << side * 16;
};

/** The sequence number behind a segment: SYN and FIN count (RFC 9293 §3.4). `stop` is where the IP datagram ends, a super-frame's too. */
const endOf = (buf: Uint8Array, l4: number, stop: number): number => {
  const flags = buf[l4 + 13]!;
  return u32(buf, l4 + 4) + (stop - l4 - (buf[l4 + 12]! >> 4) * 4) + (flags & tcp.SYN ? 1 : 0) + (flags & tcp.FIN ? 1 : 0) | 0;
};

/** Begins a connection with its first segment, from side 0. The record is all zeros. */
export function begin(w: Int32Array, at: number, buf: Uint8Array, l4: number, stop: number): void {
  const window = (buf[l4 + 14]! << 8 | buf[l4 + 15]!) || 1;
  w[at + END] = w[at + MAXEND] = w[at + LAST_END] = endOf(buf, l4, stop);
  w[at + MAXWIN] = window;
  if (kindOf(buf[l4 + 13]!) === Kind.Syn) readOptions(w, at, 0, buf, l4);
  else { // in the middle of it
    w[at + MAXEND] = w[at + MAXEND]! + window | 0;
    setSide(w, at, 0, 0, SACK | LIBERAL);
    setSide(w, at, 1, 0, SACK | LIBERAL);
  }
  w[at + LAST] = kindOf(buf[l4 + 13]!) | FOLLOWED | window << 16;
}

/**
 * The state that a segment leads to from `state`, or Refused. `dir` is 0 for the side that opened the connection. Changes the record
 * when the segment passes.
 */
export function follow(w: Int32Array, at: number, state: number, dir: number, buf: Uint8Array, l4: number, stop: number): number {
  const flags = buf[l4 + 13]!;
  if (w[at + LAST] === 0) { // it began while nobody followed it
    setSide(w, at, 0, 0, SACK | LIBERAL);
    setSide(w, at, 1, 0, SACK | LIBERAL);
    w[at + LAST] = FOLLOWED;
  }
  // By far the most: nothing happens to the state.
  if (state === S.Established && (flags & (tcp.SYN | tcp.FIN | tcp.RST | tcp.ACK)) === tcp.ACK) {
    const fits = inWindow(w, at, state, dir, buf, l4, stop);
    if (fits === 0) w[at + LAST] = w[at + LAST]! & LAST_MARKS | Kind.Ack | dir << 3;
    return fits < 0 ? fits : state;
  }
  const kind = kindOf(flags);
  let from = state;
  let next = transition(state, kind, dir);
  const last = w[at + LAST]!;
  const lastKind = last & 7;
  const turned = (last >>> 3 & 1) !== dir;
  switch (next) {
    case INVALID:
      if (kind === Kind.None) return Refused.Impossible;
      if ((bitsOf(w, at, 0) & LIBERAL) !== 0) return state; // who opened it is not known either
      // Its SYN was overtaken by its SYN and ACK.
      if (kind === Kind.Syn && state === S.SynRecv && endOf(buf, l4, stop) === w[at + dir * SIDE + END]) return state;
      // Each side of a simultaneous open may repeat its SYN, and its SYN and ACK.
      if ((kind !== Kind.SynAck && kind !== Kind.Syn) || (last & SIMULTANEOUS) === 0) return Refused.Impossible;
      next = state;
      break;
    case IGNORE: {
      if (kind === Kind.SynAck && (last & SIMULTANEOUS) !== 0) {
        next = state;
        break;
      }
      // Before the handshake the other side may say that it believes in an older connection (RFC 9293 §3.5.1, RFC 5961 §4), and no more: such an
      // acknowledgement is empty.
      if (kind === Kind.Ack && (state === S.SynSent || state === S.SynSent2) && endOf(buf, l4, stop) !== u32(buf, l4 + 4)) return Refused.Early;
      // A SYN that we took for nonsense was answered: the ends agree on a connection that we must follow now.
      if (kind === Kind.SynAck && lastKind === Kind.Syn && turned && u32(buf, l4 + 8) === w[at + LAST_END] && !repeated(w, at, dir, endOf(buf, l4, stop))) {
        agree(w, at, 1 - dir);
        from = S.SynSent;
        next = S.SynRecv;
        break;
      }
      annotate(w, at, kind, dir, state, buf, l4, stop);
      return state;
    }
    case S.TimeWait:
      // RFC 5961 §4: the other side challenges a stray SYN; this is no acknowledgement of the last FIN.
      if (state === S.LastAck && kind === Kind.Ack && turned && lastKind === Kind.Syn && (last & CHALLENGE) !== 0) {
        w[at + LAST] = last & ~CHALLENGE;
        return state;
      }
      break;
    case S.SynSent2: w[at + LAST] = last | SIMULTANEOUS; break;
    case S.SynRecv:
      if (dir === 1 && kind === Kind.Ack && (last & SIMULTANEOUS) !== 0) next = S.Established;
      break;
    case S.Close:
      if (kind !== Kind.Rst || state === S.Close) break;
      next = reset(w, at, state, dir, buf, l4);
      if (next < 0) return next;
      if (next === AGREED) return S.Close;
      break;
    default:
  }
  const fits = inWindow(w, at, from, dir, buf, l4, stop);
  if (fits < 0) return fits;
  if (fits === 0) w[at + LAST] = w[at + LAST]! & LAST_MARKS | kind | dir << 3;
  return fits === 0 ? next : state;
}

/** In place of a state: it is over, whatever the numbers say. */
const AGREED = 16;

/** What a reset does: a state, AGREED or Refused (RFC 5961 §3). */
function reset(w: Int32Array, at: number, state: number, dir: number, buf: Uint8Array, l4: number): number {
  const seq = u32(buf, l4 + 4);
  const ack = u32(buf, l4 + 8);
  const last = w[at + LAST]!;
  const other = at + (1 - dir) * SIDE;
  if (state === S.SynSent) {
    // The ACK that answered the SYN was about an older connection; this is what its receiver says to that (RFC 9293 §3.5.1, half-open connections).
    if (dir === 0 && (last & 7) === Kind.Ack && (last & LAST_DIR) !== 0 && seq === w[at + CHALLENGED]) return AGREED;
    // RFC 9293 §3.10.7.3: in syn-sent a reset is acceptable if it acknowledges the SYN.
    if (dir === 1 && ((buf[l4 + 13]! & tcp.ACK) === 0 || ack !== w[other + END])) return Refused.Reset;
    return S.Close;
  }
  // The answer to a SYN that was let through although it fitted nowhere.
  if ((last & 7) === Kind.Syn && (last >>> 3 & 1) !== dir && (buf[l4 + 13]! & tcp.ACK) !== 0 && ack === w[at + LAST_END]) return AGREED;
  if ((bitsOf(w, at, 1 - dir) & MAXACK_SET) !== 0) {
    const acked = w[other + MAXACK]!;
    if (before(seq, acked)) return Refused.Reset;
    if (state !== S.Established || seq === acked) return S.Close;
    // Right behind its data. Anything else inside of the window may be a guess: the receiver challenges it, and so the connection stays.
    if ((last & 7) === Kind.Ack && (last >>> 3 & 1) === dir && seq === w[at + LAST_END]) return S.Close;
    return state;
  }
  return S.Close;
}

/** 0: inside, and the record is brought up to date; 1: passes, but changes nothing; else Refused. */
function inWindow(w: Int32Array, at: number, state: number, dir: number, buf: Uint8Array, l4: number, stop: number): number {
  const flags = buf[l4 + 13]!;
  const s = at + dir * SIDE;
  const r = at + (1 - dir) * SIDE;
  const syn = (flags & tcp.SYN) !== 0;
  let seq = u32(buf, l4 + 4);
  let end = endOf(buf, l4, stop);
  let ack = u32(buf, l4 + 8);
  const raw = buf[l4 + 14]! << 8 | buf[l4 + 15]!;
  const sides = w[at + SIDES]!;
  let sack = ack;
  if ((sides >>> ((1 - dir) * 16 + 8) & SACK) !== 0 && (buf[l4 + 12]! >> 4) > 5) sack = highestSack(buf, l4, ack);

  if (w[s + MAXWIN] === 0) {
    if (syn) { // its first: the answer to a SYN, or a SYN that crossed ours
      initialise(w, at, dir, buf, l4, end, raw);
      if ((flags & tcp.ACK) === 0) return 0;
    } else {
      w[s + END] = end;
      w[s + MAXWIN] = raw << scaleOf(w, at, dir) || 1;
      w[s + MAXEND] = end + w[s + MAXWIN]! | 0;
      if (w[r + MAXWIN] === 0) w[r + END] = w[r + MAXEND] = sack;
      else if (sack === (w[r + END]! + 1 | 0)) w[r + END] = sack; // the answer to a keep-alive
    }
  } else if (syn && before(w[s + END]!, end) && (state === S.SynSent || state === S.SynRecv)) {
    initialise(w, at, dir, buf, l4, end, raw); // begun anew with a later number (RFC 9293 §3.4.3)
    if (dir === 1 && (flags & tcp.ACK) === 0) return 0;
  }
  if ((flags & tcp.ACK) === 0) ack = sack = w[r + END]!;
  if ((flags & tcp.RST) !== 0 && seq === 0 && state === S.SynSent) seq = end = w[s + END]!;

  const scale = syn ? 0 : scaleOf(w, at, dir);
  const liberal = ((sides >>> 8 | sides >>> 24) & LIBERAL) !== 0;
  if (!liberal) {
    const maxwin = w[r + MAXWIN]!;
    const oldest = w[s + END]! - maxwin | 0;
    const oldestAck = w[r + END]! - Math.max(2 * w[s + MAXWIN]!, ACK_WINDOW) | 0;
    if (before(w[s + MAXEND]!, seq)) {
      // Some send a little more than they may; the receiver will tell them, and what is told is let through.
      const over = end - w[s + MAXEND]! + 1 | 0;
      return maxwin !== 0 && !before(end, oldest) && !before(sack, oldestAck) && over >= 0 && over <= maxwin && !before(w[r + END]!, sack) ? 1 : Refused.Beyond;
    }
    if (before(w[r + END]!, sack)) return Refused.Unsent;
    if (maxwin !== 0 && before(end, oldest)) return Refused.Old;
    if (before(sack, oldestAck)) return Refused.OldAck;
  }

  const window = raw << scale;
  const reach = window + (sack - ack | 0);
  if (w[s + MAXWIN]! < reach) w[s + MAXWIN] = reach;
  if (before(w[s + END]!, end)) w[s + END] = end;
  if ((flags & tcp.ACK) !== 0) {
    const shift = dir * 16 + 8;
    if ((sides >>> shift & MAXACK_SET) === 0) {
      w[at + SIDES] = w[at + SIDES]! | MAXACK_SET << shift;
      w[s + MAXACK] = ack;
    } else if (before(w[s + MAXACK]!, ack)) w[s + MAXACK] = ack;
  }
  if (w[r + MAXWIN] !== 0 && before(w[s + MAXEND]!, end)) w[r + MAXWIN] = w[r + MAXWIN]! + (end - w[s + MAXEND]! | 0) | 0;
  const until = sack + window | 0;
  if (!before(until, w[r + MAXEND]!)) w[r + MAXEND] = window === 0 ? until + 1 | 0 : until; // a zero window is probed with an octet
  w[at + LAST_END] = end;
  return 0;
}

/** The first segment of a side: SYN, or SYN and ACK. */
function initialise(w: Int32Array, at: number, dir: number, buf: Uint8Array, l4: number, end: number, window: number): void {
  const s = at + dir * SIDE;
  const r = at + (1 - dir) * SIDE;
  w[s + END] = end;
  // Each may send what the other's SYN offers.
  w[s + MAXEND] = end + w[r + MAXWIN]! | 0;
  w[r + MAXEND] = w[r + END]! + window | 0;
  w[s + MAXWIN] = window || 1;
  readOptions(w, at, dir, buf, l4);
  // RFC 7323 §2.2: both sides must offer it.
  if (dir === 1 && (bitsOf(w, at, 0) & bitsOf(w, at, 1) & SCALE) === 0) {
    setSide(w, at, 0, 0, bitsOf(w, at, 0));
    setSide(w, at, 1, 0, bitsOf(w, at, 1));
  }
}

/** Scale and SACK of a SYN, into the bits of its side. */
function readOptions(w: Int32Array, at: number, side: number, buf: Uint8Array, l4: number): void {
  let bits = 0;
  let scale = 0;
  for (let o = tcp.firstOption(buf, l4); o >= 0; o = tcp.nextOption(buf, l4, o)) {
    if (buf[o] === tcp.OPTION_SACK_PERMITTED && buf[o + 1] === 2) bits |= SACK;
    if (buf[o] === tcp.OPTION_WSCALE && buf[o + 1] === 3) {
      bits |= SCALE;
      scale = Math.min(14, buf[o + 2]!); // RFC 7323 §2.3
    }
  }
  setSide(w, at, side, scale, bits);
}

/** The highest right edge of what is acknowledged selectively (RFC 2018), or `ack`. */
function highestSack(buf: Uint8Array, l4: number, ack: number): number {
  // Two NOPs and the timestamps alone (RFC 7323 appendix A): most segments of most connections.
  if ((buf[l4 + 12]! >> 4) === 8 && buf[l4 + 20] === 1 && buf[l4 + 21] === 1 && buf[l4 + 22] === tcp.OPTION_TIMESTAMPS && buf[l4 + 23] === 10) return ack;
  let highest = ack;
  for (let o = tcp.firstOption(buf, l4); o >= 0; o = tcp.nextOption(buf, l4, o)) {
    if (buf[o] !== tcp.OPTION_SACK) continue;
    const stop = o + buf[o + 1]!;
    for (let block = o + 2; block + 8 <= stop; block += 8) {
      const edge = u32(buf, block + 4);
      if (before(highest, edge)) highest = edge;
    }
  }
  return highest;
}

/** Notes a segment that passes unread, for what the other side will make of it. */
function annotate(w: Int32Array, at: number, kind: number, dir: number, state: number, buf: Uint8Array, l4: number, stop: number): void {
  let marks = w[at + LAST]! & (SIMULTANEOUS | FOLLOWED);
  if (kind === Kind.Syn && dir === 0) {
    // Its options may be those of the connection to come: read into the side and taken out again.
    const kept = w[at + SIDES]!;
    readOptions(w, at, 0, buf, l4);
    marks |= bitsOf(w, at, 0) << 8 | scaleOf(w, at, 0) << 12;
    w[at + SIDES] = kept;
    if (state === S.LastAck) marks |= CHALLENGE;
  }
  if (kind === Kind.Ack) w[at + CHALLENGED] = u32(buf, l4 + 8);
  w[at + LAST] = kind | dir << 3 | marks | (buf[l4 + 14]! << 8 | buf[l4 + 15]!) << 16;
  w[at + LAST_END] = endOf(buf, l4, stop);
}

/** Whether the SYN noted last, and the SYN and ACK from side `dir` that ends at `end`, are late copies of those this connection began with. */
function repeated(w: Int32Array, at: number, dir: number, end: number): boolean {
  const opener = w[at + (1 - dir) * SIDE + END]! - w[at + LAST_END]!;
  const other = w[at + dir * SIDE + END]! - end;
  return opener >>> 0 < RECENT && other >>> 0 < RECENT;
}

/** The connection begins with the SYN noted last, which came from `opener`; of the other side nothing is known. */
function agree(w: Int32Array, at: number, opener: number): void {
  const last = w[at + LAST]!;
  const s = at + opener * SIDE;
  const r = at + (1 - opener) * SIDE;
  w[s + END] = w[s + MAXEND] = w[at + LAST_END]!;
  w[s + MAXWIN] = last >>> 16 || 1;
  w[s + MAXACK] = 0;
  w[r + END] = w[r + MAXEND] = w[r + MAXWIN] = w[r + MAXACK] = 0;
  setSide(w, at, opener, last >>> 12 & 15, last >>> 8 & 15);
  setSide(w, at, 1 - opener, 0, 0);
}

/**
 * Whether a sequence number that an ICMP error quotes is one of a segment that side `dir` has sent and that may still be on its way
 * (RFC 5927 §4.1). True where the connection is not followed.
 */
export function outstanding(w: Int32Array, at: number, dir: number, seq: number): boolean {
  const s = at + dir * SIDE;
  const r = at + (1 - dir) * SIDE;
  if (w[s + MAXWIN] === 0 || (bitsOf(w, at, 0) & LIBERAL) !== 0) return true;
  const since = (bitsOf(w, at, 1 - dir) & MAXACK_SET) !== 0 ? w[r + MAXACK]! : w[s + END]! - Math.max(w[r + MAXWIN]!, ACK_WINDOW) | 0;
  return !before(seq, since) && !before(w[s + END]!, seq);
}
