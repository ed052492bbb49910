import type { Framing } from '../wire/ppp-frame.ts';
import type { Tick } from '../machine.ts';
import type { Timing } from './automaton.ts';
import type { Door, Login } from './auth.ts';
import type { IpWishes } from './ip-options.ts';

export interface PppOptions {
  /** 'async': HDLC-like framing on a serial line; 'packets': PPPoE, PPTP. */
  readonly line: 'async' | 'packets';
  /** In [0, 1); unpredictable where the session asks the peer for CHAP. */
  readonly random: () => number;
  /** The largest packet we take (octets); default 1500. 1492 on PPPoE. */
  readonly mru?: number;
  /** The largest packet we send, if the peer takes more; default as `mru`. */
  readonly mtu?: number;
  /** Control characters that the peer shall escape; default none. */
  readonly accm?: number;
  /** Ask for shorter headers; default on a serial line. */
  readonly compress?: boolean;
  /** Without it a peer that wants to know who we are is refused. */
  readonly login?: Login;
  /** With it the peer has to prove who it is. */
  readonly door?: Door;
  readonly ip?: Partial<IpWishes>;
  /** Negotiate IPv6 as well; default false. */
  readonly ipv6?: boolean;
  /** Ask every intervalMs whether the peer is there, and hang up after so many silences; default never: some CDMA networks hang up on it. */
  readonly echo?: { readonly intervalMs: number; readonly failures: number };
  /** Time from the first octet to the first packet; default 60 s. */
  readonly setupMs?: number;
  readonly timing?: Partial<Timing>;
}

export type PppIn =
  | Tick
  /** The line carries octets from now on: negotiate. */
  | { readonly kind: 'up' }
  /** The line is gone. */
  | { readonly kind: 'down'; readonly why: string }
  /** Hang up politely. */
  | { readonly kind: 'close'; readonly why: string }
  /** Any packet from the peer that is not of a network protocol; `data` without the protocol number. */
  | { readonly kind: 'packet'; readonly protocol: number; readonly data: Uint8Array };

export type PppPhase = 'dead' | 'establish' | 'authenticate' | 'network' | 'terminate';

/** Why a session ended, for whoever decides what to do next. */
export type PppCause =
  /** We were asked to. */ | 'asked'
  /** The line went away. */ | 'line'
  /** The peer hung up. */ | 'peer'
  /** Wrong name or password, or no common way to prove them. */ | 'auth'
  /** Nobody answers, or not any more. */ | 'silence'
  /** We hear ourselves. */ | 'loop'
  /** The peer and we do not come to terms. */ | 'terms';

export type PppOut =
  | { readonly kind: 'send'; readonly protocol: number; readonly data: Uint8Array }
  /** For all that is sent and received after it. */
  | { readonly kind: 'framing'; readonly framing: Framing; readonly mru: number }
  | { readonly kind: 'phase'; readonly phase: PppPhase }
  | { readonly kind: 'auth'; readonly ok: true; readonly who: 'we' | 'peer'; readonly user: string }
  | { readonly kind: 'auth'; readonly ok: false; readonly who: 'we' | 'peer'; readonly why: string }
  /** `mtu`: the largest packet that may be sent; `peer` 0: it has no address. */
  | { readonly kind: 'network-up'; readonly local: number; readonly peer: number; readonly dns: readonly number[]; readonly mtu: number; readonly mru: number }
  /** Interface identifiers of both ends, eight octets. */
  | { readonly kind: 'network6-up'; readonly local: Uint8Array; readonly peer: Uint8Array }
  /** Of IP; IPv6 goes with it. */
  | { readonly kind: 'network-down'; readonly why: string }
  /** Over, in words for the user; `up` begins anew. */
  | { readonly kind: 'closed'; readonly cause: PppCause; readonly why: string };

export interface PppStats {
  /** Control packets. */
  received: number; sent: number;
  /** Dropped: cut or with an impossible length; before their time; for a protocol unknown here (and rejected). */
  malformed: number; early: number; unknown: number;
  /** Sessions begun. */
  sessions: number;
}
