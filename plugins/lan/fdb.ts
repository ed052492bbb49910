/**
 * The table of a learning switch (IEEE 802.1D §7.9): which station was last heard on which port. Open addressing over typed
 * arrays with a fixed window: a lookup reads at most WINDOW slots, so a storm of made-up addresses costs no more than
 * anything else; it only pushes out the oldest stations of the same window.
 *
 * A MAC is two integers: `hi`, its first four octets as a signed 32-bit number, and `lo`, its last two.
 */
const WINDOW = 8;

const DEFAULT_STATIONS = 2048;
const DEFAULT_AGEING_MS = 300_000;

/** What `learn` found out. */
export const Learned = { Known: 0, New: 1, Moved: 2 } as const;
export type Learned = (typeof Learned)[keyof typeof Learned];

export interface Station { readonly mac: string; readonly port: number; readonly ageMs: number }

export class Fdb {
  #ageingMs: number;
  readonly #mask: number;
  readonly #hi: Int32Array;
  readonly #lo: Uint16Array;
  /** Link id of the port; -1: the slot is empty. */
  readonly #port: Int32Array;
  readonly #seen: Float64Array;

  /** `stations` is rounded up to a power of two. */
  constructor(stations = DEFAULT_STATIONS, ageingMs = DEFAULT_AGEING_MS) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(WINDOW, stations)));
    this.#ageingMs = ageingMs;
    this.#mask = size - 1;
    this.#hi = new Int32Array(size);
    this.#lo = new Uint16Array(size);
    this.#port = new Int32Array(size).fill(-1);
    this.#seen = new Float64Array(size);
  }

  set ageingMs(ms: number) { this.#ageingMs = ms; }

  /** The station is behind `port`. Allocates nothing; writes only a time when nothing changed. */
  learn(hi: number, lo: number, port: number, now: number): Learned {
    const from = this.#hash(hi, lo);
    let use = -1;
    let useSeen = Number.POSITIVE_INFINITY;
    for (let k = 0; k < WINDOW; k++) {
      const i = (from + k) & this.#mask;
      if (this.#port[i] === -1) {
        if (useSeen !== Number.NEGATIVE_INFINITY) { use = i; useSeen = Number.NEGATIVE_INFINITY; }
      } else if (this.#hi[i] === hi && this.#lo[i] === lo) {
        const fresh = now - this.#seen[i]! < this.#ageingMs;
        const before = this.#port[i];
        this.#seen[i] = now;
        if (before === port) return fresh ? Learned.Known : Learned.New;
        this.#port[i] = port;
        return fresh ? Learned.Moved : Learned.New;
      } else if (this.#seen[i]! < useSeen) {
        use = i;
        useSeen = this.#seen[i]!;
      }
    }
    this.#hi[use] = hi;
    this.#lo[use] = lo;
    this.#port[use] = port;
    this.#seen[use] = now;
    return Learned.New;
  }

  /** The station's port, or -1 when it is unknown or was silent for too long. */
  lookup(hi: number, lo: number, now: number): number {
    const from = this.#hash(hi, lo);
    for (let k = 0; k < WINDOW; k++) {
      const i = (from + k) & this.#mask;
      if (this.#hi[i] === hi && this.#lo[i] === lo && this.#port[i] !== -1) {
        return now - this.#seen[i]! < this.#ageingMs ? this.#port[i]! : -1;
      }
    }
    return -1;
  }

  flush(): void { this.#port.fill(-1); }

  flushPort(port: number): void {
    for (let i = 0; i < this.#port.length; i++) if (this.#port[i] === port) this.#port[i] = -1;
  }

  /** Stations that have not aged, for people. */
  list(now: number): Station[] {
    const out: Station[] = [];
    for (let i = 0; i < this.#port.length; i++) {
      const ageMs = now - this.#seen[i]!;
      if (this.#port[i] === -1 || ageMs >= this.#ageingMs) continue;
      out.push({ mac: macText(this.#hi[i]!, this.#lo[i]!), port: this.#port[i]!, ageMs });
    }
    return out.sort((a, b) => a.port - b.port || (a.mac < b.mac ? -1 : 1));
  }

  #hash(hi: number, lo: number): number {
    // Vendors count in the last octets, so both parts are stirred; the multipliers are odd 32-bit constants.
    const h = Math.imul(hi ^ (lo << 16 | lo), 0x9e3779b1);
    return (h ^ (h >>> 15)) & this.#mask;
  }
}

/** First four octets of the MAC at `at`, as the table wants them. */
export const macHi = (buf: Uint8Array, at: number): number =>
  (buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!;
/** Last two octets of the MAC at `at`. */
export const macLo = (buf: Uint8Array, at: number): number => (buf[at + 4]! << 8) | buf[at + 5]!;

export const macText = (hi: number, lo: number): string => {
  const digits = (hi >>> 0).toString(16).padStart(8, '0') + lo.toString(16).padStart(4, '0');
  return (digits.match(/../g) as string[]).join(':');
};
