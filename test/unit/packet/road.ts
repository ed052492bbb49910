import type { Events } from '../../../sdk/events.ts';
import type { DeciderSpec } from '../../../sdk/flow.ts';
import { parse4, parsePrefix } from '../../../sdk/wire/address.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import { VirtualClock } from '../../../kernel/clock.ts';
import { memoryLink } from '../../../kernel/links/memory.ts';
import { LinkRegistry } from '../../../kernel/links/registry.ts';
import type { Attack } from '../../../sdk/attacks.ts';
import { Engine } from '../../../kernel/packet/engine.ts';

export const ip = (text: string): number => parse4(text)!;
export const LAN_HOST = ip('192.168.1.33');
export const SERVER = ip('203.0.113.10');
export const WAN_IP = ip('198.51.100.2');
const hostMac = (n: number) => Uint8Array.of(2, 0, 0, 0, 0, n);

/** An engine between a LAN and a WAN wire, with plain deciders instead of plugins: a small route table and source NAT. */
export function road(opts: { nat?: boolean; maxFlows?: number; attack?: (attack: Attack) => void } = {}) {
  const clock = new VirtualClock();
  const faults: string[] = [];
  let scheduled = false;
  const wake = () => {
    if (scheduled) return;
    scheduled = true;
    clock.after(0, () => { scheduled = false; while (engine.breathe()) { /* until quiet */ } });
  };
  const links = new LinkRegistry({ emit: <K extends keyof Events>(_topic: K, e: Events[K]) => { if ('link' in e) engine?.linkChanged((e as { link: number }).link); } }, clock);
  const log = { debug() {}, info() {}, warn() {}, error: (f: object, m: string) => void faults.push(`${m} ${JSON.stringify(f)}`) };
  let seed = 1;
  const engine: Engine = new Engine({
    clock, log, links, wake, maxFlows: opts.maxFlows ?? 1000, errors: () => undefined, ...opts.attack && { attack: opts.attack },
    random: () => { seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff; return seed / 0x80000000; },
  });
  links.onWake(wake);
  const lan = memoryLink({ name: 'lan' });
  const wan = memoryLink({ name: 'wan' });
  const lanId = links.open('lan', h => lan.open(h)).id;
  const wanId = links.open('wan', h => wan.open(h)).id;
  engine.linkChanged(lanId);
  engine.linkChanged(wanId);
  const lanNet = parsePrefix('192.168.1.0/24')!.address;
  const dropped = engine.counters.take('test: refused');
  const decide = (spec: DeciderSpec) => engine.deciders.add(spec, 'test');
  const route = decide({ slot: 'route', name: 'test.route', decide: f => {
    if (f.toDst === WAN_IP || f.toDst === ip('192.168.1.1')) return { self: true, source: f.toDst };
    if ((f.toDst & 0xffffff00) >>> 0 === lanNet) return { link: lanId, via: f.toDst, source: ip('192.168.1.1') };
    return { link: wanId, via: ip('198.51.100.1'), source: WAN_IP };
  } });
  const snat = opts.nat === false ? undefined : decide({ slot: 'snat', name: 'test.snat', decide: f => f.outLink === wanId && f.src !== WAN_IP ? { src: WAN_IP, sport: f.sport } : undefined });
  engine.neighbours.set(lanId, LAN_HOST, hostMac(33));
  engine.neighbours.set(wanId, ip('198.51.100.1'), hostMac(1));
  const out = { lan: [] as Uint8Array[], wan: [] as Uint8Array[] };
  lan.far.onFrame = f => void out.lan.push(f);
  wan.far.onFrame = f => void out.wan.push(f);
  return {
    clock, engine, links, faults, decide, dropped, route, snat, out, lanId, wanId, lan: lan.far, wan: wan.far,
    settle: () => clock.advance(1),
    macOf: (id: number) => links.byId(id)!.mac,
    counts: () => Object.fromEntries(engine.counters.list().map(c => [c.name, c.n])),
  };
}
export type Road = ReturnType<typeof road>;

/** A frame to the router; checksums are right. */
export function frame(mac: Uint8Array, src: number, dst: number, proto: number, body: Uint8Array, opts: { ttl?: number; df?: boolean; id?: number } = {}): Uint8Array {
  const f = new Uint8Array(14 + 20 + body.length);
  ethernet.write(f, 0, mac, hostMac(99), ethernet.TYPE_IPV4);
  ipv4.write(f, 14, { src, dst, proto, totalLen: 20 + body.length, ttl: opts.ttl ?? 64, id: opts.id ?? 7, df: opts.df ?? false });
  f.set(body, 34);
  if (proto === 17) udp.writeChecksum(f, 34, src, dst);
  if (proto === 6) tcp.writeChecksum(f, 34, f.length, src, dst);
  return f;
}
export function udpBody(sport: number, dport: number, data: Uint8Array = new Uint8Array(4)): Uint8Array {
  const b = new Uint8Array(8 + data.length);
  udp.write(b, 0, sport, dport, b.length);
  b.set(data, 8);
  return b;
}
export function tcpBody(sport: number, dport: number, flags: number, seq = 1, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const b = new Uint8Array(20 + data.length);
  tcp.write(b, 0, { sport, dport, seq, ack: 0, flags, window: 1000 });
  b.set(data, 20);
  return b;
}
