/** A token bucket: `perSecond` on average, `burst` at once. */
export class Bucket {
  perSecond: number;
  burst: number;
  #tokens: number;
  #at: number | undefined;

  constructor(perSecond: number, burst: number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.#tokens = burst;
  }

  /** True when one more is allowed at `now` (ms). */
  take(now: number): boolean {
    const passed = this.#at === undefined ? 0 : Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(this.burst, this.#tokens + (passed * this.perSecond) / 1000);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** One bucket per key; the key that was silent longest is forgotten first. */
export class Buckets {
  readonly #byKey = new Map<number, Bucket>();
  readonly #most: number;
  perSecond: number;
  burst: number;

  constructor(perSecond: number, burst: number, most: number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.#most = most;
  }

  take(key: number, now: number): boolean {
    const known = this.#byKey.get(key);
    const bucket = known ?? new Bucket(this.perSecond, this.burst);
    if (known) this.#byKey.delete(key);
    else if (this.#byKey.size >= this.#most) this.#byKey.delete(this.#byKey.keys().next().value as number);
    this.#byKey.set(key, bucket);
    bucket.perSecond = this.perSecond;
    bucket.burst = this.burst;
    return bucket.take(now);
  }
}
