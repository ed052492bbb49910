import type { Machine, Tick } from '../../sdk/index.ts';
import { BROADCAST } from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import { compose } from './dhcp-request.ts';
import { type Lease, leaseFrom } from './lease.ts';

/** RFC 2131 §4.1: 4, 8, 16, 32, 64 s, each give or take one. */
const RESEND_FIRST_MS = 4_000;
const RESEND_MOST_MS = 64_000;
const JITTER_MS = 1_000;
/** Unanswered requests before the client starts over: for an offer, and for the lease of before a restart. */
const REQUESTS = 4;
const REBOOT_REQUESTS = 2;
/** §4.4.5: between requests while renewing and rebinding half of what is left, but not less. */
const RENEW_LEAST_MS = 60_000;
/** §3.1.5: after an address conflict. */
const DECLINED_MS = 10_000;
/** After a refusal, doubled up to the longest: a server that offers and then refuses must not be stormed. */
const REFUSED_MS = 1_000;

export type ClientIn =
  | Tick
  /** The link is up. `lease`: from before, possibly still good (INIT-REBOOT). */
  | { readonly kind: 'start'; readonly lease?: Lease | undefined }
  /** Goes on with a lease that is in use, as if nothing had happened. */
  | { readonly kind: 'resume'; readonly lease: Lease }
  | { readonly kind: 'stop' }
  | { readonly kind: 'release' }
  | { readonly kind: 'renew' }
  /** Somebody else answers to our address, or it cannot be used here. */
  | { readonly kind: 'decline'; readonly why: string }
  | { readonly kind: 'message'; readonly message: dhcp.Message };

export type ClientOut =
  /** `src` is our address, or 0; `dst` a server or the broadcast address. */
  | { readonly kind: 'send'; readonly message: dhcp.Message; readonly src: number; readonly dst: number }
  /** This lease is good from now on; it may be the one in use with new times. */
  | { readonly kind: 'lease'; readonly lease: Lease }
  /** The lease may not be used any more. */
  | { readonly kind: 'lost'; readonly why: string };

/** Sent `sends` times since `since`, again at `due`. */
interface Exchange { readonly xid: number; readonly since: number; readonly sends: number; readonly due: number }

export type ClientState =
  | { readonly at: 'off' }
  | { readonly at: 'waiting'; readonly due: number }
  | ({ readonly at: 'selecting' } & Exchange)
  | ({ readonly at: 'requesting'; readonly offer: Lease } & Exchange)
  | ({ readonly at: 'rebooting'; readonly before: Lease } & Exchange)
  | { readonly at: 'bound'; readonly lease: Lease }
  | ({ readonly at: 'renewing' | 'rebinding'; readonly lease: Lease } & Exchange);

/** A DHCP client (RFC 2131 §4.4, figure 5). */
export class DhcpClient implements Machine<ClientIn, ClientOut> {
  #state: ClientState = { at: 'off' };
  #refusals = 0;
  /** Asked for when discovering. */
  #last = 0;
  readonly #mac: Uint8Array;
  readonly #host: string;
  readonly #random: () => number;

  /** `random` in [0, 1). `host`: told to the server when not empty. */
  constructor(opts: { mac: Uint8Array; host: string; random: () => number }) {
    this.#mac = opts.mac;
    this.#host = opts.host;
    this.#random = opts.random;
  }

  get state(): ClientState { return this.#state; }
  /** The lease that may be used now. */
  get lease(): Lease | undefined { return 'lease' in this.#state ? this.#state.lease : undefined; }

  deadline(): number | undefined {
    const s = this.#state;
    switch (s.at) {
      case 'off': return undefined;
      case 'bound': return s.lease.renewAt ?? undefined;
      case 'renewing': return Math.min(s.due, s.lease.rebindAt ?? s.due);
      case 'rebinding': return Math.min(s.due, s.lease.expiresAt ?? s.due);
      default: return s.due;
    }
  }

  step(input: ClientIn, now: number): readonly ClientOut[] {
    const expired = this.#expire(now);
    return expired.length > 0 && input.kind === 'tick' ? expired : [...expired, ...this.#input(input, now)];
  }

  #input(input: ClientIn, now: number): readonly ClientOut[] {
    switch (input.kind) {
      case 'tick': return this.#tick(now);
      case 'start': return this.#start(input.lease, now);
      case 'resume':
        if (input.lease.expiresAt !== null && input.lease.expiresAt <= now) return this.#discover(now);
        this.#state = { at: 'bound', lease: input.lease };
        return [{ kind: 'lease', lease: input.lease }];
      case 'stop': return this.#off('link down');
      case 'release': return this.#release();
      case 'renew': return this.#renew(now);
      case 'decline': return this.#decline(input.why, now);
      case 'message': return this.#message(input.message, now);
    }
  }

  /** Whatever comes in first: a lease that is over is not used for a moment longer. */
  #expire(now: number): readonly ClientOut[] {
    const { lease } = this;
    if (!lease || lease.expiresAt === null || lease.expiresAt > now) return [];
    return [{ kind: 'lost', why: 'lease expired' }, ...this.#discover(now)];
  }

  #start(lease: Lease | undefined, now: number): readonly ClientOut[] {
    if (this.#state.at !== 'off') return [];
    this.#refusals = 0;
    if (!lease || (lease.expiresAt !== null && lease.expiresAt <= now)) return this.#discover(now);
    this.#last = lease.ip;
    this.#state = { at: 'rebooting', before: lease, ...this.#exchange(now) };
    return [this.#request(lease.ip, undefined, now)];
  }

  #tick(now: number): readonly ClientOut[] {
    const s = this.#state;
    switch (s.at) {
      case 'off': return [];
      case 'waiting': return now >= s.due ? this.#discover(now) : [];
      case 'selecting':
        if (now < s.due) return [];
        this.#state = { ...s, ...this.#resend(s, now) };
        return [this.#send(dhcp.DISCOVER, now, {})];
      case 'requesting':
      case 'rebooting': {
        if (now < s.due) return [];
        if (s.sends >= (s.at === 'requesting' ? REQUESTS : REBOOT_REQUESTS)) return this.#discover(now);
        this.#state = { ...s, ...this.#resend(s, now) };
        return [s.at === 'requesting' ? this.#request(s.offer.ip, s.offer.server, now) : this.#request(s.before.ip, undefined, now)];
      }
      case 'bound': return s.lease.renewAt !== null && now >= s.lease.renewAt ? this.#extend('renewing', s.lease, now) : [];
      case 'renewing':
        if (s.lease.rebindAt !== null && now >= s.lease.rebindAt) return this.#extend('rebinding', s.lease, now);
        return now >= s.due ? this.#extend('renewing', s.lease, now) : [];
      case 'rebinding': return now >= s.due ? this.#extend('rebinding', s.lease, now) : [];
    }
  }

  #message(m: dhcp.Message, now: number): readonly ClientOut[] {
    const s = this.#state;
    if (!('xid' in s) || m.op !== dhcp.OP_REPLY || m.xid !== s.xid || !this.#mine(m)) return [];
    if (s.at === 'selecting') {
      const offer = m.type === dhcp.OFFER ? leaseFrom(m, now) : undefined;
      if (!offer) return [];
      this.#state = { at: 'requesting', offer, ...this.#exchange(now, s.xid) };
      return [this.#request(offer.ip, offer.server, now)];
    }
    if (m.type === dhcp.NAK) {
      // While selecting only the chosen server may refuse; the others have no say.
      if (s.at === 'requesting' && dhcp.address(m.options, dhcp.OPTION_SERVER_ID) !== s.offer.server) return [];
      return this.#refused(now);
    }
    if (m.type !== dhcp.ACK) return [];
    const lease = leaseFrom(m, s.since);
    if (!lease || (s.at === 'requesting' && lease.server !== s.offer.server)) return [];
    if (lease.expiresAt !== null && lease.expiresAt <= now) return [];
    this.#refusals = 0;
    this.#last = lease.ip;
    const moved = this.lease && this.lease.ip !== lease.ip;
    this.#state = { at: 'bound', lease };
    return moved ? [{ kind: 'lost', why: 'the server gave another address' }, { kind: 'lease', lease }] : [{ kind: 'lease', lease }];
  }

  #mine(m: dhcp.Message): boolean {
    return m.chaddr.length === this.#mac.length && m.chaddr.every((octet, i) => octet === this.#mac[i]);
  }

  #discover(now: number): readonly ClientOut[] {
    this.#state = { at: 'selecting', ...this.#exchange(now) };
    return [this.#send(dhcp.DISCOVER, now, {})];
  }

  /** A request to extend the lease; each with its own id, so that the time counts from the one that was answered. */
  #extend(at: 'renewing' | 'rebinding', lease: Lease, now: number): readonly ClientOut[] {
    const end = (at === 'renewing' ? lease.rebindAt : lease.expiresAt) ?? now;
    const due = now + Math.max(RENEW_LEAST_MS, (end - now) / 2);
    this.#state = { at, lease, xid: this.#newXid(), since: now, sends: 1, due };
    const message = this.#compose(dhcp.REQUEST, now, lease.ip, {});
    return [{ kind: 'send', message, src: lease.ip, dst: at === 'renewing' ? lease.server : BROADCAST }];
  }

  #refused(now: number): readonly ClientOut[] {
    const lost = this.lease;
    const due = now + Math.min(RESEND_MOST_MS, REFUSED_MS * 2 ** this.#refusals++);
    this.#last = 0;
    this.#state = { at: 'waiting', due };
    return lost ? [{ kind: 'lost', why: 'the server refused the address' }] : [];
  }

  #renew(now: number): readonly ClientOut[] {
    const { lease } = this;
    if (lease) return this.#extend('renewing', lease, now);
    return this.#discover(now);
  }

  #release(): readonly ClientOut[] {
    const { lease } = this;
    if (!lease) return this.#off('released');
    const lost = this.#off('released');
    const message = this.#compose(dhcp.RELEASE, 0, lease.ip, { [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(lease.server) });
    return [{ kind: 'send', message, src: lease.ip, dst: lease.server }, ...lost];
  }

  #decline(why: string, now: number): readonly ClientOut[] {
    const { lease } = this;
    if (!lease) return [];
    this.#last = 0;
    this.#state = { at: 'waiting', due: now + DECLINED_MS };
    const message = this.#compose(dhcp.DECLINE, 0, 0, {
      [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(lease.ip), [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(lease.server),
    });
    return [{ kind: 'lost', why }, { kind: 'send', message, src: 0, dst: BROADCAST }];
  }

  #off(why: string): readonly ClientOut[] {
    const had = this.lease;
    this.#state = { at: 'off' };
    return had ? [{ kind: 'lost', why }] : [];
  }

  #request(ip: number, server: number | undefined, now: number): ClientOut {
    return this.#send(dhcp.REQUEST, now, {
      [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(ip),
      ...(server === undefined ? {} : { [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(server) }),
    });
  }

  #send(type: number, now: number, options: dhcp.Options): ClientOut {
    const wish = type === dhcp.DISCOVER && this.#last !== 0 ? { [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(this.#last) } : {};
    return { kind: 'send', message: this.#compose(type, now, 0, { ...wish, ...options }), src: 0, dst: BROADCAST };
  }

  #compose(type: number, now: number, ciaddr: number, options: dhcp.Options): dhcp.Message {
    const s = this.#state;
    const since = 'since' in s ? s.since : now;
    return compose({ mac: this.#mac, host: this.#host, xid: 'xid' in s ? s.xid : this.#newXid(), secs: (now - since) / 1000, type, ciaddr, options });
  }

  #exchange(now: number, xid = this.#newXid()): Exchange {
    return { xid, since: now, sends: 1, due: now + this.#pause(0) };
  }

  #resend(e: Exchange, now: number): Exchange {
    return { xid: e.xid, since: e.since, sends: e.sends + 1, due: now + this.#pause(e.sends) };
  }

  #pause(sends: number): number {
    return Math.min(RESEND_MOST_MS, RESEND_FIRST_MS * 2 ** sends) + (this.#random() * 2 - 1) * JITTER_MS;
  }

  #newXid(): number { return Math.floor(this.#random() * 0x1_0000_0000); }
}
