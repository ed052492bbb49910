import { take } from './octets.ts';

/**
 * Challenge Handshake Authentication Protocol (RFC 1994 §4), the data behind code, identifier and length:
 *
 *     challenge, response   | size | value … | name …
 *     success, failure      | message …
 *
 * The value of an MS-CHAPv2 response (RFC 2759 §4):
 *
 *     0                16         24            48
 *     | peer challenge | zero (8) | NT-Response | flags |
 */
export const CHALLENGE = 1;
export const RESPONSE = 2;
export const SUCCESS = 3;
export const FAILURE = 4;

export const MS_RESPONSE_LENGTH = 49;
export const MS_CHALLENGE_LENGTH = 16;

export interface Handshake {
  readonly value: Uint8Array;
  readonly name: Uint8Array;
}

/** Undefined: the size is 0 or reaches beyond the end. */
export function parse(data: Uint8Array): Handshake | undefined {
  const size = data[0] ?? 0;
  if (size === 0 || 1 + size > data.length) return undefined;
  return { value: take(data, 1, 1 + size), name: take(data, 1 + size, data.length) };
}

export function emit({ value, name }: Handshake): Uint8Array {
  return Uint8Array.from([value.length, ...value, ...name]);
}

export interface MsResponse {
  readonly peerChallenge: Uint8Array;
  readonly ntResponse: Uint8Array;
}

export function parseMsResponse(value: Uint8Array): MsResponse | undefined {
  if (value.length !== MS_RESPONSE_LENGTH) return undefined;
  return { peerChallenge: take(value, 0, 16), ntResponse: take(value, 24, 48) };
}

export function emitMsResponse({ peerChallenge, ntResponse }: MsResponse): Uint8Array {
  const out = new Uint8Array(MS_RESPONSE_LENGTH);
  out.set(peerChallenge, 0);
  out.set(ntResponse, 24);
  return out;
}
