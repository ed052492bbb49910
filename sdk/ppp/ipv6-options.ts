import * as ipv6cp from '../wire/ipv6cp.ts';
import { type Option, sameOctets } from '../wire/ppp.ts';
import type { Negotiator } from './negotiator.ts';

const ZERO = new Uint8Array(8);

/** What IPV6CP agrees on: two interface identifiers that differ (RFC 5072 §4.1). */
export class Ipv6Options implements Negotiator {
  local: Uint8Array = ZERO;
  peer: Uint8Array = ZERO;
  readonly #random: () => number;
  #off = false;

  constructor(random: () => number) {
    this.#random = random;
    this.reset();
  }

  reset(): void {
    this.#off = false;
    this.local = this.#identifier();
    this.peer = ZERO;
  }

  wishes(): readonly Option[] { return this.#off ? [] : [ipv6cp.ofInterfaceId(this.local)]; }

  review(option: Option): 'ack' | 'reject' | Option {
    const id = option.type === ipv6cp.OPTION_INTERFACE_ID ? ipv6cp.interfaceId(option) : undefined;
    if (id === undefined) return 'reject';
    return sameOctets(id, ZERO) || sameOctets(id, this.local) ? ipv6cp.ofInterfaceId(this.#identifier()) : 'ack';
  }

  granted(options: readonly Option[]): void {
    this.peer = options.map(ipv6cp.interfaceId).find(id => id !== undefined) ?? ZERO;
  }

  naked(options: readonly Option[]): void {
    const id = options.filter(o => o.type === ipv6cp.OPTION_INTERFACE_ID).map(ipv6cp.interfaceId).find(i => i !== undefined);
    if (id !== undefined) this.local = sameOctets(id, ZERO) ? this.#identifier() : id;
  }

  rejected(): void { this.#off = true; }

  /** Random, with the bit that says it is not from a manufacturer (RFC 5072 §4.1). */
  #identifier(): Uint8Array {
    const id = Uint8Array.from(ZERO, () => Math.floor(this.#random() * 256));
    id[0] = id[0]! & ~0x02;
    if (id[7] === 0) id[7] = 1;
    return id;
  }
}
