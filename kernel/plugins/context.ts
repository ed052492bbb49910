import { Observable } from 'rxjs';
import type { Clock } from '../../sdk/clock.ts';
import type { CommandSpec } from '../../sdk/cli.ts';
import type { Events } from '../../sdk/events.ts';
import type { Neighbours } from '../../sdk/flow.ts';
import type { Needs } from '../../sdk/token.ts';
import { type Token, tokenName } from '../../sdk/token.ts';
import type { Counter } from '../../sdk/packet.ts';
import type { PluginContext } from '../../sdk/plugin.ts';
import type { Disposable, Scope } from '../../sdk/scope.ts';
import type { Udp } from '../../sdk/udp.ts';
import type { ServiceDirectory } from '../di.ts';
import { ownedFlows } from './owned-flows.ts';
import { ownedTtys } from './owned-ttys.ts';
import type { KernelServices } from './services.ts';
import { FolderFile } from './state-file.ts';

export type AnyContext = PluginContext<unknown, Needs, unknown>;

export interface ContextParts {
  readonly id: string;
  /** The settings in force; read anew at each access. */
  config(): unknown;
  readonly use: Readonly<Record<string, unknown>>;
  readonly previous: unknown;
  readonly scope: Scope;
  readonly signal: AbortSignal;
  readonly services: KernelServices;
  readonly directory: ServiceDirectory;
  /** The counters it holds, by name; kept by the context. */
  readonly counters: Map<string, Counter>;
  fault(place: string, error: unknown): void;
  /** A service came to live. */
  provided(token: Token<unknown>): void;
  /** A service is about to go: its users stop first, then `remove` is called. */
  withdraw(token: Token<unknown>, remove: () => void): void | Promise<void>;
}

/** What one generation of a plugin works with. Everything it claims here is in its scope, under a label. */
export function createContext(parts: ContextParts): AnyContext {
  const { id, scope, services, directory } = parts;
  // Refused before it is made: what was never registered cannot be seen for a moment by anybody.
  const claim = <T extends Disposable>(label: string, make: () => T): Disposable => {
    if (scope.disposed) throw new Error(`${id}: ${label}: the plugin is unloaded`);
    return scope.add(make(), label);
  };
  const fence = fenced(parts.fault);
  // Asked for again and again, a counter is still held once.
  const { counters } = parts;
  const log = services.log.logger(id);
  const files = new Map<string, FolderFile>();
  return {
    id,
    get config() { return parts.config(); },
    use: parts.use,
    previous: parts.previous,
    log,
    clock: ownedClock(services.clock, claim, fence),
    scope,
    signal: parts.signal,
    packets: services.packets,
    links: services.links,
    flows: ownedFlows(services.flows, claim, parts.fault),
    neighbours: ownedNeighbours(services.neighbours, claim, fence),
    udp: ownedUdp(services.udp(id), claim, fence),
    tty: ownedTtys(services.tty, claim, parts.fault),
    get folder() { return services.folder(id); },
    file: name => {
      let file = files.get(name);
      if (file) return file;
      claim(`file ${name}`, () => {
        const made = new FolderFile({ folder: services.folder(id), name, clock: services.clock, failed: error => log.warn({ file: name, error: String(error) }, 'a file of the plugin cannot be written') });
        files.set(name, (file = made));
        return made;
      });
      return file as unknown as FolderFile;
    },
    stage: spec => claim(`stage ${spec.name}`, () => services.stage(spec, id)),
    decide: spec => claim(`decider ${spec.name}`, () => services.decide(spec, id)),
    counter: name => {
      let counter = counters.get(name);
      if (counter) return counter;
      claim(`counter ${name}`, () => {
        const held = services.counter(name, id);
        counters.set(name, (counter = held));
        return { dispose: () => { counters.delete(name); return held.dispose(); } };
      });
      return counter as unknown as Counter;
    },
    mark: name => {
      let bit = 0;
      claim(`mark ${name}`, () => {
        const mark = services.mark(name);
        bit = mark.bit;
        return { dispose: () => mark.release() };
      });
      return bit;
    },
    link: open => {
      let number = -1;
      const held = claim('link', () => {
        const link = services.link(open, id);
        number = link.id;
        return link;
      });
      return { id: number, dispose: () => held.dispose() };
    },
    command: spec => claim(`verb ${spec.path}`, () => services.command(spec as unknown as CommandSpec, id)),
    panel: spec => claim(`panel ${spec.path}`, () => services.panel(spec, id)),
    provide: (token, service) => {
      const held = claim(`service ${tokenName(token)}`, () => {
        const listed = directory.provide(token, service, id);
        return { dispose: () => parts.withdraw(token, () => void listed.dispose()) };
      });
      parts.provided(token);
      return held;
    },
    contribute: (point, item) => {
      const held = claim(`contribution ${tokenName(point)}`, () => directory.contribute(point, item, id));
      parts.provided(point);
      return held;
    },
    on: (topic, fn) => {
      const listen = fence(`listener ${topic}`, fn);
      return claim(`listener ${topic}`, () => services.bus.on(topic, listen, id));
    },
    events: <K extends keyof Events>(topic: K) => new Observable<Events[K]>(subscriber => {
      const held = claim(`subscription ${topic}`, () => {
        const listening = services.bus.on(topic, event => subscriber.next(event), id);
        // Completed on unload, so that what is derived from it ends too.
        return { dispose: () => { void listening.dispose(); subscriber.complete(); } };
      });
      return () => void held.dispose();
    }),
    // What a plugin says after its end interests nobody.
    emit: (topic, event) => { if (!scope.disposed) services.bus.emit(topic, event); },
    commit: async (change, author) => { await services.config.update(id, change, author); },
  };
}

type Claim = <T extends Disposable>(label: string, make: () => T) => Disposable;
type Fence = <A extends unknown[]>(place: string, fn: (...args: A) => unknown) => (...args: A) => void;

/** Wraps what a plugin wants called: what it throws, now or later, becomes a fault of the plugin and goes no further. */
const fenced = (fault: (place: string, error: unknown) => void): Fence => (place, fn) => (...args) => {
  try {
    const result = fn(...args);
    if (result instanceof Promise) result.catch((error: unknown) => fault(place, error));
  } catch (error) {
    fault(place, error);
  }
};

function ownedClock(clock: Clock, claim: Claim, fence: Fence): Clock {
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    after: (ms, fn) => {
      const run = fence(`timer after ${Math.round(ms)} ms`, fn);
      const held = claim(`timer after ${Math.round(ms)} ms`, () => clock.after(ms, () => { void held.dispose(); run(); }));
      return held;
    },
    every: (ms, fn) => {
      const run = fence(`timer every ${ms} ms`, fn);
      return claim(`timer every ${ms} ms`, () => clock.every(ms, run));
    },
  };
}

function ownedNeighbours(neighbours: Neighbours, claim: Claim, fence: Fence): Neighbours {
  return {
    index: (link, ip) => neighbours.index(link, ip),
    lookup: (link, ip) => neighbours.lookup(link, ip),
    set: (link, ip, mac, opts) => neighbours.set(link, ip, mac, opts),
    invalidate: (link, ip) => neighbours.invalidate(link, ip),
    remove: (link, ip) => neighbours.remove(link, ip),
    list: () => neighbours.list(),
    resolver: ask => claim('neighbour resolver', () => neighbours.resolver(fence('neighbour resolver', ask))),
  };
}

function ownedUdp(udp: Udp, claim: Claim, fence: Fence): Udp {
  return {
    bind: (opts, receive) => {
      const place = opts.link === undefined ? `udp ${opts.port}` : `udp ${opts.port} on link ${opts.link}`;
      let socket: ReturnType<Udp['bind']> | undefined;
      const held = claim(place, () => (socket = udp.bind(opts, fence(place, receive))));
      const bound = socket as unknown as ReturnType<Udp['bind']>;
      return { port: bound.port, send: (data, to) => bound.send(data, to), dispose: () => held.dispose() };
    },
  };
}
