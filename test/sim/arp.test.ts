import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as arp from '../../sdk/wire/arp.ts';
import { formatMac } from '../../sdk/wire/address.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import { type Bed, bed } from './bed.ts';
import { arpFrame, errors, ip, listen, mac, routerMac, send } from './frames.ts';

const ADDRESS = '192.168.1.50';
const OLD = '02:00:00:00:50:01';
const NEW = '02:00:00:00:50:02';

/**
 * A host 192.168.1.50 on port1 says unasked that it has a (new) card. Whether the router listens:
 *
 *     active   forceUpdate   known already   the router …
 *     no       any           any             ignores it
 *     yes      any           no              asks itself, and learns from the answer
 *     yes      off           yes             keeps the old card
 *     yes      on            yes             asks itself, and takes the new card from the answer
 */
describe('gratuitous ARP', () => {
  let b: Bed;
  let heard: Uint8Array[];
  beforeEach(async () => { b = await bed(); await b.advance(5000); heard = listen(b, 'lan1'); });
  afterEach(async () => { expect(errors(b)).toEqual([]); await b.stop(); });

  const gratuitous = (card: string, op: number) => send(b, 'port1', arpFrame({ op, sha: mac(card), spa: ADDRESS, tha: op === arp.OP_REPLY ? mac(card) : new Uint8Array(6), tpa: ADDRESS }));
  const answer = (card: string) => send(b, 'port1', arpFrame({ to: routerMac(b, 'lan1'), op: arp.OP_REPLY, sha: mac(card), spa: ADDRESS, tha: routerMac(b, 'lan1'), tpa: '192.168.1.1' }));
  /** How often the router has asked for the address. */
  const asked = () => heard.filter(f => ethernet.etherType(f, 0) === ethernet.TYPE_ARP && arp.op(f, 14) === arp.OP_REQUEST && arp.tpa(f, 14) === ip(ADDRESS) && arp.spa(f, 14) === ip('192.168.1.1')).length;
  const known = () => b.router.engine.neighbours.list().find(n => n.ip === ip(ADDRESS) && n.mac !== undefined)?.mac;
  const know = async (card: string) => {
    const resolving = b.verb(`ip arp resolve ${ADDRESS}`);
    b.clock.advance(10);
    answer(card);
    expect((await resolving).text).toContain(`is at ${card}`);
    heard.length = 0;
  };
  const set = async (active: 'yes' | 'no', forceUpdate: 'on' | 'off') => {
    expect([(await b.verb(`ip arp ackGratuitous active ${active}`)).code, (await b.verb(`ip arp ackGratuitous forceUpdate ${forceUpdate}`)).code]).toEqual([0, 0]);
    expect([(await b.verb('ip arp ackGratuitous active')).text.trim(), (await b.verb('ip arp ackGratuitous forceUpdate')).text.trim()]).toEqual([active, forceUpdate]);
  };

  const table = [
    { active: 'no', forceUpdate: 'off', before: undefined, asks: 0, after: undefined },
    { active: 'no', forceUpdate: 'on', before: undefined, asks: 0, after: undefined },
    { active: 'no', forceUpdate: 'off', before: OLD, asks: 0, after: OLD },
    { active: 'no', forceUpdate: 'on', before: OLD, asks: 0, after: OLD },
    { active: 'yes', forceUpdate: 'off', before: undefined, asks: 1, after: NEW },
    { active: 'yes', forceUpdate: 'on', before: undefined, asks: 1, after: NEW },
    { active: 'yes', forceUpdate: 'off', before: OLD, asks: 0, after: OLD },
    { active: 'yes', forceUpdate: 'on', before: OLD, asks: 1, after: NEW },
  ] as const;
  for (const op of [arp.OP_REQUEST, arp.OP_REPLY]) {
    it.each(table)(`as a ${op === arp.OP_REQUEST ? 'request' : 'reply'}: active $active, forceUpdate $forceUpdate, before $before → after $after`, async row => {
      await set(row.active, row.forceUpdate);
      if (row.before) await know(row.before);
      gratuitous(NEW, op);
      b.clock.advance(10);
      expect(asked()).toBe(row.asks);
      // The claim itself is never believed, only an answer to the router's own question.
      expect(known()).toBe(row.before);
      answer(NEW);
      b.clock.advance(10);
      expect(known()).toBe(row.after);
      if (row.after) expect((await b.verb('ip arp status')).text).toContain(formatMac(mac(row.after)));
    });
  }

  it('without an answer changes nothing', async () => {
    await set('yes', 'on');
    await know(OLD);
    gratuitous(NEW, arp.OP_REQUEST);
    await b.advance(10_000);
    expect(asked()).toBeGreaterThan(0);
    expect(known()).toBe(OLD);
  });

  it('of another network is not listened to unless attpret is on', async () => {
    await set('yes', 'on');
    const foreign = () => send(b, 'port1', arpFrame({ op: arp.OP_REQUEST, sha: mac(NEW), spa: '10.7.7.7', tpa: '10.7.7.7' }));
    foreign();
    b.clock.advance(10);
    const asks = () => heard.filter(f => ethernet.etherType(f, 0) === ethernet.TYPE_ARP && arp.tpa(f, 14) === ip('10.7.7.7') && arp.op(f, 14) === arp.OP_REQUEST && ethernet.sameMac(f, 6, routerMac(b, 'lan1'))).length;
    expect(asks()).toBe(0);
    await b.verb('ip arp attpret on');
    foreign();
    b.clock.advance(10);
    expect(asks()).toBe(1);
  });

  it('answers that nobody asked for are never learnt', async () => {
    answer(NEW);
    await b.advance(1000);
    expect(known()).toBeUndefined();
  });

  it('for the router\'s own address: it says that the address is taken, and stays', async () => {
    send(b, 'port1', arpFrame({ op: arp.OP_REQUEST, sha: mac(NEW), spa: '192.168.1.1', tpa: '192.168.1.1' }));
    b.clock.advance(10);
    const defence = heard.filter(f => ethernet.etherType(f, 0) === ethernet.TYPE_ARP && arp.spa(f, 14) === ip('192.168.1.1') && arp.tpa(f, 14) === ip('192.168.1.1') && ethernet.sameMac(f, 6, routerMac(b, 'lan1')));
    expect(defence).toHaveLength(1);
    expect((await b.exec('lan2', 'ping -c 1 192.168.1.1')).output).toContain('1 received');
  });
});

/**
 * Who asks for an own address of the router from a network that the interface has no subnet of. Linux answers wherever its reverse path filter would take a
 * packet of that sender; the original nowhere (`attpret off`). The router answers where it has a route back by that interface: a provider's gateway often stands
 * in another network than the addresses it gives.
 */
describe('an ARP request from another network', () => {
  let b: Bed;
  beforeEach(async () => { b = await bed(); await b.advance(5000); });
  afterEach(async () => { expect(errors(b)).toEqual([]); await b.stop(); });

  const answered = (wire: 'port1' | 'wan', from: string, target: string): boolean => {
    const heard = listen(b, wire === 'wan' ? 'inet1' : 'lan1');
    send(b, wire, arpFrame({ op: arp.OP_REQUEST, sha: mac(NEW), spa: from, tpa: target }));
    b.clock.advance(10);
    return heard.some(f => ethernet.etherType(f, 0) === ethernet.TYPE_ARP && arp.op(f, 14) === arp.OP_REPLY && arp.spa(f, 14) === ip(target) && arp.tpa(f, 14) === ip(from));
  };

  it('is answered on the uplink, where the default route goes, and not learnt from', () => {
    expect(answered('wan', '10.20.30.1', '198.51.100.2')).toBe(true);
    expect(b.router.engine.neighbours.list().filter(n => n.ip === ip('10.20.30.1'))).toEqual([]);
  });

  it('is not answered on the uplink when the sender would be a host inside, or nobody at all', () => {
    for (const sender of ['192.168.1.33', '192.168.2.33', '127.0.0.1', '224.0.0.1', '255.255.255.255']) expect(`${sender} ${answered('wan', sender, '198.51.100.2')}`).toBe(`${sender} false`);
  });

  it('is answered inside only where a route goes there, or with attpret', async () => {
    expect(answered('port1', '10.20.30.1', '192.168.1.1')).toBe(false);
    expect((await b.verb('ip route add 10.20.0.0/16 192.168.1.50')).code).toBe(0);
    expect(answered('port1', '10.20.30.1', '192.168.1.1')).toBe(true);
    expect(answered('port1', '10.21.30.1', '192.168.1.1')).toBe(false);
    await b.verb('ip arp attpret on');
    expect(answered('port1', '10.21.30.1', '192.168.1.1')).toBe(true);
  });
});
