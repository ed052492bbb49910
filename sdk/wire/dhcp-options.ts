/**
 * DHCP options (RFC 2132) as values. An option is its octets; the readers say undefined where a length is wrong.
 */
import { fromLatin1, latin1, setU16, setU32, take, u16, u32 } from './octets.ts';

export const OPTION_PAD = 0;
export const OPTION_SUBNET_MASK = 1;
export const OPTION_ROUTER = 3;
export const OPTION_DNS = 6;
export const OPTION_HOST_NAME = 12;
export const OPTION_DOMAIN_NAME = 15;
export const OPTION_MTU = 26;
export const OPTION_BROADCAST = 28;
export const OPTION_STATIC_ROUTES = 33;
export const OPTION_NTP = 42;
export const OPTION_NETBIOS_NS = 44;
export const OPTION_REQUESTED_ADDRESS = 50;
export const OPTION_LEASE_TIME = 51;
export const OPTION_OVERLOAD = 52;
export const OPTION_MESSAGE_TYPE = 53;
export const OPTION_SERVER_ID = 54;
export const OPTION_PARAMETER_REQUEST = 55;
export const OPTION_MESSAGE = 56;
export const OPTION_MAX_SIZE = 57;
export const OPTION_RENEWAL_TIME = 58;
export const OPTION_REBINDING_TIME = 59;
export const OPTION_VENDOR_CLASS = 60;
export const OPTION_CLIENT_ID = 61;
export const OPTION_TFTP_SERVER = 66;
export const OPTION_BOOT_FILE = 67;
export const OPTION_RELAY_AGENT = 82;
export const OPTION_CLASSLESS_ROUTES = 121;
export const OPTION_END = 255;

/** Sub-options of relay agent information (RFC 3046). */
export const RELAY_CIRCUIT_ID = 1;
export const RELAY_REMOTE_ID = 2;

/** Octets by code. Codes 0 and 255 are never in it. */
export type Options = Readonly<Record<number, Uint8Array>>;

export interface ClasslessRoute {
  readonly network: number;
  readonly bits: number;
  /** 0: the destination is on the link itself (RFC 3442). */
  readonly router: number;
}

export function address(options: Options, code: number): number | undefined {
  const bytes = options[code];
  return bytes?.length === 4 ? u32(bytes, 0) : undefined;
}

/** A list of addresses; empty when absent or of a wrong length. */
export function addresses(options: Options, code: number): readonly number[] {
  const bytes = options[code];
  if (!bytes || bytes.length % 4 !== 0) return [];
  return Array.from({ length: bytes.length / 4 }, (_, i) => u32(bytes, 4 * i));
}

/** A time in seconds; 0xffffffff is for ever (RFC 2131 §3.3). */
export function seconds(options: Options, code: number): number | undefined {
  return address(options, code);
}

export function number16(options: Options, code: number): number | undefined {
  const bytes = options[code];
  return bytes?.length === 2 ? u16(bytes, 0) : undefined;
}

/** Text without the zeros that some senders append. Not yet safe to show: octets above 0x7e and controls are as they came. */
export function text(options: Options, code: number): string | undefined {
  const bytes = options[code];
  if (!bytes) return undefined;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return latin1(bytes, 0, end);
}

export function ofAddresses(...list: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * list.length);
  for (const [i, n] of list.entries()) setU32(out, 4 * i, n);
  return out;
}

export function ofSeconds(n: number): Uint8Array {
  return ofAddresses(n);
}

export function ofNumber16(n: number): Uint8Array {
  const out = new Uint8Array(2);
  setU16(out, 0, n);
  return out;
}

export function ofText(value: string): Uint8Array {
  return fromLatin1(value);
}

/** Option 121 (RFC 3442): width of the prefix, its significant octets, router. Undefined when malformed. */
export function parseClasslessRoutes(bytes: Uint8Array): readonly ClasslessRoute[] | undefined {
  const routes: ClasslessRoute[] = [];
  let at = 0;
  while (at < bytes.length) {
    const bits = bytes[at++]!;
    const significant = (bits + 7) >>> 3;
    if (bits > 32 || at + significant + 4 > bytes.length) return undefined;
    let network = 0;
    for (let i = 0; i < 4; i++) network = network * 256 + (i < significant ? bytes[at + i]! : 0);
    at += significant;
    // Host bits within the last significant octet count as 0 (RFC 3442, page 4).
    routes.push({ network: bits === 0 ? 0 : (network & (0xffff_ffff << (32 - bits))) >>> 0, bits, router: u32(bytes, at) });
    at += 4;
  }
  return routes;
}

export function emitClasslessRoutes(routes: readonly ClasslessRoute[]): Uint8Array {
  const out: number[] = [];
  for (const { network, bits, router } of routes) {
    out.push(bits);
    for (let i = 0; i < (bits + 7) >>> 3; i++) out.push((network >>> (24 - 8 * i)) & 255);
    out.push(router >>> 24, (router >>> 16) & 255, (router >>> 8) & 255, router & 255);
  }
  return Uint8Array.from(out);
}

/** Sub-options of relay agent information by number (RFC 3046 §2.0). Undefined when malformed. */
export function parseRelayAgent(bytes: Uint8Array): Options | undefined {
  const out: Record<number, Uint8Array> = {};
  let at = 0;
  while (at < bytes.length) {
    const end = at + 2 + (bytes[at + 1] ?? bytes.length);
    if (end > bytes.length) return undefined;
    out[bytes[at]!] = take(bytes, at + 2, end);
    at = end;
  }
  return out;
}

export function emitRelayAgent(parts: Options): Uint8Array {
  return Uint8Array.from(Object.entries(parts).flatMap(([code, bytes]) => [Number(code), bytes.length, ...bytes]));
}
