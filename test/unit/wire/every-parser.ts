import * as arp from '../../../sdk/wire/arp.ts';
import { describe } from '../../../sdk/wire/describe.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import * as dns from '../../../sdk/wire/dns.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as isakmp from '../../../sdk/wire/isakmp.ts';
import * as natPmp from '../../../sdk/wire/nat-pmp.ts';
import * as pcp from '../../../sdk/wire/pcp.ts';
import * as ssdp from '../../../sdk/wire/ssdp.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import * as vlan from '../../../sdk/wire/vlan.ts';

/** Reads everything that one parser offers in [at, end), after its own check; undefined: the check said no. */
export type Reader = (buf: Uint8Array, at: number, end: number) => unknown;

/** Those that only read at offsets: they work behind a guard. */
export const headers: Readonly<Record<string, Reader>> = {
  ethernet: (buf, at, end) => ethernet.fits(buf, at, end) && [
    ethernet.etherType(buf, at), ethernet.dst(buf, at), ethernet.src(buf, at), ethernet.toGroup(buf, at), ethernet.toBroadcast(buf, at), ethernet.sourceValid(buf, at),
  ],
  vlan: (buf, at, end) => vlan.fits(buf, at, end) && [vlan.vid(buf, at), vlan.pcp(buf, at), vlan.dropEligible(buf, at), vlan.etherType(buf, at)],
  arp: (buf, at, end) => arp.fits(buf, at, end) && [
    arp.op(buf, at), arp.sha(buf, at), arp.spa(buf, at), arp.tha(buf, at), arp.tpa(buf, at), arp.isGratuitous(buf, at), arp.isProbe(buf, at),
  ],
  ipv4: (buf, at, end) => ipv4.headerFits(buf, at, end) && [
    ipv4.fits(buf, at, end), ipv4.version(buf, at), ipv4.headerLen(buf, at), ipv4.tos(buf, at), ipv4.totalLen(buf, at), ipv4.id(buf, at), ipv4.flagsFragment(buf, at),
    ipv4.dontFragment(buf, at), ipv4.moreFragments(buf, at), ipv4.fragmentOffset(buf, at), ipv4.isFragment(buf, at), ipv4.ttl(buf, at), ipv4.protocol(buf, at),
    ipv4.checksum(buf, at), ipv4.src(buf, at), ipv4.dst(buf, at), ipv4.checksumOk(buf, at), ipv4.optionsOk(buf, at), ipv4.sourceRouted(buf, at),
    walk(buf, at, ipv4.firstOption, ipv4.nextOption), ipv4.copyFragmentOptions(buf, at, new Uint8Array(40), 0) <= 40,
  ],
  icmp: (buf, at, end) => icmp.fits(buf, at, end) && [
    icmp.type(buf, at), icmp.code(buf, at), icmp.checksum(buf, at), icmp.id(buf, at), icmp.seq(buf, at), icmp.mtu(buf, at), icmp.gateway(buf, at), icmp.pointer(buf, at),
    icmp.inner(buf, at, end), icmp.checksumOk(buf, at, end),
  ],
  isakmp: (buf, at, end) => [
    isakmp.marked(buf, at, end),
    isakmp.fits(buf, at, end) && [isakmp.initiator(buf, at), isakmp.isFirst(buf, at), isakmp.version(buf, at), isakmp.exchange(buf, at), isakmp.isNotice(buf, at), isakmp.isResponse(buf, at)],
  ],
  udp: (buf, at, end) => udp.fits(buf, at, end) && [
    udp.srcPort(buf, at), udp.dstPort(buf, at), udp.length(buf, at), udp.checksum(buf, at), udp.checksumOk(buf, at, 1, 2),
  ],
  tcp: (buf, at, end) => tcp.fits(buf, at, end) && [
    tcp.srcPort(buf, at), tcp.dstPort(buf, at), tcp.seq(buf, at), tcp.ack(buf, at), tcp.dataOffset(buf, at), tcp.flags(buf, at), tcp.window(buf, at), tcp.checksum(buf, at),
    tcp.urgent(buf, at), tcp.checksumOk(buf, at, end, 1, 2), tcp.options(buf, at), walk(buf, at, tcp.firstOption, tcp.nextOption),
  ],
};

/** Those that copy what they read. */
export const messages: Readonly<Record<string, Reader>> = {
  dhcp: dhcp.parse,
  dns: dns.parse,
  'dns.question': dns.question,
  'nat-pmp': natPmp.parse,
  'nat-pmp answer': natPmp.parseResponse,
  pcp: pcp.parse,
  'pcp answer': pcp.parseResponse,
  ssdp: ssdp.parse,
  'describe ether': (buf, at, end) => describe(buf, at, end, 'ether'),
  'describe ip': (buf, at, end) => describe(buf, at, end, 'ip'),
};

/** Offsets of the options; an endless list fails the test instead of hanging it. */
function walk(buf: Uint8Array, at: number, first: (b: Uint8Array, at: number) => number, next: (b: Uint8Array, at: number, o: number) => number): number[] {
  const seen: number[] = [];
  for (let o = first(buf, at); o >= 0; o = next(buf, at, o)) {
    seen.push(o - at);
    if (seen.length > 40) throw new Error('the option list does not end');
  }
  return seen;
}
