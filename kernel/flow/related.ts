import type { Counter, Packet } from '../../sdk/packet.ts';
import * as checksum from '../../sdk/wire/checksum.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { delta32, DST, EPOCH, FLAGS, fold16, linkOf, LOCAL, OUT, PORTS, REWRITE, SRC, UNREACHABLE, WORDS } from './action.ts';
import { isSameQuery, portsOf } from './key.ts';
import { ASKED, ASYMMETRIC, FLOW, TCP } from './record.ts';
import type { FlowTable } from './table.ts';
import { outstanding } from './tcp-window.ts';

/** Octets of the quoted packet's transport header that say which flow it belongs to (RFC 792: at least 8 are quoted). */
const QUOTED = 8;

export interface RelatedDrops { readonly short: Counter; readonly checksum: Counter; readonly unrelated: Counter; readonly redirect: Counter; readonly stale: Counter; readonly unreachable: Counter; readonly window: Counter; readonly road: Counter }

/**
 * Finds the flow that an ICMP error speaks about and translates the error, the packet it quotes included (RFC 5508 §4). The quoted
 * packet went the other way, so the error itself travels like an answer: on success that tuple is returned, and the packet
 * carries final addresses. An error ends no flow (RFC 5508 REQ-5, RFC 5382 REQ-9). It must come to whoever sent the quoted packet, from
 * where that packet went, so that no host can speak of its neighbour's flows (except where only half of a connection is seen), and
 * where TCP is followed by its sequence numbers (`window`) quote one that is on its way (RFC 5927 §4.1).
 * Quoted checksums are carried along, never verified: with offloads on they were never finished.
 */
export function relate(p: Packet, table: FlowTable, window: boolean, epoch: number, drops: RelatedDrops): number | Counter {
  const { buf, l3, l4 } = p;
  const end = l3 + ipv4.totalLen(buf, l3);
  // It speaks of the way on its own wire (RFC 792); hosts believe it of their gateway only (RFC 1122 §3.2.2.2).
  if (icmp.type(buf, l4) === icmp.TYPE_REDIRECT) return drops.redirect;
  const inner = icmp.inner(buf, l4, end);
  if (inner === undefined || !ipv4.headerFits(buf, inner, end)) return drops.short;
  const innerL4 = inner + ipv4.headerLen(buf, inner);
  if (ipv4.fragmentOffset(buf, inner) !== 0 || innerL4 + QUOTED > end) return drops.short;
  // A right checksum is written below: it must not cover up a wrong one (RFC 5508 REQ-3).
  if (!icmp.checksumOk(buf, l4, end)) return drops.checksum;
  const proto = ipv4.protocol(buf, inner);
  const innerSrc = ipv4.src(buf, inner);
  const innerDst = ipv4.dst(buf, inner);
  // Stray errors speak of what the addressee never sent.
  if (ipv4.dst(buf, l3) !== innerSrc) return drops.unrelated;
  const ports = portsOf(buf, innerL4, proto);
  const swapped = (ports << 16 | ports >>> 16) >>> 0;
  const tuple = table.find(innerDst, innerSrc, swapped, proto);
  if (tuple < 0) return drops.unrelated;
  // Something has changed since the flow was decided. Whoever sent the quoted packet sends another one, and then it is known whether it may.
  if (table.tuples[tuple * WORDS + EPOCH] !== epoch) return drops.stale;
  // What came to the router itself, only the router can complain of.
  if ((table.tuples[(tuple ^ 1) * WORDS + FLAGS]! & LOCAL) !== 0) return drops.unrelated;
  const bits = table.bits(tuple >> 1);
  // What goes back to the opener may leave by another link than the one it came in by: its side is both.
  const from = p.inLink === linkOf(table.tuples[(tuple ^ 1) * WORDS + OUT]!) || ((tuple & 1) === 0 && p.inLink === table.inLink(tuple >> 1));
  if (!from && (bits & ASYMMETRIC) === 0) return drops.road;
  if (proto === ipv4.PROTO_ICMP && !isSameQuery(buf, innerL4, table.records[(tuple >> 1) * FLOW + ASKED]!, (tuple & 1) === 0)) return drops.unrelated;
  if (window && proto === ipv4.PROTO_TCP && (bits & ASYMMETRIC) === 0
    && !outstanding(table.records, (tuple >> 1) * FLOW + TCP, 1 - (tuple & 1), tcp.seq(buf, innerL4))) return drops.window;
  const a = table.tuples;
  const at = tuple * WORDS;
  if ((a[at + FLAGS]! & UNREACHABLE) !== 0) return drops.unreachable;
  if ((a[at + FLAGS]! & REWRITE) === 0) return tuple;

  const newSrc = a[at + DST]! >>> 0; // as the quoted packet was before it was translated
  const newDst = a[at + SRC]! >>> 0;
  const back = a[at + PORTS]!;
  const newPorts = (back << 16 | back >>> 16 & 0xffff) >>> 0;
  translateQuoted(buf, inner, innerL4, end, proto, innerSrc, innerDst, ports, newSrc, newDst, newPorts);
  // The error comes from the far host itself, whose address the sender knows by another name.
  if (ipv4.src(buf, l3) === innerDst) ipv4.setSrc(buf, l3, newDst);
  ipv4.setDst(buf, l3, newSrc);
  ipv4.writeChecksum(buf, l3);
  icmp.writeChecksum(buf, l4, end);
  return tuple;
}

function translateQuoted(buf: Uint8Array, at: number, l4: number, end: number, proto: number, src: number, dst: number, ports: number, newSrc: number, newDst: number, newPorts: number): void {
  const addresses = fold16(delta32(src, newSrc) + delta32(dst, newDst));
  const numbers = fold16(delta32(ports, newPorts));
  const add = (field: number, sum: number): void => {
    if (field + 2 > end) return;
    const v = checksum.finish((~(buf[field]! << 8 | buf[field + 1]!) & 0xffff) + sum);
    buf[field] = v >> 8;
    buf[field + 1] = v & 0xff;
  };
  ipv4.setSrc(buf, at, newSrc);
  ipv4.setDst(buf, at, newDst);
  add(at + 10, addresses);
  if (proto === ipv4.PROTO_ICMP) {
    icmp.setId(buf, l4, newPorts >>> 16 !== 0 ? newPorts >>> 16 : newPorts & 0xffff);
    add(l4 + 2, numbers);
    return;
  }
  if (proto !== ipv4.PROTO_TCP && proto !== ipv4.PROTO_UDP) return;
  buf[l4] = newPorts >>> 24; buf[l4 + 1] = newPorts >>> 16 & 0xff; buf[l4 + 2] = newPorts >>> 8 & 0xff; buf[l4 + 3] = newPorts & 0xff;
  if (proto === ipv4.PROTO_UDP && buf[l4 + 6] === 0 && buf[l4 + 7] === 0) return; // RFC 768: no checksum
  add(l4 + (proto === ipv4.PROTO_TCP ? 16 : 6), addresses + numbers);
}
