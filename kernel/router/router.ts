import { randomBytes } from 'node:crypto';
import type { Clock } from '../../sdk/clock.ts';
import type { Facts } from '../../sdk/cli.ts';
import { PluginCatalogToken } from '../../sdk/catalog.ts';
import { type PacketErrors, PacketErrorsToken } from '../../sdk/errors.ts';
import type { Link, LinkHost } from '../../sdk/link.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { type OwnHttp, OwnHttpToken } from '../../sdk/http.ts';
import { type Restarts, RestartsToken } from '../../sdk/restart.ts';
import { type OwnTcp, OwnTcpToken } from '../../sdk/tcp.ts';
import { type SelfStack, SelfStackToken } from '../../sdk/self.ts';
import { type Usb, UsbToken } from '../../sdk/usb.ts';
import { VerbTree } from '../cli/tree.ts';
import { Config } from '../config/commit.ts';
import { type Document, factory } from '../config/document.ts';
import { memoryStore, openStore, type Store } from '../config/store.ts';
import { configVerbs } from '../config/verbs.ts';
import type { Gate } from '../console/auth.ts';
import { LabDoor } from '../console/lab-door.ts';
import { PanelRegistry } from '../console/panels.ts';
import type { Services } from '../console/connection.ts';
import { SettingsDesk } from '../console/settings.ts';
import { StreamRegistry } from '../console/streams.ts';
import { Bus, catchObserverErrors } from '../events.ts';
import { LinkRegistry } from '../links/registry.ts';
import type { Log } from '../log.ts';
import type { Loop } from '../loop.ts';
import { Engine } from '../packet/engine.ts';
import { Catalog, nothingOnDemand, type OnDemandSource } from '../plugins/catalog.ts';
import { type LoadedPlugin, PluginHost } from '../plugins/host.ts';
import { noOwnHttp } from '../self/http.ts';
import { noOwnTcp } from '../self/tcp.ts';
import { noSelfStack } from '../self/stack.ts';
import { noUsb } from '../usb/usb.ts';
import { noRestarts } from './restarts.ts';
import { kernelServices } from './services.ts';
import { captureVerbs } from './verbs-capture.ts';
import { kernelStreams } from './streams.ts';
import { duration, statusVerbs } from './verbs-status.ts';
import { traceVerbs } from './verbs-trace.ts';

/** While flows live, the engine breathes at least this often (ms), so that they end in time when no packet comes. */
const AGEING_MS = 1000;
/** Flows the table has room for. */
const MAX_FLOWS = 100_000;

export interface RouterOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Undefined: nothing is kept (memory lab, tests). */
  readonly state?: string | undefined;
  readonly plugins: readonly LoadedPlugin[];
  /** Plugins that are loaded when something asks for them; default: none. */
  readonly onDemand?: OnDemandSource;
  readonly links: readonly { readonly name: string; open(host: LinkHost): Link }[];
  /** The settings of a router that has none yet, and of `config reset factory`. */
  readonly factory?: Document;
  readonly maxFlows?: number;
  /** What the router's own TCP services listen on; default: none. */
  readonly self?: SelfStack;
  /** The machine's USB and PCMCIA sockets; default: the router keeps off them. */
  readonly usb?: Usb;
  /** How it restarts itself; default: it does not. */
  readonly restarts?: Restarts;
  /** HTTP of plugins on the router's own addresses; default: none. */
  readonly http?: OwnHttp;
  /** TCP of plugins there; default: none. */
  readonly tcp?: OwnTcp;
  /** 0 ≤ x < 1; default from the operating system's generator. */
  readonly random?: () => number;
  /** Told when there is work; a Loop in real time, a timer in virtual time. */
  readonly wake: () => void;
  /** Watches descriptors for the loop. */
  readonly watcher?: { watch(fd: number): { dispose(): void } };
}

const systemRandom = (): number => randomBytes(6).readUIntBE(0, 6) / 2 ** 48;

/** The whole router: kernel parts wired together, plugins loaded, links open. Faces (terminal, sockets) are put on from outside. */
export class Router {
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: Bus;
  readonly links: LinkRegistry;
  readonly engine: Engine;
  readonly config: Config;
  readonly tree: VerbTree;
  readonly streams: StreamRegistry;
  readonly panels: PanelRegistry;
  readonly lab = new LabDoor();
  readonly settings: SettingsDesk;
  readonly plugins: PluginHost;
  /** Set by whoever runs the loop, for the figures. */
  loop: Loop | undefined;
  /** Settles when the router has stopped. */
  readonly stopped: Promise<void>;
  readonly #began: number;
  readonly #errors: Disposable;
  readonly #captures: Disposable;
  readonly #ageing: Disposable;
  #stopping: Promise<void> | undefined;
  #settle: () => void = () => {};

  private constructor(o: RouterOptions, bus: Bus, config: Config) {
    this.version = o.version;
    this.clock = o.clock;
    this.log = o.log;
    this.bus = bus;
    this.config = config;
    this.settings = new SettingsDesk(config);
    this.#began = o.clock.now();
    this.stopped = new Promise(resolve => { this.#settle = resolve; });
    const kernelLog = o.log.logger('kernel');
    this.#errors = catchObserverErrors(error => {
      const owner = this.plugins.blame(error);
      if (owner) this.plugins.report(owner, 'observer', error);
      else kernelLog.error({ error: error instanceof Error ? error.stack : String(error) }, 'an observer failed');
    });
    this.links = new LinkRegistry(bus, o.clock, o.watcher);
    this.engine = new Engine({
      clock: o.clock, log: o.log.logger('engine'), links: this.links, maxFlows: o.maxFlows ?? MAX_FLOWS, random: o.random ?? systemRandom, wake: o.wake, attack: attack => bus.emit('security/attack', attack),
      fault: (owner, place, error) => {
        if (!this.plugins.info(owner)) return false;
        this.plugins.report(owner, place, error);
        return true;
      },
      errors: () => this.plugins.directory.live(PacketErrorsToken) as PacketErrors | undefined,
    });
    this.links.onWake(o.wake);
    this.#ageing = o.clock.every(AGEING_MS, () => { if (this.engine.flows.size > 0) o.wake(); });
    for (const topic of ['link/up', 'link/down', 'link/mtu'] as const) {
      bus.on(topic, e => {
        this.engine.linkChanged(e.link);
        this.engine.flows.bumpEpoch(`${topic} ${e.name}`);
      }, 'kernel');
    }
    this.tree = new VerbTree();
    this.streams = new StreamRegistry();
    this.panels = new PanelRegistry(this.streams, o.clock);
    this.plugins = new PluginHost(kernelServices({
      clock: o.clock, log: o.log, bus, engine: this.engine, links: this.links, config, tree: this.tree, panels: this.panels, state: o.state,
    }));
    const none = 'this router has no network of its own';
    this.plugins.directory.provide(SelfStackToken, o.self ?? noSelfStack(none), 'kernel');
    this.plugins.directory.provide(OwnHttpToken, o.http ?? noOwnHttp(none), 'kernel');
    this.plugins.directory.provide(OwnTcpToken, o.tcp ?? noOwnTcp(none), 'kernel');
    this.plugins.directory.provide(PluginCatalogToken, new Catalog(this.plugins, o.onDemand ?? nothingOnDemand), 'kernel');
    this.plugins.directory.provide(UsbToken, o.usb ?? noUsb('this router keeps off the sockets of its machine'), 'kernel');
    this.plugins.directory.provide(RestartsToken, o.restarts ?? noRestarts('this router does not restart itself'), 'kernel');
    const command = (spec: Parameters<VerbTree['register']>[0]) => this.tree.register(spec, 'kernel');
    statusVerbs(this, command);
    traceVerbs(this.engine, this.links, command);
    this.#captures = captureVerbs(this, o.state, command);
    configVerbs(config, spec => this.tree.register(spec, 'kernel'));
    kernelStreams(this, this.streams);
  }

  /** Settings first, then links, then plugins. Rejects when the state directory belongs to another router. */
  static async start(o: RouterOptions): Promise<Router> {
    const bus = new Bus(o.log.logger('events'));
    const configLog = o.log.logger('config');
    const store: Store = o.state === undefined ? memoryStore() : await openStore(o.state, configLog, () => o.clock.wall());
    let router: Router | undefined;
    try {
      const config = await Config.open({ store, clock: o.clock, log: configLog, bus, factory: o.factory ?? factory });
      router = new Router(o, bus, config);
      for (const link of o.links) router.links.open(link.name, link.open);
      await router.plugins.load(...o.plugins);
      return router;
    } catch (error) {
      if (router) await router.stop(); else await store.close();
      throw error;
    }
  }

  /** What the faces of the console serve. */
  services(gate: Gate): Services {
    return {
      tree: this.tree, clock: this.clock, between: () => this.loop?.between(), streams: this.streams, panels: this.panels, lab: this.lab, settings: this.settings, gate, version: this.version,
      onFault: fault => this.log.logger('cli').error({ error: fault.message }, 'a verb failed'),
    };
  }

  get runtime(): string {
    const deno = process.versions['deno'];
    return deno ? `Deno ${deno}` : `Node ${process.versions.node}`;
  }

  uptimeMs(): number { return this.clock.now() - this.#began; }

  status(): Facts {
    const memory = process.memoryUsage();
    const { flows, pool } = this.engine;
    const mib = (octets: number) => `${(octets / 1048576).toFixed(1)} MiB`;
    return { facts: {
      'up for': duration(this.uptimeMs()), runtime: this.runtime,
      flows: `${flows.size} of ${flows.max}`, 'flows decided again': flows.redecided, 'last reason for it': flows.epochWhy,
      breaths: this.engine.breaths, 'busy for': duration(this.loop?.busyMs ?? 0), 'packet buffers free': `${pool.available} of ${pool.size}`,
      memory: mib(memory.rss), heap: mib(memory.heapUsed), plugins: this.plugins.list().filter(p => p.state === 'active').length,
    } };
  }

  /** Numbers for charts; counts grow for ever, the reader takes differences. */
  metrics() {
    const { flows, pool, counters } = this.engine;
    return {
      at: this.clock.wall(), upMs: this.uptimeMs(), busyMs: this.loop?.busyMs ?? 0, breaths: this.engine.breaths,
      flows: flows.size, maxFlows: flows.max, poolFree: pool.available, rss: process.memoryUsage.rss(),
      links: this.links.list().map(l => ({ name: l.name, up: l.up, ...l.stats })),
      counters: Object.fromEntries(counters.list().map(c => [c.name, c.n])),
    };
  }

  /** Plugins, links, settings, in that order. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      await this.plugins.stopAll();
      void this.#captures.dispose();
      this.links.close();
      await this.config.close();
      void this.#errors.dispose();
      void this.#ageing.dispose();
      this.loop?.close();
      this.#settle();
    })();
    return this.#stopping;
  }
}
