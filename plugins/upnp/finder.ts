import { randomInt } from 'node:crypto';
import { type Disposable, drive, type OwnHttp, type Scope } from '../../sdk/index.ts';
import * as ssdp from '../../sdk/wire/ssdp.ts';
import type { ActionEnv } from './actions.ts';
import type { Identity } from './description.ts';
import { Discovery, type DiscoveryIn, type DiscoveryOut } from './discovery.ts';
import type { Context } from './gateway.ts';
import { Publisher } from './publisher.ts';
import type { Settings } from './settings.ts';
import { LinkSockets } from './sockets.ts';
import type { Surroundings } from './surroundings.ts';
import { answerWeb, MOST_BODY, type WebDeps } from './web.ts';

/** UDA 1.1 §1.1.2. */
const TTL = 2;
const RELEASE = '1.0';

export interface FinderParts {
  readonly around: Surroundings;
  env(): ActionEnv;
  readonly uuids: readonly [string, string, string];
  take(host: number): boolean;
}

/** The IGD half: the gateway can be found by SSDP, and HTTP answers where it said it would. */
export class Finder {
  readonly #ctx: Context;
  readonly #parts: FinderParts;
  readonly #sockets: LinkSockets;
  readonly #counts;
  #key = '';
  #running: { readonly scope: Scope; readonly feed: (input: DiscoveryIn) => void; readonly publisher: Publisher } | undefined;
  /** Why there is no IGD; '': there is one, or none is wanted. */
  why = '';

  constructor(ctx: Context, parts: FinderParts) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#counts = { 'not ssdp': ctx.counter('upnp: not SSDP'), 'too many searches': ctx.counter('upnp: too many searches at once'), refused: ctx.counter('upnp: HTTP request refused'), lost: ctx.counter('upnp: event not taken by its subscriber') };
    this.#sockets = new LinkSockets(ctx, ssdp.PORT, d => {
      const place = parts.around.from(d.link, d.src);
      const group = d.dst === ssdp.GROUP;
      if (!place || (!group && d.dst !== place.ip) || !parts.take(d.src)) return;
      this.#running?.feed({ kind: 'datagram', place, src: d.src, sport: d.sport, group, data: d.data });
    });
    ctx.scope.add(() => this.#stop(), 'UPnP IGD');
  }

  get running(): boolean { return this.#running !== undefined; }
  /** Told of events while there is somebody to tell. */
  get publisher(): Publisher | undefined { return this.#running?.publisher; }

  /** Begins, goes on at other places, or ends. */
  arrange(s: Settings): void {
    const { served } = this.#parts.around;
    const zones = [...new Set(s.interfaces.map(role => role.toUpperCase()))].sort();
    const key = s.active && s.igd ? `${s.port} ${s.version} ${zones.join(' ')}` : '';
    if (key !== this.#key) {
      this.#stop();
      this.#key = key;
      if (key !== '') this.#start(s, zones);
    }
    const places = this.#running ? served.map(({ link, ip }) => ({ link, ip })) : [];
    this.#sockets.listen(places.map(p => p.link));
    this.#running?.feed({ kind: 'places', places });
    this.publisher?.served(places.map(p => p.ip));
  }

  #start(s: Settings, zones: readonly string[]): void {
    const { clock, use, log } = this.#ctx;
    const identity: Identity = { root: this.#parts.uuids[0], wan: this.#parts.uuids[1], connection: this.#parts.uuids[2], version: s.version, release: RELEASE };
    const scope = this.#ctx.scope.child('discovery');
    const publisher = new Publisher({ clock, scope, http: use.http, env: this.#parts.env(), lost: this.#counts.lost });
    const http = this.#serve(use.http, s.port, zones, identity, publisher);
    if (!http) {
      void scope.dispose();
      log.warn({ why: this.why }, 'no UPnP IGD; NAT-PMP and PCP need no HTTP');
      return;
    }
    scope.add(http, `HTTP on port ${s.port}`);
    const machine = new Discovery({ identity, port: s.port, bootId: Math.floor(clock.wall() / 1000) % 2 ** 31 }, () => randomInt(2 ** 32) / 2 ** 32);
    const feed = drive<DiscoveryIn, DiscoveryOut>(clock, scope, machine, out => this.#apply(out));
    // Before the machine ends, and while there is a socket.
    scope.add(() => feed({ kind: 'close' }), 'farewell');
    this.#running = { scope, feed, publisher };
  }

  #serve(http: OwnHttp, port: number, zones: readonly string[], identity: Identity, publisher: Publisher): Disposable | undefined {
    this.why = http.why ?? '';
    if (http.why !== undefined) return undefined;
    const { env } = this.#parts;
    const deps: WebDeps = {
      // Asked each time: settings that need no other server change meanwhile.
      get env() { return env(); },
      identity: () => identity, port, take: this.#parts.take,
      serves: (from, to) => this.#parts.around.served.some(i => i.ip === to && this.#parts.around.from(i.link, from)?.link === i.link),
      refused: () => { this.#counts.refused.n++; }, subscriptions: asked => publisher.ask(asked),
    };
    try {
      return http.serve({ port, zones, maxBody: MOST_BODY }, request => answerWeb(request, deps));
    } catch (error) {
      this.why = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  #stop(): void {
    const was = this.#running;
    this.why = '';
    if (!was) return;
    this.#running = undefined;
    void was.scope.dispose();
  }

  #apply(out: DiscoveryOut): void {
    if (out.kind === 'count') this.#counts[out.why].n++;
    else if (out.kind === 'answer') this.#sockets.on(out.place.link)?.send(out.data, { dst: out.dst, dport: out.dport, src: out.place.ip, ttl: TTL });
    else this.#sockets.on(out.place.link)?.send(out.data, { dst: ssdp.GROUP, dport: ssdp.PORT, src: out.place.ip, link: out.place.link, mac: ssdp.GROUP_MAC, ttl: TTL });
  }
}
