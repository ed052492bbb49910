import type { BalanceSettings } from './settings.ts';

/** Hosts, or hosts and servers, that are remembered; the one not heard of for longest goes first. */
const MOST = 8192;

/** Which uplink the sessions of a host go by, so that a server sees all of them come from one address. */
export class Sticky {
  readonly #kept = new Map<string, { readonly uplink: string; readonly until: number }>();

  get size(): number { return this.#kept.size; }

  /** The uplink of earlier sessions, if they are not too long ago. */
  find(how: BalanceSettings['stickiness'], src: number, dst: number, now: number): string | undefined {
    if (how === 'off') return undefined;
    const found = this.#kept.get(key(how, src, dst));
    return found === undefined || found.until <= now ? undefined : found.uplink;
  }

  keep(how: BalanceSettings['stickiness'], src: number, dst: number, uplink: string, until: number): void {
    if (how === 'off') return;
    const k = key(how, src, dst);
    this.#kept.delete(k);
    this.#kept.set(k, { uplink, until });
    if (this.#kept.size > MOST) for (const oldest of this.#kept.keys()) { this.#kept.delete(oldest); break; }
  }

  clear(): void { this.#kept.clear(); }
}

const key = (how: 'server' | 'host', src: number, dst: number): string => (how === 'host' ? String(src) : `${src} ${dst}`);
