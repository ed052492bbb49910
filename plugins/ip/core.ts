import { type Counter, type Disposable, drive, type PluginContext } from '../../sdk/index.ts';
import { formatMac, isMartianSource, parse4, parseMac } from '../../sdk/wire/address.ts';
import * as arp from '../../sdk/wire/arp.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import { AddressTable, broadcastOf } from './addresses.ts';
import type { Addresses, AddressSpec, RouteSpec, Routes, SilencesToken } from './contract.ts';
import { sourceOf } from './decider.ts';
import { Icmp } from './icmp.ts';
import { Interfaces } from './interfaces.ts';
import { NeighbourMachine } from './neighbour.ts';
import { type In, type Known, type Options, type Out, reasons } from './neighbour-messages.ts';
import { Probes } from './probes.ts';
import { Reassembly } from './reassembly.ts';
import { RouteTable } from './routes.ts';
import type { Carried, Settings } from './settings.ts';
import { StaticRoutes } from './static.ts';

export type Context = PluginContext<Settings, { readonly silences: typeof SilencesToken }, Carried>;

/** The parts of the plugin and the wires between them; stages, verbs and panels are built upon it. */
export class Core {
  readonly addresses = new AddressTable();
  readonly routes = new RouteTable();
  readonly statics: StaticRoutes;
  readonly interfaces: Interfaces;
  readonly neighbours: NeighbourMachine;
  readonly icmp: Icmp;
  readonly icmpCounters: readonly Counter[];
  readonly probes: Probes;
  reassembly: Reassembly;
  config: Settings;
  readonly feed: (input: In) => void;
  readonly #ctx: Context;
  readonly #counts: Readonly<Record<string, Counter>>;
  readonly #noBuffer: Counter;
  /** Connected routes by own address. */
  readonly #connected = new Map<number, Disposable>();
  /** What a link was when we last looked, so that only changes have flows decided again. */
  readonly #up = new Map<number, boolean>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.config = ctx.config;
    this.#counts = Object.fromEntries(reasons.map((why) => [why, ctx.counter(why)]));
    this.#noBuffer = ctx.counter('ip: no packet buffer free');
    this.interfaces = new Interfaces(this.addresses, ctx.links);
    this.statics = new StaticRoutes(this.addresses, (spec) => this.addRoute(spec));
    const counters = {
      sent: ctx.counter('icmp: errors sent'), limited: ctx.counter('icmp: errors limited'), silent: ctx.counter('icmp: errors withheld'),
      noBuffer: this.#noBuffer, resets: ctx.counter('icmp: tcp resets sent'), echoes: ctx.counter('icmp: echo replies'),
    };
    this.icmpCounters = Object.values(counters);
    this.icmp = new Icmp({
      packets: ctx.packets, clock: ctx.clock, addresses: this.addresses, sourceTowards: (dst) => this.sourceTowards(dst), counters, silences: ctx.use.silences,
    }, icmpOptions(ctx.config), Math.random);
    this.probes = new Probes(ctx.packets, ctx.clock, () => this.icmp.nextId());
    this.reassembly = new Reassembly(limits(ctx.config));
    this.neighbours = new NeighbourMachine(arpOptions(ctx.config), {
      mac: (link) => ctx.links.byId(link)?.mac,
      owns: (link, ip) => this.addresses.ownedBy(ip)?.link === link,
      inSubnet: (link, ip) => this.addresses.inSubnet(link, ip) !== undefined,
      routed: (link, ip) => !isMartianSource(ip) && this.routes.feasible(link, ip),
      source: (link, ip) => this.addresses.source(link, ip),
      idleMs: (link, ip) => ctx.neighbours.lookup(link, ip)?.idleMs ?? Number.POSITIVE_INFINITY,
    }, carriedOver(ctx));
    this.feed = drive(ctx.clock, ctx.scope, this.neighbours, (out) => this.#apply(out));
    for (const l of ctx.links.list()) this.#up.set(l.id, l.up);
  }

  get addressService(): Addresses {
    return {
      add: (spec) => this.addAddress(spec),
      list: () => this.addresses.list(),
      ownedBy: (ip) => this.addresses.ownedBy(ip),
      onLink: (link) => this.addresses.onLink(link),
    };
  }

  get routeService(): Routes {
    return { add: (spec) => this.addRoute(spec), lookup: (dst) => this.lookup(dst), list: () => this.routes.list() };
  }

  lookup(dst: number): RouteSpec | undefined {
    return this.routes.lookup(dst, (link) => this.linkUp(link));
  }

  linkUp(link: number): boolean { return this.#ctx.links.byId(link)?.up === true; }

  sourceTowards(dst: number): number {
    const route = this.lookup(dst);
    return route ? sourceOf(route, dst, this.addresses) : 0;
  }

  addRoute(spec: RouteSpec): Disposable {
    const route = this.routes.add(spec);
    this.#changed(`route ${spec.name} added`);
    return { dispose: () => { if (this.routes.remove(route)) this.#changed(`route ${spec.name} removed`); } };
  }

  addAddress(spec: AddressSpec): Disposable {
    const fresh = this.addresses.add(spec);
    let held = true;
    if (fresh) {
      // The subnet of a /32 is the router alone.
      if (spec.bits < 32) this.#connected.set(spec.ip, this.addRoute({ dest: spec.ip, bits: spec.bits, link: spec.link, metric: 0, source: spec.ip, name: `connected ${spec.name}` }));
      else this.#changed(`address ${spec.name} added`);
      this.#groups(spec, true);
      this.syncStatics();
      this.syncPermanent();
      const link = this.#ctx.links.byId(spec.link);
      if (link?.framing === 'ether' && link.up) this.feed({ kind: 'announce', link: spec.link, ip: spec.ip });
      this.#ctx.emit('address/added', spec);
    }
    return { dispose: () => {
      if (!held) return;
      held = false;
      const gone = this.addresses.remove(spec.ip);
      if (!gone) return;
      const connected = this.#connected.get(gone.ip);
      this.#connected.delete(gone.ip);
      if (connected) void connected.dispose();
      else this.#changed(`address ${gone.name} removed`);
      this.#groups(gone, false);
      this.syncStatics();
      this.#ctx.emit('address/removed', gone);
    } };
  }
  syncStatics(): void { this.statics.sync(this.config.staticRoutes); }

  /** Permanent ARP entries of the settings, on the links whose subnets have them. */
  syncPermanent(): void {
    const wanted = new Map(this.config.arp.entries.map((e) => [parse4(e.ip) ?? 0, parseMac(e.mac)]));
    for (const e of this.neighbours.list()) if (e.permanent && !wanted.has(e.ip)) this.feed({ kind: 'forget', link: e.link, ip: e.ip });
    for (const [ip, mac] of wanted) {
      const on = this.addresses.subnetOf(ip);
      if (on && mac) this.feed({ kind: 'permanent', link: on.link, ip, mac });
    }
  }

  configure(next: Settings): void {
    const before = this.config;
    this.config = next;
    this.neighbours.options = arpOptions(next);
    this.icmp.setOptions(icmpOptions(next));
    if (JSON.stringify(limits(next)) !== JSON.stringify(limits(before))) this.reassembly = new Reassembly(limits(next));
    this.syncStatics();
    this.syncPermanent();
  }

  linkChanged(link: number, up: boolean): void {
    if ((this.#up.get(link) ?? false) === up) return;
    this.#up.set(link, up);
    this.#changed(`link ${this.interfaces.nameOf(link)} is ${up ? 'up' : 'down'}`);
    if (!up || this.#ctx.links.byId(link)?.framing !== 'ether') return;
    this.feed({ kind: 'recheck', link });
    for (const a of this.addresses.onLink(link)) this.feed({ kind: 'announce', link, ip: a.ip });
  }

  /** Addresses of groups need no asking: ff:ff:ff:ff:ff:ff, and 01:00:5e with the low 23 bits (RFC 1112 §6.4). */
  group(link: number, ip: number): void {
    if (this.#ctx.neighbours.lookup(link, ip)?.permanent) return;
    this.#ctx.neighbours.set(link, ip, Uint8Array.of(1, 0, 0x5e, (ip >>> 16) & 0x7f, (ip >>> 8) & 0xff, ip & 0xff), { permanent: true });
  }

  #groups(spec: AddressSpec, here: boolean): void {
    const ip = broadcastOf(spec);
    if (ip === undefined || this.#ctx.links.byId(spec.link)?.framing !== 'ether') return;
    if (here) this.#ctx.neighbours.set(spec.link, ip, ethernet.BROADCAST, { permanent: true });
    else this.#ctx.neighbours.remove(spec.link, ip);
  }

  /** Resolves early when the signal fires. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#ctx.signal.aborted) return resolve();
      const done = () => { void timer.dispose(); signal.removeEventListener('abort', done); this.#ctx.signal.removeEventListener('abort', done); resolve(); };
      const timer = this.#ctx.clock.after(ms, done);
      signal.addEventListener('abort', done);
      this.#ctx.signal.addEventListener('abort', done);
    });
  }

  #changed(why: string): void { this.#ctx.flows.bumpEpoch(why); }

  #apply(out: Out): void {
    const { neighbours, packets } = this.#ctx;
    switch (out.kind) {
      case 'send': this.#send(out, packets.take()); break;
      case 'set': neighbours.set(out.link, out.ip, out.mac, { permanent: out.permanent, port: out.port }); break;
      case 'failed': neighbours.invalidate(out.link, out.ip); break;
      case 'remove': neighbours.remove(out.link, out.ip); break;
      case 'count': (this.#counts[out.why] as Counter).n++; break;
      case 'conflict': {
        const name = this.addresses.ownedBy(out.ip)?.name ?? '';
        const mac = formatMac(out.mac);
        this.#ctx.log.warn({ interface: name, mac }, 'somebody else uses our address');
        this.#ctx.emit('address/conflict', { link: out.link, ip: out.ip, name, mac });
      }
    }
  }

  #send(out: Extract<Out, { kind: 'send' }>, p: ReturnType<Context['packets']['take']>): void {
    const mac = this.#ctx.links.byId(out.link)?.mac;
    if (!p || !mac) {
      if (p) this.#ctx.packets.free(p);
      else this.#noBuffer.n++;
      return;
    }
    ethernet.write(p.buf, p.off, out.dstMac, mac, ethernet.TYPE_ARP);
    arp.write(p.buf, p.off + ethernet.HEADER, { op: out.op, sha: mac, spa: out.spa, tha: out.tha, tpa: out.tpa });
    p.len = ethernet.HEADER + arp.LENGTH;
    p.etherType = ethernet.TYPE_ARP;
    p.local = true;
    this.#ctx.packets.transmit(p, out.link);
  }
}

/** What the generation before knew; and what the kernel still has of one that left nothing, to be confirmed when used. */
function carriedOver(ctx: Context): Omit<Known, 'state'>[] {
  const told = (ctx.previous?.neighbours ?? []).map((n) => ({ ...n, mac: parseMac(n.mac) }));
  const seen = new Set(told.map((n) => `${n.link} ${n.ip}`));
  const now = ctx.clock.now();
  const found = ctx.neighbours.list().filter((n) => n.mac !== undefined && !n.permanent && !seen.has(`${n.link} ${n.ip}`))
    .map((n) => ({ link: n.link, ip: n.ip, mac: parseMac(n.mac ?? ''), port: n.link, permanent: false, confirmed: now - ctx.config.arp.age * 1000 }));
  return [...told, ...found];
}

const arpOptions = ({ arp: a }: Settings): Options => ({ ackGratuitous: a.ackGratuitous, attpret: a.attpret, ageMs: a.age * 1000, most: a.most });
const icmpOptions = ({ icmp: i }: Settings) => ({ perSecond: i.perSecond, perPeer: i.perPeer, silent: i.closedPorts === 'silent' });
const limits = ({ reassembly: r }: Settings) => ({ timeoutMs: r.timeout * 1000, most: r.most * 1024, mostOfSource: r.mostOfSource * 1024 });

