import type { Clock } from '../sdk/clock.ts';
import { RealClock, VirtualClock } from '../kernel/clock.ts';
import { LinkRegistry } from '../kernel/links/registry.ts';
import { createLog } from '../kernel/log.ts';
import { Engine } from '../kernel/packet/engine.ts';
import { Router } from '../kernel/router/router.ts';
import firewall from '../plugins/firewall/plugin.ts';
import ip from '../plugins/ip/plugin.ts';
import lan from '../plugins/lan/plugin.ts';
import nat from '../plugins/nat/plugin.ts';
import wan from '../plugins/wan/plugin.ts';
import { ruleSettings } from './firewall-sets.ts';
import { address, CLIENT, Source } from './source.ts';

const WAN = '198.51.100.2';
const GATEWAY = '198.51.100.1';
const gatewayMac = Uint8Array.of(2, 0, 0, 0, 0, 1);
const clientMac = Uint8Array.of(2, 0, 0, 0, 0, 2);

/** A way through the router, in memory, from an endless source to a sink. */
export interface Road {
  /** CPU time of the process per packet (ns), for so many; throws when one of them was lost. */
  run(packets: number, next: () => number): number;
  stop(): Promise<void>;
  /** Lets all flows run out of time; only with a virtual clock. */
  empty(): void;
}

/** With its parts, for who wants to measure one of them. */
export interface EngineRoad extends Road { readonly engine: Engine; readonly source: Source; readonly sink: Source }

function drive(engine: Engine, source: Source, sink: Source, packets: number, next: () => number): number {
  const before = sink.stats.txPackets;
  source.left = packets;
  source.next = next;
  const begin = process.cpuUsage();
  while (source.left > 0) engine.breathe();
  const { user, system } = process.cpuUsage(begin);
  const lost = before + packets - sink.stats.txPackets;
  if (lost > 0) throw new Error(`${lost} of ${packets} packets were lost: ${engine.counters.list().map(c => `${c.name} ${c.n}`).join(', ')}`);
  return (user + system) * 1000 / packets;
}

/** UDP flows are over after so long (ms). */
const OVER_MS = 181_000;

function empty(engine: Engine, clock: Clock): void {
  if (!(clock instanceof VirtualClock)) throw new Error('time is not ours here');
  clock.advance(OVER_MS);
  while (engine.breathe()) { /* some end in each */ }
  if (engine.flows.size > 0) throw new Error(`${engine.flows.size} flows did not end`);
}

/** The engine alone: two routes and many-to-one NAT as the smallest deciders that do it. What the kernel itself costs. */
export function engineRoad(maxFlows: number, clock: Clock & { close?(): void } = new RealClock()): EngineRoad {
  const links = new LinkRegistry({ emit() {} }, clock);
  const log = createLog({ clock }).logger('engine');
  const engine = new Engine({ clock, log, links, wake() {}, maxFlows, errors: () => undefined, random: Math.random });
  const source = new Source('lan', 1);
  const sink = new Source('wan', 2);
  const lanId = links.open('lan', () => source).id;
  const wanId = links.open('wan', () => sink).id;
  engine.linkChanged(lanId);
  engine.linkChanged(wanId);
  const wanIp = address(WAN);
  const client = address(CLIENT);
  const gateway = address(GATEWAY);
  engine.deciders.add({ slot: 'route', name: 'bench.route', decide: f => f.toDst >>> 24 === 192 ? { link: lanId, via: f.toDst, source: 1 } : { link: wanId, via: gateway, source: wanIp } }, 'bench');
  engine.deciders.add({ slot: 'snat', name: 'bench.snat', decide: f => ({ src: wanIp + f.src - client, sport: f.sport }) }, 'bench');
  engine.neighbours.set(wanId, gateway, gatewayMac);
  engine.neighbours.set(lanId, address(CLIENT), clientMac);
  return {
    run: (packets, next) => drive(engine, source, sink, packets, next),
    stop: async () => { links.close(); clock.close?.(); },
    empty: () => empty(engine, clock),
    engine, source, sink,
  };
}

/**
 * The whole router with the plugins that everybody runs: switch, ARP, sanity, routes, firewall with TCP window tracking and protection
 * against attacks, many-to-one NAT. `rules`: how many of them the firewall has.
 */
export async function routerRoad(maxFlows: number, rules = 0, clock: Clock & { close?(): void } = new RealClock()): Promise<Road> {
  const source = new Source('port1', 1);
  const sink = new Source('wan', 2);
  const router = await Router.start({
    version: 'bench', clock, log: createLog({ clock }), maxFlows, wake() {},
    plugins: [ip, lan, wan, firewall, nat].map(def => ({ def })),
    links: [{ name: 'port1', open: () => source }, { name: 'wan', open: () => sink }],
    factory: { format: 1, sections: {
      lan: { version: 1, settings: { ports: { port1: 'lan' } } },
      wan: { version: 1, settings: { mode: 'static', ip: WAN, gateway: GATEWAY } },
      firewall: { version: 1, settings: { rules: ruleSettings(rules) } },
      nat: { version: 1, settings: { maxSessionsPerHost: 65_535 } },
    } },
  });
  const { engine, links } = router;
  engine.neighbours.set(links.byName('wan')!.id, address(GATEWAY), gatewayMac, { permanent: true });
  engine.neighbours.set(links.byName('lan')!.id, address(CLIENT), clientMac, { permanent: true, port: links.byName('port1')!.id });
  while (engine.breathe()) { /* what the router says at its start */ }
  return {
    run: (packets, next) => drive(engine, source, sink, packets, next),
    stop: async () => { await router.stop(); clock.close?.(); },
    empty: () => empty(engine, clock),
  };
}
