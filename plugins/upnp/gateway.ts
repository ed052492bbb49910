import { type Disposable, drive, type OwnHttpToken, type PluginContext } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { ALL_HOSTS, CLIENT_PORT, PORT } from '../../sdk/wire/nat-pmp.ts';
import type { AddressesToken } from '../ip/contract.ts';
import type { LanToken } from '../lan/contract.ts';
import type { PortMappingsToken } from '../nat/contract.ts';
import type { UplinksToken } from '../wan/contract.ts';
import type { ActionEnv, WanView } from './actions.ts';
import { Book, type BookRules, type Entry } from './book.ts';
import { Finder } from './finder.ts';
import { Limiter } from './limiter.ts';
import { Permissions } from './permissions.ts';
import { PortControl, type PortControlIn, type PortControlOut } from './port-control.ts';
import { fresh, type Saved, SavedFile } from './saved.ts';
import { ServicePinholes } from './service-pinholes.ts';
import type { Settings } from './settings.ts';
import { LinkSockets } from './sockets.ts';
import { Surroundings } from './surroundings.ts';

export type Needs = {
  readonly ports: typeof PortMappingsToken; readonly lan: typeof LanToken; readonly uplinks: typeof UplinksToken;
  readonly addresses: typeof AddressesToken; readonly http: typeof OwnHttpToken;
};
export type Context = PluginContext<Settings, Needs, Saved>;

/** 01:00:5e:00:00:01. */
const ALL_HOSTS_MAC = Uint8Array.of(0x01, 0x00, 0x5e, 0x00, 0x00, 0x01);
/** RFC 6886 §3.2.1 and RFC 6887 §14.1: announcements stay on the wire. */
const TTL = 1;

/** The parts of the plugin and the wires between them; verbs and the page are built upon it. */
export class Gateway {
  readonly book: Book;
  readonly around: Surroundings;
  readonly services: ServicePinholes;
  readonly finder: Finder;
  settings: Settings;
  readonly #ctx: Context;
  readonly #file: SavedFile;
  readonly #control: PortControl;
  readonly #feed: (input: PortControlIn) => void;
  readonly #sockets: LinkSockets;
  readonly #toWall: number;
  readonly #uuids: Saved['uuids'];
  #timer: Disposable | undefined;
  #due: number | undefined;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.settings = ctx.config;
    this.#toWall = ctx.clock.wall() - ctx.clock.now();
    this.#file = new SavedFile({ folder: ctx.folder, clock: ctx.clock, content: () => this.save(), failed: error => ctx.log.warn({ error: String(error) }, 'cannot keep the port mappings') });
    const before = ctx.previous ?? this.#loaded();
    this.#uuids = before.uuids;
    this.around = new Surroundings(ctx.config, { ...ctx.use, clock: ctx.clock, uplink: before.uplink });
    this.book = new Book(bookRules(ctx.config), {
      ports: ctx.use.ports, inside: ip => this.around.inside(ip), changed: () => this.#changed(),
      log: (e, what) => ctx.log.info({ protocol: e.proto === 6 ? 'tcp' : 'udp', outside: e.extPort, host: format4(e.intIp), port: e.intPort, via: e.via, name: e.description }, `port mapping ${what}`),
    });
    ctx.scope.add(() => { this.book.close(); void this.#timer?.dispose(); }, 'port mappings');
    ctx.scope.add(() => this.#file.close(), 'mappings file');
    const limiter = new Limiter();
    const tooMany = ctx.counter('upnp: a host asks too often');
    const take = (host: number): boolean => {
      const ok = limiter.take(host, ctx.clock.now());
      if (!ok) tooMany.n++;
      return ok;
    };
    this.#control = new PortControl(this.book, { longest: ctx.config.longest, start: before.start - this.#toWall, address: before.address, known: ctx.previous !== undefined });
    this.#feed = drive<PortControlIn, PortControlOut>(ctx.clock, ctx.scope, this.#control, out => this.#apply(out));
    this.#sockets = new LinkSockets(ctx, PORT, d => {
      // To the router itself only: who answered a group would answer for others, too.
      if (!this.around.from(d.link, d.src) || !ctx.use.addresses.ownedBy(d.dst) || !take(d.src)) return;
      this.#feed({ kind: 'datagram', src: d.src, sport: d.sport, data: d.data, to: d.dst });
    });
    this.finder = new Finder(ctx, { around: this.around, env: () => this.#env(), uuids: this.#uuids, take });
    this.services = new ServicePinholes(() => this.around.served, () => this.settings);
    if (ctx.config.active) for (const e of before.entries) this.#restore(e);
  }

  #loaded(): Saved {
    const found = this.#file.load();
    const wall = this.#ctx.clock.wall();
    if (!found) return fresh(wall);
    if (!this.settings.retain) return { ...fresh(wall), uuids: found.uuids };
    // RFC 6887 §8.5: where something may have been lost, a new epoch has hosts ask again for what they want.
    return found.whole ? found : { ...found, start: wall };
  }

  #restore(e: Saved['entries'][number]): void {
    const { until, ...rest } = e;
    if (until !== null && until <= this.#ctx.clock.wall()) return;
    this.book.restore({ ...rest, until: until === null ? undefined : until - this.#toWall });
  }

  /** Interfaces, uplinks or settings are others than before. */
  arrange(): void {
    const { active, pcp, retain } = this.settings;
    const name = this.around.follow();
    const uplink = this.around.uplink;
    if (!retain && uplink?.up !== true) this.book.removeWhere(() => true, 'the uplink is down');
    this.book.settle(active ? name : '');
    this.#sockets.listen(active && pcp ? this.around.served.map(s => s.link) : []);
    this.finder.arrange(this.settings);
    // An uplink that waits for its first address has lost none.
    const ip = active && pcp && uplink?.up ? uplink.ip : 0;
    if (ip !== 0 || this.around.wasUp || !active) this.#feed({ kind: 'address', ip });
    this.#changed();
  }

  reconfigure(next: Settings): void {
    this.settings = next;
    this.around.settings = next;
    this.#control.longest = next.longest;
    if (!next.active) this.book.removeWhere(() => true, 'UPnP is off');
    this.book.reform(bookRules(next));
    this.arrange();
  }

  save(): Saved {
    return {
      uuids: this.#uuids, start: this.#control.start + this.#toWall, address: this.#control.address, uplink: this.book.uplink,
      entries: this.book.list().map(({ via, by, proto, extPort, intIp, intPort, remote, description, nonce, until }) => ({
        via, by, proto: proto as 6 | 17, extPort, intIp, intPort, remote, description, nonce, until: until === undefined ? null : until + this.#toWall,
      })),
      whole: true,
    };
  }

  wan(): WanView {
    const u = this.around.uplink;
    return {
      name: u?.name ?? '', ip: u?.up ? u.ip : 0, up: u?.up === true && u.ip !== 0, uptimeMs: this.around.upForMs, cellular: u?.zone === 'CELL',
      stats: u ? this.#ctx.links.byId(u.link)?.stats : undefined,
    };
  }

  /** A host has left: whoever gets its address next has not asked for its ports, nor for events. */
  gone(host: number): void {
    this.book.removeWhere(m => m.intIp === host, 'its lease ended');
    this.finder.publisher?.gone(host);
  }

  /** Seconds that a mapping has left; undefined: it has no end. */
  left(e: Entry): number | undefined { return e.until === undefined ? undefined : Math.max(0, Math.ceil((e.until - this.#ctx.clock.now()) / 1000)); }

  #env(): ActionEnv {
    return { book: this.book, version: this.settings.version, connectionUuid: this.#uuids[2], longest: this.settings.longest, now: () => this.#ctx.clock.now(), wan: () => this.wan() };
  }

  /** The book is another: to be saved, and its next end to be waited for. */
  #changed(): void {
    this.#file.changed();
    this.finder.publisher?.changed();
    const due = this.book.deadline();
    if (due === this.#due && this.#timer) return;
    void this.#timer?.dispose();
    this.#due = due;
    this.#timer = due === undefined ? undefined : this.#ctx.clock.after(Math.max(0, due - this.#ctx.clock.now()), () => {
      this.#timer = undefined;
      this.book.expire(this.#ctx.clock.now());
      this.#changed();
    });
  }

  #apply(out: PortControlOut): void {
    const { served } = this.around;
    if (out.kind === 'reply') this.#sockets.any?.send(out.data, { dst: out.dst, dport: out.dport, src: out.to });
    else for (const i of served) this.#sockets.on(i.link)?.send(out.data, { dst: ALL_HOSTS, dport: CLIENT_PORT, src: i.ip, link: i.link, mac: ALL_HOSTS_MAC, ttl: TTL });
  }
}

const bookRules = (s: Settings): BookRules =>
  ({ configure: s.configure, firewall: s.firewall, others: s.others, mostPerHost: s.mostPerHost, most: s.most, permissions: new Permissions(s.rules) });
