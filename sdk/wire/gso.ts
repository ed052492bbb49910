import * as checksum from './checksum.ts';
import { copyBytes, fragment, type Piece, type Source } from './fragment.ts';
import * as ipv4 from './ipv4.ts';
import * as tcp from './tcp.ts';
import * as udp from './udp.ts';

/** The offload facts of virtio_net_hdr. A `Packet` is one; csumStart counts from off. */
export interface Offloaded extends Source {
  needsCsum: boolean;
  csumStart: number;
  csumOffset: number;
  gsoType: number;
  gsoSize: number;
  hdrLen: number;
}

// virtio_net_hdr.gso_type (linux/virtio_net.h)
const TCP_V4 = 1;
const UFO = 3;
const UDP_L4 = 5;
const ECN = 0x80;
const CWR = 0x80;
const UDP_CHECKSUM = 6;

/** Finishes a checksum left partial (its field holds the uncomplemented pseudo-header sum), for a wire that wants it whole. */
export function finishChecksum(p: Offloaded): void {
  if (!p.needsCsum) return;
  p.needsCsum = false;
  const start = p.off + p.csumStart;
  const field = start + p.csumOffset;
  const end = p.off + p.len;
  if (field + 2 > end) return;
  let sum = checksum.finish(checksum.sum(p.buf, start, end));
  // RFC 768: a computed zero is sent as all ones, for zero means that there is none.
  if (sum === 0 && p.csumOffset === UDP_CHECKSUM) sum = 0xffff;
  p.buf[field] = sum >> 8;
  p.buf[field + 1] = sum & 0xff;
}

/**
 * Cuts a super-frame into the segments that it stands for, with finished checksums, for a link that cannot. `take` gives
 * room for one, `emit` gets it filled (len, l3 and l4 set; the other facts are the caller's). Says how many were emitted:
 * 0 when it is no super-frame or a broken one, -1 when `take` had no more. May change checksum fields of the source.
 */
export function segment<P extends Piece>(src: Offloaded, take: () => P | undefined, emit: (piece: P) => void): number {
  const type = src.gsoType & ~ECN;
  if (src.gsoSize < 1 || !ipv4.fits(src.buf, src.l3, src.off + src.len)) return 0;
  if (type === TCP_V4) return segmentTcp(src, take, emit);
  if (type === UDP_L4) return segmentUdp(src, take, emit);
  if (type !== UFO) return 0;
  finishChecksum(src);
  return fragment(src, ipv4.headerLen(src.buf, src.l3) + src.gsoSize, take, emit);
}

/** TCP: sequence numbers move on, FIN and PSH belong to the last segment, CWR to the first (RFC 3168 §6.1.2). */
export function segmentTcp<P extends Piece>(src: Offloaded, take: () => P | undefined, emit: (piece: P) => void): number {
  const { buf, l3, l4 } = src;
  const end = l3 + ipv4.totalLen(buf, l3);
  if (ipv4.protocol(buf, l3) !== ipv4.PROTO_TCP || !tcp.fits(buf, l4, end)) return 0;
  const data = l4 + tcp.dataOffset(buf, l4);
  const first = tcp.seq(buf, l4);
  const flags = tcp.flags(buf, l4);
  let count = 0;
  for (let from = data; from < end; from += src.gsoSize, count++) {
    const piece = take();
    if (!piece) return -1;
    const to = Math.min(end, from + src.gsoSize);
    const h = begin(src, piece, data, from, to, count);
    const t = piece.l4;
    const out = piece.buf;
    tcp.setSeq(out, t, (first + from - data) >>> 0);
    tcp.setFlags(out, t, (to < end ? flags & ~(tcp.FIN | tcp.PSH) : flags) & (count > 0 ? ~CWR : 0xff));
    tcp.setChecksum(out, t, 0);
    const stop = piece.off + piece.len;
    tcp.setChecksum(out, t, checksum.finish(checksum.sum(out, t, stop, checksum.pseudo4(ipv4.src(out, h), ipv4.dst(out, h), ipv4.PROTO_TCP, stop - t))));
    emit(piece);
  }
  return count;
}

/** UDP (UDP_SEGMENT): datagrams of gsoSize octets each, the last one shorter. */
export function segmentUdp<P extends Piece>(src: Offloaded, take: () => P | undefined, emit: (piece: P) => void): number {
  const { buf, l3, l4 } = src;
  const end = l3 + ipv4.totalLen(buf, l3);
  if (ipv4.protocol(buf, l3) !== ipv4.PROTO_UDP || l4 + 8 > end) return 0;
  const data = l4 + 8;
  const summed = src.needsCsum || udp.checksum(buf, l4) !== 0;
  let count = 0;
  for (let from = data; from < end; from += src.gsoSize, count++) {
    const piece = take();
    if (!piece) return -1;
    const h = begin(src, piece, data, from, Math.min(end, from + src.gsoSize), count);
    const u = piece.l4;
    const out = piece.buf;
    const stop = piece.off + piece.len;
    udp.setLength(out, u, stop - u);
    udp.setChecksum(out, u, 0);
    if (summed) udp.setChecksum(out, u, checksum.finish(checksum.sum(out, u, stop, checksum.pseudo4(ipv4.src(out, h), ipv4.dst(out, h), ipv4.PROTO_UDP, stop - u))) || 0xffff);
    emit(piece);
  }
  return count;
}

/** Headers [off, data) and the data [from, to) into the piece; the IP header finished. Returns its offset. */
function begin(src: Offloaded, piece: Piece, data: number, from: number, to: number, index: number): number {
  const { buf, off, l3, l4 } = src;
  const shift = piece.off - off;
  copyBytes(buf, off, data, piece.buf, piece.off);
  copyBytes(buf, from, to, piece.buf, data + shift);
  const h = l3 + shift;
  ipv4.setTotalLen(piece.buf, h, data - l3 + to - from);
  ipv4.setId(piece.buf, h, (ipv4.id(buf, l3) + index) & 0xffff);
  ipv4.writeChecksum(piece.buf, h);
  piece.l3 = h;
  piece.l4 = l4 + shift;
  piece.len = data - off + to - from;
  return h;
}
