import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitProperties } from '../../../../plugins/upnp/gena.ts';
import { Subscriptions, type SubscriptionsIn, type SubscriptionsOut, type Values } from '../../../../plugins/upnp/subscriptions.ts';
import { HOST, OTHER, ip } from './rig.ts';

const OWN = ip('192.168.1.1');
const callbacks = [{ port: 4004, path: '/e' }];
const values = (address: string, entries = 0): Values => ({
  Layer3Forwarding: [['DefaultConnectionService', 'x']], WANCommonInterfaceConfig: [['PhysicalLinkStatus', 'Up']],
  WANIPConnection: [['ConnectionStatus', 'Connected'], ['ExternalIPAddress', address], ['PortMappingNumberOfEntries', String(entries)]],
});

function publisher() {
  let n = 0;
  const machine = new Subscriptions(() => `uuid:${++n}`);
  machine.step({ kind: 'values', values: values('1.1.1.1') }, 0);
  const subscribe = (now = 0, o: Partial<Extract<SubscriptionsIn, { kind: 'subscribe' }>> = {}) =>
    machine.step({ kind: 'subscribe', service: 'WANIPConnection', host: HOST, own: OWN, callbacks, seconds: 1800, ...o }, now)[0] as Extract<SubscriptionsOut, { kind: 'answer' }>;
  const change = (address: string, now: number, entries = 0) => machine.step({ kind: 'values', values: values(address, entries) }, now);
  const delivered = (sid: string, now: number, ok = true) => machine.step({ kind: 'delivered', sid, ok }, now);
  const tick = (now: number) => machine.step({ kind: 'tick' }, now);
  return { machine, subscribe, change, delivered, tick };
}

describe('subscriptions', () => {
  it('tell everything first, then what has changed, counting from 0 (UDA 1.1 §4.3)', () => {
    const { machine, subscribe, change, delivered, tick } = publisher();
    expect(subscribe()).toEqual({ kind: 'answer', status: 200, sid: 'uuid:1', seconds: 1800 });
    expect([machine.deadline(), tick(99)]).toEqual([100, []]);
    const first = tick(100);
    expect(first).toEqual([{ kind: 'send', sid: 'uuid:1', seq: 0, host: HOST, own: OWN, callback: callbacks[0], values: values('1.1.1.1').WANIPConnection }]);
    expect(change('2.2.2.2', 110)).toEqual([]); // one message at a time, or they would overtake one another
    expect(delivered('uuid:1', 120)).toEqual([]);
    expect(machine.deadline()).toBe(300);
    expect(change('3.3.3.3', 150, 4)).toEqual([]);
    expect(tick(300)).toMatchObject([{ seq: 1, values: [['ExternalIPAddress', '3.3.3.3'], ['PortMappingNumberOfEntries', '4']] }]);
    expect(delivered('uuid:1', 310)).toEqual([]);
    expect(machine.deadline()).toBe(1_800_000);
    expect(change('3.3.3.3', 5000, 4)).toEqual([]);
    expect(change('1.1.1.1', 6000, 4)).toMatchObject([{ seq: 2, values: [['ExternalIPAddress', '1.1.1.1']] }]);
  });

  it('try the other URLs of a subscriber, and leave a gap in SEQ for an event that none has taken', () => {
    const { subscribe, change, delivered, tick } = publisher();
    subscribe(0, { callbacks: [...callbacks, { port: 5005, path: '/f' }] });
    expect(tick(100)).toMatchObject([{ seq: 0, callback: { port: 4004 } }]);
    expect(delivered('uuid:1', 200, false)).toMatchObject([{ seq: 0, callback: { port: 5005 } }]);
    expect(delivered('uuid:1', 300, false)).toEqual([]);
    expect(change('2.2.2.2', 1000)).toMatchObject([{ seq: 1, callback: { port: 4004 } }]);
  });

  it('end by themselves, unless prolonged, and hold between a minute and half an hour', () => {
    const { machine, subscribe, tick } = publisher();
    expect([subscribe(0, { seconds: 1 }), subscribe(0, { seconds: 999_999 }), subscribe(0, { seconds: undefined })].map(a => a.seconds)).toEqual([60, 1800, 1800]);
    expect(machine.step({ kind: 'renew', service: 'WANIPConnection', host: HOST, sid: 'uuid:2', seconds: 3000 }, 1_000_000)).toEqual([{ kind: 'answer', status: 200, sid: 'uuid:2', seconds: 1800 }]);
    expect(machine.size).toBe(2);
    tick(1_800_000);
    expect(machine.size).toBe(1);
    expect(machine.step({ kind: 'renew', service: 'WANIPConnection', host: HOST, sid: 'uuid:3', seconds: 60 }, 1_800_000)).toMatchObject([{ status: 412 }]);
    tick(2_800_000);
    expect([machine.size, machine.deadline()]).toEqual([0, undefined]);
  });

  it('are twelve of one host and 64 in all; one that answers no more makes room', () => {
    const { machine, subscribe, delivered, tick } = publisher();
    const status = (host: number) => subscribe(0, { host }).status;
    expect(Array.from({ length: 14 }, () => status(HOST))).toEqual([...new Array(12).fill(200), 503, 503]);
    for (let i = 0; i < 60; i++) status(OTHER + i % 20);
    expect(machine.size).toBe(64);
    tick(100);
    delivered('uuid:5', 200, false);
    expect([status(HOST), status(HOST), machine.size]).toEqual([200, 503, 64]);
    expect(delivered('uuid:5', 300)).toEqual([]);
  });

  it('end when the interface or the host goes', () => {
    const { machine, subscribe } = publisher();
    subscribe(0, { own: OWN + 256 });
    subscribe(0, { host: OTHER });
    subscribe();
    machine.step({ kind: 'served', own: [OWN] }, 0);
    expect(machine.size).toBe(2);
    machine.step({ kind: 'gone', host: OTHER }, 0);
    expect(machine.size).toBe(1);
  });

  it('never have two messages on their way to one subscriber, nor skip a number', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('change' as const), n: fc.nat(5) }), fc.record({ kind: fc.constant('delivered' as const), sid: fc.nat(4), ok: fc.boolean() }),
      fc.record({ kind: fc.constant('subscribe' as const) }), fc.record({ kind: fc.constant('tick' as const) }),
    );
    fc.assert(fc.property(fc.array(fc.tuple(event, fc.nat(400)), { maxLength: 60 }), events => {
      const { machine, subscribe, change, delivered, tick } = publisher();
      const flying = new Map<string, number>();
      const next = new Map<string, number>();
      let now = 0;
      const take = (outs: readonly SubscriptionsOut[]) => {
        for (const o of outs) {
          if (o.kind !== 'send') continue;
          expect(flying.has(o.sid)).toBe(false);
          expect(o.seq).toBe(next.get(o.sid) ?? 0);
          expect(o.values.length).toBeGreaterThan(0);
          flying.set(o.sid, o.seq);
          next.set(o.sid, o.seq + 1);
        }
      };
      for (const [e, gap] of events) {
        now += gap;
        if (e.kind === 'change') take(change(String(e.n), now, e.n));
        else if (e.kind === 'subscribe') subscribe(now);
        else if (e.kind === 'tick') take(tick(now));
        else if (flying.delete(`uuid:${e.sid}`)) take(delivered(`uuid:${e.sid}`, now, e.ok));
        expect(machine.deadline() ?? 0).toBeGreaterThanOrEqual(0);
      }
    }), { numRuns: 300 });
  });

  it('write values as XML', () => {
    expect(emitProperties([['A', '<&>'], ['B', '']])).toBe('<?xml version="1.0"?>\n<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0"><e:property><A>&lt;&amp;&gt;</A></e:property><e:property><B></B></e:property></e:propertyset>\r\n');
  });
});
