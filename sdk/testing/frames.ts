import * as address from '../wire/address.ts';
import * as arp from '../wire/arp.ts';
import * as ethernet from '../wire/ethernet.ts';
import * as icmp from '../wire/icmp.ts';
import * as ipv4 from '../wire/ipv4.ts';
import * as tcp from '../wire/tcp.ts';
import * as udp from '../wire/udp.ts';

/** Addresses are written '192.168.1.33', MACs '02:00:00:00:00:01'; a MAC left out is filled in by the wire that sends the frame. */
export interface Between {
  readonly src: string;
  readonly dst: string;
  readonly srcMac?: string;
  readonly dstMac?: string;
  /** Default 64. */
  readonly ttl?: number;
  readonly id?: number;
  /** Don't fragment. */
  readonly df?: boolean;
}

const LATIN = new TextEncoder();
const octets = (data: Uint8Array | string | undefined): Uint8Array => (typeof data === 'string' ? LATIN.encode(data) : data ?? new Uint8Array(0));

/** The number of an address; throws when the text is none. */
export function ip(text: string): number {
  const n = address.parse4(text);
  if (n === undefined) throw new Error(`'${text}' is no IPv4 address`);
  return n;
}

function mac(text: string | undefined): Uint8Array {
  if (text === undefined) return ethernet.ZERO;
  const octetsOf = address.parseMac(text);
  if (octetsOf === undefined) throw new Error(`'${text}' is no MAC address`);
  return octetsOf;
}

/** An Ethernet frame with an IPv4 packet; `body` is what follows the IP header. The IP checksum is right. */
export function ipv4Frame(of: Between & { readonly proto: number; readonly body?: Uint8Array | string }): Uint8Array {
  const body = octets(of.body);
  const frame = new Uint8Array(ethernet.HEADER + ipv4.HEADER + body.length);
  ethernet.write(frame, 0, mac(of.dstMac), mac(of.srcMac), ethernet.TYPE_IPV4);
  ipv4.write(frame, ethernet.HEADER, {
    src: ip(of.src), dst: ip(of.dst), proto: of.proto, totalLen: ipv4.HEADER + body.length, ttl: of.ttl ?? 64, id: of.id ?? 1, df: of.df ?? false,
  });
  frame.set(body, L4);
  return frame;
}

const L4 = ethernet.HEADER + ipv4.HEADER;

export function udpFrame(of: Between & { readonly sport: number; readonly dport: number; readonly data?: Uint8Array | string }): Uint8Array {
  const data = octets(of.data);
  const frame = ipv4Frame({ ...of, proto: ipv4.PROTO_UDP, body: new Uint8Array(udp.HEADER + data.length) });
  udp.write(frame, L4, of.sport, of.dport, udp.HEADER + data.length);
  frame.set(data, L4 + udp.HEADER);
  udp.writeChecksum(frame, L4, ip(of.src), ip(of.dst));
  return frame;
}

/** `flags`: tcp.SYN | tcp.ACK … of lancell/sdk/wire/tcp; default SYN. */
export function tcpFrame(of: Between & { readonly sport: number; readonly dport: number; readonly flags?: number; readonly seq?: number; readonly ack?: number; readonly window?: number; readonly data?: Uint8Array | string }): Uint8Array {
  const data = octets(of.data);
  const frame = ipv4Frame({ ...of, proto: ipv4.PROTO_TCP, body: new Uint8Array(tcp.HEADER + data.length) });
  tcp.write(frame, L4, { sport: of.sport, dport: of.dport, seq: of.seq ?? 1, ack: of.ack ?? 0, flags: of.flags ?? tcp.SYN, window: of.window ?? 65_535 });
  frame.set(data, L4 + tcp.HEADER);
  tcp.writeChecksum(frame, L4, frame.length, ip(of.src), ip(of.dst));
  return frame;
}

/** An echo request, or with `reply` the answer to one. */
export function echoFrame(of: Between & { readonly reply?: boolean; readonly echoId?: number; readonly seq?: number; readonly data?: Uint8Array | string }): Uint8Array {
  const data = octets(of.data ?? 'abcdefgh');
  const frame = ipv4Frame({ ...of, proto: ipv4.PROTO_ICMP, body: new Uint8Array(icmp.HEADER + data.length) });
  icmp.writeEcho(frame, L4, of.reply ? icmp.TYPE_ECHO_REPLY : icmp.TYPE_ECHO, of.echoId ?? 1, of.seq ?? 1);
  frame.set(data, L4 + icmp.HEADER);
  icmp.writeChecksum(frame, L4, frame.length);
  return frame;
}

/** An ARP request (target MAC zero) or, with `reply`, an answer. Who asks is `spa`, who is meant `tpa`. */
export function arpFrame(of: { readonly sha: string; readonly spa: string; readonly tpa: string; readonly tha?: string; readonly reply?: boolean; readonly dstMac?: string }): Uint8Array {
  const frame = new Uint8Array(ethernet.MIN_FRAME);
  ethernet.write(frame, 0, of.dstMac === undefined ? ethernet.BROADCAST : mac(of.dstMac), mac(of.sha), ethernet.TYPE_ARP);
  arp.write(frame, ethernet.HEADER, { op: of.reply ? arp.OP_REPLY : arp.OP_REQUEST, sha: mac(of.sha), spa: ip(of.spa), tha: mac(of.tha), tpa: ip(of.tpa) });
  return frame;
}

/** What a frame says, for assertions; fields that it has not are absent. Fragments have no ports. */
export interface Read {
  readonly srcMac: string;
  readonly dstMac: string;
  readonly etherType: number;
  readonly src?: string;
  readonly dst?: string;
  readonly proto?: number;
  readonly ttl?: number;
  readonly sport?: number;
  readonly dport?: number;
  /** TCP flags. */
  readonly flags?: number;
  readonly seq?: number;
  readonly ack?: number;
  /** ICMP. */
  readonly type?: number;
  readonly code?: number;
  /** Checksums of the IP header and of what it carries are right. */
  readonly checksumsOk?: boolean;
  /** What follows the last header that was read. */
  readonly data: Uint8Array;
}

/** Reads an Ethernet frame that the router sent. What is cut or unknown is left in `data`. */
export function read(frame: Uint8Array): Read {
  if (!ethernet.fits(frame, 0, frame.length)) throw new Error(`a frame of ${frame.length} octets has no Ethernet header`);
  const link = { srcMac: address.formatMac(frame, ethernet.SRC), dstMac: address.formatMac(frame, ethernet.DST), etherType: ethernet.etherType(frame, 0) };
  const l3 = ethernet.HEADER;
  if (link.etherType !== ethernet.TYPE_IPV4 || !ipv4.fits(frame, l3, frame.length)) return { ...link, data: frame.slice(l3) };
  const [src, dst, proto] = [ipv4.src(frame, l3), ipv4.dst(frame, l3), ipv4.protocol(frame, l3)];
  const net = { ...link, src: address.format4(src), dst: address.format4(dst), proto, ttl: ipv4.ttl(frame, l3) };
  const headerOk = ipv4.checksumOk(frame, l3);
  const l4 = l3 + ipv4.headerLen(frame, l3);
  const end = l3 + ipv4.totalLen(frame, l3);
  if (!ipv4.isFragment(frame, l3)) {
    if (proto === ipv4.PROTO_UDP && udp.fits(frame, l4, end)) {
      return { ...net, sport: udp.srcPort(frame, l4), dport: udp.dstPort(frame, l4), checksumsOk: headerOk && udp.checksumOk(frame, l4, src, dst), data: frame.slice(l4 + udp.HEADER, end) };
    }
    if (proto === ipv4.PROTO_TCP && tcp.fits(frame, l4, end)) {
      return {
        ...net, sport: tcp.srcPort(frame, l4), dport: tcp.dstPort(frame, l4), flags: tcp.flags(frame, l4), seq: tcp.seq(frame, l4), ack: tcp.ack(frame, l4),
        checksumsOk: headerOk && tcp.checksumOk(frame, l4, end, src, dst), data: frame.slice(l4 + tcp.dataOffset(frame, l4), end),
      };
    }
    if (proto === ipv4.PROTO_ICMP && icmp.fits(frame, l4, end)) {
      return { ...net, type: icmp.type(frame, l4), code: icmp.code(frame, l4), checksumsOk: headerOk && icmp.checksumOk(frame, l4, end), data: frame.slice(l4 + icmp.HEADER, end) };
    }
  }
  return { ...net, checksumsOk: headerOk, data: frame.slice(l4, end) };
}
