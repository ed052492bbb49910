import type { Packet } from '../../sdk/packet.ts';
import * as gre from '../../sdk/wire/gre.ts';
import { DST, ETHER, FLAGS, fold16, linkOf, mtuOf, neighbourOf, OUT, PORTS, REWRITE, SRC, SUMS, WORDS } from './action.ts';
import type { NeighbourTable } from './neighbours.ts';
import type { FlowTable } from './table.ts';

/** What became of a packet in the executor. */
export const Done = { Sent: 0, TtlExceeded: 1, TooBig: 2, NoNeighbour: 3, Fragment: 4 } as const;
export type Done = (typeof Done)[keyof typeof Done];

/**
 * The flow executor: carries a FlowAction out on one packet. Everything it needs stands in the table's words; it decides nothing.
 * `macs` holds the source MACs (6 octets at link * 6). Returns Done.Sent with the Ethernet header written and p.outLink set, or
 * says why the packet, still unchanged, cannot go.
 */
export function execute(p: Packet, tuple: number, table: FlowTable, neighbours: NeighbourTable, macs: Uint8Array, checkMtu = true): Done {
  const buf = p.buf;
  const l3 = p.l3;
  const a = table.tuples;
  const at = tuple * WORDS;
  const flags = a[at + FLAGS]!;

  const ttl = buf[l3 + 8]!;
  if (ttl <= 1 && !p.local) return Done.TtlExceeded;
  const mtu = mtuOf(flags);
  const ipLen = p.gsoType === 0 ? p.off + p.len - l3 : p.gsoSize + (p.l4 - l3) + (p.proto === 6 ? (buf[p.l4 + 12]! >> 4) * 4 : 8);
  const tooLong = ipLen > mtu && checkMtu;
  if (tooLong && (p.gsoType !== 0 || (buf[l3 + 6]! & 0x40) !== 0)) return Done.TooBig; // RFC 1191: DF is set
  const way = a[at + OUT]!;
  const neighbour = neighbourOf(way);
  if ((flags & ETHER) !== 0) {
    if (neighbours.known[neighbour] === 0) return Done.NoNeighbour;
    neighbours.used[neighbour] = neighbours.now;
  }
  if (tooLong) return Done.Fragment;

  // IP header: addresses and TTL in one go. RFC 1624 eq. 3; a TTL less is ~m + m' = 0xfeff.
  let sum = (~(buf[l3 + 10]! << 8 | buf[l3 + 11]!) & 0xffff);
  if (!p.local) { buf[l3 + 8] = ttl - 1; sum += 0xfeff; }
  if ((flags & REWRITE) !== 0 && !p.translated) {
    rewriteAddresses(buf, l3, a[at + SRC]!, a[at + DST]!);
    const sums = a[at + SUMS]!;
    sum += sums & 0xffff;
    rewriteTransport(p, a[at + PORTS]!, sums & 0xffff, sums >>> 16);
  }
  putSum(buf, l3 + 10, ~fold16(sum) & 0xffff);

  const out = linkOf(way);
  if ((flags & ETHER) !== 0) {
    const off = l3 - 14;
    const m = neighbours.mac;
    const d = neighbour * 6;
    const port = neighbours.port[neighbour]!;
    const s = out * 6;
    buf[off] = m[d]!; buf[off + 1] = m[d + 1]!; buf[off + 2] = m[d + 2]!; buf[off + 3] = m[d + 3]!; buf[off + 4] = m[d + 4]!; buf[off + 5] = m[d + 5]!;
    buf[off + 6] = macs[s]!; buf[off + 7] = macs[s + 1]!; buf[off + 8] = macs[s + 2]!; buf[off + 9] = macs[s + 3]!; buf[off + 10] = macs[s + 4]!; buf[off + 11] = macs[s + 5]!;
    buf[off + 12] = 8; buf[off + 13] = 0;
    p.len += p.off - off;
    p.off = off;
    p.outLink = port;
  } else {
    p.len += p.off - l3;
    p.off = l3;
    p.outLink = out;
  }
  if (p.needsCsum) p.csumStart = p.l4 - p.off;
  p.neighbour = neighbour;
  return Done.Sent;
}

/** The rewriting alone, for packets that are delivered to the router itself. */
export function rewrite(p: Packet, tuple: number, table: FlowTable): void {
  const a = table.tuples;
  const at = tuple * WORDS;
  if ((a[at + FLAGS]! & REWRITE) === 0) return;
  const { buf, l3 } = p;
  rewriteAddresses(buf, l3, a[at + SRC]!, a[at + DST]!);
  const sums = a[at + SUMS]!;
  putSum(buf, l3 + 10, ~fold16((~(buf[l3 + 10]! << 8 | buf[l3 + 11]!) & 0xffff) + (sums & 0xffff)) & 0xffff);
  rewriteTransport(p, a[at + PORTS]!, sums & 0xffff, sums >>> 16);
}

function rewriteAddresses(buf: Uint8Array, l3: number, src: number, dst: number): void {
  buf[l3 + 12] = src >>> 24; buf[l3 + 13] = src >>> 16 & 0xff; buf[l3 + 14] = src >>> 8 & 0xff; buf[l3 + 15] = src & 0xff;
  buf[l3 + 16] = dst >>> 24; buf[l3 + 17] = dst >>> 16 & 0xff; buf[l3 + 18] = dst >>> 8 & 0xff; buf[l3 + 19] = dst & 0xff;
}

function rewriteTransport(p: Packet, ports: number, sumL3: number, sumL4: number): void {
  const l4 = p.l4;
  if (l4 === 0) return;
  const buf = p.buf;
  let at: number;
  switch (p.proto) {
    case 6: at = l4 + 16; break;
    case 17: at = l4 + 6; break;
    case 1: { // the identifier; ICMP has no pseudo header. `ports` carries it in the half of whoever asked.
      const id = ports >>> 16 !== 0 ? ports >>> 16 : ports & 0xffff;
      buf[l4 + 4] = id >> 8; buf[l4 + 5] = id & 0xff;
      putSum(buf, l4 + 2, ~fold16((~(buf[l4 + 2]! << 8 | buf[l4 + 3]!) & 0xffff) + sumL4) & 0xffff);
      return;
    }
    case gre.PROTO:
      if (gre.version(buf, l4) === 1) gre.setCallId(buf, l4, ports & 0xffff);
      return;
    default: return;
  }
  buf[l4] = ports >>> 24; buf[l4 + 1] = ports >>> 16 & 0xff; buf[l4 + 2] = ports >>> 8 & 0xff; buf[l4 + 3] = ports & 0xff;
  const field = buf[at]! << 8 | buf[at + 1]!;
  // Partial: the field holds the pseudo-header sum itself, not complemented, and knows nothing of ports.
  if (p.needsCsum) return putSum(buf, at, fold16(field + sumL3));
  if (p.proto === 17) {
    if (field === 0) return; // RFC 768: no checksum
    const sum = ~fold16((~field & 0xffff) + sumL4) & 0xffff;
    return putSum(buf, at, sum === 0 ? 0xffff : sum);
  }
  putSum(buf, at, ~fold16((~field & 0xffff) + sumL4) & 0xffff);
}

const putSum = (buf: Uint8Array, at: number, sum: number): void => {
  buf[at] = sum >> 8;
  buf[at + 1] = sum & 0xff;
};
