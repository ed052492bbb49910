import type { Problem } from '../../sdk/plugin.ts';
import { type Token, token, tokenName } from '../../sdk/token.ts';
import { ServiceDirectory } from '../di.ts';
import type { Entry, Limits, LoadedPlugin, PluginState } from './entry.ts';
import { Faults, reasonOf } from './faults.ts';
import { Generation, type Surroundings, tokensOf } from './generation.ts';
import { type GraphNode, startOrder } from './graph.ts';
import { Ledger } from './ledger.ts';
import type { KernelServices } from './services.ts';

/** Starts and stops plugins in the order their needs demand. Nothing here rejects: the states and the faults tell. */
export class LifeCycle {
  readonly entries = new Map<string, Entry>();
  readonly directory = new ServiceDirectory();
  readonly ledger = new Ledger();
  readonly faults: Faults;
  readonly #services: KernelServices;
  readonly #surroundings: Surroundings;
  /** Services whose users are being stopped; nobody starts on them any more. */
  readonly #leaving = new Set<Token<unknown>>();
  readonly #numbers = new Map<string, number>();
  #started = 0;
  #settling = false;
  #again = false;
  #unguarded = '';

  constructor(services: KernelServices, limits: Limits) {
    this.#services = services;
    this.faults = new Faults(services.clock, services.log.logger('plugins'));
    this.#surroundings = {
      services,
      directory: this.directory,
      ledger: this.ledger,
      faults: this.faults,
      startLimitMs: limits.startLimitMs ?? 10_000,
      stopLimitMs: limits.stopLimitMs ?? 5_000,
      provided: () => this.settle(),
      withdraw: (id, service, remove) => this.#withdraw(id, service, remove),
    };
  }

  add(loaded: LoadedPlugin): Entry {
    const entry: Entry = {
      loaded, state: 'waiting', why: '', number: 0, started: 0, life: undefined, starting: undefined, stopping: undefined,
      saved: undefined, section: undefined, config: undefined,
    };
    this.entries.set(loaded.def.id, entry);
    return entry;
  }

  remove(entry: Entry): void {
    this.entries.delete(entry.loaded.def.id);
    this.#guard();
  }

  /** Registers its settings. With problems the plugin has failed, but the section stays, so that they can be repaired. */
  attach(entry: Entry, apply: (next: unknown) => Promise<void>): void {
    const { def } = entry.loaded;
    if (!def.config) return;
    try {
      entry.section = this.#services.config.attach({
        id: def.id,
        schema: def.config,
        version: def.configVersion ?? 1,
        migrations: def.migrations ?? [],
        verify: (mine, all) => def.verify?.(mine, all) ?? [],
        apply,
      });
      const problems = entry.section.problems ?? [];
      if (problems.length > 0) throw new Error(problems.map(sentence).join('; '));
      entry.config = this.#services.config.running(def.id);
    } catch (error) {
      const fields = reasonOf(error).replaceAll('\n', '; ');
      this.faults.report(def.id, 'settings', fields);
      this.#set(entry, 'failed', `settings: ${fields}`);
    }
  }

  async detach(entry: Entry): Promise<void> {
    const { section } = entry;
    entry.section = undefined;
    entry.config = undefined;
    await section?.dispose();
  }

  /** Starts it if its needs are there, else it waits. */
  async start(entry: Entry): Promise<void> {
    if (this.#lacks(entry) !== undefined) return this.#set(entry, 'waiting', this.#lacks(entry) ?? '');
    entry.starting = this.#begin(entry).finally(() => { entry.starting = undefined; });
    await entry.starting;
  }

  /** Stops its users first; they wait. `keep`: what it saves is for its next generation. */
  async stop(entry: Entry, to: PluginState, why: string, keep: boolean): Promise<void> {
    // Somebody else stops it already; what the later one wants counts.
    if (entry.stopping) await entry.stopping;
    entry.stopping = this.#end(entry, to, why, keep).finally(() => { entry.stopping = undefined; });
    await entry.stopping;
  }

  /** Starts everything that waits and can start, in order. */
  settle(): void {
    this.#again = true;
    // A setup may provide a service, and so come back here.
    if (this.#settling) return;
    this.#settling = true;
    try {
      while (this.#again) {
        this.#again = false;
        for (const id of this.order().order) {
          const entry = this.entries.get(id);
          if (entry?.state === 'waiting' && !entry.stopping && this.#lacks(entry) === undefined) void this.start(entry);
        }
      }
    } finally {
      this.#settling = false;
    }
  }

  /** Waits until nothing starts or stops any more, and says why the others wait. */
  async settled(): Promise<void> {
    for (;;) {
      this.settle();
      const busy = [...this.entries.values()].flatMap(e => [e.starting, e.stopping]).filter(p => p !== undefined);
      if (busy.length === 0) break;
      await Promise.all(busy);
    }
    const { blocked } = this.order();
    for (const [id, entry] of this.entries) {
      if (entry.state !== 'waiting') continue;
      const why = blocked.get(id) ?? this.#lacks(entry) ?? '';
      this.#set(entry, 'waiting', why);
      // Waiting for what was there before is in order; waiting from the start is a fault.
      if (entry.number === 0) this.faults.report(id, 'needs', why);
    }
  }

  nodes(): GraphNode[] {
    return [...this.entries.values()].map(({ loaded: { def }, life }) => {
      const provides = new Set((def.provides ?? []).map(tokenName));
      for (const label of life?.scope.live ?? []) if (label.startsWith('service ')) provides.add(label.slice('service '.length));
      return { id: def.id, needs: tokensOf(def).map(tokenName), provides: [...provides] };
    });
  }

  order() {
    return startOrder(this.nodes(), service => this.directory.lives(token(service)));
  }

  /** What keeps it from starting, in words. */
  #lacks(entry: Entry): string | undefined {
    const { def } = entry.loaded;
    for (const need of tokensOf(def)) {
      // Who needs what it provides itself owns a list that others contribute to.
      if (def.provides?.includes(need) && !this.directory.lives(need)) this.directory.point(need);
      const owner = this.directory.owner(need);
      const provider = owner === undefined ? undefined : this.entries.get(owner);
      if (provider && provider !== entry && provider.state !== 'active') return `waits for ${tokenName(need)} from ${owner}, which is ${provider.state}`;
      if (this.#leaving.has(need)) return `waits for ${tokenName(need)}, which ${owner} withdraws`;
      if (this.directory.lives(need)) continue;
      const promised = [...this.entries.values()].find(e => e !== entry && e.loaded.def.provides?.includes(need));
      if (promised) return `waits for ${tokenName(need)} from ${promised.loaded.def.id}, which is ${promised.state}${promised.state === 'active' ? ' but does not provide it' : ''}`;
      return `waits for ${tokenName(need)}, which no loaded plugin provides`;
    }
    return undefined;
  }

  async #begin(entry: Entry): Promise<void> {
    const { id } = entry.loaded.def;
    entry.number = (this.#numbers.get(id) ?? 0) + 1;
    this.#numbers.set(id, entry.number);
    entry.started = ++this.#started;
    const life = new Generation(entry.loaded.def, entry.number, entry.config, this.#surroundings);
    entry.life = life;
    this.#set(entry, 'starting', '');
    try {
      await life.start(entry.saved);
      if (entry.stopping) return;
      entry.saved = undefined;
      this.#set(entry, 'active', '');
    } catch (error) {
      // Whoever stops it meanwhile also says what becomes of it.
      if (entry.stopping) return;
      await life.stop();
      entry.life = undefined;
      this.#set(entry, 'failed', reasonOf(error));
    }
    this.settle();
  }

  async #end(entry: Entry, to: PluginState, why: string, keep: boolean): Promise<void> {
    const { life } = entry;
    const { id } = entry.loaded.def;
    if (life) {
      const ran = entry.state === 'active';
      this.#set(entry, 'stopping', why);
      await this.#stopUsers((_token, owner) => owner === id, entry, `waits for ${id}, which is stopped`);
      if (keep && ran) entry.saved = life.save();
      await life.stop();
      entry.life = undefined;
    }
    if (!keep) entry.saved = undefined;
    this.#set(entry, to, why);
  }

  #withdraw(id: string, service: Token<unknown>, remove: () => void): void | Promise<void> {
    const entry = this.entries.get(id);
    const uses = (need: Token<unknown>, owner: string | undefined) => need === service && owner === id;
    if (this.#users(uses, entry).length === 0) return remove();
    this.#leaving.add(service);
    return this.#stopUsers(uses, entry, `waits for ${tokenName(service)}, which ${id} withdrew`).finally(() => {
      remove();
      this.#leaving.delete(service);
      this.settle();
    });
  }

  /** Those whose present generation uses such a service; the latest started first. */
  #users(uses: (need: Token<unknown>, owner: string | undefined) => boolean, provider: Entry | undefined): Entry[] {
    return [...this.entries.values()]
      .filter(e => e !== provider && e.life && [...e.life.providers].some(([need, owner]) => uses(need, owner)))
      .sort((a, b) => b.started - a.started);
  }

  async #stopUsers(uses: (need: Token<unknown>, owner: string | undefined) => boolean, provider: Entry | undefined, why: string): Promise<void> {
    for (const user of this.#users(uses, provider)) if (user.life) await this.stop(user, 'waiting', why, true);
  }

  #set(entry: Entry, state: PluginState, why: string): void {
    if (entry.state === state && entry.why === why) return;
    entry.state = state;
    entry.why = why;
    this.#guard();
    this.#services.bus.emit('plugin/state', { id: entry.loaded.def.id, state, why });
  }

  /** Tells the flow table which guards are missing, when that has changed. */
  #guard(): void {
    const ids = [...this.entries.values()].filter(e => e.loaded.def.failClosed && e.state !== 'active').map(e => e.loaded.def.id).sort();
    if (ids.join() === this.#unguarded) return;
    this.#unguarded = ids.join();
    this.#services.failClosed(ids);
  }
}

const sentence = (p: Problem): string => (p.path.length > 0 ? `${p.path.join('.')}: ${p.message}` : p.message);
