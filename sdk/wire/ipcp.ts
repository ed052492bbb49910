import { setU32, u32 } from './octets.ts';
import type { Option } from './ppp.ts';

/** Options of the IP Control Protocol (RFC 1332 §3; name servers: RFC 1877 §1). */
export const OPTION_ADDRESSES = 1;
export const OPTION_COMPRESSION = 2;
export const OPTION_ADDRESS = 3;
export const OPTION_DNS1 = 129;
export const OPTION_NBNS1 = 130;
export const OPTION_DNS2 = 131;
export const OPTION_NBNS2 = 132;

/** An option whose value is one address. 0: please tell me. */
export function ofAddress(type: number, address: number): Option {
  const data = new Uint8Array(4);
  setU32(data, 0, address);
  return { type, data };
}

/** Undefined: of another length. */
export const address = (o: Option): number | undefined => (o.data.length === 4 ? u32(o.data, 0) : undefined);

/** An address that a host can have: not 0/8, loopback, multicast, reserved or broadcast. */
export function usable(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}
