import { wire } from '../wire/socket.ts';
import { Cell } from './cell.ts';
import { settings } from './settings.ts';

/** Something a plugin did wrong; the same again only counts. */
export interface Fault { readonly place: string; readonly message: string; /** ms since the epoch, of the latest. */ readonly when: number; readonly count: number }
export interface Plugin {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly state: string;
  readonly why: string;
  readonly generation: number;
  readonly folder?: string;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
  readonly failClosed: boolean;
  readonly holds: readonly string[];
  readonly faults: readonly Fault[];
  /** What it counted, mostly packets it dropped, by the name of the counter. */
  readonly counters: Readonly<Record<string, number>>;
  /** Undefined until somebody measures it (plugin memory). */
  readonly memory?: { readonly bytes: number; readonly how: string };
}

export const plugins = new Cell<readonly Plugin[]>([]);

let begun = false;
/** Called once, when somebody has signed in. */
export function watchPlugins(): void {
  if (begun) return;
  begun = true;
  wire.subscribe('plugins', { items: (items) => {
    const before = new Map(plugins.value.map((p) => [p.id, p.generation]));
    plugins.value = items.at(-1) as readonly Plugin[];
    for (const p of plugins.value) if (before.get(p.id) !== p.generation) settings.reread(p.id);
  } });
}
