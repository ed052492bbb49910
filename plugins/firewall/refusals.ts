/** The last refusals are kept; a power of two. */
const REFUSALS_KEPT = 256;

export interface Refusal {
  /** Clock time, ms. */
  readonly at: number;
  readonly src: number; readonly dst: number; readonly sport: number; readonly dport: number; readonly proto: number;
  /** Numbers of zones. */
  readonly from: number; readonly to: number;
  /** Id of the rule; 0: the direction's default action; below: one of the reasons of policy.ts. */
  readonly why: number;
}

/** A ring of what was refused lately, for `firewall drops`: numbers only, so that a flood costs no more than writing them. */
export class Refusals {
  readonly #at = new Float64Array(REFUSALS_KEPT);
  readonly #words = new Uint32Array(REFUSALS_KEPT * 4);
  readonly #why = new Int32Array(REFUSALS_KEPT);
  #n = 0;

  put(at: number, src: number, dst: number, sport: number, dport: number, proto: number, from: number, to: number, why: number): void {
    const i = this.#n++ & REFUSALS_KEPT - 1;
    this.#at[i] = at;
    this.#words[i * 4] = src;
    this.#words[i * 4 + 1] = dst;
    this.#words[i * 4 + 2] = sport << 16 | dport;
    this.#words[i * 4 + 3] = proto | (from & 0xff) << 8 | (to & 0xff) << 16;
    this.#why[i] = why;
  }

  /** The latest first. */
  list(): Refusal[] {
    const found: Refusal[] = [];
    for (let n = this.#n - 1; n >= 0 && n >= this.#n - REFUSALS_KEPT; n--) {
      const i = n & REFUSALS_KEPT - 1;
      const w = (k: number): number => this.#words[i * 4 + k]!;
      found.push({
        at: this.#at[i]!, src: w(0), dst: w(1), sport: w(2) >>> 16, dport: w(2) & 0xffff, proto: w(3) & 0xff, from: w(3) >>> 8 & 0xff, to: w(3) >>> 16 & 0xff, why: this.#why[i]!,
      });
    }
    return found;
  }
}
