/** Requests of one host: so many a second on average, and so many at once. */
const PER_SECOND = 20;
const BURST = 60;
/** Hosts that are remembered; the one that was silent longest is forgotten first. */
const HOSTS = 256;

interface Bucket { tokens: number; at: number }

/** Keeps one host from keeping the router busy. */
export class Limiter {
  readonly #hosts = new Map<number, Bucket>();

  /** True when one more is allowed at `now` (ms). */
  take(host: number, now: number): boolean {
    const b = this.#hosts.get(host) ?? { tokens: BURST, at: now };
    this.#hosts.delete(host);
    if (this.#hosts.size >= HOSTS) this.#hosts.delete(this.#hosts.keys().next().value!);
    this.#hosts.set(host, b);
    b.tokens = Math.min(BURST, b.tokens + Math.max(0, now - b.at) * PER_SECOND / 1000);
    b.at = now;
    if (b.tokens < 1) return false;
    b.tokens--;
    return true;
  }
}
