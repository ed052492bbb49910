import type { Batch, Counter, Disposable, LinkInfo, Packet, PluginContext } from '../../sdk/index.ts';
import { Bridge, Way } from './bridge.ts';
import { BridgeLink } from './bridge-link.ts';
import { type Role, roles } from './contract.ts';
import { Fdb } from './fdb.ts';

/** The links that are ports of the switch, whatever role they have. */
export const isPort = (name: string): boolean => /^port\d{1,3}$/.test(name);

const ETHERNET_HEADER = 14;
/** What a port without a link is taken for (octets). */
const DEFAULT_MTU = 1500;

/** Stands for a port that belongs to nothing: what it brings is dropped. */
const ORPHAN = Symbol('port without a role');

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'links' | 'link' | 'packets' | 'counter' | 'clock' | 'stage'>;

/** One role's bridge while it has ports. */
export interface Segment {
  readonly role: Role;
  readonly bridge: Bridge;
  readonly link: BridgeLink;
  readonly id: number;
  readonly handle: Disposable;
}

/**
 * The box's switch: ports by link id, a bridge per role that has any. The stage in ingress.bridge gives frames for the router
 * to the bridge's link and sends the others on.
 */
export class Switch {
  /** By link id; undefined: not a port. */
  readonly #byPort: (Segment | typeof ORPHAN | undefined)[] = [];
  readonly #segments = new Map<Role, Segment>();
  readonly #ctx: Ctx;
  readonly #drops: { readonly orphan: Counter; readonly short: Counter; readonly filtered: Counter; readonly reserved: Counter; readonly noBuffer: Counter };
  #ageingMs: number;
  /** A known station was heard on another port of its bridge. */
  moved: (segment: Segment, hi: number, lo: number, port: number) => void = () => {};

  constructor(ctx: Ctx, ageingMs: number) {
    this.#ctx = ctx;
    this.#ageingMs = ageingMs;
    this.#drops = {
      orphan: ctx.counter('lan: port without a role'), short: ctx.counter('lan: frame too short'),
      filtered: ctx.counter('lan: station is on the same port'), reserved: ctx.counter('lan: not for bridges'),
      noBuffer: ctx.counter('lan: no buffer for a copy'),
    };
    ctx.stage({ slot: 'ingress.bridge', name: 'lan.bridge', process: batch => this.#receive(batch), trace: p => this.#explain(p) });
  }

  segment(role: Role): Segment | undefined { return this.#segments.get(role); }
  get segments(): readonly Segment[] { return [...this.#segments.values()]; }

  set ageingMs(ms: number) {
    this.#ageingMs = ms;
    for (const s of this.#segments.values()) s.bridge.fdb.ageingMs = ms;
  }

  /** Ports by role from now on. Opens a bridge with its first port, closes it with its last one. */
  assign(roleOf: (port: string) => Role | undefined): void {
    const ports = this.#ctx.links.list().filter(l => isPort(l.name));
    this.#byPort.length = 0;
    for (const port of ports) this.#byPort[port.id] = ORPHAN;
    for (const role of roles) {
      const members = ports.filter(l => roleOf(l.name) === role).sort((a, b) => order(a.name) - order(b.name));
      let segment = this.#segments.get(role);
      // A bridge has the address of its first port; with that port it changes, so it is opened again.
      if (segment && (members.length === 0 || !sameMac(segment.link.mac, members[0]!.mac))) {
        this.#segments.delete(role);
        void segment.handle.dispose();
        segment = undefined;
      }
      const first = members[0];
      if (!first) continue;
      if (!segment) {
        segment = this.#open(role, first.mac);
        this.#segments.set(role, segment);
      }
      segment.bridge.setPorts(members.map(l => l.id));
      for (const port of members) this.#byPort[port.id] = segment;
      segment.link.portsChanged('ports changed');
    }
  }

  /** Carrier or MTU of a port changed. */
  portChanged(name: string): void {
    const port = this.#ctx.links.byName(name);
    const segment = port && this.#byPort[port.id];
    if (segment && segment !== ORPHAN) segment.link.portsChanged(`${name} changed`);
  }

  /** Leaves no bridge behind. */
  dispose(): void {
    this.#byPort.length = 0;
    for (const s of this.#segments.values()) void s.handle.dispose();
    this.#segments.clear();
  }

  #open(role: Role, mac: Uint8Array): Segment {
    const bridge = new Bridge(role, new Fdb(undefined, this.#ageingMs));
    bridge.setMac(mac);
    let link: BridgeLink | undefined;
    const members = () => bridge.ports.map(id => this.#ctx.links.byId(id)).filter((l): l is LinkInfo => l?.up === true);
    const handle = this.#ctx.link(host => link = new BridgeLink(host, {
      name: role, mac: mac.slice(),
      mtu: () => { const all = members(); return all.length > 0 ? Math.min(...all.map(l => l.mtu)) : DEFAULT_MTU; },
      up: () => members().length > 0,
      send: p => this.#send(bridge, p),
    }));
    if (!link) throw new Error(`the bridge of ${role} did not open`);
    const segment: Segment = { role, bridge, link, id: handle.id, handle };
    bridge.moved = (hi, lo, port) => this.moved(segment, hi, lo, port);
    return segment;
  }

  #receive(batch: Batch): void {
    const now = this.#ctx.clock.now();
    for (let i = 0; i < batch.n; i++) {
      const p = batch.at(i);
      const segment = this.#byPort[p.inLink];
      if (segment === undefined) continue;
      if (segment === ORPHAN) { batch.drop(p, this.#drops.orphan); continue; }
      if (p.len < ETHERNET_HEADER) { batch.drop(p, this.#drops.short); continue; }
      const port = p.inLink;
      const way = segment.bridge.receive(p.buf, p.off, port, now);
      if (way >= 0) {
        this.#copyTo(p, way);
        batch.steal(p);
      } else if (way === Way.Self || way === Way.SelfAndFlood) {
        if (way === Way.SelfAndFlood) this.#flood(segment.bridge, p, port);
        p.port = port;
        p.inLink = segment.id;
        segment.link.stats.rxPackets++;
        segment.link.stats.rxBytes += p.len;
      } else if (way === Way.Flood) {
        this.#flood(segment.bridge, p, port);
        batch.steal(p);
      } else {
        batch.drop(p, way === Way.Filtered ? this.#drops.filtered : this.#drops.reserved);
      }
    }
  }

  /** A frame of the router's own. */
  #send(bridge: Bridge, p: Packet): boolean {
    const way = bridge.send(p.buf, p.off, this.#ctx.clock.now());
    return way >= 0 ? this.#copyTo(p, way) : this.#flood(bridge, p, -1);
  }

  #flood(bridge: Bridge, p: Packet, except: number): boolean {
    let whole = true;
    const { ports } = bridge;
    for (let i = 0; i < ports.length; i++) if (ports[i] !== except && !this.#copyTo(p, ports[i]!)) whole = false;
    return whole;
  }

  #copyTo(p: Packet, port: number): boolean {
    const copy = this.#ctx.packets.take();
    if (!copy) {
      this.#drops.noBuffer.n++;
      return false;
    }
    copy.copyFrom(p);
    this.#ctx.packets.transmit(copy, port);
    return true;
  }

  #explain(p: Packet): string {
    const segment = this.#byPort[p.port >= 0 ? p.port : p.inLink];
    return segment === undefined ? 'not a port of the switch' : segment === ORPHAN ? 'the port has no role' : `bridge ${segment.role}`;
  }
}

const order = (name: string): number => Number(name.slice('port'.length));
const sameMac = (a: Uint8Array, b: Uint8Array): boolean => a.every((octet, i) => octet === b[i]);
