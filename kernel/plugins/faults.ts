import type { Clock } from '../../sdk/clock.ts';
import type { Logger } from '../../sdk/log.ts';

/** Something a plugin did wrong. The same again only counts. */
export interface Fault {
  readonly plugin: string;
  /** 'setup', 'listener link/up', 'timer', 'disposer of file', 'settings', 'state', 'save', 'needs'. */
  readonly place: string;
  readonly message: string;
  /** ms since the epoch, of the latest. */
  when: number;
  count: number;
}

/** Per plugin, the latest. */
const KEPT = 20;

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What plugins did wrong, told to the log once each and kept for `plugin info`. */
export class Faults {
  readonly #byPlugin = new Map<string, Fault[]>();
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  report(plugin: string, place: string, error: unknown): void {
    const message = reasonOf(error);
    let faults = this.#byPlugin.get(plugin);
    if (!faults) this.#byPlugin.set(plugin, (faults = []));
    const known = faults.findIndex(f => f.place === place && f.message === message);
    const fault = faults[known] ?? { plugin, place, message, when: 0, count: 0 };
    fault.when = this.#clock.wall();
    fault.count++;
    // The newest is last, and stays longest. A plugin that fails in a loop must not fill the log.
    if (known >= 0) faults.splice(known, 1);
    else this.#log.error({ plugin, place, err: error }, `${plugin}: ${place}: ${message}`);
    faults.push(fault);
    if (faults.length > KEPT) faults.shift();
  }

  list(plugin?: string): readonly Fault[] {
    if (plugin !== undefined) return [...(this.#byPlugin.get(plugin) ?? [])];
    return [...this.#byPlugin.values()].flat();
  }
}
