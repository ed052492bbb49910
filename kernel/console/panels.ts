import { isObservable } from 'rxjs';
import { CliError, type Reply } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { DownloadSpec, PanelSpec, View } from '../../sdk/panel.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { reasonOf } from '../cli/errors.ts';
import { asker, onBehalf } from './acting.ts';
import type { StreamRegistry } from './streams.ts';

export interface PanelInfo { readonly path: string; readonly title: string; readonly owner: string; readonly actions: readonly string[] }

/** `author`: as in the history of settings; undefined: nobody from outside. */
export interface PanelAct { readonly author: string | undefined; readonly panel: string; readonly action: string; readonly failed?: string }

interface Entry { readonly spec: PanelSpec; readonly owner: string; readonly watchers: Set<Watcher> }
interface Watcher { refresh(): void; end(why: string): void }

/** A panel that gives snapshots is asked again so often while somebody looks at it. */
const SNAPSHOT_MS = 1000;

/** Panels 'security/firewall/…' are tabs of one page. */
const pageOf = (path: string): string => path.split('/', 2).join('/');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The pages of the router, as data. Adds the streams `panels` (the list, whenever it changes) and `panel:<path>`. */
export class PanelRegistry {
  readonly #panels = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #clock: Clock;
  /** Told of every action that was used, and by whom. */
  onAct: (act: PanelAct) => void = () => {};

  constructor(streams: StreamRegistry, clock: Clock) {
    this.#clock = clock;
    streams.source('panel:', (_filter, push, path, end) => this.open(path, push, end), { keep: 1 });
    streams.source('panels', (_filter, push) => {
      const tell = (): void => push(this.list());
      this.#listeners.add(tell);
      tell();
      return { dispose: () => void this.#listeners.delete(tell) };
    }, { keep: 1 });
  }

  register(spec: PanelSpec, owner: string): Disposable {
    const there = this.#panels.get(spec.path);
    if (there !== undefined) throw new Error(`the panel '${spec.path}' (plugin ${owner}) exists already: it belongs to ${there.owner}`);
    const entry: Entry = { spec, owner, watchers: new Set() };
    this.#panels.set(spec.path, entry);
    this.#changed();
    return {
      dispose: () => {
        if (this.#panels.get(spec.path) !== entry) return;
        this.#panels.delete(spec.path);
        for (const watcher of [...entry.watchers]) watcher.end(`the panel '${spec.path}' went away`);
        this.#changed();
      },
    };
  }

  #changed(): void {
    for (const tell of [...this.#listeners]) tell();
  }

  /** By page, and on it in their order. */
  list(): PanelInfo[] {
    return [...this.#panels.values()]
      .sort(({ spec: a }, { spec: b }) => compare(pageOf(a.path), pageOf(b.path)) || (a.order ?? Infinity) - (b.order ?? Infinity) || compare(a.path, b.path))
      .map(({ spec, owner }) => ({ path: spec.path, title: spec.title, owner, actions: Object.keys(spec.actions ?? {}) }));
  }

  /** Pushes the view now and whenever it changes. */
  open(path: string, push: (view: View) => void, end: (why: string) => void): Disposable {
    const entry = this.#find(path);
    let last = '';
    const held: Disposable[] = [];
    const failed = (e: unknown): void => watcher.end(`the panel '${path}' of plugin ${entry.owner} failed: ${reasonOf(e)}`);
    const show = (view: View): void => {
      const text = JSON.stringify(view);
      if (text !== last) push(view);
      last = text;
    };
    const close = (): void => {
      entry.watchers.delete(watcher);
      for (const h of held.splice(0)) void h.dispose();
    };
    const watcher: Watcher = { refresh: () => {}, end: (why) => { close(); end(why); } };
    entry.watchers.add(watcher);
    try {
      const view = entry.spec.view();
      if (isObservable(view)) {
        const subscription = view.subscribe({ next: show, error: failed, complete: () => {} });
        held.push({ dispose: () => subscription.unsubscribe() });
      } else {
        show(view);
        watcher.refresh = () => {
          try {
            show(entry.spec.view() as View);
          } catch (e) {
            failed(e);
          }
        };
        held.push(this.#clock.every(SNAPSHOT_MS, watcher.refresh));
      }
    } catch (e) {
      failed(e);
    }
    // An observable may have failed while it was being subscribed to.
    if (!entry.watchers.has(watcher)) close();
    return { dispose: close };
  }

  /**
   * Runs an action of a panel on behalf of whoever asks (see acting.ts). Throws CliError when there is none of that name, or what the
   * action throws.
   */
  async act(path: string, action: string, input: unknown): Promise<Reply> {
    const entry = this.#find(path);
    const actions = entry.spec.actions ?? {};
    if (!Object.hasOwn(actions, action)) throw new CliError(`the panel '${path}' has no action '${action}'; it has: ${Object.keys(actions).join(', ') || 'none'}`);
    // Looking changes nothing: nobody is told, and nothing has to be shown anew.
    if (this.reads(path, action)) return actions[action]!(input);
    const author = asker();
    let reply: Reply;
    try {
      reply = await onBehalf(author, () => actions[action]!(input));
    } catch (error) {
      this.onAct({ author, panel: path, action, failed: reasonOf(error) });
      throw error;
    }
    this.onAct({ author, panel: path, action });
    for (const watcher of [...entry.watchers]) watcher.refresh();
    return reply;
  }

  /** Whether an action of a panel only looks. Throws CliError when there is no such panel. */
  reads(path: string, action: string): boolean { return this.#find(path).spec.reads?.includes(action) === true; }

  /** Files that a panel gives out. Throws CliError when there is no such panel. */
  downloads(path: string): Readonly<Record<string, DownloadSpec>> { return this.#find(path).spec.downloads ?? {}; }

  /** The plugin that a panel belongs to. Throws CliError when there is no such panel. */
  owner(path: string): string { return this.#find(path).owner; }

  #find(path: string): Entry {
    const entry = this.#panels.get(path);
    if (entry === undefined) throw new CliError(`there is no panel '${path}'; there are: ${[...this.#panels.keys()].sort().join(', ') || 'none'}`);
    return entry;
  }
}
