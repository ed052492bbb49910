/** Retransmission timeout from measured round trips (RFC 6298); all times in ms. */
export class RoundTrip {
  #smoothed: number | undefined;
  #variance = 0;
  #timeout = 1000;
  /** The sequence number whose acknowledgement ends the running measurement. */
  #until: { readonly seq: number; readonly since: number } | undefined;

  get timeout(): number { return this.#timeout; }

  start(seq: number, now: number): void {
    this.#until ??= { seq, since: now };
  }

  /** Karn's rule: what was sent twice says nothing. */
  forget(): void {
    this.#until = undefined;
  }

  /** `reached`: whether an acknowledgement covers a sequence number. */
  acked(reached: (seq: number) => boolean, now: number): void {
    if (!this.#until || !reached(this.#until.seq)) return;
    const r = now - this.#until.since;
    this.#until = undefined;
    if (this.#smoothed === undefined) {
      this.#smoothed = r;
      this.#variance = r / 2;
    } else {
      this.#variance = 0.75 * this.#variance + 0.25 * Math.abs(this.#smoothed - r);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * r;
    }
    // Linux's floor, not the RFC's one second: the lab's wires are short.
    this.#timeout = Math.min(60_000, Math.max(200, this.#smoothed + 4 * this.#variance));
  }

  backOff(): void {
    this.#timeout = Math.min(60_000, this.#timeout * 2);
  }
}
