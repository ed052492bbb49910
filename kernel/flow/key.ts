import * as esp from '../../sdk/wire/esp.ts';
import * as gre from '../../sdk/wire/gre.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import type { Packet } from '../../sdk/packet.ts';

/**
 * The fourth word of a tuple's key is the protocol; the third the two ports. ICMP echo (and the other queries) have their identifier
 * in place of both ports' source half, so that a request and its reply mirror each other like UDP does.
 */
export const portsOf = (buf: Uint8Array, l4: number, proto: number): number => {
  switch (proto) {
    case 6: case 17: case 33: case 132: // TCP, UDP, DCCP, SCTP: ports in the first four octets
      return (buf[l4]! << 24 | buf[l4 + 1]! << 16 | buf[l4 + 2]! << 8 | buf[l4 + 3]!) >>> 0;
    case 1:
      return isQueryRequest(buf[l4]!) ? icmp.id(buf, l4) * 0x10000 : icmp.id(buf, l4);
    case gre.PROTO: // PPTP: the call id where a port would be; the way back has another one, and so is a flow of its own
      return gre.version(buf, l4) === 1 ? gre.callId(buf, l4) : 0;
    case esp.PROTO: // the SPI, in place of both ports
      return esp.spi(buf, l4);
    default:
      return 0;
  }
};

/** Tunnels of which each direction has a number of its own: no packet is the answer to another one. */
export const isOneWay = (proto: number): boolean => proto === gre.PROTO || proto === esp.PROTO;

/** ICMP messages that ask: their identifier stands for a source port; in answers for a destination port. */
const isQueryRequest = (type: number): boolean => type === 8 || type === 13 || type === 15 || type === 17;
export const isQueryReply = (type: number): boolean => type === 0 || type === 14 || type === 16 || type === 18;

/**
 * Whether an ICMP message belongs to a flow that began with `first` (type << 8 | code): the same question again, or the answer to it. A
 * flow is its identifier; who may ping may not ask everything else by the same one.
 */
export const isSameQuery = (buf: Uint8Array, l4: number, first: number, answer: boolean): boolean =>
  answer ? answerTo(buf[l4]!) === first >>> 8 || answerTo(first >>> 8) === buf[l4]! : (buf[l4]! << 8 | buf[l4 + 1]!) === first;

/** The type of the question that a type answers; below 0: it is no answer. */
const answerTo = (type: number): number => type === 0 ? 8 : isQueryReply(type) ? type - 1 : -1;

/** ICMP errors speak about another packet's flow and have none of their own (RFC 792; redirects are among them but are not forwarded). */
export const isIcmpError = (buf: Uint8Array, l4: number): boolean => {
  const type = buf[l4]!;
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
};

/** Whether the packet can be looked up at all: not an ICMP message that is neither query nor error. */
export const hasKey = (p: Packet): boolean => p.proto !== 1 || isQueryRequest(p.buf[p.l4]!) || isQueryReply(p.buf[p.l4]!);
