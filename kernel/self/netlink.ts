/**
 * The few messages of rtnetlink(7) that set up a namespace: struct nlmsghdr, a family header, attributes; all in the byte order of
 * the machine, which is little endian on every machine we run on.
 */
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_NEWROUTE = 24;
const NLMSG_ERROR = 2;
const REQUEST_ACK = 0x1 | 0x4;
const CREATE_REPLACE = 0x400 | 0x100;
const HEADER = 16;
const AF_INET = 2;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const RTA_OIF = 4;
const RT_TABLE_MAIN = 254;
const RTPROT_STATIC = 4;
const RT_SCOPE_LINK = 253;
const RTN_UNICAST = 1;

type Attribute = readonly [type: number, value: Uint8Array];

/** Addresses are numbers as in FlowKey, on the wire in network order. */
const address = (ip: number): Uint8Array => Uint8Array.of(ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255);
const word = (n: number): Uint8Array => Uint8Array.of(n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24);

/** struct ifaddrmsg: family, prefix length, flags, scope, interface index (4). A /32: the router alone is there. */
export const addAddress = (seq: number, index: number, ip: number): Uint8Array => ofAddress(RTM_NEWADDR, CREATE_REPLACE, seq, index, ip);
export const removeAddress = (seq: number, index: number, ip: number): Uint8Array => ofAddress(RTM_DELADDR, 0, seq, index, ip);

const ofAddress = (type: number, flags: number, seq: number, index: number, ip: number): Uint8Array =>
  message(type, flags, seq, Uint8Array.of(AF_INET, 32, 0, 0, ...word(index)), [[IFA_LOCAL, address(ip)], [IFA_ADDRESS, address(ip)]]);

/** struct rtmsg: family, lengths of destination and source, TOS, table, protocol, scope, type, flags (4). 0.0.0.0/0 on the link. */
export const defaultRoute = (seq: number, index: number): Uint8Array =>
  message(RTM_NEWROUTE, CREATE_REPLACE, seq, Uint8Array.of(AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_LINK, RTN_UNICAST, 0, 0, 0, 0), [[RTA_OIF, word(index)]]);

/** struct nlmsghdr: length (4), type (2), flags (2), sequence number (4), port (4). */
function message(type: number, flags: number, seq: number, family: Uint8Array, attributes: readonly Attribute[]): Uint8Array {
  const length = HEADER + family.length + attributes.reduce((n, [, value]) => n + 4 + padded(value.length), 0);
  const out = new Uint8Array(length);
  const view = new DataView(out.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | REQUEST_ACK, true);
  view.setUint32(8, seq, true);
  out.set(family, HEADER);
  let at = HEADER + family.length;
  for (const [kind, value] of attributes) {
    view.setUint16(at, 4 + value.length, true);
    view.setUint16(at + 2, kind, true);
    out.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  return out;
}

const padded = (n: number): number => (n + 3) & ~3;

/** What the kernel says to request `seq`: 0, or the errno (positive). Undefined: this is no answer to it. */
export function acknowledged(answer: Uint8Array, seq: number): number | undefined {
  if (answer.length < HEADER + 4) return undefined;
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  if (view.getUint16(4, true) !== NLMSG_ERROR || view.getUint32(8, true) !== seq) return undefined;
  return 0 - view.getInt32(HEADER, true);
}
