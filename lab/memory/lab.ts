import type { Clock, Disposable } from '../../sdk/index.ts';
import { type FarEnd, memoryLink } from '../../kernel/links/memory.ts';
import * as address from '../../sdk/wire/address.ts';
import type { CarrierOptions } from '../carrier/carrier.ts';
import { labCards } from '../carrier/lab-cards.ts';
import type { Lab } from '../lab.ts';
import { CARD_NETWORK, type HostInfo, hosts, settings, wires } from '../topology.ts';
import { Host } from './host.ts';
import { seeded } from '../../sdk/testing/random.ts';
import { shell } from './shell.ts';
import { type Conditions, type End, Wire } from './wire.ts';

export interface MemoryLabOptions {
  readonly clock: Clock;
  /** Decides every loss, delay, port and sequence number. */
  readonly seed: number;
  readonly why: string;
  /** Of all wires at first; see Wire.set for later. */
  readonly conditions?: Partial<Conditions>;
  /** Hosts on the LAN look at a page now and then; default false. */
  readonly traffic?: boolean;
  /** A card that is in slot 1 from the start; default none. */
  readonly card?: string;
  /** What the cellular network is like. */
  readonly carrier?: Partial<Pick<CarrierOptions, 'dropsPerDay' | 'outagesPerDay' | 'delayMs'>>;
}

/** The lab, and what only this kind can show and change. */
export interface MemoryLab extends Lab {
  readonly kind: 'memory';
  readonly stacks: ReadonlyMap<string, Host>;
  readonly wires: ReadonlyMap<string, Wire>;
  /** What the router's cards are plugged into: carrier and MTU. */
  readonly sockets: ReadonlyMap<string, Pick<FarEnd, 'setUp' | 'setMtu'>>;
}

const TRAFFIC_MS = 1000;

/** Virtual hosts in this process, on memory links; deterministic for a seed under a virtual clock. */
export function memoryLab(opts: MemoryLabOptions): MemoryLab {
  const { clock } = opts;
  const stacks = new Map<string, Host>();
  const lines = new Map<string, Wire>();
  const sockets = new Map<string, FarEnd>();
  const links: Lab['links'][number][] = [];
  let traffic: Disposable | undefined;
  let running = false;
  for (const [i, w] of wires.entries()) {
    const info = hosts.find(h => h.name === w.host) as HostInfo;
    // Each host and wire has numbers of its own, so that what happens on one does not change the others.
    const random = seeded(opts.seed * 1000 + i);
    const link = memoryLink({ name: w.name, mac: macOf(w.mac), queue: 1024 });
    const router: End = { take: frame => { link.far.send(frame); } };
    const wire: Wire = new Wire(clock, seeded(opts.seed * 1000 + 500 + i), () => router, () => host, opts.conditions);
    const host: Host = new Host({ name: info.name, mac: macOf(info.mac), clock, random, transmit: frame => wire.toA.send(frame) });
    link.far.onFrame = frame => { if (running) wire.toB.send(frame); };
    stacks.set(info.name, host);
    lines.set(w.name, wire);
    sockets.set(w.name, link.far);
    links.push({ name: w.name, open: link.open });
  }
  const cards = labCards({ clock, seed: opts.seed, ...opts.carrier });
  const internet = (stacks.get('inet1') as Host).ip;
  cards.carrier.connect({ fromCards: packet => { if (running) internet.receivePacket(packet); }, toCards: () => {} });
  internet.tunnels.push({ network: address.parsePrefix(CARD_NETWORK)!, send: packet => cards.carrier.gateway?.toCards(packet) });
  const browse = () => {
    for (const h of hosts) {
      const host = stacks.get(h.name);
      if (h.role !== 'lan' || !host?.ip.own) continue;
      void shell(host, ['curl', '-s', 'http://inet1/bytes/20000']);
      if (cards.carrier.calls.size > 0) void shell(host, ['curl', '-s', 'http://carrier/bytes/5000']);
    }
  };
  return {
    kind: 'memory', why: opts.why, links, settings, hosts, stacks, wires: lines, sockets, cards, notes: [],
    start: async () => {
      if (running) return;
      running = true;
      for (const h of hosts) begin(stacks.get(h.name) as Host, h);
      if (opts.card !== undefined) cards.rack.insert(cards.shelf.card(opts.card));
      if (opts.traffic) traffic = clock.every(TRAFFIC_MS, browse);
    },
    exec(name, argv) {
      const host = stacks.get(name);
      if (!host) throw new Error(`no host "${name}" in the lab; there are ${hosts.map(h => h.name).join(', ')}`);
      return shell(host, argv);
    },
    stop: async () => {
      running = false;
      void traffic?.dispose();
      cards.rack.stop();
      for (const h of stacks.values()) h.stop();
    },
  };
}

const macOf = (text: string): Uint8Array => address.parseMac(text) as Uint8Array;
const ipOf = (text: string): number => address.parse4(text) as number;

function begin(host: Host, info: HostInfo): void {
  host.ip.also.push(...info.also.map(ipOf));
  host.startWeb();
  host.startEcho();
  if (info.role === 'internet') host.startNames();
  if (info.from === 'dhcp') host.startDhcp();
  else host.configure({ address: ipOf(info.address), bits: info.bits }, info.gateway === undefined ? undefined : ipOf(info.gateway), ipOf(info.nameserver));
}
