import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryLink } from '../../../kernel/links/memory.ts';
import type { LinkHost } from '../../../sdk/link.ts';
import { Batch, BATCH, Gso, HEADROOM, MAX_PACKET, Packet } from '../../../sdk/packet.ts';

function host() {
  const seen = { wakes: 0, changes: [] as string[] };
  const h: LinkHost = { wake: () => { seen.wakes++; }, changed: (why) => { seen.changes.push(why); } };
  return { seen, h };
}
const frame = (n: number, fill = 0x5a) => new Uint8Array(n).fill(fill);

describe('memory link', () => {
  it('hands over what the far side sends, in order, with headroom, and wakes once per burst', () => {
    const { h, seen } = host();
    const wire = memoryLink({ name: 'm0' });
    const link = wire.open(h);
    for (let i = 0; i < 3; i++) expect(wire.far.send(frame(60, i))).toBe(true);
    expect(seen.wakes).toBe(1);
    const b = new Batch();
    expect(link.rx(b)).toBe(3);
    expect([0, 1, 2].map((i) => b.at(i).bytes()[0])).toEqual([0, 1, 2]);
    expect(b.at(0).off).toBe(b.at(0).base + HEADROOM);
    expect(b.at(0).borrowed).toBe(true);
    expect(link.stats).toMatchObject({ rxPackets: 3, rxBytes: 180, rxDropped: 0 });
    b.clear();
    expect(link.rx(b)).toBe(0);
  });

  it('keeps lent packets untouched until the next rx, whatever is sent meanwhile', () => {
    const wire = memoryLink({ name: 'm0', queue: 8 });
    const link = wire.open(host().h);
    const b = new Batch();
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 8; i++) wire.far.send(frame(64, round));
      b.clear();
      expect(link.rx(b)).toBe(8);
      for (let i = 0; i < 8; i++) wire.far.send(frame(64, 0xee));
      for (let i = 0; i < 8; i++) expect(b.at(i).bytes()).toEqual(frame(64, round));
      b.clear();
      link.rx(b);
    }
  });

  it('drops and counts when full, down, closed or too long', () => {
    const wire = memoryLink({ name: 'm0', queue: 2 });
    expect(wire.far.send(frame(60))).toBe(false);
    const { h, seen } = host();
    const link = wire.open(h);
    expect([1, 2, 3].map(() => wire.far.send(frame(60)))).toEqual([true, true, false]);
    expect(wire.far.send(frame(MAX_PACKET + 1))).toBe(false);
    expect(link.stats.rxDropped).toBe(2);
    wire.far.setUp(false);
    expect(link.up).toBe(false);
    expect(seen.changes).toEqual(['no carrier']);
    link.rx(new Batch());
    expect(wire.far.send(frame(60))).toBe(false);
    wire.far.setMtu(1280);
    expect(link.mtu).toBe(1280);
    link.close();
    wire.far.setUp(true);
    expect(wire.far.send(frame(60))).toBe(false);
    const again = wire.open(h);
    expect(again.mtu).toBe(1280);
    expect(wire.far.send(frame(60))).toBe(true);
  });

  it('gives what is sent to the far side at once, which may answer at once', () => {
    const wire = memoryLink({ name: 'm0' });
    const link = wire.open(host().h);
    const got: Uint8Array[] = [];
    wire.far.onFrame = (f) => { got.push(f); wire.far.send(f); };
    const p = new Packet(new Uint8Array(2048), 0, 2048);
    p.fill(frame(100, 7));
    const b = new Batch();
    b.push(p);
    link.tx(b);
    p.buf.fill(0);
    expect(got).toEqual([frame(100, 7)]);
    b.clear();
    expect(link.rx(b)).toBe(1);
    expect(b.at(0).bytes()).toEqual(frame(100, 7));
    expect(link.stats).toMatchObject({ txPackets: 1, txBytes: 100 });
  });

  it('carries offload facts both ways where the link takes offloads', () => {
    const facts = { needsCsum: true, csumStart: 34, csumOffset: 16, gsoType: Gso.TcpV4, gsoSize: 1448, hdrLen: 66 };
    const wire = memoryLink({ name: 'm0', offload: { csum: true, gso: true } });
    const link = wire.open(host().h);
    wire.far.send(frame(60_000), facts);
    wire.far.send(frame(60));
    const b = new Batch();
    link.rx(b);
    expect(b.at(0)).toMatchObject(facts);
    expect(b.at(1)).toMatchObject({ needsCsum: false, gsoType: 0 });
    let told: unknown;
    wire.far.onFrame = (_f, x) => { told ??= x; };
    link.tx(b);
    expect(told).toEqual(facts);
  });

  it('never loses, reorders or mixes up frames of any length', () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 3000 }), { maxLength: 200 }), fc.integer({ min: 1, max: BATCH }), (lengths, chunk) => {
      const wire = memoryLink({ name: 'm0', queue: 64 });
      const link = wire.open(host().h);
      const b = new Batch();
      const out: number[] = [];
      for (let i = 0; i < lengths.length; i += chunk) {
        for (const n of lengths.slice(i, i + chunk)) wire.far.send(frame(n, n));
        b.clear();
        link.rx(b);
        for (let k = 0; k < b.n; k++) {
          expect(b.at(k).bytes().every((x) => x === (b.at(k).len & 255))).toBe(true);
          out.push(b.at(k).len);
        }
      }
      expect(out).toEqual(lengths);
    }), { numRuns: 50 });
  });
});
