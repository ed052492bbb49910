import { afterEach, beforeEach, expect, it } from 'vitest';
import { format4 } from '../../sdk/wire/address.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as tcp from '../../sdk/wire/tcp.ts';
import { type Bed, bed } from './bed.ts';
import { echo, errors, from, listen, ipOf, send, tcpPacket, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const ROUTER = '192.168.1.1';
/** Nobody is there. */
const PEER = '203.0.113.77';

let b: Bed;
beforeEach(async () => {
  b = await bed();
  await b.advance(5000);
  await b.exec('lan1', `ping -c 1 ${ROUTER}`);
  b.router.engine.flows.cutWhere(() => true, 'test');
});
afterEach(async () => {
  expect(errors(b)).toEqual([]);
  await b.stop();
});
const say = (p: Uint8Array): void => { send(b, 'port1', from(b, 'lan1', p)); b.clock.advance(5); };
const sessions = (): string[] => b.router.engine.flows.list().filter(f => !f.local && format4(f.original.src) === LAN1)
  .map(f => `${f.original.proto} ${format4(f.original.dst)} ${f.original.proto === 1 ? 'echo' : f.original.dport}`).sort();

it('idle flows that a rule no longer allows are gone at once, not with their next packet (fixed: they were listed for hours)', async () => {
  say(udpPacket(LAN1, 5000, PEER, 7000));
  say(udpPacket(LAN1, 5000, PEER, 7001));
  say(tcpPacket(LAN1, 5000, PEER, 80, tcp.SYN));
  say(echo(LAN1, PEER, 77));
  say(udpPacket(LAN1, 5000, ROUTER, 53));
  const before = sessions();
  expect(before).toEqual([`1 ${PEER} echo`, `17 ${PEER} 7000`, `17 ${PEER} 7001`, `17 ${ROUTER} 53`, `6 ${PEER} 80`].sort());
  await b.verb('firewall rule insert lan wan drop service udp/7000 name games');
  b.clock.advance(2);
  expect(sessions()).toEqual(before.filter(f => !f.endsWith('7000')));
  expect(b.log.ring.lines({ name: 'firewall', text: 'session no longer allowed' })).toHaveLength(1);
  await b.verb('firewall rule insert lan wan drop service icmp/8 tcp/80');
  await b.verb('firewall rule insert lan lan drop service udp/53');
  b.clock.advance(2);
  expect(sessions()).toEqual([`17 ${PEER} 7001`]);
});

it.each([8, 13])('ICMP questions of type %i end with their permission whatever their identifier (fixed: 0 was taken for an answer, and went on)', async (type) => {
  const question = (id: number): Uint8Array => { const p = echo(LAN1, PEER, id); icmp.setType(p, 20, type); icmp.writeChecksum(p, 20, p.length); return p; };
  const heard = listen(b, 'inet1');
  const asked = (): number => ipOf(heard.splice(0)).filter(p => p[9] === 1 && p[16] === 203).length;
  for (const id of [0, 77]) say(question(id));
  expect(asked()).toBe(2);
  await b.verb(`firewall rule insert lan wan drop service icmp/${type}`);
  // Before and after idle flows were looked through.
  for (const _ of [1, 2]) for (const id of [0, 77]) say(question(id));
  expect(asked()).toBe(0);
  expect(b.router.engine.flows.list().filter(f => f.asked >> 8 === type && !f.local)).toEqual([]);
});

it('what a change leaves alone stays, with its port outside', async () => {
  const heard = listen(b, 'inet1');
  say(udpPacket(LAN1, 5000, PEER, 7001));
  await b.verb('firewall rule insert lan wan permit service udp/7002');
  b.clock.advance(2);
  say(udpPacket(LAN1, 5000, PEER, 7001));
  const ports = ipOf(heard).filter(p => p[9] === 17 && p[16] === 203).map(p => p[20]! << 8 | p[21]!);
  expect([ports.length, new Set(ports).size]).toEqual([2, 1]);
});

it('an uplink that is away for a moment ends no idle flow', async () => {
  say(udpPacket(LAN1, 5000, PEER, 7001));
  b.lab.sockets.get('wan')!.setUp(false);
  await b.advance(2000);
  await b.verb('firewall rule insert lan wan permit service udp/7002');
  await b.advance(100);
  expect(sessions()).toContain(`17 ${PEER} 7001`);
});
