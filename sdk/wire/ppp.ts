import { latin1, setU16, take, u16 } from './octets.ts';

/**
 * PPP (RFC 1661). A frame carries, once its link layer is taken off:
 *
 *     | protocol, 1 or 2 | information …
 *
 * and the information of a control protocol is
 *
 *     0      1            2        4
 *     | code | identifier | length | data …
 */
export const PROTO_IPV4 = 0x0021;
export const PROTO_VJ_COMPRESSED = 0x002d;
export const PROTO_VJ_UNCOMPRESSED = 0x002f;
export const PROTO_IPV6 = 0x0057;
export const PROTO_IPCP = 0x8021;
export const PROTO_IPV6CP = 0x8057;
export const PROTO_CCP = 0x80fd;
export const PROTO_LCP = 0xc021;
export const PROTO_PAP = 0xc023;
export const PROTO_LQR = 0xc025;
export const PROTO_CHAP = 0xc223;
export const PROTO_EAP = 0xc227;

/** Codes of LCP (RFC 1661 §5); the network control protocols use those up to Code-Reject. */
export const CONFIGURE_REQUEST = 1;
export const CONFIGURE_ACK = 2;
export const CONFIGURE_NAK = 3;
export const CONFIGURE_REJECT = 4;
export const TERMINATE_REQUEST = 5;
export const TERMINATE_ACK = 6;
export const CODE_REJECT = 7;
export const PROTOCOL_REJECT = 8;
export const ECHO_REQUEST = 9;
export const ECHO_REPLY = 10;
export const DISCARD_REQUEST = 11;
/** RFC 1570 §2. */
export const IDENTIFICATION = 12;
export const TIME_REMAINING = 13;

/** Code, identifier and length (octets). */
export const HEADER = 4;

export interface Control {
  readonly code: number;
  readonly id: number;
  readonly data: Uint8Array;
}

/** An option of a Configure packet (RFC 1661 §6): its octets without type and length. */
export interface Option {
  readonly type: number;
  readonly data: Uint8Array;
}

const NAMES: Readonly<Record<number, string>> = {
  [PROTO_IPV4]: 'IP', [PROTO_VJ_COMPRESSED]: 'VJ TCP', [PROTO_VJ_UNCOMPRESSED]: 'VJ TCP', [PROTO_IPV6]: 'IPv6', [PROTO_IPCP]: 'IPCP', [PROTO_IPV6CP]: 'IPV6CP',
  [PROTO_CCP]: 'CCP', [PROTO_LCP]: 'LCP', [PROTO_PAP]: 'PAP', [PROTO_LQR]: 'LQR', [PROTO_CHAP]: 'CHAP', [PROTO_EAP]: 'EAP',
};

/** 'IPCP', or '0x80fb'. */
export function protocolName(protocol: number): string {
  return NAMES[protocol] ?? `0x${protocol.toString(16).padStart(4, '0')}`;
}

/**
 * Octets of the protocol field at `at`: 1 when it is compressed (PFC), 2, or 0 when there is none in [at, end). The last octet
 * of a protocol number is odd and all others are even, so both forms can be told apart (RFC 1661 §2).
 */
export function protocolLength(buf: Uint8Array, at: number, end: number): 0 | 1 | 2 {
  if (at >= end) return 0;
  if ((buf[at]! & 1) === 1) return 1;
  return at + 1 < end && (buf[at + 1]! & 1) === 1 ? 2 : 0;
}

/** Reads a control packet in [at, end); padding behind its length is ignored. Undefined: cut, or its length is impossible. */
export function parse(buf: Uint8Array, at: number, end: number): Control | undefined {
  if (end - at < HEADER) return undefined;
  const length = u16(buf, at + 2);
  if (length < HEADER || length > end - at) return undefined;
  return { code: buf[at]!, id: buf[at + 1]!, data: take(buf, at + HEADER, at + length) };
}

export function emit({ code, id, data }: Control): Uint8Array {
  const out = new Uint8Array(HEADER + data.length);
  out[0] = code;
  out[1] = id;
  setU16(out, 2, out.length);
  out.set(data, HEADER);
  return out;
}

/** The option list of a Configure packet. Undefined: an option's length is below 2 or reaches beyond the end. */
export function parseOptions(data: Uint8Array): readonly Option[] | undefined {
  const options: Option[] = [];
  for (let at = 0; at < data.length;) {
    const end = at + (data[at + 1] ?? 0);
    if (end < at + 2 || end > data.length) return undefined;
    options.push({ type: data[at]!, data: take(data, at + 2, end) });
    at = end;
  }
  return options;
}

export function emitOptions(options: readonly Option[]): Uint8Array {
  const out = new Uint8Array(options.reduce((n, o) => n + 2 + o.data.length, 0));
  let at = 0;
  for (const { type, data } of options) {
    out[at] = type;
    out[at + 1] = 2 + data.length;
    out.set(data, at + 2);
    at += 2 + data.length;
  }
  return out;
}

export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}

/** A text from the peer as it may be shown: printable ASCII, at most 120 characters, '' when there is none. */
export function printable(data: Uint8Array): string {
  return latin1(data, 0, Math.min(data.length, 120)).replace(/[^\x21-\x7e]+/g, ' ').trim();
}
