import type { Machine, Tick } from '../../sdk/index.ts';
import * as natPmp from '../../sdk/wire/nat-pmp.ts';
import * as pcp from '../../sdk/wire/pcp.ts';
import type { Book } from './book.ts';
import { answerNatPmp } from './nat-pmp.ts';
import { answerPcp } from './pcp.ts';
import { DAY } from './settings.ts';

/** RFC 6886 §3.2.1: told ten times, the gaps doubling from a quarter of a second. */
const TOLD = 10;
const FIRST_GAP_MS = 250;

export type PortControlIn =
  | { readonly kind: 'datagram'; readonly src: number; readonly sport: number; readonly data: Uint8Array; /** Goes into the answer's `to`. */ readonly to: number }
  /** The outside address is this one now; 0: there is none. */
  | { readonly kind: 'address'; readonly ip: number }
  | Tick;
export type PortControlOut =
  | { readonly kind: 'reply'; readonly dst: number; readonly dport: number; readonly data: Uint8Array; readonly to: number }
  /** To all hosts of all served interfaces. */
  | { readonly kind: 'announce'; readonly data: Uint8Array };

/** NAT-PMP and PCP: requests of hosts, and announcements when we begin (RFC 6886 §3.2.1, RFC 6887 §14.1) and when the outside address has changed. */
export class PortControl implements Machine<PortControlIn, PortControlOut> {
  /** The longest lifetime given (s). */
  longest: number;
  readonly #book: Book;
  #address: number;
  /** When the epoch began: with the mappings, or with the outside address (ms). */
  #start: number;
  #told = TOLD;
  #due: number | undefined;
  /** Nobody was told of the address since we began. */
  #silent: boolean;

  /**
   * `start` and `address` from before a reload or a restart that lost nothing; else now and 0. `known`: hosts were told of them, and need
   * not be told again.
   */
  constructor(book: Book, opts: { readonly longest: number; readonly start: number; readonly address: number; readonly known?: boolean }) {
    this.#book = book;
    this.longest = opts.longest;
    this.#start = opts.start;
    this.#address = opts.address;
    this.#silent = !(opts.known ?? false);
  }

  /** For `save`. */
  get start(): number { return this.#start; }
  get address(): number { return this.#address; }

  deadline(): number | undefined { return this.#due; }

  step(input: PortControlIn, now: number): readonly PortControlOut[] {
    switch (input.kind) {
      case 'datagram': return this.#answer(input, now);
      case 'address': return this.#moved(input.ip, now);
      case 'tick': return this.#due !== undefined && now >= this.#due ? this.#announce(now) : [];
    }
  }

  #answer({ src, sport, data, to }: Extract<PortControlIn, { kind: 'datagram' }>, now: number): readonly PortControlOut[] {
    const situation = { book: this.#book, epoch: this.#epoch(now), external: this.#address, longest: Math.min(this.longest, DAY), now };
    // RFC 6886 §3.5 and RFC 6887 §9: version 0 is NAT-PMP, every other one is told that 2 is spoken here.
    const answer = data[0] === natPmp.VERSION ? answerNatPmp(data, src, situation) : answerPcp(data, src, situation);
    return answer ? [{ kind: 'reply', dst: src, dport: sport, data: answer, to }] : [];
  }

  #moved(ip: number, now: number): readonly PortControlOut[] {
    if (ip === this.#address && !(this.#silent && ip !== 0)) return [];
    const had = this.#address;
    this.#address = ip;
    // RFC 6887 §8.5: another outside address begins a new epoch; the first one belongs to the one that began with us.
    if (had !== 0 && had !== ip) this.#start = now;
    if (ip === 0) {
      this.#due = undefined;
      return [];
    }
    this.#silent = false;
    this.#told = 0;
    return this.#announce(now);
  }

  #announce(now: number): readonly PortControlOut[] {
    const epoch = this.#epoch(now);
    this.#due = ++this.#told < TOLD ? now + FIRST_GAP_MS * 2 ** (this.#told - 1) : undefined;
    return [
      { kind: 'announce', data: natPmp.emit({ op: natPmp.OP_ADDRESS, result: natPmp.Result.Success, epoch, address: this.#address }) },
      { kind: 'announce', data: pcp.emitAnnounce(epoch) },
    ];
  }

  #epoch(now: number): number { return Math.max(0, Math.floor((now - this.#start) / 1000)) % 2 ** 32; }
}
