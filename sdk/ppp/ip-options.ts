import { format4 } from '../wire/address.ts';
import * as ipcp from '../wire/ipcp.ts';
import type { Option } from '../wire/ppp.ts';
import type { Negotiator } from './negotiator.ts';

export interface IpWishes {
  /** Our own address; 0: the peer gives us one. */
  readonly local: number;
  /** The address that the peer must have; 0: whatever it says. */
  readonly peer: number;
  /** Ask for name servers. */
  readonly askDns: boolean;
  /** Name servers told to a peer that asks, at most two. */
  readonly dns: readonly number[];
}

/**
 * Name servers that a 3G modem makes up while the network has not told it any yet; it then naks with them again and again until
 * it knows better. They lead nowhere.
 */
const PLACEHOLDERS: readonly number[] = [0x0a0b_0c0d, 0x0a0b_0c0e];
/** 10.64.64.64, for a peer that asks us for its address though we are the guest: on a line of two ends any will do. */
const NAMELESS = 0x0a40_4040;
const DNS = [ipcp.OPTION_DNS1, ipcp.OPTION_DNS2] as const;

/** What IPCP agrees on (RFC 1332, 1877). Van Jacobson's compression is refused: links are fast, and cards get it wrong. */
export class IpOptions implements Negotiator {
  local = 0;
  /** 0: it has not said. */
  peer = 0;
  readonly #wishes: IpWishes;
  #dns: [number, number] = [0, 0];
  #off = new Set<number>();
  /** Instead of our fixed one. */
  #proposed = 0;
  readonly #hopeless: (why: string) => void;

  constructor(wishes: IpWishes, hopeless: (why: string) => void) {
    this.#wishes = wishes;
    this.#hopeless = hopeless;
    this.reset();
  }

  /** Told by the peer. */
  get dns(): readonly number[] {
    return this.#dns.filter((server, i, all) => ipcp.usable(server) && !PLACEHOLDERS.includes(server) && all.indexOf(server) === i);
  }

  reset(): void {
    this.local = this.#wishes.local;
    this.#dns = [0, 0];
    this.#off = new Set();
    this.granted([]);
  }

  wishes(): readonly Option[] {
    const all = [ipcp.ofAddress(ipcp.OPTION_ADDRESS, this.local)];
    if (this.#wishes.askDns) all.push(...DNS.map((type, i) => ipcp.ofAddress(type, this.#dns[i]!)));
    return all.filter(o => !this.#off.has(o.type));
  }

  review(option: Option): 'ack' | 'reject' | Option {
    const asked = ipcp.address(option);
    if (asked === undefined) return 'reject';
    const { peer, dns } = this.#wishes;
    switch (option.type) {
      case ipcp.OPTION_ADDRESS:
        if (peer !== 0) return asked === peer ? 'ack' : ipcp.ofAddress(option.type, peer);
        return ipcp.usable(asked) ? 'ack' : ipcp.ofAddress(option.type, NAMELESS);
      case ipcp.OPTION_DNS1: case ipcp.OPTION_DNS2: {
        const server = option.type === ipcp.OPTION_DNS1 ? dns[0] : dns[1];
        if (server === undefined) return 'reject';
        return asked === server ? 'ack' : ipcp.ofAddress(option.type, server);
      }
      default: return 'reject';
    }
  }

  granted(options: readonly Option[]): void {
    const address = options.find(o => o.type === ipcp.OPTION_ADDRESS);
    this.peer = (address && ipcp.address(address)) ?? this.#wishes.peer;
  }

  naked(options: readonly Option[]): void {
    for (const option of options) {
      const given = ipcp.address(option);
      if (given === undefined) continue;
      if (option.type === ipcp.OPTION_ADDRESS) {
        // A fixed address stays what it is; the peer has to take it or leave it.
        if (this.#wishes.local === 0) this.local = ipcp.usable(given) ? given : 0;
        else this.#proposed = given;
      }
      if (option.type === ipcp.OPTION_DNS1) this.#dns[0] = given;
      if (option.type === ipcp.OPTION_DNS2) this.#dns[1] = given;
    }
  }

  rejected(options: readonly Option[]): void {
    for (const { type } of options) {
      this.#off.add(type);
      if (type === ipcp.OPTION_ADDRESS && this.#proposed !== 0) {
        this.#hopeless(`the network does not let us have the address ${format4(this.local)}, but would give us ${format4(this.#proposed)}`);
      }
      if (type === ipcp.OPTION_DNS1) this.#dns[0] = 0;
      if (type === ipcp.OPTION_DNS2) this.#dns[1] = 0;
    }
  }
}
