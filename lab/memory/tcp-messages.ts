import type { Tick } from '../../sdk/index.ts';

/** What a TCP machine (tcp.ts) takes and gives. */
export interface Segment {
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  /** Of a SYN. */
  readonly mss?: number | undefined;
  readonly data: Uint8Array;
}

export type TcpIn =
  | { readonly kind: 'connect' }
  | { readonly kind: 'segment'; readonly segment: Segment }
  /** Taken as far as there is room (see `room`); the rest is the caller's. */
  | { readonly kind: 'send'; readonly data: Uint8Array }
  /** No more will be sent; what comes is still taken. */
  | { readonly kind: 'close' }
  | { readonly kind: 'abort' }
  /** A router said that larger segments do not fit (RFC 1191). */
  | { readonly kind: 'mss'; readonly mss: number }
  | Tick;

export type TcpOut =
  | { readonly kind: 'segment'; readonly segment: Segment }
  | { readonly kind: 'connected' }
  | { readonly kind: 'data'; readonly data: Uint8Array }
  /** The peer will send no more. */
  | { readonly kind: 'eof' }
  /** Acknowledgements made room for more to be sent. */
  | { readonly kind: 'room' }
  /** It is over; `why` is undefined after an orderly end. */
  | { readonly kind: 'closed'; readonly why: string | undefined };

export interface TcpOptions {
  /** Initial sequence number. */
  readonly iss: number;
  /** Largest segment to send and to announce (octets of data). */
  readonly mss: number;
}
