import type { AuthMethod } from '../wire/lcp.ts';
import type { Control } from '../wire/ppp.ts';

/** Who we are towards the peer. Text beyond U+00FF goes as UTF-8. */
export interface Login {
  readonly user: string;
  readonly password: string;
  /** By which ways we agree to prove it, best first. */
  readonly allow: readonly AuthMethod[];
}

/** Whom we let in. */
export interface Door {
  /** By which ways the peer may prove who it is, best first. */
  readonly require: readonly AuthMethod[];
  /** Our name in challenges. */
  readonly name: string;
  /** The password of a user; undefined: there is no such user. */
  readonly passwordOf: (user: string) => string | undefined;
  /** How often to ask again during the call (ms, CHAP only); undefined: once. */
  readonly againMs?: number;
}

/** What a side of the authentication may do. */
export interface AuthSurroundings {
  readonly random: () => number;
  send(packet: Control): void;
  /** Proven; `user` as the peer named itself, or we did. */
  proven(user: string): void;
  refused(why: string): void;
}

/** One side of an authentication: a machine within the session's. */
export interface AuthSide {
  readonly protocol: number;
  readonly due: number | undefined;
  start(now: number): void;
  receive(packet: Control, now: number): void;
  tick(now: number): void;
  /** Whether this packet is our own question come back (RFC 1994 §7): who answers that proves nothing. */
  echoes?(packet: Control): boolean;
}

/** RFC 1334 §2.2.1 and RFC 1994 §4 leave the times open: those of LCP. */
export const RESEND_MS = 3000;
export const SENDS = 10;

/** Names and passwords as octets: UTF-8, which for ASCII changes nothing. */
export const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
/** 'alice' as she may be shown and logged. */
export const shown = (user: string): string => user.replace(/[^\x20-\x7e]+/g, '?').slice(0, 64);

export const refusal = (message: string): string => `the network refused user name or password${message && `: ${message}`}`;
