import type { Load } from './meter.ts';
import type { BalanceSettings, Share } from './settings.ts';

/** An uplink among which sessions are shared out. */
export interface Member { readonly name: string; readonly metric: number; readonly share: Share; readonly load: Load }

/** Loads that differ by less are the same: then it goes by the number of sessions. */
const SAME = 0.005;

/** Decides for each new session which uplink it goes by. Members are given anew each time; what it remembers is whose turn it is. */
export class Balancer {
  /** Weighted round robin: what each one has to its credit. */
  readonly #credit = new Map<string, number>();
  /** Sessions given since the set changed. */
  readonly #given = new Map<string, number>();
  #set = '';

  given(name: string): number { return this.#given.get(name) ?? 0; }

  /** `settings`: how. Undefined: there is nobody to choose from. */
  pick(members: readonly Member[], settings: Pick<BalanceSettings, 'algorithm' | 'direction'>): string | undefined {
    this.#follow(members);
    const order = [...members].sort((a, b) => a.metric - b.metric);
    const chosen = settings.algorithm === 'weighted round robin' ? this.#inTurn(order) : settings.algorithm === 'spillover' ? spill(order, settings.direction) : this.#leastLoaded(order, settings.direction);
    if (chosen !== undefined) this.count(chosen.name);
    return chosen?.name;
  }

  /** A session that went by this uplink without being asked about. */
  count(name: string): void { this.#given.set(name, this.given(name) + 1); }

  /** Somebody who comes back has nothing to catch up with. */
  #follow(members: readonly Member[]): void {
    const set = members.map(m => m.name).sort().join(' ');
    if (set === this.#set) return;
    this.#set = set;
    this.#credit.clear();
    this.#given.clear();
  }

  /** Each gets its ratio to its credit, and the richest one pays for all: turns of one uplink are spread evenly. */
  #inTurn(order: readonly Member[]): Member | undefined {
    let chosen: Member | undefined;
    let total = 0;
    for (const m of order) {
      if (m.share.ratio === 0) continue;
      total += m.share.ratio;
      this.#credit.set(m.name, (this.#credit.get(m.name) ?? 0) + m.share.ratio);
      if (chosen === undefined || this.#credit.get(m.name)! > this.#credit.get(chosen.name)!) chosen = m;
    }
    if (chosen !== undefined) this.#credit.set(chosen.name, this.#credit.get(chosen.name)! - total);
    return chosen;
  }

  #leastLoaded(order: readonly Member[], direction: BalanceSettings['direction']): Member | undefined {
    const crowd = (m: Member): number => this.given(m.name) / (m.share.inbound + m.share.outbound);
    let chosen: Member | undefined;
    for (const m of order) {
      if (chosen === undefined) { chosen = m; continue; }
      const [mine, best] = [loadIndex(m, direction), loadIndex(chosen, direction)];
      if (mine < best - SAME || (mine <= best + SAME && crowd(m) < crowd(chosen))) chosen = m;
    }
    return chosen;
  }
}

/** Measured over available bandwidth; in both directions their mean. */
export function loadIndex({ share, load }: Pick<Member, 'share' | 'load'>, direction: BalanceSettings['direction']): number {
  const [inward, outward] = [load.inbound / share.inbound, load.outbound / share.outbound];
  return direction === 'inbound' ? inward : direction === 'outbound' ? outward : (inward + outward) / 2;
}

/** It carries as much as it is to carry. */
export const full = ({ share, load }: Pick<Member, 'share' | 'load'>, direction: BalanceSettings['direction']): boolean =>
  share.limit > 0 && (direction === 'inbound' ? load.inbound : direction === 'outbound' ? load.outbound : Math.max(load.inbound, load.outbound)) >= share.limit;

/** The first one that has room, else the last one. */
const spill = (order: readonly Member[], direction: BalanceSettings['direction']): Member | undefined => order.find(m => !full(m, direction)) ?? order.at(-1);
