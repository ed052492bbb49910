/** One cell of the carrier's. Levels in dBm. */
export interface Cell { readonly lac: number; readonly ci: number; /** CDMA: pilot number */ readonly pn: number; readonly dbm: number }

/** Below this nobody hears anything. */
const DEAF_DBM = -113;
const STRONGEST = -51;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface AirOptions {
  readonly seed: number;
  /** How often a day the network is away, for 2 to 10 minutes; default never. */
  readonly outagesPerDay?: number;
}

/** The air between a card and three towers: levels that rise and fall, the same for the same seed. A function of time, without timers. */
export class Air {
  /** What somebody wants it to be, whatever the towers do. */
  fixed: number | undefined;
  readonly #seed: number;
  readonly #chance: number;

  constructor({ seed, outagesPerDay = 0 }: AirOptions) {
    this.#seed = seed;
    this.#chance = Math.min(1, outagesPerDay / 24);
  }

  /** The strongest cell; undefined: none can be heard. */
  best(now: number): Cell | undefined {
    if (this.#chance > 0 && this.outage(now) !== undefined) return undefined;
    let best: Cell | undefined;
    for (let tower = 0; tower < 3; tower++) {
      const dbm = this.fixed ?? Math.round(Math.min(STRONGEST, -72 - 9 * tower + 8 * this.#wave(tower, now / (5 * MINUTE)) + 3 * this.#wave(tower + 3, now / 7000)));
      if (best === undefined || dbm > best.dbm) best = { lac: 0x1001, ci: 0x00a1_0001 + tower, pn: 24 + 84 * tower, dbm };
    }
    return best !== undefined && best.dbm > DEAF_DBM ? best : undefined;
  }

  /** When the outage of this moment ends. */
  outage(now: number): number | undefined {
    // It may have begun in the hour before.
    for (const hour of [Math.floor(now / HOUR), Math.floor(now / HOUR) - 1]) {
      const o = this.#outageOf(hour);
      if (o && now >= o.from && now < o.to) return o.to;
    }
    return undefined;
  }

  /** When the next one begins, within a day. */
  nextOutage(now: number): number | undefined {
    if (this.#chance === 0) return undefined;
    for (let hour = Math.floor(now / HOUR), last = hour + 24; hour <= last; hour++) {
      const o = this.#outageOf(hour);
      if (o && o.from > now) return o.from;
    }
    return undefined;
  }

  #outageOf(hour: number): { readonly from: number; readonly to: number } | undefined {
    if (this.#hash(90, hour) >= this.#chance) return undefined;
    const from = hour * HOUR + this.#hash(91, hour) * HOUR;
    return { from, to: from + (2 + 8 * this.#hash(92, hour)) * MINUTE };
  }

  /** In [-1, 1], without jumps. */
  #wave(which: number, t: number): number {
    const i = Math.floor(t);
    const f = t - i;
    const smooth = f * f * (3 - 2 * f);
    return 2 * (this.#hash(which, i) * (1 - smooth) + this.#hash(which, i + 1) * smooth) - 1;
  }

  /** In [0, 1). */
  #hash(which: number, i: number): number {
    let h = Math.imul(this.#seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(which + 1, 0xc2b2_ae35) ^ Math.imul(i | 0, 0x27d4_eb2f);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a_2d39);
    return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
  }
}
