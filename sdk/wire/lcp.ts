import { setU16, setU32, u16, u32 } from './octets.ts';
import { type Option, PROTO_CHAP, PROTO_PAP, protocolName } from './ppp.ts';

/** Options of the Link Control Protocol (RFC 1661 §6; ACCM: RFC 1662 §7.1). */
export const OPTION_MRU = 1;
export const OPTION_ACCM = 2;
export const OPTION_AUTH = 3;
export const OPTION_QUALITY = 4;
export const OPTION_MAGIC = 5;
export const OPTION_PFC = 7;
export const OPTION_ACFC = 8;

/** Octets of information that everybody takes unless agreed otherwise (RFC 1661 §6.1). */
export const DEFAULT_MRU = 1500;

/** Ways to prove who one is. CHAP names its algorithm (RFC 1994 §3, RFC 2759 §3). */
export type AuthMethod = 'pap' | 'chap-md5' | 'ms-chap-v2';
export const CHAP_MD5 = 5;
export const CHAP_MS_V2 = 0x81;
const CHAP_MS_V1 = 0x80;

const CHAP_NAMES: Readonly<Record<number, string>> = { [CHAP_MD5]: 'CHAP-MD5', [CHAP_MS_V1]: 'MS-CHAP', [CHAP_MS_V2]: 'MS-CHAPv2' };

export const mru = (n: number): Option => ({ type: OPTION_MRU, data: of16(n) });
export const accm = (map: number): Option => ({ type: OPTION_ACCM, data: of32(map) });
export const magic = (n: number): Option => ({ type: OPTION_MAGIC, data: of32(n) });
export const pfc: Option = { type: OPTION_PFC, data: new Uint8Array(0) };
export const acfc: Option = { type: OPTION_ACFC, data: new Uint8Array(0) };

export function auth(method: AuthMethod): Option {
  const data = method === 'pap' ? of16(PROTO_PAP) : Uint8Array.of(PROTO_CHAP >>> 8, PROTO_CHAP & 0xff, method === 'chap-md5' ? CHAP_MD5 : CHAP_MS_V2);
  return { type: OPTION_AUTH, data };
}

/** Undefined: of another length. */
export const number16 = (o: Option): number | undefined => (o.data.length === 2 ? u16(o.data, 0) : undefined);
export const number32 = (o: Option): number | undefined => (o.data.length === 4 ? u32(o.data, 0) : undefined);

/** What an authentication option asks for; undefined: something unknown here. */
export function authMethod(o: Option): AuthMethod | undefined {
  const protocol = o.data.length >= 2 ? u16(o.data, 0) : 0;
  if (protocol === PROTO_PAP) return o.data.length === 2 ? 'pap' : undefined;
  if (protocol !== PROTO_CHAP || o.data.length !== 3) return undefined;
  return o.data[2] === CHAP_MD5 ? 'chap-md5' : o.data[2] === CHAP_MS_V2 ? 'ms-chap-v2' : undefined;
}

/** For people: 'PAP', 'MS-CHAP', 'EAP'. */
export function authName(o: Option): string {
  const protocol = o.data.length >= 2 ? u16(o.data, 0) : 0;
  if (protocol === PROTO_CHAP) return CHAP_NAMES[o.data[2] ?? 0] ?? `CHAP with algorithm ${o.data[2] ?? 'none'}`;
  return protocolName(protocol);
}

function of16(n: number): Uint8Array {
  const out = new Uint8Array(2);
  setU16(out, 0, n);
  return out;
}

function of32(n: number): Uint8Array {
  const out = new Uint8Array(4);
  setU32(out, 0, n);
  return out;
}
