/**
 * How much may be under way (RFC 5681), and recovery from a loss that duplicate acknowledgements tell of (NewReno, RFC 6582).
 * All in octets. Sequence numbers are the caller's: it compares them.
 */
export class Congestion {
  #mss: number;
  #window: number;
  #threshold = Number.POSITIVE_INFINITY;
  #duplicates = 0;
  /** While recovering: where the loss episode ends. */
  recover: number | undefined = undefined;

  constructor(mss: number) {
    this.#mss = mss;
    this.#window = 10 * mss;
  }

  get window(): number { return this.#window; }

  setMss(mss: number): void { this.#mss = mss; }

  /**
   * n octets were acknowledged; `whole`: all that was under way when the loss was noticed. True: the next hole is known
   * already, and is to be sent again.
   */
  acked(n: number, whole: boolean): boolean {
    this.#duplicates = 0;
    if (this.recover !== undefined) {
      if (!whole) return true;
      this.recover = undefined;
      this.#window = this.#threshold;
      return false;
    }
    this.#window += this.#window < this.#threshold ? Math.min(n, this.#mss) : Math.max(1, Math.floor(this.#mss * this.#mss / this.#window));
    return false;
  }

  /** The same acknowledgement again. True: the third; the first segment under way is to be sent again. */
  duplicate(flight: number, end: number): boolean {
    this.#duplicates++;
    if (this.recover !== undefined) {
      this.#window += this.#mss;
      return false;
    }
    if (this.#duplicates !== 3) return false;
    this.#halve(flight);
    this.#window = this.#threshold + 3 * this.#mss;
    this.recover = end;
    return true;
  }

  /** Nothing came back for a whole timeout. */
  timedOut(flight: number): void {
    this.#halve(flight);
    this.#window = this.#mss;
    this.recover = undefined;
    this.#duplicates = 0;
  }

  #halve(flight: number): void {
    this.#threshold = Math.max(2 * this.#mss, Math.floor(flight / 2));
  }
}
