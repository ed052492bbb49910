import type { Attacks } from '../../sdk/attacks.ts';
import type { Batch, Counter, Packet } from '../../sdk/packet.ts';
import type { StageSpec } from '../../sdk/plugin.ts';
import * as esp from '../../sdk/wire/esp.ts';
import * as gre from '../../sdk/wire/gre.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import * as udp from '../../sdk/wire/udp.ts';

/** The flags that make a segment what it is; PSH, ECE and CWR may come with any of them. */
const FLAGS = tcp.FIN | tcp.SYN | tcp.RST | tcp.ACK | tcp.URG;
const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
/** 1 for each combination that a TCP sends. The others (none, SYN with FIN, FIN alone, all of them) serve to find out what stands behind a router. */
const possible = new Uint8Array(64);
for (const flags of [tcp.SYN, tcp.SYN | tcp.URG, tcp.SYN | tcp.ACK, tcp.RST, tcp.RST | tcp.ACK, tcp.FIN | tcp.ACK, tcp.FIN | tcp.ACK | tcp.URG, tcp.ACK, tcp.ACK | tcp.URG]) possible[flags] = 1;

const reasons = {
  type: 'not IPv4', short: 'ip header cut off or lying about its length', version: 'ip version is not 4', checksum: 'ip header checksum',
  martian: 'martian source address', land: 'source and destination are the same', sourceRoute: 'source route option',
  transport: 'transport header cut off', flags: 'tcp flags that no segment has', group: 'IP packet for one host in a broadcast frame',
} as const;

/** 0/8, 127/8, 224/4, 240/4 and the broadcast address never are a sender (RFC 1812 §5.3.7); 0.0.0.0 is one while asking for a lease. */
const martian = (src: number, dst: number): boolean => {
  const top = src >>> 24;
  return (top === 0 && !(src === 0 && dst === 0xffff_ffff)) || top === 127 || top >= 224 || dst >>> 24 === 127 || dst >>> 24 === 0;
};

/**
 * prerouting.sanity: after it l3, l4 and proto can be relied upon: headers lie inside the packet, the IP checksum is right, the packet's
 * length is its own (Ethernet padding is cut off). Transport checksums are the end hosts' business.
 */
export function sanity(counter: (name: string) => Counter, attacks: Attacks): StageSpec & { check(p: Packet): Counter | undefined } {
  const drop = Object.fromEntries(Object.entries(reasons).map(([k, v]) => [k, counter(`sanity: ${v}`)])) as Record<keyof typeof reasons, Counter>;

  function check(p: Packet): Counter | undefined {
    const { buf } = p;
    const l3 = p.l3;
    const end = p.off + p.len;
    if (p.etherType !== 0x0800) return drop.type;
    if (end - l3 < 20) return drop.short;
    if (buf[l3]! >> 4 !== 4) return drop.version;
    if (!ipv4.fits(buf, l3, end)) return drop.short;
    if (!ipv4.checksumOk(buf, l3)) return drop.checksum;
    const src = ipv4.src(buf, l3);
    const dst = ipv4.dst(buf, l3);
    if (src === dst && !p.local) { attacks.seen('land', p, 'sent to itself'); return drop.land; }
    if (martian(src, dst)) return drop.martian;
    // RFC 1122 §3.3.6: a frame sent to everybody may carry only packets that are for everybody.
    if (p.off < l3 && (buf[p.off]! & 1) !== 0 && dst >>> 28 !== 14 && dst !== 0xffff_ffff && !broadcastLike(dst)) return drop.group;
    const headerLen = (buf[l3]! & 15) << 2;
    if (headerLen > 20 && sourceRouted(buf, l3, headerLen)) return drop.sourceRoute;
    const stop = l3 + ipv4.totalLen(buf, l3);
    p.len = stop - p.off;
    p.proto = buf[l3 + 9]!;
    const fragment = (buf[l3 + 6]! << 8 | buf[l3 + 7]!) & 0x3fff;
    if ((fragment & 0x1fff) !== 0) { p.l4 = 0; return undefined; }
    const l4 = l3 + headerLen;
    p.l4 = l4;
    if (fragment !== 0) return undefined; // a first fragment: reassembly sees to the rest
    switch (p.proto) {
      case 6: {
        if (!tcp.fits(buf, l4, stop)) return drop.transport;
        const flags = buf[l4 + 13]! & FLAGS;
        if (possible[flags] === 1 || p.local) return undefined;
        attacks.seen('port scan', p, flags === 0 ? 'no TCP flags' : `TCP flags ${names.filter((_, bit) => flags >> bit & 1).join(' ')}`);
        return drop.flags;
      }
      case 17: return udp.fits(buf, l4, stop) ? undefined : drop.transport;
      case 1: return icmp.fits(buf, l4, stop) ? undefined : drop.transport;
      case gre.PROTO: return gre.fits(buf, l4, stop) ? undefined : drop.transport;
      case esp.PROTO: return esp.fits(buf, l4, stop) ? undefined : drop.transport;
      default: return stop - l4 >= 4 || p.proto > 33 ? undefined : drop.transport;
    }
  }

  return {
    slot: 'prerouting.sanity', name: 'kernel.sanity', check,
    process(batch: Batch): void {
      for (let i = 0; i < batch.n; i++) {
        const p = batch.at(i);
        const why = check(p);
        if (why) batch.drop(p, why);
      }
    },
    trace: p => p.l4 === 0 ? 'a later fragment' : `header fine, ${p.len - (p.l3 - p.off)} octets`,
  };
}

/** A directed broadcast ends in ones; which subnets there are only the routes know, so this is the weakest test that helps. */
const broadcastLike = (dst: number): boolean => (dst & 3) === 3;

/** RFC 7126 §4.3/4.4: packets with source-route options are dropped. */
function sourceRouted(buf: Uint8Array, l3: number, headerLen: number): boolean {
  for (let at = l3 + 20; at < l3 + headerLen;) {
    const kind = buf[at]!;
    if (kind === 0) return false;
    if (kind === 1) { at++; continue; }
    if (kind === 131 || kind === 137) return true;
    const size = at + 1 < l3 + headerLen ? buf[at + 1]! : 0;
    if (size < 2) return false;
    at += size;
  }
  return false;
}
