import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { Bridge } from '../../../plugins/lan/bridge.ts';
import { macHi, macLo } from '../../../plugins/lan/fdb.ts';
import { Movers, takeAway } from '../../../plugins/lan/reach.ts';
import type { Segment } from '../../../plugins/lan/switch.ts';
import { formatMac } from '../../../sdk/wire/address.ts';
import type { FlowView, NeighbourView } from '../../../sdk/index.ts';
import { ip, macOf } from './dhcp-bench.ts';

const BRIDGE = 10;

const rig = () => {
  const clock = new VirtualClock();
  const bridge = new Bridge('lan');
  bridge.setPorts([1, 2]);
  const said: string[] = [];
  let cut: (f: FlowView) => boolean = () => false;
  const neighbour = (n: number): NeighbourView => ({ link: BRIDGE, ip: ip(`192.168.1.${n}`), mac: formatMac(macOf(n)), permanent: false, port: BRIDGE, ageMs: 0, idleMs: 0 });
  const ctx = {
    clock,
    links: { list: () => [], byName: () => undefined, byId: () => undefined },
    flows: { cutWhere: (filter: typeof cut) => { cut = filter; return 0; } } as never,
    neighbours: {
      list: () => [neighbour(1), neighbour(2), neighbour(3)],
      set: (_l: number, address: number, mac: Uint8Array, o: { port: number }) => said.push(`set .${address & 255} ${formatMac(mac)} port ${o.port}`),
      remove: (_l: number, address: number) => said.push(`remove .${address & 255}`),
      invalidate: (_l: number, address: number) => said.push(`invalidate .${address & 255}`),
    } as never,
  };
  const segment = { role: 'lan', bridge, id: BRIDGE } as unknown as Segment;
  const learn = (n: number, port: number) => bridge.fdb.learn(macHi(macOf(n), 0), macLo(macOf(n), 0), port, clock.now());
  const isCut = (src: string, inLink = BRIDGE) =>
    cut({ original: { src: ip(src) }, reply: { src: 9 }, inLink, outLink: 5 } as FlowView) || cut({ original: { src: 9 }, reply: { src: ip(src) }, inLink: 5, outLink: inLink } as FlowView);
  return { ctx, segment, said, learn, isCut, clock, bridge };
};

describe('lan reach', () => {
  it('forgets who was behind a port that leaves, asks for the silent ones, and leaves the others alone', () => {
    const r = rig();
    r.learn(1, 1);
    r.learn(2, 2);
    takeAway(r.ctx, r.segment, 1, [{ ip: ip('192.168.1.77'), mac: formatMac(macOf(1)) }]);
    expect(r.said).toEqual(['remove .1', 'invalidate .3']);
    expect(r.bridge.fdb.list(0).map(s => s.port)).toEqual([2]);
    expect([r.isCut('192.168.1.1'), r.isCut('192.168.1.77'), r.isCut('192.168.1.2'), r.isCut('192.168.1.3'), r.isCut('192.168.1.1', 11)]).toEqual([true, true, false, false, false]);
  });

  it('tells the new port of a station that moved, once for many moves', () => {
    const r = rig();
    const movers = new Movers(r.ctx);
    for (let n = 0; n < 1000; n++) movers.moved(r.segment, macHi(macOf(2), 0), macLo(macOf(2), 0), 1 + (n & 1));
    expect(r.said).toEqual([]);
    r.clock.advance(100);
    expect(r.said).toEqual([`set .2 ${formatMac(macOf(2))} port 2`]);
    expect(r.clock.next()).toBeUndefined();
  });
});
