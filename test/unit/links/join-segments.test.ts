import { describe, expect, it } from 'vitest';
import { Batch, Packet } from '../../../sdk/packet.ts';
import * as checksum from '../../../sdk/wire/checksum.ts';
import { segmentTcp } from '../../../sdk/wire/gso.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { joinSegments } from '../../../kernel/links/join-segments.ts';
import { frame, LAN_HOST, SERVER, tcpBody } from '../packet/road.ts';

const MAC = new Uint8Array(6);

function segment(seq: number, length: number, opts: { flags?: number; tuple?: number; df?: boolean; ttl?: number; partial?: boolean; dst?: number } = {}): Packet {
  const data = Uint8Array.from({ length }, (_, i) => (seq + i) & 0xff);
  const bytes = frame(MAC, LAN_HOST, opts.dst ?? SERVER, 6, tcpBody(4000, 80, opts.flags ?? tcp.ACK, seq, data), { df: opts.df ?? true, ttl: opts.ttl ?? 64 });
  const p = new Packet(new Uint8Array(4096), 0, 4096, 0x1000);
  p.fill(bytes);
  p.l3 = p.off + 14; p.l4 = p.l3 + 20; p.proto = 6; p.tuple = opts.tuple ?? 2;
  if (opts.partial !== false) {
    p.needsCsum = true; p.csumStart = 34; p.csumOffset = 16;
    tcp.setChecksum(p.buf, p.l4, checksum.fold(checksum.pseudo4(LAN_HOST, opts.dst ?? SERVER, 6, 20 + length)));
  }
  return p;
}

function join(...packets: Packet[]) {
  const batch = new Batch();
  for (const p of packets) batch.push(p);
  const pieces: [number, number][] = [];
  const n = joinSegments(batch, 0, { piece: (i, address, length) => void pieces.push([address - 0x1000 - packets[i]!.l4 - 20, length]) });
  return { n, pieces };
}

describe('joining segments', () => {
  it('joins what one super-frame would have been, and cutting it gives the segments back', () => {
    const packets = [segment(1, 100), segment(101, 100), segment(201, 40, { flags: tcp.ACK | tcp.PSH })];
    const { n, pieces } = join(...packets);
    expect(n).toBe(3);
    expect(pieces).toEqual([[0, 100], [0, 40]]);
    const p = packets[0]!;
    expect([p.gsoType, p.gsoSize, p.hdrLen]).toEqual([1, 100, 54]);
    expect(ipv4.totalLen(p.buf, p.l3)).toBe(40 + 240);
    expect(ipv4.checksumOk(p.buf, p.l3)).toBe(true);
    // As the kernel sees it: headers of the first, then the pieces.
    const whole = new Packet(new Uint8Array(8192), 0, 8192);
    whole.fill(p.bytes());
    for (const q of packets.slice(1)) { const data = q.bytes().subarray(54); whole.buf.set(data, whole.off + whole.len); whole.len += data.length; }
    whole.l3 = whole.off + 14; whole.l4 = whole.l3 + 20; whole.gsoType = 1; whole.gsoSize = 100; whole.needsCsum = true; whole.csumStart = 34; whole.csumOffset = 16;
    expect(tcp.checksum(whole.buf, whole.l4)).toBe(checksum.fold(checksum.pseudo4(LAN_HOST, SERVER, 6, 260)));
    const out: Uint8Array[] = [];
    segmentTcp(whole, () => new Packet(new Uint8Array(4096), 0, 4096), piece => void out.push(piece.bytes()));
    expect(out.map(f => [tcp.seq(f, 34), f.length - 54, tcp.flags(f, 34)])).toEqual([[1, 100, tcp.ACK], [101, 100, tcp.ACK], [201, 40, tcp.ACK | tcp.PSH]]);
    for (const f of out) expect(tcp.checksumOk(f, 34, f.length, LAN_HOST, SERVER)).toBe(true);
  });

  it.each([
    ['a gap', segment(150, 100)], ['another flow', segment(101, 100, { tuple: 4 })], ['a longer one', segment(101, 120)], ['no data', segment(101, 0)],
    ['FIN', segment(101, 100, { flags: tcp.ACK | tcp.FIN })], ['another TTL', segment(101, 100, { ttl: 63 })], ['no DF', segment(101, 100, { df: false })],
    ['a finished checksum', segment(101, 100, { partial: false })],
  ])('leaves out %s', (_, second) => {
    const first = segment(1, 100);
    const before = first.bytes();
    expect(join(first, second)).toEqual({ n: 1, pieces: [] });
    expect(first.bytes()).toEqual(before);
    expect(first.gsoType).toBe(0);
  });

  it('ends with a shorter segment, and never grows past what an IP packet holds', () => {
    expect(join(segment(1, 100), segment(101, 60), segment(161, 60)).n).toBe(2);
    const many = Array.from({ length: 64 }, (_, i) => segment(1 + i * 1400, 1400));
    expect(join(...many).n).toBe(Math.floor((65_535 - 40) / 1400));
  });
});
