import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bridge, Way } from '../../../plugins/lan/bridge.ts';
import { Fdb, Learned, macHi, macLo, macText } from '../../../plugins/lan/fdb.ts';
import { parseMac } from '../../../sdk/wire/address.ts';

const ROUTER = '02:00:00:00:00:01';
const ALL = 'ff:ff:ff:ff:ff:ff';
const station = (n: number) => `02:aa:00:00:00:${n.toString(16).padStart(2, '0')}`;
const frame = (to: string, from: string): Uint8Array => {
  const out = new Uint8Array(60);
  out.set(parseMac(to)!, 0);
  out.set(parseMac(from)!, 6);
  return out;
};
const bridge = () => {
  const b = new Bridge('lan');
  b.setMac(parseMac(ROUTER)!);
  b.setPorts([1, 2, 3]);
  return b;
};

describe('lan bridge', () => {
  it('keeps frames for the router, floods the unknown, and does both with broadcasts', () => {
    const b = bridge();
    expect(b.receive(frame(ROUTER, station(1)), 0, 1, 0)).toBe(Way.Self);
    expect(b.receive(frame(station(9), station(1)), 0, 1, 0)).toBe(Way.Flood);
    expect(b.receive(frame(ALL, station(1)), 0, 1, 0)).toBe(Way.SelfAndFlood);
    expect(b.receive(frame('01:00:5e:00:00:01', station(1)), 0, 1, 0)).toBe(Way.SelfAndFlood);
  });

  it('sends to a learned station by its port only, and filters what is there already', () => {
    const b = bridge();
    b.receive(frame(ROUTER, station(1)), 0, 1, 0);
    b.receive(frame(ROUTER, station(2)), 0, 2, 0);
    expect(b.receive(frame(station(1), station(2)), 0, 2, 0)).toBe(1);
    b.receive(frame(ROUTER, station(3)), 0, 1, 0);
    expect(b.receive(frame(station(1), station(3)), 0, 1, 0)).toBe(Way.Filtered);
    expect(b.send(frame(station(2), ROUTER), 0, 0)).toBe(2);
    expect(b.send(frame(station(9), ROUTER), 0, 0)).toBe(Way.Flood);
  });

  it('follows a station that moves, and says so', () => {
    const b = bridge();
    const moves: unknown[] = [];
    b.moved = (hi, lo, port) => moves.push([macText(hi, lo), port]);
    b.receive(frame(ROUTER, station(1)), 0, 1, 0);
    b.receive(frame(ROUTER, station(1)), 0, 2, 10);
    expect(b.send(frame(station(1), ROUTER), 0, 10)).toBe(2);
    expect(moves).toEqual([[station(1), 2]]);
  });

  it('forgets a station that is silent for the ageing time', () => {
    const b = bridge();
    b.receive(frame(ROUTER, station(1)), 0, 1, 0);
    expect(b.send(frame(station(1), ROUTER), 0, 299_999)).toBe(1);
    expect(b.send(frame(station(1), ROUTER), 0, 300_000)).toBe(Way.Flood);
  });

  it('remembers a station that talks all the time', () => {
    const b = bridge();
    for (let now = 0; now < 900_000; now += 500) b.receive(frame(ROUTER, station(1)), 0, 1, now);
    expect(b.send(frame(station(1), ROUTER), 0, 900_000)).toBe(1);
  });

  it('forgets the stations of a port that leaves', () => {
    const b = bridge();
    b.receive(frame(ROUTER, station(1)), 0, 1, 0);
    b.receive(frame(ROUTER, station(2)), 0, 2, 0);
    b.setPorts([2, 3]);
    expect(b.send(frame(station(1), ROUTER), 0, 0)).toBe(Way.Flood);
    expect(b.send(frame(station(2), ROUTER), 0, 0)).toBe(2);
  });

  it('believes neither a group address nor its own as a source, and keeps reserved groups to one wire', () => {
    const b = bridge();
    expect(b.receive(frame(ROUTER, '01:00:5e:00:00:01'), 0, 1, 0)).toBe(Way.Reserved);
    expect(b.receive(frame(station(1), ROUTER), 0, 1, 0)).toBe(Way.Reserved);
    expect(b.receive(frame('01:80:c2:00:00:00', station(1)), 0, 1, 0)).toBe(Way.Reserved);
  });

  it('never sends a frame back out of its port, and a learned station gets exactly one copy', () => {
    const traffic = fc.array(fc.record({ from: fc.integer({ min: 1, max: 6 }), to: fc.integer({ min: 1, max: 6 }), port: fc.integer({ min: 1, max: 3 }), ms: fc.nat(100_000) }), { maxLength: 120 });
    fc.assert(fc.property(traffic, frames => {
      const b = bridge();
      const where = new Map<string, { port: number; at: number }>();
      let now = 0;
      for (const f of frames) {
        now += f.ms;
        const way = b.receive(frame(station(f.to), station(f.from)), 0, f.port, now);
        where.set(station(f.from), { port: f.port, at: now });
        const outs = way >= 0 ? [way] : way === Way.Flood ? b.ports.filter(p => p !== f.port) : [];
        expect(outs).not.toContain(f.port);
        const known = where.get(station(f.to));
        if (known && now - known.at < 250_000) expect(outs).toEqual(known.port === f.port ? [] : [known.port]);
      }
    }), { numRuns: 200 });
  });
});

describe('lan fdb', () => {
  it('is bounded: a storm of made-up stations only pushes out old ones', () => {
    const fdb = new Fdb(64);
    for (let i = 0; i < 10_000; i++) fdb.learn(i * 7919, i & 0xffff, 1, i);
    expect(fdb.list(10_000).length).toBeLessThanOrEqual(64);
    expect(fdb.learn(123, 4, 2, 10_001)).toBe(Learned.New);
    expect(fdb.lookup(123, 4, 10_001)).toBe(2);
  });

  it('agrees with a map as long as there is room', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 4 })), { maxLength: 100 }), learned => {
      const fdb = new Fdb(4096);
      const model = new Map<number, number>();
      for (const [mac, port] of learned) {
        const before = model.get(mac);
        expect(fdb.learn(0x02000000, mac, port, 0)).toBe(before === undefined ? Learned.New : before === port ? Learned.Known : Learned.Moved);
        model.set(mac, port);
      }
      for (let mac = 0; mac <= 30; mac++) expect(fdb.lookup(0x02000000, mac, 0)).toBe(model.get(mac) ?? -1);
    }), { numRuns: 100 });
  });

  it('reads an address as two integers', () => {
    const mac = parseMac('fe:dc:ba:98:76:54')!;
    expect(macText(macHi(mac, 0), macLo(mac, 0))).toBe('fe:dc:ba:98:76:54');
  });
});
