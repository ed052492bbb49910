import { draw } from '../../kernel/cli/draw.ts';
import type { VirtualClock } from '../../kernel/clock.ts';
import type { Router } from '../../kernel/router/router.ts';
import type { Facts, Reply, Table, Text } from '../cli.ts';
import type { Events } from '../events.ts';
import type { View } from '../panel.ts';
import type { AnyPlugin } from '../plugin.ts';
import type { Token } from '../token.ts';
import { type Census, census, leaks } from './census.ts';
import { watchIntervals } from './intervals.ts';
import { type HarnessOptions, patience, start, type Started } from './start.ts';
import { pass, settled } from './time.ts';
import type { TestWire } from './wire.ts';

type Part = string | Table | Facts | Text;

/**
 * A real router in one process, under virtual time, with wires that the test holds the other ends of. Rejects when a tested
 * plugin does not start, saying why. End it with `close`, which fails when unloading the tested plugins left anything behind.
 */
export async function harness<const Link extends string = 'port1' | 'wan'>(tested: AnyPlugin | readonly AnyPlugin[], options: HarnessOptions<Link> = {}): Promise<Harness<Link>> {
  const defs = Array.isArray(tested) ? tested as readonly AnyPlugin[] : [tested as AnyPlugin];
  const h = new Harness(await start(options, defs), options);
  try {
    for (const def of defs) await h.load(def);
    return h;
  } catch (error) {
    await h.close().catch(() => {}); // The first error is the one that says something.
    throw error;
  }
}

export class Harness<Link extends string = 'port1' | 'wan'> {
  readonly clock: VirtualClock;
  readonly router: Router;
  /** The other ends of the router's links. */
  readonly wires: Readonly<Record<Link, TestWire>>;
  /** What was said on the event bus since the start, oldest first. */
  readonly events: { readonly topic: string; readonly event: unknown }[] = [];
  readonly #options: HarnessOptions<Link>;
  readonly #before: Census;
  readonly #packets: number;
  readonly #intervals = watchIntervals();
  /** Loaded now, in the order of loading. */
  readonly #tested = new Map<string, AnyPlugin>();
  /** Those that are unloaded by now, too. */
  readonly #ids = new Set<string>();
  #closed: Promise<void> | undefined;

  /** @internal Made by `harness`. */
  constructor({ router, clock, wires }: Started<Link>, options: HarnessOptions<Link>) {
    this.router = router;
    this.clock = clock;
    this.wires = wires;
    this.#options = options;
    this.#before = census(router);
    this.#packets = router.engine.pool.available;
    router.bus.tap((topic, event) => { this.events.push({ topic, event }); }, 'harness');
  }

  /** Loads a further plugin. Rejects when it does not start. */
  async load(def: AnyPlugin): Promise<void> {
    this.#ids.add(def.id);
    await this.#settled(this.router.plugins.load({ def }));
    this.#tested.set(def.id, def);
    const { state, why } = this.router.plugins.info(def.id) ?? { state: 'gone', why: '' };
    if (state !== 'active') throw new Error(`${def.id} is ${state}: ${why}`);
  }

  async unload(id = this.#only()): Promise<void> {
    await this.#settled(this.router.plugins.unload(id));
    this.#tested.delete(id);
  }

  /** Exchanges a plugin while packets flow, as after an edit: what it saved goes on into `next`. */
  async reload(next: AnyPlugin = this.#tested.get(this.#only()) as AnyPlugin): Promise<void> {
    await this.#settled(this.router.plugins.reload(next.id, { def: next }));
    this.#tested.set(next.id, next);
  }

  /** 'active', 'waiting', 'failed', … and 'gone' when it is not loaded. */
  state(id = this.#only()): string { return this.router.plugins.info(id)?.state ?? 'gone'; }

  /** Runs a verb and gives what it returned: data. Rejects with what a person would be told. Virtual time passes while it runs. */
  async run(line: string): Promise<Reply> {
    const parts = await this.#parts(line);
    return parts.length < 2 ? parts[0] : parts as Reply;
  }

  /** Runs a verb that returns a table, and gives that. */
  async table(line: string): Promise<Table> {
    const table = (await this.#parts(line)).find((part): part is Table => typeof part !== 'string' && 'columns' in part);
    if (table === undefined) throw new Error(`'${line}' gives no table`);
    return table;
  }

  /** Runs a verb and gives what a person would read. */
  async cli(line: string): Promise<string> {
    return (await this.#parts(line)).map(part => draw(part)).join('');
  }

  async #parts(line: string): Promise<Part[]> {
    const parts: Part[] = [];
    const signal = new AbortController().signal;
    const reply = await this.#settled(this.router.tree.run(line, { write: part => { parts.push(part); }, signal, author: 'test' }));
    if (reply !== undefined) parts.push(...(Array.isArray(reply) ? reply as Part[] : [reply as Part]));
    return parts;
  }

  /** Commits a change of a plugin's settings, through verify and apply. Rejects with the reasons when they do not fit. */
  async configure(change: Readonly<Record<string, unknown>>, id = this.#only()): Promise<void> {
    await this.#settled(this.router.config.update<Record<string, unknown>>(id, draft => { Object.assign(draft, change); }, 'test'));
  }

  /** What a panel shows now. */
  panel(path: string): View {
    let seen: View | undefined;
    let failed = `the panel '${path}' shows nothing yet`;
    void this.router.panels.open(path, view => { seen = view; }, why => { failed = why; }).dispose();
    if (seen === undefined) throw new Error(failed);
    return seen;
  }

  /** Presses a button of a panel. */
  act(path: string, action: string, input?: unknown): Promise<Reply> {
    return this.#settled(this.router.panels.act(path, action, input));
  }

  emit<K extends keyof Events>(topic: K, event: Events[K]): void {
    this.router.bus.emit(topic, event);
    this.clock.advance(0);
  }

  /** A service that some plugin provides; undefined when none does. */
  service<T>(token: Token<T>): T | undefined { return this.router.plugins.directory.live(token); }

  /** The number of a counter; 0 when there is none of that name. */
  counter(name: string): number { return this.router.engine.counters.list().find(c => c.name === name)?.n ?? 0; }

  /** Lets time pass: timers fire in order, and what they set off is done before the next one. */
  advance(ms: number): Promise<void> { return pass(this.clock, ms); }

  /** What the tested plugins threw where the test was not told of it: in listeners, timers, stages, deciders, disposers. */
  faults(): string[] {
    const ids = [...this.#ids];
    // load, reload and configure have rejected with these.
    const told = ['setup', 'reconfigure'];
    const thrown = ids.flatMap(id => this.router.plugins.faults(id)).filter(f => !told.includes(f.place)).map(f => `${f.plugin}: ${f.place}: ${f.message}`);
    const onTheWay = this.router.log.ring.lines({ level: 'error', name: 'engine' }).filter(l => ids.includes(String(l.fields['plugin'])));
    return [...thrown, ...onTheWay.map(l => `${l.msg}: ${String(l.fields['error']).split('\n')[0]}`)];
  }

  /** Log lines of the tested plugins, 'warn: the words'. */
  log(): string[] {
    return this.router.log.ring.lines().filter(l => this.#ids.has(l.name)).map(l => `${l.level}: ${l.msg}`);
  }

  /**
   * Unloads the tested plugins, the last one first, and stops the router. Rejects naming what they left behind or threw.
   * A second call gives the first one's result.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    const faults = this.#options.faultsAllowed ? [] : this.faults();
    for (const id of [...this.#tested.keys()].reverse()) await this.unload(id);
    const left = [...leaks(this.#before, census(this.router)), ...this.#intervals.list().map(i => `timers: ${i}`), ...await this.#packetsKept()];
    this.#intervals.dispose();
    await this.#settled(this.router.stop());
    const wrong = [...left.map(l => `left behind: ${l}`), ...faults.map(f => `threw: ${f}`)];
    if (wrong.length > 0) throw new Error(`the plugins under test did not end well:\n  ${wrong.join('\n  ')}`);
  }

  /** Packets may rightly wait for a next hop or for the rest of their fragments; after this time they do no more. */
  async #packetsKept(): Promise<string[]> {
    const { pool } = this.router.engine;
    if (pool.available < this.#packets) await this.advance(60_000);
    const kept = this.#packets - pool.available;
    return kept > 0 ? [`packets: ${kept} taken with ctx.packets.take() and neither sent nor freed`] : [];
  }

  /** Waits; then packets that were made meanwhile go out. */
  async #settled<T>(promise: Promise<T>): Promise<T> {
    try {
      return await settled(this.clock, promise, { patienceMs: patience(this.#options) });
    } finally {
      this.clock.advance(0);
    }
  }

  #only(): string {
    const [id, ...others] = this.#tested.keys();
    if (id === undefined) throw new Error('no plugin under test is loaded');
    if (others.length > 0) throw new Error(`say which plugin is meant: ${[id, ...others].join(', ')}`);
    return id;
  }
}
