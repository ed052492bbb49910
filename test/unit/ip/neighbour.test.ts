import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as arp from '../../../sdk/wire/arp.ts';
import { NeighbourMachine } from '../../../plugins/ip/neighbour.ts';
import type { In, Options, Out } from '../../../plugins/ip/neighbour-messages.ts';
import { ip } from './packets.ts';

const LAN = 1;
const OWN = ip('192.168.1.1');
const HOST = ip('192.168.1.33');
const ROUTED = ip('172.16.0.1');
const MINE = Uint8Array.of(2, 0, 0, 0, 0, 1);
const mac = (n: number) => Uint8Array.of(2, 0, 0, 0, 1, n);
const ZERO = new Uint8Array(6);

function machine(options: Partial<Options> = {}, idle = { ms: 0 }) {
  const m = new NeighbourMachine({ ackGratuitous: { active: false, forceUpdate: false }, attpret: false, ageMs: 60_000, most: 64, ...options }, {
    mac: (link) => link === LAN || link === 2 ? MINE : undefined,
    owns: (link, a) => link === LAN && a === OWN,
    inSubnet: (link, a) => link === LAN && a >>> 8 === OWN >>> 8,
    routed: (link, a) => link === LAN && a === ROUTED,
    source: (link) => link === LAN ? OWN : 0,
    idleMs: () => idle.ms,
  });
  let now = 0;
  return {
    m, idle,
    step: (input: In) => m.step(input, now),
    /** Runs the clock on, tick by tick; all outputs with their times. */
    run(ms: number): (Out & { at: number })[] {
      const end = now + ms;
      const out: (Out & { at: number })[] = [];
      for (let due = m.deadline(); due !== undefined && due <= end; due = m.deadline()) {
        expect(due).toBeGreaterThanOrEqual(now);
        now = due;
        out.push(...m.step({ kind: 'tick' }, now).map((o) => ({ ...o, at: now })));
      }
      now = end;
      return out;
    },
    known: () => m.list().map((e) => [e.ip, e.mac?.[5], e.state]),
  };
}
const packet = (op: number, spa: number, sha: Uint8Array, tpa: number, link = LAN, port = link): In => ({ kind: 'arp', link, port, op, sha, spa, tpa });
const reply = (n: number, spa = HOST) => packet(arp.OP_REPLY, spa, mac(n), OWN);
const gratuitous = (n: number, op: number = arp.OP_REQUEST) => packet(op, HOST, mac(n), HOST);
const request = { kind: 'send', link: LAN, op: arp.OP_REQUEST, spa: OWN, tpa: HOST };
const need: In = { kind: 'need', link: LAN, ip: HOST };

describe('resolving', () => {
  it('asks three times, a second apart, then says so, and asks again when still wanted', () => {
    const { step, run } = machine();
    expect(step(need)).toMatchObject([{ ...request, dstMac: new Uint8Array(6).fill(0xff), tha: ZERO }]);
    expect(step(need)).toEqual([]);
    expect(run(3000).map((o) => [o.kind, o.at])).toEqual([['send', 1000], ['send', 2000], ['failed', 3000]]);
    expect(step(need)).toEqual([]);
    expect(run(3000).map((o) => [o.kind, o.at])).toEqual([['send', 6000]]);
  });

  it('forgets a failure that nobody asks about', () => {
    const { step, run, m } = machine();
    step(need);
    run(10_000);
    expect(m.list()).toEqual([]);
    expect(m.deadline()).toBeUndefined();
  });

  it('learns the answer with its wire', () => {
    const { step, known } = machine();
    step(need);
    expect(step(packet(arp.OP_REPLY, HOST, mac(5), OWN, LAN, 7))).toMatchObject([{ kind: 'set', ip: HOST, mac: mac(5), port: 7, permanent: false }]);
    expect(known()).toEqual([[HOST, 5, 'known']]);
    expect(step(reply(6))).toEqual([{ kind: 'count', why: 'arp: unasked' }]);
    expect(step(need)).toMatchObject([{ kind: 'set', mac: mac(5) }]);
  });

  it('is silent on a link without an address, and limits broadcasts', () => {
    const { step } = machine({ most: 1000 });
    expect(step({ kind: 'need', link: 2, ip: HOST })).toEqual([]);
    const out = Array.from({ length: 300 }, (_, i) => step({ kind: 'need', link: LAN, ip: ip('10.0.0.0') + i })).flat();
    expect(out.filter((o) => o.kind === 'send')).toHaveLength(100);
  });
});

describe('confirming', () => {
  const learned = (options: Partial<Options> = {}) => {
    const r = machine(options);
    r.step(need);
    r.step(reply(5));
    return r;
  };

  it('asks by unicast while in use; only the asked one can answer', () => {
    const { run, step, known } = learned();
    const out = run(60_000);
    expect(out).toMatchObject([{ ...request, dstMac: mac(5), at: 60_000 }]);
    expect(step(reply(6))).toEqual([{ kind: 'count', why: 'arp: unasked' }]);
    expect(step(reply(5))).toMatchObject([{ kind: 'set' }]);
    expect(known()).toEqual([[HOST, 5, 'known']]);
  });

  it('falls back to broadcast, and fails only then', () => {
    const { run } = learned();
    const out = run(67_000);
    expect(out.map((o) => o.kind === 'send' ? o.dstMac[0] === 0xff ? 'broadcast' : 'unicast' : o.kind)).toEqual(['unicast', 'unicast', 'unicast', 'broadcast', 'broadcast', 'broadcast', 'failed']);
  });

  it('forgets what is not used', () => {
    const { run, idle, m } = learned();
    idle.ms = 1e9;
    expect(run(60_000)).toMatchObject([{ kind: 'remove', ip: HOST }]);
    expect(m.deadline()).toBeUndefined();
  });

  it('does not believe a request from another card, but asks', () => {
    const { step, known } = learned();
    expect(step(packet(arp.OP_REQUEST, HOST, mac(9), OWN))).toMatchObject([{ kind: 'send', op: arp.OP_REPLY, dstMac: mac(9) }, { ...request, dstMac: mac(5) }]);
    expect(known()).toEqual([[HOST, 5, 'confirming']]);
  });
});

describe('gratuitous ARP: the table of the manual', () => {
  const prepared = (active: boolean, forceUpdate: boolean, inTable: boolean) => {
    const r = machine({ ackGratuitous: { active, forceUpdate } });
    if (inTable) {
      r.step(need);
      r.step(reply(5));
    }
    return r;
  };
  for (const op of [arp.OP_REQUEST, arp.OP_REPLY]) {
    it(`not active: ignored (op ${op})`, () => {
      for (const force of [false, true]) for (const there of [false, true]) {
        const r = prepared(false, force, there);
        const table = r.known();
        expect(r.step(gratuitous(8, op))).toEqual([{ kind: 'count', why: 'arp: gratuitous ignored' }]);
        expect(r.known()).toEqual(table);
      }
    });
    it(`active, not in the table: asks, and adds from the answer (op ${op})`, () => {
      for (const force of [false, true]) {
        const r = prepared(true, force, false);
        expect(r.step(gratuitous(8, op))).toMatchObject([request]);
        expect(r.known()).toEqual([[HOST, undefined, 'asking']]);
        expect(r.step(reply(7))).toMatchObject([{ kind: 'set', mac: mac(7) }]);
      }
    });
    it(`active, forceUpdate off, in the table: keeps the old (op ${op})`, () => {
      const r = prepared(true, false, true);
      expect(r.step(gratuitous(8, op))).toEqual([{ kind: 'count', why: 'arp: gratuitous kept' }]);
      expect(r.known()).toEqual([[HOST, 5, 'known']]);
    });
    it(`active, forceUpdate on, in the table: asks, and replaces from the answer (op ${op})`, () => {
      const r = prepared(true, true, true);
      expect(r.step(gratuitous(8, op))).toMatchObject([{ ...request, dstMac: new Uint8Array(6).fill(0xff) }]);
      expect(r.known()).toEqual([[HOST, 5, 'confirming']]);
      expect(r.step(reply(8))).toMatchObject([{ kind: 'set', mac: mac(8) }]);
    });
  }
  it('no answer leaves the old entry', () => {
    const r = prepared(true, true, true);
    r.step(gratuitous(8));
    expect(r.run(3500).every((o) => o.kind === 'send')).toBe(true);
    expect(r.known()).toEqual([[HOST, 5, 'known']]);
  });
});

describe('answering', () => {
  it('answers for own addresses on the right link only', () => {
    const { step } = machine();
    expect(step(packet(arp.OP_REQUEST, HOST, mac(5), OWN))).toEqual([{ kind: 'send', link: LAN, op: arp.OP_REPLY, dstMac: mac(5), spa: OWN, tha: mac(5), tpa: HOST }]);
    expect(step(packet(arp.OP_REQUEST, HOST, mac(5), OWN, 2))).toEqual([{ kind: 'count', why: 'arp: not for us' }]);
    expect(step(packet(arp.OP_REQUEST, HOST, mac(5), HOST + 1))).toEqual([{ kind: 'count', why: 'arp: not for us' }]);
    expect(step(packet(arp.OP_REQUEST, 0, mac(5), OWN))).toMatchObject([{ op: arp.OP_REPLY, tpa: 0 }]);
  });

  it('attpret: another network on the interface', () => {
    const other = packet(arp.OP_REQUEST, ip('10.0.0.9'), mac(5), OWN);
    expect(machine().step(other)).toEqual([{ kind: 'count', why: 'arp: other network' }]);
    expect(machine({ attpret: true }).step(other)).toMatchObject([{ op: arp.OP_REPLY }]);
  });

  it('a sender outside of the subnet to whom the interface is a route is answered, and nothing is learnt', () => {
    const { step, m } = machine();
    expect(step(packet(arp.OP_REQUEST, ROUTED, mac(5), OWN))).toMatchObject([{ kind: 'send', op: arp.OP_REPLY, spa: OWN, tpa: ROUTED }]);
    expect(step(packet(arp.OP_REQUEST, ROUTED, mac(5), ROUTED))).toEqual([{ kind: 'count', why: 'arp: gratuitous ignored' }]);
    expect(step(packet(arp.OP_REPLY, ROUTED, mac(5), OWN))).toEqual([{ kind: 'count', why: 'arp: unasked' }]);
    expect(m.list()).toEqual([]);
  });

  it('reports a conflict and defends, at most every ten seconds', () => {
    const { step, run } = machine();
    const theirs = packet(arp.OP_REQUEST, OWN, mac(66), OWN);
    expect(step(theirs)).toMatchObject([{ kind: 'conflict', ip: OWN, mac: mac(66) }, { kind: 'send', spa: OWN, tpa: OWN }]);
    expect(step(theirs)).toEqual([]);
    run(10_000);
    expect(step(theirs)).toHaveLength(2);
    expect(step(packet(arp.OP_REQUEST, OWN, MINE, OWN))).toEqual([{ kind: 'count', why: 'arp: own echo' }]);
  });

  it('announces twice', () => {
    const { step, run } = machine();
    const hello = { kind: 'send', op: arp.OP_REQUEST, spa: OWN, tpa: OWN };
    expect(step({ kind: 'announce', link: LAN, ip: OWN })).toMatchObject([hello]);
    expect(run(60_000)).toMatchObject([{ ...hello, at: 2000 }]);
  });

  it('stops listening in a storm, but not for answers', () => {
    const { step } = machine();
    step(need);
    const out = Array.from({ length: 2000 }, () => step(packet(arp.OP_REQUEST, HOST + 1, mac(5), OWN))).flat();
    expect(out.filter((o) => o.kind === 'send')).toHaveLength(500);
    expect(step(reply(5))).toMatchObject([{ kind: 'set' }]);
  });
});

it('permanent entries stay as they are', () => {
  const { step, run, known } = machine({ ackGratuitous: { active: true, forceUpdate: true } });
  expect(step({ kind: 'permanent', link: LAN, ip: HOST, mac: mac(3) })).toMatchObject([{ kind: 'set', permanent: true }]);
  step(gratuitous(8));
  step(reply(8));
  step({ kind: 'flush' });
  step({ kind: 'resolve', link: LAN, ip: HOST });
  run(1e6);
  expect(known()).toEqual([[HOST, 3, 'permanent']]);
  step({ kind: 'forget', link: LAN, ip: HOST });
  expect(known()).toEqual([]);
});

it('carries entries over a reload', () => {
  const { m, step } = machine();
  step(need);
  step(reply(5));
  const next = new NeighbourMachine(m.options, { mac: () => MINE, owns: () => true, inSubnet: () => true, routed: () => false, source: () => OWN, idleMs: () => 0 }, m.list());
  expect(next.list()).toEqual(m.list());
  expect(next.deadline()).toBe(60_000);
});

it('never learns what it did not ask for, and stays bounded', () => {
  const hosts = fc.integer({ min: 0, max: 40 }).map((n) => ip('192.168.1.0') + n);
  const event = fc.oneof(
    fc.record({ kind: fc.constant('arp' as const), link: fc.integer({ min: 0, max: 2 }), op: fc.integer({ min: 0, max: 3 }), spa: fc.oneof(hosts, fc.nat(0xffffffff)), tpa: fc.oneof(hosts, fc.constant(OWN)), n: fc.nat(255) }),
    fc.record({ kind: fc.constant('need' as const), ip: hosts }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(20_000) }),
  );
  fc.assert(fc.property(fc.array(event, { maxLength: 120 }), fc.boolean(), fc.boolean(), fc.boolean(), (events, active, forceUpdate, attpret) => {
    const r = machine({ ackGratuitous: { active, forceUpdate }, attpret, most: 16 });
    const asked = new Set<string>();
    const look = (outs: readonly Out[], from?: { link: number; spa: number; sha: Uint8Array; op: number }) => {
      for (const o of outs) {
        if (o.kind === 'send' && o.op === arp.OP_REQUEST) asked.add(`${o.link} ${o.tpa}`);
        if (o.kind === 'set' && from) {
          expect(from.op).toBe(arp.OP_REPLY);
          expect(asked.delete(`${o.link} ${o.ip}`)).toBe(true);
          expect([o.link, o.ip, o.mac]).toEqual([from.link, from.spa, from.sha]);
        }
      }
      expect(r.m.list().length).toBeLessThanOrEqual(16);
    };
    for (const e of events) {
      if (e.kind === 'wait') look(r.run(e.ms));
      else if (e.kind === 'need') look(r.step({ kind: 'need', link: LAN, ip: e.ip }));
      else look(r.step(packet(e.op, e.spa, mac(e.n), e.tpa, e.link)), { ...e, sha: mac(e.n) });
    }
  }), { numRuns: 300 });
});
