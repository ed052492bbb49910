import { Bus } from '../../../kernel/events.ts';
import { VirtualClock } from '../../../kernel/clock.ts';
import { memoryLink } from '../../../kernel/links/memory.ts';
import { LinkRegistry } from '../../../kernel/links/registry.ts';
import { Engine } from '../../../kernel/packet/engine.ts';
import { createScope } from '../../../kernel/scope.ts';
import { splitLine } from '../../../kernel/cli/words.ts';
import { parseArgs } from '../../../kernel/cli/args.ts';
import plugin from '../../../plugins/ip/plugin.ts';
import { type Addresses, AddressesToken, type Routes, RoutesToken } from '../../../plugins/ip/contract.ts';
import type { Context } from '../../../plugins/ip/core.ts';
import type { Carried, Settings } from '../../../plugins/ip/settings.ts';
import { type CommandSpec, type Flows, type Live, type Logger, type PacketErrors, PacketErrorsToken, type PanelSpec } from '../../../sdk/index.ts';
import * as arp from '../../../sdk/wire/arp.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import { ip } from './packets.ts';

export const OWN = ip('192.168.1.1');
export const HOST = ip('192.168.1.33');
export const HOST_MAC = Uint8Array.of(2, 0, 0, 0, 0, 33);
export const WAN_OWN = ip('198.51.100.2');
export const GATEWAY = ip('198.51.100.1');
export const GATEWAY_MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);

/** The plugin on a real engine with two memory wires; the neighbours on them answer ARP by themselves unless told not to. */
export async function rig(config: unknown = {}, previous?: Carried) {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const log: Logger = { debug() {}, info() {}, warn: (_, m) => void warnings.push(m), error: (f, m) => void warnings.push(`${m} ${JSON.stringify(f)}`) };
  const bus = new Bus(log);
  const services = new Map<symbol, unknown>();
  const verbs = new Map<string, CommandSpec>();
  const panels: PanelSpec[] = [];
  const epochs: string[] = [];
  let scheduled = false;
  const wake = () => {
    if (scheduled) return;
    scheduled = true;
    clock.after(0, () => { scheduled = false; for (let i = 0; i < 50 && engine.breathe(); i++) { /* until quiet */ } });
  };
  const links = new LinkRegistry({ emit: (topic, e) => { if ('link' in e) engine?.linkChanged((e as { link: number }).link); bus.emit(topic, e); } }, clock);
  const engine: Engine = new Engine({ clock, log, links, wake, maxFlows: 1000, errors: () => services.get(PacketErrorsToken) as PacketErrors | undefined, random: () => 0.3 });
  links.onWake(wake);
  const lanLink = memoryLink({ name: 'p1' });
  const wanLink = memoryLink({ name: 'eth0', mtu: 1400 });
  const lan = links.open('p1', (h) => lanLink.open(h)).id;
  const wan = links.open('eth0', (h) => wanLink.open(h)).id;
  engine.linkChanged(lan);
  engine.linkChanged(wan);

  const scope = createScope('ip');
  const abort = new AbortController();
  const parsed = plugin.config!.parse(config);
  let live: Live<Settings, Carried> | undefined;
  let settings: Settings = parsed;
  const ctx = {
    id: 'ip', get config() { return settings; }, use: { silences: [] }, previous, log, clock, scope, signal: abort.signal, packets: engine.packets, links,
    flows: { bumpEpoch: (why: string) => { epochs.push(why); engine.flows.bumpEpoch(why); } } as unknown as Flows,
    neighbours: engine.neighbours, folder: undefined,
    stage: (s) => scope.add(engine.pipelines.add(s, 'ip'), s.name),
    decide: (d) => scope.add(engine.deciders.add(d, 'ip'), d.name),
    counter: (name) => engine.counters.take(name),
    command: (c) => { verbs.set(c.path, c as unknown as CommandSpec); return scope.add(() => void verbs.delete(c.path), c.path); },
    panel: (p) => { panels.push(p); return { dispose() {} }; },
    provide: (t, s) => { services.set(t, s); return { dispose() {} }; },
    on: (topic, fn) => scope.add(bus.on(topic, fn, 'ip'), topic),
    emit: (topic, e) => bus.emit(topic, e),
    async commit(change) {
      const draft = structuredClone(settings);
      change(draft);
      const next = plugin.config!.parse(draft);
      settings = next;
      await live?.reconfigure?.(next);
    },
  } satisfies Partial<Context> as unknown as Context;
  live = (await plugin.setup(ctx)) as Live<Settings, Carried>;

  const addresses = services.get(AddressesToken) as Addresses;
  const routes = services.get(RoutesToken) as Routes;
  const frames = { lan: [] as Uint8Array[], wan: [] as Uint8Array[] };
  const deaf = { lan: false, wan: false };
  const neighbour = (name: 'lan' | 'wan', far: typeof lanLink.far, mac: Uint8Array, address: number) => {
    far.onFrame = (f) => {
      if (ethernet.etherType(f, 0) !== ethernet.TYPE_ARP) { frames[name].push(f); return; }
      if (deaf[name] || arp.op(f, 14) !== arp.OP_REQUEST || arp.tpa(f, 14) !== address) return;
      const answer = new Uint8Array(42);
      ethernet.write(answer, 0, arp.sha(f, 14), mac, ethernet.TYPE_ARP);
      arp.write(answer, 14, { op: arp.OP_REPLY, sha: mac, spa: address, tha: arp.sha(f, 14), tpa: arp.spa(f, 14) });
      far.send(answer);
    };
  };
  neighbour('lan', lanLink.far, HOST_MAC, HOST);
  neighbour('wan', wanLink.far, GATEWAY_MAC, GATEWAY);
  const lanAddress = addresses.add({ link: lan, ip: OWN, bits: 24, name: 'lan', zone: 'LAN' });
  const wanAddress = addresses.add({ link: wan, ip: WAN_OWN, bits: 24, name: 'wan', zone: 'WAN' });
  const defaultRoute = routes.add({ dest: 0, bits: 0, via: GATEWAY, link: wan, metric: 1, name: 'wan default', reserved: 1 });
  const settle = () => clock.advance(5);
  settle();

  return {
    clock, engine, links, addresses, routes, frames, deaf, warnings, bus, verbs, panels, epochs, lan, wan, lanAddress, wanAddress, defaultRoute, settle, scope,
    lanFar: lanLink.far, wanFar: wanLink.far, save: () => live!.save!(), services,
    /** Sends IP bytes as the LAN host, or as the gateway. */
    send(side: 'lan' | 'wan', packet: Uint8Array) {
      const f = new Uint8Array(14 + packet.length);
      const id = side === 'lan' ? lan : wan;
      ethernet.write(f, 0, links.byId(id)!.mac, side === 'lan' ? HOST_MAC : GATEWAY_MAC, ethernet.TYPE_IPV4);
      f.set(packet, 14);
      (side === 'lan' ? lanLink.far : wanLink.far).send(f);
      settle();
    },
    counts: () => Object.fromEntries(engine.counters.list().map((c) => [c.name, c.n])),
    /** A verb as typed; what it wrote comes first. */
    async run(text: string, signal = new AbortController().signal): Promise<{ reply: unknown; written: unknown[] }> {
      const line = splitLine(text);
      const path = [...verbs.keys()].filter((v) => text === v || text.startsWith(`${v} `)).sort((a, b) => b.length - a.length)[0] as string;
      const spec = verbs.get(path) as CommandSpec;
      const written: unknown[] = [];
      const reply = await spec.run(parseArgs(spec.args ?? {}, line, path.split(' ').length) as never, { write: (part) => void written.push(part), signal, author: 'test' });
      return { reply, written };
    },
  };
}
