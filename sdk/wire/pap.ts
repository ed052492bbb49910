import { take } from './octets.ts';

/**
 * Password Authentication Protocol (RFC 1334 §2), the data behind code, identifier and length:
 *
 *     request    | length | peer id … | length | password … |
 *     ack, nak   | length | message … |
 */
export const AUTHENTICATE_REQUEST = 1;
export const AUTHENTICATE_ACK = 2;
export const AUTHENTICATE_NAK = 3;

export interface Request {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
}

/** Undefined: a length reaches beyond the end. */
export function parseRequest(data: Uint8Array): Request | undefined {
  const userEnd = 1 + (data[0] ?? data.length);
  if (userEnd >= data.length) return undefined;
  const end = userEnd + 1 + data[userEnd]!;
  if (end > data.length) return undefined;
  return { user: take(data, 1, userEnd), password: take(data, userEnd + 1, end) };
}

/** Both at most 255 octets; what is longer is cut. */
export function emitRequest({ user, password }: Request): Uint8Array {
  const u = user.subarray(0, 255);
  const p = password.subarray(0, 255);
  return Uint8Array.from([u.length, ...u, p.length, ...p]);
}

/** The message of an ack or nak. Some send none, not even its length; one that is cut is taken as far as it goes. */
export function parseMessage(data: Uint8Array): Uint8Array {
  return take(data, Math.min(1, data.length), Math.min(data.length, 1 + (data[0] ?? 0)));
}

export function emitMessage(message: Uint8Array): Uint8Array {
  const m = message.subarray(0, 255);
  return Uint8Array.from([m.length, ...m]);
}
