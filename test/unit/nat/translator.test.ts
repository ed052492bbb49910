import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PORT, TOO_MANY, Translator } from '../../../plugins/nat/translator.ts';
import type { FlowKey, FlowView } from '../../../sdk/index.ts';

const blocked = new Uint8Array(65536);
blocked[4500] = 1;
const ports = { first: 1024, last: 65535, blocked };
const rules = () => ({ tcp: ports, udp: ports, icmp: ports });

const WAN = 0xcb007102;
const inside = (n: number) => 0xc0a80100 + n;
const key = (...k: number[]) => k.join('/');

/** A flow table that knows keys only. */
class Table {
  readonly keys = new Set<string>();
  readonly flows: { original: FlowKey; reply: FlowKey }[] = [];
  taken = (src: number, sport: number, dst: number, dport: number, proto: number) => this.keys.has(key(src, sport, dst, dport, proto));

  open(nat: Translator, src: number, sport: number, dst: number, dport: number, proto: number): number {
    const port = nat.map(WAN, src, sport, dst, dport, proto);
    if (port < 0) return port;
    const reply = { src: dst, sport: dport, dst: WAN, dport: port, proto };
    const k = key(reply.src, reply.sport, reply.dst, reply.dport, proto);
    expect(this.keys.has(k)).toBe(false);
    this.keys.add(k);
    this.flows.push({ original: { src, sport, dst, dport, proto }, reply });
    return port;
  }

  close(nat: Translator, at: number): void {
    const [flow] = this.flows.splice(at, 1);
    this.keys.delete(key(flow!.reply.src, flow!.reply.sport, flow!.reply.dst, flow!.reply.dport, flow!.reply.proto));
    nat.release(flow!.original, flow!.reply);
  }
}

const make = (table: Table, maxPerHost = 1000) =>
  new Translator({ taken: table.taken, random: Math.random, rules, maxPerHost });

describe('nat translator', () => {
  it('maps an endpoint to the same external port whatever it talks to', () => {
    const table = new Table();
    const nat = make(table);
    table.open(nat, inside(2), 5000, 1, 80, 17);
    const other = table.open(nat, inside(3), 5000, 1, 80, 17);
    expect(other).not.toBe(5000);
    expect(other % 2).toBe(0);
    expect(table.open(nat, inside(3), 5000, 2, 99, 17)).toBe(other);
    expect(table.open(nat, inside(2), 5000, 2, 99, 17)).toBe(5000);
  });

  it('keeps TCP, UDP and echo identifiers apart', () => {
    const table = new Table();
    const nat = make(table);
    for (const proto of [6, 17, 1]) expect(table.open(nat, inside(2), 7000, 9, proto === 1 ? 0 : 80, proto)).toBe(7000);
  });

  it('takes another port when the router itself talks to that remote endpoint from the first', () => {
    const table = new Table();
    const nat = make(table);
    table.keys.add(key(9, 53, WAN, 6000, 17));
    const port = table.open(nat, inside(2), 6000, 9, 53, 17);
    expect(port).not.toBe(6000);
    expect(port).toBeGreaterThanOrEqual(1024);
  });

  it('lets one host have one session of a protocol without ports to a remote, and refuses a second host', () => {
    const table = new Table();
    const nat = make(table);
    expect(table.open(nat, inside(2), 0, 9, 0, 47)).toBe(0);
    expect(table.open(nat, inside(3), 0, 9, 0, 47)).toBe(NO_PORT);
    table.close(nat, 0);
    expect(table.open(nat, inside(3), 0, 9, 0, 47)).toBe(0);
  });

  it('caps the sessions of one host and not of the others', () => {
    const table = new Table();
    const nat = make(table, 2);
    table.open(nat, inside(2), 1, 9, 1, 17);
    table.open(nat, inside(2), 2, 9, 1, 17);
    expect(table.open(nat, inside(2), 3, 9, 1, 17)).toBe(TOO_MANY);
    expect(table.open(nat, inside(3), 3, 9, 1, 17)).toBeGreaterThanOrEqual(1024);
    table.close(nat, 0);
    expect(table.open(nat, inside(2), 3, 9, 1, 17)).toBeGreaterThanOrEqual(1024);
  });

  it('is rebuilt from the flows', () => {
    const table = new Table();
    const first = make(table);
    table.open(first, inside(2), 5000, 1, 80, 17);
    const port = table.open(first, inside(3), 5000, 1, 80, 17);
    const second = make(table);
    for (const flow of table.flows) second.adopt(flow as FlowView);
    expect(second.holds(WAN, inside(3), 5000, port, 17)).toBe(true);
    expect(second.holds(WAN, inside(2), 5000, port, 17)).toBe(false);
    expect(table.open(second, inside(3), 5000, 2, 80, 17)).toBe(port);
    while (table.flows.length > 0) table.close(second, 0);
    expect(second.mappings).toBe(0);
    expect(second.sessions(inside(3))).toBe(0);
  });

  it('never gives one external port to two endpoints for the same remote, and frees everything', () => {
    const act = fc.record({
      host: fc.integer({ min: 2, max: 5 }), sport: fc.constantFrom(80, 1024, 5000, 5001, 4500), remote: fc.integer({ min: 1, max: 3 }),
      proto: fc.constantFrom(6, 17, 1), open: fc.boolean(), pick: fc.nat(),
    });
    fc.assert(fc.property(fc.array(act, { maxLength: 150 }), acts => {
      const table = new Table();
      const nat = make(table);
      for (const a of acts) {
        if (!a.open) {
          if (table.flows.length > 0) table.close(nat, a.pick % table.flows.length);
          continue;
        }
        const dport = a.proto === 1 ? 0 : 80;
        if (table.flows.some(f => f.original.src === inside(a.host) && f.original.sport === a.sport && f.original.dst === a.remote && f.original.proto === a.proto)) continue;
        const port = table.open(nat, inside(a.host), a.sport, a.remote, dport, a.proto);
        expect(port >= 1024 && port !== 4500).toBe(true);
        expect(port % 2).toBe(a.sport % 2);
        // Endpoint-independent and without sharing: an external port has one inside endpoint at a time, and the other way round.
        const mine = table.flows.filter(f => f.original.proto === a.proto);
        const owners = new Map<number, string>();
        const mapped = new Map<string, number>();
        for (const f of mine) {
          const owner = key(f.original.src, f.original.sport);
          expect(owners.get(f.reply.dport) ?? owner).toBe(owner);
          expect(mapped.get(owner) ?? f.reply.dport).toBe(f.reply.dport);
          owners.set(f.reply.dport, owner);
          mapped.set(owner, f.reply.dport);
        }
      }
      while (table.flows.length > 0) table.close(nat, 0);
      expect(nat.mappings).toBe(0);
    }), { numRuns: 100 });
  });
});
