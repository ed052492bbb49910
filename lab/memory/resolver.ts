import type { Clock, Disposable } from '../../sdk/index.ts';
import * as address from '../../sdk/wire/address.ts';
import * as dns from '../../sdk/wire/dns.ts';
import type { UdpLayer, UdpPort } from './udp-layer.ts';

export type Lookup =
  | { readonly ok: true; readonly address: number; readonly name: string | undefined; readonly server: number }
  | { readonly ok: false; readonly why: 'nxdomain' | 'refused' | 'timeout' | 'no server' | 'no address' };

const TRIES = 2;
const WAIT_MS = 2000;

/** A stub resolver (RFC 1034 §5.3.1): one server, no memory. */
export class Resolver {
  nameserver: number | undefined;
  readonly #clock: Clock;
  readonly #udp: UdpLayer;
  readonly #random: () => number;

  constructor(clock: Clock, udp: UdpLayer, random: () => number) {
    this.#clock = clock;
    this.#udp = udp;
    this.#random = random;
  }

  /** A dotted address is its own answer. */
  address(name: string): Promise<Lookup> {
    const literal = address.parse4(name);
    if (literal !== undefined) return Promise.resolve({ ok: true, address: literal, name, server: 0 });
    if (!dns.isName(name)) return Promise.resolve({ ok: false, why: 'nxdomain' });
    return this.#ask(name, dns.TYPE_A);
  }

  /** The name of an address. */
  reverse(ip: number): Promise<Lookup> {
    return this.#ask(dns.reverseName(ip), dns.TYPE_PTR);
  }

  #ask(name: string, type: number): Promise<Lookup> {
    const server = this.nameserver;
    if (server === undefined) return Promise.resolve({ ok: false, why: 'no server' });
    return new Promise(resolve => {
      const id = Math.floor(this.#random() * 65_536);
      const data = dns.emit(dns.query(id, name, type));
      let timer: Disposable | undefined;
      let port: UdpPort | undefined;
      const end = (l: Lookup) => { void timer?.dispose(); port?.close(); resolve(l); };
      const attempt = (left: number) => {
        if (left === 0) return end({ ok: false, why: 'timeout' });
        timer = this.#clock.after(WAIT_MS, () => attempt(left - 1));
        port?.send({ dst: server, dport: dns.PORT, data });
      };
      port = this.#udp.bind(0, {
        receive: d => {
          const m = dns.parse(d.data, 0, d.data.length);
          if (m?.response && m.id === id && d.src === server) end(found(m, type, server));
        },
        error: () => end({ ok: false, why: 'refused' }),
      });
      attempt(TRIES);
    });
  }
}

function found(m: dns.Message, type: number, server: number): Lookup {
  for (const { type: t, data } of m.answers) {
    if (t === type && data.kind === 'address') return { ok: true, address: data.address, name: undefined, server };
    if (t === type && data.kind === 'name') return { ok: true, address: 0, name: data.name, server };
  }
  return { ok: false, why: m.rcode === dns.NXDOMAIN ? 'nxdomain' : m.rcode === dns.NOERROR ? 'no address' : 'refused' };
}
