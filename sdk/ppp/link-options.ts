import * as lcp from '../wire/lcp.ts';
import type { Option } from '../wire/ppp.ts';
import { ACCM_ALL, type Framing } from '../wire/ppp-frame.ts';
import type { Negotiator } from './negotiator.ts';

/** RFC 1661 §6.1 lets the peer ask for any; below this nothing useful gets through. */
const SMALLEST_MRU = 128;
/** Requests with our own magic number in them before the line counts as a mirror (RFC 1661 §6.4). */
const ECHOES = 5;

export interface LinkWishes {
  /** 'packets': PPPoE, PPTP and the like, where character maps and left-out addresses mean nothing (RFC 2516 §7). */
  readonly line: 'async' | 'packets';
  readonly mru: number;
  readonly accm: number;
  /** Ask for shorter headers. */
  readonly compress: boolean;
  /** What we agree to prove ourselves by, best first. */
  readonly allow: readonly lcp.AuthMethod[];
  /** What the peer has to prove itself by, best first; empty: it need not. */
  readonly require: readonly lcp.AuthMethod[];
}

/** What LCP agrees on (RFC 1661 §6). */
export class LinkOptions implements Negotiator {
  /** Not 0. */
  magic = 0;
  /** Largest information field that the peer takes. */
  peerMru = lcp.DEFAULT_MRU;
  mru: number;
  /** How we have agreed to prove ourselves. */
  client: lcp.AuthMethod | undefined;
  /** What the peer asked for in vain, for people. */
  unwilling = '';
  readonly #wishes: LinkWishes;
  readonly #random: () => number;
  readonly #hopeless: (why: string, cause: 'loop' | 'auth') => void;
  #accm = 0;
  #peer: { accm: number; pfc: boolean; acfc: boolean } = { accm: ACCM_ALL, pfc: false, acfc: false };
  #off = new Set<number>();
  #required = 0;
  #offered = 0;
  #echoes = 0;

  constructor(wishes: LinkWishes, random: () => number, hopeless: (why: string, cause: 'loop' | 'auth') => void) {
    this.#wishes = wishes;
    this.#random = random;
    this.#hopeless = hopeless;
    this.mru = wishes.mru;
    this.reset();
  }

  /** How the peer has agreed to prove itself; good once LCP is open. */
  get server(): lcp.AuthMethod | undefined { return this.#wishes.require[this.#required]; }
  /** Whether magic numbers are in use. */
  get hasMagic(): boolean { return !this.#off.has(lcp.OPTION_MAGIC); }

  framing(): Framing {
    const own = this.#wishes.line === 'async' && !this.#off.has(lcp.OPTION_ACCM) ? this.#accm : ACCM_ALL;
    return { sendAccm: this.#peer.accm, receiveAccm: own, pfc: this.#peer.pfc, acfc: this.#peer.acfc };
  }

  reset(): void {
    this.#off = new Set();
    this.#required = 0;
    this.#offered = 0;
    this.#accm = this.#wishes.accm;
    this.mru = this.#wishes.mru;
    this.#newMagic();
    this.granted([]);
  }

  wishes(): readonly Option[] {
    const { line, compress } = this.#wishes;
    const all: Option[] = [];
    if (this.mru !== lcp.DEFAULT_MRU) all.push(lcp.mru(this.mru));
    if (line === 'async') all.push(lcp.accm(this.#accm));
    if (this.server !== undefined) all.push(lcp.auth(this.server));
    all.push(lcp.magic(this.magic));
    if (compress) all.push(lcp.pfc);
    if (compress && line === 'async') all.push(lcp.acfc);
    return all.filter(o => !this.#off.has(o.type));
  }

  review(option: Option): 'ack' | 'reject' | Option {
    switch (option.type) {
      case lcp.OPTION_MRU: {
        const mru = lcp.number16(option);
        return mru === undefined ? 'reject' : mru < SMALLEST_MRU ? lcp.mru(SMALLEST_MRU) : 'ack';
      }
      case lcp.OPTION_ACCM: return this.#wishes.line === 'async' && option.data.length === 4 ? 'ack' : 'reject';
      case lcp.OPTION_AUTH: return this.#reviewAuth(option);
      case lcp.OPTION_MAGIC: return this.#reviewMagic(lcp.number32(option));
      case lcp.OPTION_PFC: return option.data.length === 0 ? 'ack' : 'reject';
      case lcp.OPTION_ACFC: return option.data.length === 0 && this.#wishes.line === 'async' ? 'ack' : 'reject';
      default: return 'reject';
    }
  }

  granted(options: readonly Option[]): void {
    const of = (type: number): Option | undefined => options.find(o => o.type === type);
    const [mru, accm, auth] = [of(lcp.OPTION_MRU), of(lcp.OPTION_ACCM), of(lcp.OPTION_AUTH)];
    this.peerMru = (mru && lcp.number16(mru)) ?? lcp.DEFAULT_MRU;
    this.client = auth && lcp.authMethod(auth);
    this.#peer = { accm: (accm && lcp.number32(accm)) ?? ACCM_ALL, pfc: of(lcp.OPTION_PFC) !== undefined, acfc: of(lcp.OPTION_ACFC) !== undefined };
  }

  naked(options: readonly Option[]): void {
    for (const option of options) {
      switch (option.type) {
        case lcp.OPTION_MRU: {
          const mru = lcp.number16(option) ?? 0;
          if (mru >= SMALLEST_MRU && mru <= Math.max(this.#wishes.mru, lcp.DEFAULT_MRU)) this.mru = mru;
          break;
        }
        // The peer may name characters that it cannot send plainly (RFC 1662 §7.1).
        case lcp.OPTION_ACCM: this.#accm = (this.#accm | (lcp.number32(option) ?? 0)) >>> 0; break;
        case lcp.OPTION_AUTH: this.#other(lcp.authMethod(option)); break;
        case lcp.OPTION_MAGIC: this.#newMagic(); break;
        case lcp.OPTION_PFC: case lcp.OPTION_ACFC: this.#off.add(option.type); break;
        default: break;
      }
    }
  }

  rejected(options: readonly Option[]): void {
    for (const { type } of options) {
      if (type === lcp.OPTION_AUTH && this.server !== undefined) this.#hopeless('the other end refuses to prove who it is', 'auth');
      else if (type === lcp.OPTION_MRU) this.mru = lcp.DEFAULT_MRU;
      else this.#off.add(type);
    }
  }

  /** We name one of our ways after the other: whichever the peer has will do. */
  #reviewAuth(option: Option): 'ack' | 'reject' | Option {
    const { allow } = this.#wishes;
    const method = lcp.authMethod(option);
    if (method !== undefined && allow.includes(method)) return 'ack';
    this.unwilling = lcp.authName(option);
    const instead = allow[this.#offered++ % allow.length];
    return instead === undefined ? 'reject' : lcp.auth(instead);
  }

  /** The next of our ways, or the one the peer would have. */
  #other(wanted: lcp.AuthMethod | undefined): void {
    const { require } = this.#wishes;
    const at = wanted === undefined ? -1 : require.indexOf(wanted);
    this.#required = at >= 0 ? at : this.#required + 1;
    if (require.length > 0 && this.#required >= require.length) {
      this.#required = require.length - 1;
      this.#hopeless('the other end can prove who it is by no way that is allowed here', 'auth');
    }
  }

  #reviewMagic(magic: number | undefined): 'ack' | 'reject' | Option {
    if (magic === undefined) return 'reject';
    if (magic === this.magic && this.hasMagic && ++this.#echoes >= ECHOES) {
      this.#hopeless('the line sends back what we say: the modem is in command mode, or looped', 'loop');
    }
    return magic === 0 || magic === this.magic ? lcp.magic(this.#number()) : 'ack';
  }

  #newMagic(): void { this.magic = this.#number(); }
  /** 1 to 2^32 - 1. */
  #number(): number { return 1 + Math.floor(this.#random() * 0xffff_ffff); }
}
