import { type Batch, Gso, type Packet } from '../../sdk/packet.ts';
import { fold, update16 } from '../../sdk/wire/checksum.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import * as tcp from '../../sdk/wire/tcp.ts';

/** Takes the piece of memory that entry i of a message vector points to. */
export interface Pieces { piece(i: number, address: number, length: number): void }

const LONGEST = 65_535;
const MF_OR_OFFSET = 0xbfff;

/**
 * Makes one super-frame of the TCP segments of a batch, from `first` on, that follow each other in one flow: what the kernel does on
 * receiving (GRO), done on sending, without a copy: further segments go along as pieces of memory behind the first one's headers. Only
 * segments that the kernel itself would have made of one super-frame are joined: same flow, headers, options, acknowledgement and
 * window, sequence numbers without a gap, all but the last of one size, unfragmented with DF, checksums still partial (so that nobody
 * has vouched for the single ones). Says how many segments the message has; the first packet's headers and offload facts are
 * changed when there are more than one.
 */
export function joinSegments(batch: Batch, first: number, pieces: Pieces): number {
  const p = batch.at(first);
  if (first + 1 >= batch.n || !eligible(p) || tcp.flags(p.buf, p.l4) !== tcp.ACK) return 1;
  const { buf, l4 } = p;
  const headers = tcp.dataOffset(buf, l4);
  const size = dataLength(p, headers);
  if (size <= 0) return 1;
  let next = (tcp.seq(buf, l4) + size) >>> 0;
  let extra = 0;
  let i = first + 1;
  for (let last = false; i < batch.n && !last; i++) {
    const q = batch.at(i);
    const length = follows(p, q, headers, size, next);
    if (length === 0 || p.off + p.len - p.l3 + extra + length > LONGEST) break;
    pieces.piece(i, q.address + q.l4 + headers, length);
    extra += length;
    next = (next + length) >>> 0;
    const pushed = (tcp.flags(q.buf, q.l4) & tcp.PSH) !== 0;
    if (pushed) tcp.setFlags(buf, l4, tcp.ACK | tcp.PSH);
    last = pushed || length < size;
  }
  if (extra > 0) lengthen(p, extra, size, headers);
  return i - first;
}

/** The transport data of a segment, in octets. */
const dataLength = (p: Packet, headers: number): number => p.off + p.len - p.l4 - headers;

const eligible = (p: Packet): boolean => p.proto === ipv4.PROTO_TCP && p.tuple >= 0 && p.needsCsum && p.gsoType === Gso.None && p.address !== 0
  && p.l4 - p.l3 === ipv4.HEADER && ipv4.dontFragment(p.buf, p.l3) && (ipv4.flagsFragment(p.buf, p.l3) & MF_OR_OFFSET) === 0;

/** Octets of data in `q` when it continues `p` at sequence number `next`; 0 when it does not. */
function follows(p: Packet, q: Packet, headers: number, size: number, next: number): number {
  if (q.tuple !== p.tuple || !eligible(q)) return 0;
  const [a, b] = [p.buf, q.buf];
  const length = dataLength(q, headers);
  if (length <= 0 || length > size || tcp.seq(b, q.l4) !== next || tcp.dataOffset(b, q.l4) !== headers || (tcp.flags(b, q.l4) & ~tcp.PSH) !== tcp.ACK
    || tcp.ack(b, q.l4) !== tcp.ack(a, p.l4) || tcp.window(b, q.l4) !== tcp.window(a, p.l4)
    || ipv4.tos(b, q.l3) !== ipv4.tos(a, p.l3) || ipv4.ttl(b, q.l3) !== ipv4.ttl(a, p.l3)) return 0;
  for (let k = tcp.HEADER; k < headers; k++) if (a[p.l4 + k] !== b[q.l4 + k]) return 0;
  return length;
}

/** The first segment's headers now speak for all. */
function lengthen(p: Packet, extra: number, size: number, headers: number): void {
  const { buf, l3, l4 } = p;
  const before = ipv4.totalLen(buf, l3);
  ipv4.setTotalLen(buf, l3, before + extra);
  ipv4.setChecksum(buf, l3, update16(ipv4.checksum(buf, l3), before, before + extra));
  // The pseudo-header sum knows the length of the segment.
  tcp.setChecksum(buf, l4, fold(tcp.checksum(buf, l4) + extra));
  p.gsoType = Gso.TcpV4;
  p.gsoSize = size;
  p.hdrLen = l4 + headers - p.off;
}
