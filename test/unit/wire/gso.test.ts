import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gso, type Packet } from '../../../sdk/packet.ts';
import * as checksum from '../../../sdk/wire/checksum.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import { finishChecksum, segment } from '../../../sdk/wire/gso.ts';
import { A, B, bytes, datagram, room } from '../ip/packets.ts';

const FRAME = new Array(14).fill(7);

function superTcp(data: Uint8Array, size: number, flags: number, seq: number): Packet {
  const t = new Uint8Array(32 + data.length).fill(1);
  tcp.write(t, 0, { sport: 4000, dport: 80, seq, ack: 5, flags, dataOffset: 32 });
  t.set(data, 32);
  const p = room();
  p.fill(Uint8Array.of(...FRAME));
  p.buf.set(datagram(t, { proto: 6, id: 65_535 }), p.off + 14);
  p.len = 14 + 20 + t.length;
  p.l3 = p.off + 14;
  p.l4 = p.l3 + 20;
  // Partial, as the kernel leaves it.
  p.needsCsum = true;
  p.csumStart = 34;
  p.csumOffset = 16;
  tcp.setChecksum(p.buf, p.l4, checksum.fold(checksum.pseudo4(A, B, 6, t.length)));
  p.gsoType = Gso.TcpV4;
  p.gsoSize = size;
  return p;
}
const cut = (p: Packet) => {
  const out: Packet[] = [];
  const n = segment(p, () => room(2000), (s) => out.push(s));
  return { n, out };
};

describe('segment', () => {
  it('gives TCP segments that put together are the super-frame', () => {
    fc.assert(fc.property(bytes(1, 8000), fc.integer({ min: 100, max: 1448 }), fc.nat(0xffffffff), (data, size, seq) => {
      const { n, out } = cut(superTcp(data, size, tcp.ACK | tcp.PSH | tcp.FIN | tcp.CWR, seq));
      expect(n).toBe(Math.ceil(data.length / size));
      const got: number[] = [];
      for (const [i, s] of out.entries()) {
        const end = s.off + s.len;
        expect(ipv4.checksumOk(s.buf, s.l3)).toBe(true);
        expect(ipv4.totalLen(s.buf, s.l3)).toBe(end - s.l3);
        expect(ipv4.id(s.buf, s.l3)).toBe((65_535 + i) & 0xffff);
        expect(tcp.checksumOk(s.buf, s.l4, end, A, B)).toBe(true);
        expect(tcp.seq(s.buf, s.l4)).toBe((seq + got.length) >>> 0);
        expect((tcp.flags(s.buf, s.l4) & (tcp.FIN | tcp.PSH)) !== 0).toBe(i === n - 1);
        expect((tcp.flags(s.buf, s.l4) & tcp.CWR) !== 0).toBe(i === 0);
        expect([...s.buf.subarray(s.off, s.off + 14)]).toEqual(FRAME);
        expect([...s.buf.subarray(s.l4 + 20, s.l4 + 32)]).toEqual(new Array(12).fill(1));
        got.push(...s.buf.subarray(s.l4 + 32, end));
      }
      expect(Uint8Array.from(got)).toEqual(data);
    }), { numRuns: 60 });
  });

  it('gives UDP datagrams with their own lengths, and leaves an absent checksum absent', () => {
    for (const summed of [true, false]) {
      const u = new Uint8Array(8 + 2500).fill(3);
      udp.write(u, 0, 5, 6, u.length);
      if (summed) udp.writeChecksum(u, 0, A, B);
      const p = room();
      p.fill(datagram(u, { proto: 17 }));
      p.l3 = p.off;
      p.l4 = p.l3 + 20;
      p.gsoType = Gso.UdpL4;
      p.gsoSize = 1000;
      const { out } = cut(p);
      expect(out.map((s) => udp.length(s.buf, s.l4))).toEqual([1008, 1008, 508]);
      for (const s of out) expect(summed ? udp.checksumOk(s.buf, s.l4, A, B) && udp.checksum(s.buf, s.l4) !== 0 : udp.checksum(s.buf, s.l4) === 0).toBe(true);
    }
  });

  it('is nothing for an ordinary or a broken packet, and says when the pool is dry', () => {
    const p = superTcp(new Uint8Array(3000), 1000, tcp.ACK, 1);
    expect(segment(p, () => undefined, () => {})).toBe(-1);
    p.gsoType = Gso.None;
    expect(cut(p).n).toBe(0);
    p.gsoType = Gso.TcpV4;
    p.len = 40;
    expect(cut(p).n).toBe(0);
  });
});

it('finishChecksum finishes a partial one', () => {
  const p = superTcp(Uint8Array.from({ length: 777 }, (_, i) => i), 1448, tcp.ACK, 1);
  finishChecksum(p);
  expect(p.needsCsum).toBe(false);
  expect(tcp.checksumOk(p.buf, p.l4, p.off + p.len, A, B)).toBe(true);
});
