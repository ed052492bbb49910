import { copyMac, takeMac } from './octets.ts';

/**
 * Ethernet II:
 *
 *     0             6             12     14
 *     | destination | source      | type | payload …
 */
export const HEADER = 14;
/** Smallest frame without FCS; shorter ones are padded (IEEE 802.3). */
export const MIN_FRAME = 60;

export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;
export const TYPE_VLAN = 0x8100;
export const TYPE_QINQ = 0x88a8;
export const TYPE_IPV6 = 0x86dd;
export const TYPE_PPPOE_DISCOVERY = 0x8863;
export const TYPE_PPPOE_SESSION = 0x8864;
export const TYPE_EAPOL = 0x888e;
export const TYPE_LLDP = 0x88cc;
/** Below this the field is the length of an 802.3 frame, not a type. */
export const MIN_TYPE = 0x0600;

/** Offsets of the addresses within the header. */
export const DST = 0;
export const SRC = 6;

/** ff:ff:ff:ff:ff:ff. Never write to it. */
export const BROADCAST: Uint8Array = new Uint8Array(6).fill(0xff);
/** 00:00:00:00:00:00. Never write to it. */
export const ZERO: Uint8Array = new Uint8Array(6);

export function fits(_buf: Uint8Array, at: number, end: number): boolean {
  return end - at >= HEADER;
}

export function etherType(buf: Uint8Array, at: number): number {
  return (buf[at + 12]! << 8) | buf[at + 13]!;
}

export function setEtherType(buf: Uint8Array, at: number, v: number): void {
  buf[at + 12] = v >>> 8;
  buf[at + 13] = v;
}

/** A copy of the destination address; on the packet path compare with `sameMac` instead. */
export function dst(buf: Uint8Array, at: number): Uint8Array {
  return takeMac(buf, at);
}

/** A copy of the source address. */
export function src(buf: Uint8Array, at: number): Uint8Array {
  return takeMac(buf, at + SRC);
}

export function setDst(buf: Uint8Array, at: number, mac: Uint8Array): void {
  copyMac(buf, at, mac);
}

export function setSrc(buf: Uint8Array, at: number, mac: Uint8Array): void {
  copyMac(buf, at + SRC, mac);
}

/** Whether the six octets at `at` are this address: `sameMac(buf, off + ethernet.SRC, mac)`. */
export function sameMac(buf: Uint8Array, at: number, mac: Uint8Array): boolean {
  return buf[at + 5] === mac[5] && buf[at + 4] === mac[4] && buf[at + 3] === mac[3]
    && buf[at + 2] === mac[2] && buf[at + 1] === mac[1] && buf[at] === mac[0];
}

/** The frame goes to a group: broadcast is one (I/G bit of the first octet). */
export function toGroup(buf: Uint8Array, at: number): boolean {
  return (buf[at]! & 1) !== 0;
}

export function toBroadcast(buf: Uint8Array, at: number): boolean {
  return sameMac(buf, at, BROADCAST);
}

/** A source address with the group bit, or all zeros, is forged or broken. */
export function sourceValid(buf: Uint8Array, at: number): boolean {
  return (buf[at + SRC]! & 1) === 0 && !sameMac(buf, at + SRC, ZERO);
}

/** Writes the 14 octets at `at`. */
export function write(buf: Uint8Array, at: number, dstMac: Uint8Array, srcMac: Uint8Array, type: number): void {
  copyMac(buf, at, dstMac);
  copyMac(buf, at + SRC, srcMac);
  setEtherType(buf, at, type);
}
