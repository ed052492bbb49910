import { CliError } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';

export type Filter = Readonly<Record<string, unknown>>;

/**
 * Starts a source for one subscriber. `push` never blocks and never throws; an item is plain data that does not change
 * afterwards. `rest` is what follows the name of a family ('panel:' → 'network/lan'). `end` closes the stream, saying why.
 */
export type OpenSource = (filter: Filter, push: (item: unknown) => void, rest: string, end: (why: string) => void) => Disposable;

export interface SourceOptions {
  /** How many items wait for a slow reader; 1 where only the newest matters. Default 256. */
  readonly keep?: number;
}

interface Source { readonly open: OpenSource; readonly keep: number; readonly ends: Set<(why: string) => void> }

export interface Opened extends Disposable { readonly keep: number }

/** What clients can subscribe to: `events`, `log`, `metrics`, `flows`, `capture`, `panel:<path>`. Sources register themselves. */
export class StreamRegistry {
  readonly #sources = new Map<string, Source>();

  /** A name that ends in ':' stands for a family. Disposing ends every subscription. */
  source(name: string, open: OpenSource, options: SourceOptions = {}): Disposable {
    if (this.#sources.has(name)) throw new Error(`the stream '${name}' exists already`);
    const source: Source = { open, keep: options.keep ?? 256, ends: new Set() };
    this.#sources.set(name, source);
    return {
      dispose: () => {
        if (this.#sources.get(name) === source) this.#sources.delete(name);
        for (const end of [...source.ends]) end(`the source of '${name}' went away`);
      },
    };
  }

  get names(): string[] {
    return [...this.#sources.keys()].map((n) => (n.endsWith(':') ? `${n}<name>` : n)).sort();
  }

  /** How long the queue of a subscription to this stream is. Throws CliError naming the streams there are. */
  keep(name: string): number {
    return this.#find(name)[0].keep;
  }

  open(name: string, filter: Filter, push: (item: unknown) => void, ended: (why: string) => void): Disposable {
    const [source, rest] = this.#find(name);
    let live = true;
    let inner: Disposable | undefined;
    const close = (): void => {
      if (!live) return;
      live = false;
      source.ends.delete(end);
      void inner?.dispose();
    };
    const end = (why: string): void => {
      if (!live) return;
      close();
      ended(why);
    };
    source.ends.add(end);
    try {
      inner = source.open(filter, (item) => { if (live) push(item); }, rest, end);
    } catch (e) {
      close();
      throw e;
    }
    // It may have ended while it was opened.
    if (!live) void inner.dispose();
    return { dispose: close };
  }

  #find(name: string): [Source, string] {
    const exact = this.#sources.get(name);
    if (exact !== undefined && !name.endsWith(':')) return [exact, ''];
    const colon = name.indexOf(':') + 1;
    const family = colon > 0 ? this.#sources.get(name.slice(0, colon)) : undefined;
    if (family !== undefined) return [family, name.slice(colon)];
    throw new CliError(`there is no stream '${name}'; there are: ${this.names.join(', ') || 'none'}`);
  }
}
