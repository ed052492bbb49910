import type { Machine, Tick } from '../../sdk/index.ts';
import * as address from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';

export interface Lease {
  readonly own: address.Prefix;
  readonly gateway: number | undefined;
  readonly nameserver: number | undefined;
  readonly server: number;
  /** Seconds. */
  readonly time: number;
}

export type DhcpIn = { readonly kind: 'message'; readonly message: dhcp.Message } | { readonly kind: 'release' } | Tick;
export type DhcpOut =
  /** `to` undefined: broadcast. */
  | { readonly kind: 'send'; readonly data: Uint8Array; readonly to: number | undefined }
  | { readonly kind: 'bound'; readonly lease: Lease }
  | { readonly kind: 'lost' };

type State =
  | { readonly at: 'init' }
  | { readonly at: 'selecting'; readonly tries: number }
  | { readonly at: 'requesting'; readonly tries: number; readonly offer: number; readonly server: number }
  | { readonly at: 'bound' | 'renewing' | 'rebinding'; readonly lease: Lease; readonly since: number };

const AGAIN_MS = 1000;

/** A DHCP client (RFC 2131 §4.4). Starts with the first tick. */
export class DhcpClient implements Machine<DhcpIn, DhcpOut> {
  readonly #mac: Uint8Array;
  readonly #host: string;
  readonly #random: () => number;
  #state: State = { at: 'init' };
  #xid = 0;
  #due: number | undefined = 0;

  constructor(opts: { readonly mac: Uint8Array; readonly host: string; readonly random: () => number }) {
    this.#mac = opts.mac;
    this.#host = opts.host;
    this.#random = opts.random;
  }

  get at(): State['at'] { return this.#state.at; }
  deadline(): number | undefined { return this.#due; }

  step(input: DhcpIn, now: number): readonly DhcpOut[] {
    if (input.kind === 'release') return this.#release();
    if (input.kind === 'message') return this.#take(input.message, now);
    return this.#due !== undefined && now >= this.#due ? this.#tick(now) : [];
  }

  #tick(now: number): readonly DhcpOut[] {
    const s = this.#state;
    switch (s.at) {
      case 'init': return this.#discover(0, now);
      case 'selecting': return this.#discover(s.tries + 1, now);
      case 'requesting': {
        if (s.tries >= 4) return this.#discover(0, now);
        this.#state = { ...s, tries: s.tries + 1 };
        return this.#request(s.offer, s.server, now);
      }
      default: return this.#renew(s.lease, s.since, now);
    }
  }

  #discover(tries: number, now: number): readonly DhcpOut[] {
    if (tries === 0) this.#xid = Math.floor(this.#random() * 2 ** 32);
    this.#state = { at: 'selecting', tries };
    this.#due = now + Math.min(16_000, AGAIN_MS * 2 ** tries);
    return [{ kind: 'send', data: this.#message(dhcp.DISCOVER, {}), to: undefined }];
  }

  #request(offer: number, server: number, now: number): readonly DhcpOut[] {
    this.#due = now + AGAIN_MS;
    const options = { [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(offer), [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(server) };
    return [{ kind: 'send', data: this.#message(dhcp.REQUEST, options), to: undefined }];
  }

  /** T1 at half, T2 at seven eighths of the lease (RFC 2131 §4.4.5). */
  #renew(lease: Lease, since: number, now: number): readonly DhcpOut[] {
    const end = since + lease.time * 1000;
    if (now >= end) return [{ kind: 'lost' }, ...this.#discover(0, now)];
    const rebinding = now >= since + lease.time * 875;
    this.#state = { at: rebinding ? 'rebinding' : 'renewing', lease, since };
    this.#due = Math.min(end, now + Math.max(1000, (end - now) / 2));
    return [{ kind: 'send', data: this.#message(dhcp.REQUEST, {}, lease.own.address), to: rebinding ? undefined : lease.server }];
  }

  #take(m: dhcp.Message, now: number): readonly DhcpOut[] {
    if (m.op !== dhcp.OP_REPLY || m.xid !== this.#xid) return [];
    const s = this.#state;
    const server = dhcp.address(m.options, dhcp.OPTION_SERVER_ID);
    if (s.at === 'selecting' && m.type === dhcp.OFFER && server !== undefined) {
      this.#state = { at: 'requesting', tries: 0, offer: m.yiaddr, server };
      return this.#request(m.yiaddr, server, now);
    }
    if (s.at !== 'requesting' && s.at !== 'renewing' && s.at !== 'rebinding') return [];
    if (m.type === dhcp.NAK) return [...s.at === 'requesting' ? [] : [{ kind: 'lost' } as const], ...this.#discover(0, now)];
    if (m.type !== dhcp.ACK) return [];
    const lease = leaseOf(m, server ?? (s.at === 'requesting' ? s.server : s.lease.server));
    this.#state = { at: 'bound', lease, since: now };
    this.#due = lease.time === dhcp.FOREVER ? undefined : now + lease.time * 500;
    return [{ kind: 'bound', lease }];
  }

  #release(): readonly DhcpOut[] {
    const s = this.#state;
    if (s.at !== 'bound' && s.at !== 'renewing' && s.at !== 'rebinding') return [];
    this.#state = { at: 'init' };
    this.#due = undefined;
    const options = { [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(s.lease.server) };
    return [{ kind: 'send', data: this.#message(dhcp.RELEASE, options, s.lease.own.address), to: s.lease.server }, { kind: 'lost' }];
  }

  #message(type: number, options: dhcp.Options, ciaddr = 0): Uint8Array {
    return dhcp.emit({
      op: dhcp.OP_REQUEST, htype: 1, hops: 0, xid: this.#xid, secs: 0, broadcast: false, ciaddr, yiaddr: 0, siaddr: 0, giaddr: 0,
      chaddr: this.#mac, sname: '', file: '', type,
      options: {
        ...options,
        [dhcp.OPTION_HOST_NAME]: dhcp.ofText(this.#host),
        [dhcp.OPTION_PARAMETER_REQUEST]: Uint8Array.of(dhcp.OPTION_SUBNET_MASK, dhcp.OPTION_ROUTER, dhcp.OPTION_DNS),
      },
    });
  }
}

function leaseOf(m: dhcp.Message, server: number): Lease {
  const mask = dhcp.address(m.options, dhcp.OPTION_SUBNET_MASK);
  return {
    own: { address: m.yiaddr, bits: (mask === undefined ? undefined : address.bitsOf(mask)) ?? 24 },
    gateway: dhcp.addresses(m.options, dhcp.OPTION_ROUTER)[0],
    nameserver: dhcp.addresses(m.options, dhcp.OPTION_DNS)[0],
    server,
    time: dhcp.seconds(m.options, dhcp.OPTION_LEASE_TIME) ?? 3600,
  };
}
