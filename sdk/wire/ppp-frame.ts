import { FCS_GOOD, FCS_INITIAL, fcsTable } from './ppp-fcs.ts';
import { PROTO_LCP, protocolLength } from './ppp.ts';

/**
 * PPP in HDLC-like framing on an asynchronous line (RFC 1662 §4):
 *
 *     | 7e | ff | 03 | protocol | information … | FCS, low octet first | 7e |
 *
 * Between the flags 7e, 7d and the control characters of the map become 7d and the octet with bit 5 turned over.
 */
export const FLAG = 0x7e;
export const ESCAPE = 0x7d;
export const ALL_STATIONS = 0xff;
export const UNNUMBERED = 0x03;
const FLIP = 0x20;
/** Protocol and FCS: what is shorter is silence or noise (RFC 1662 §4.3). */
const SHORTEST = 3;

/** Every octet escaped before anything was agreed (RFC 1662 §7.1). */
export const ACCM_ALL = 0xffff_ffff;

export interface Framing {
  /** Control characters (bit n: octet n) that go escaped to the peer. */
  readonly sendAccm: number;
  /** Those that the peer escapes: unescaped ones were put in by the line and are dropped (RFC 1662 §4.2). */
  readonly receiveAccm: number;
  /** Protocol numbers below 0x100 go as one octet. */
  readonly pfc: boolean;
  /** ff 03 is left out. */
  readonly acfc: boolean;
}

/** Before LCP has agreed on anything. */
export const INITIAL_FRAMING: Framing = { sendAccm: ACCM_ALL, receiveAccm: ACCM_ALL, pfc: false, acfc: false };

/** Octets that a frame of so much information may need at most. */
export const worstCase = (length: number): number => 2 * (length + 6) + 2;

/** 1 for each octet that must be escaped under this map. */
function escapes(accm: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (octet === FLAG || octet === ESCAPE || (octet < 0x20 && ((accm >>> octet) & 1) === 1) ? 1 : 0));
}

/** Writes frames. LCP goes as if nothing had been agreed, so that both ends understand it at any time (RFC 1661 §5, 1662 §7). */
export class FrameEncoder {
  #framing: Framing = INITIAL_FRAMING;
  readonly #all = escapes(ACCM_ALL);
  #agreed = this.#all;

  get framing(): Framing { return this.#framing; }
  set framing(f: Framing) {
    this.#framing = f;
    this.#agreed = escapes(f.sendAccm);
  }

  /**
   * Writes the frame around buf[from, to) into `out` at `at`, where worstCase(to - from) octets must be free; says where it ends.
   * `lead`: begin with a flag as well, needed only when the line was quiet.
   */
  encode(out: Uint8Array, at: number, protocol: number, buf: Uint8Array, from: number, to: number, lead = true): number {
    const lcp = protocol === PROTO_LCP;
    const escaped = lcp ? this.#all : this.#agreed;
    let o = at;
    let fcs = FCS_INITIAL;
    if (lead) out[o++] = FLAG;
    if (lcp || !this.#framing.acfc) {
      fcs = (fcs >>> 8) ^ fcsTable[(fcs ^ ALL_STATIONS) & 0xff]!;
      fcs = (fcs >>> 8) ^ fcsTable[(fcs ^ UNNUMBERED) & 0xff]!;
      out[o++] = ALL_STATIONS;
      o = put(out, o, UNNUMBERED, escaped);
    }
    if (lcp || !this.#framing.pfc || protocol > 0xff) {
      fcs = (fcs >>> 8) ^ fcsTable[(fcs ^ (protocol >>> 8)) & 0xff]!;
      o = put(out, o, protocol >>> 8, escaped);
    }
    fcs = (fcs >>> 8) ^ fcsTable[(fcs ^ protocol) & 0xff]!;
    o = put(out, o, protocol & 0xff, escaped);
    for (let i = from; i < to; i++) {
      const octet = buf[i]!;
      fcs = (fcs >>> 8) ^ fcsTable[(fcs ^ octet) & 0xff]!;
      if (escaped[octet] === 0) out[o++] = octet;
      else {
        out[o++] = ESCAPE;
        out[o++] = octet ^ FLIP;
      }
    }
    fcs ^= 0xffff;
    o = put(out, o, fcs & 0xff, escaped);
    o = put(out, o, fcs >>> 8, escaped);
    out[o++] = FLAG;
    return o;
  }
}

function put(out: Uint8Array, at: number, octet: number, escaped: Uint8Array): number {
  if (escaped[octet] === 0) {
    out[at] = octet;
    return at + 1;
  }
  out[at] = ESCAPE;
  out[at + 1] = octet ^ FLIP;
  return at + 2;
}

export interface DecoderCounters {
  frames: number;
  /** On the line, noise included. */
  octets: number;
  /** Dropped: wrong FCS, ended with 7d 7e, longer than there was room, shorter than a frame can be, no protocol number. */
  fcs: number; aborted: number; long: number; short: number; header: number;
}

/** What an octet on the line is: itself, put in by the line, the escape, the flag. */
const [PLAIN, FOREIGN, ESCAPES, FLAGS] = [0, 1, 2, 3];

function kinds(accm: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (octet === FLAG ? FLAGS : octet === ESCAPE ? ESCAPES : octet < 0x20 && ((accm >>> octet) & 1) === 1 ? FOREIGN : PLAIN));
}

/**
 * Reads frames from a stream in chunks of any size, straight into the caller's buffer. Whatever comes, it is in step again at
 * the next flag. Address, control and protocol are taken in every form, agreed or not (RFC 1662 §3.2).
 */
export class FrameDecoder {
  readonly counters: DecoderCounters = { frames: 0, octets: 0, fcs: 0, aborted: 0, long: 0, short: 0, header: 0 };
  /** Of the frame that `feed` has just completed: its protocol, and its information in buf[start, end). */
  protocol = 0;
  start = 0;
  end = 0;
  #kinds = kinds(ACCM_ALL);
  #into: Uint8Array = new Uint8Array(0);
  #from = 0;
  #limit = 0;
  #o = 0;
  #fcs = FCS_INITIAL;
  #escaped = false;
  /** Deaf until the next flag: before the first one, and after a frame without room. */
  #deaf = true;
  #complete = false;

  /** `receiveAccm` of the framing; 0 takes every octet. */
  set accm(map: number) { this.#kinds = kinds(map); }

  /** Where the next frame goes: buf[from, limit). To be called between frames only, that is after `complete`, or before the first. */
  into(buf: Uint8Array, from: number, limit: number): void {
    this.#into = buf;
    this.#from = from;
    this.#limit = limit;
    this.#restart();
  }

  /** Forgets a frame begun, as after hanging up. */
  reset(): void {
    this.#deaf = true;
    this.#complete = false;
    this.#restart();
  }

  /** Whether the last `feed` ended with a good frame. */
  get complete(): boolean { return this.#complete; }

  /** Reads src[at, to) up to the end of the next good frame; says how far it came. */
  feed(src: Uint8Array, at: number, to: number): number {
    this.#complete = false;
    const i = this.#read(src, at, to);
    this.counters.octets += i - at;
    return i;
  }

  #read(src: Uint8Array, at: number, to: number): number {
    let i = at;
    if (this.#deaf) {
      i = this.#listen(src, i, to);
      if (this.#deaf) return to;
    }
    const out = this.#into;
    const what = this.#kinds;
    const limit = this.#limit;
    let o = this.#o;
    let fcs = this.#fcs;
    let escaped = this.#escaped;
    while (i < to) {
      let octet = src[i++]!;
      const kind = what[octet]!;
      if (kind !== PLAIN) {
        if (kind === FOREIGN) continue;
        if (kind === ESCAPES) { escaped = true; continue; }
        const good = this.#finish(o, fcs, escaped);
        o = this.#from;
        fcs = FCS_INITIAL;
        escaped = false;
        if (good) break;
        continue;
      }
      if (escaped) {
        octet ^= FLIP;
        escaped = false;
      }
      if (o < limit) {
        out[o++] = octet;
        fcs = (fcs >>> 8) ^ fcsTable[(fcs ^ octet) & 0xff]!;
        continue;
      }
      this.counters.long++;
      this.#deaf = true;
      i = this.#listen(src, i, to);
      o = this.#from;
      fcs = FCS_INITIAL;
    }
    this.#o = o;
    this.#fcs = fcs;
    this.#escaped = escaped;
    return i;
  }

  /** Goes on behind the next flag, if there is one. */
  #listen(src: Uint8Array, at: number, to: number): number {
    const flag = src.indexOf(FLAG, at);
    if (flag < 0 || flag >= to) return to;
    this.#deaf = false;
    return flag + 1;
  }

  #restart(): void {
    this.#o = this.#from;
    this.#fcs = FCS_INITIAL;
    this.#escaped = false;
  }

  /** At a flag: is [from, o) a good frame? */
  #finish(o: number, fcs: number, escaped: boolean): boolean {
    const length = o - this.#from;
    if (escaped) this.counters.aborted++;
    // Two flags in a row, and the text of a modem before the first one.
    else if (length < SHORTEST) { if (length > 0) this.counters.short++; }
    else if (fcs !== FCS_GOOD) this.counters.fcs++;
    else return this.#header(o - 2);
    return false;
  }

  #header(end: number): boolean {
    const buf = this.#into;
    let at = this.#from;
    if (buf[at] === ALL_STATIONS && buf[at + 1] === UNNUMBERED && end - at >= 2) at += 2;
    const length = protocolLength(buf, at, end);
    if (length === 0) { this.counters.header++; return false; }
    this.protocol = length === 1 ? buf[at]! : (buf[at]! << 8) | buf[at + 1]!;
    this.start = at + length;
    this.end = end;
    this.counters.frames++;
    return this.#complete = true;
  }
}
