/** A point of a chart: [time in ms since the epoch, value of the first series, …]. */
export type ChartPoint = readonly number[];

/** The newest points of a chart, no more than `most`; for a view of kind 'chart' with `live`. */
export class ChartHistory {
  readonly #points: ChartPoint[] = [];
  readonly #most: number;

  constructor(most: number) { this.#most = most; }

  add(point: ChartPoint): void {
    this.#points.push(point);
    if (this.#points.length > this.#most) this.#points.shift();
  }

  /** All of them, oldest first, or those of the last pushes only: a page keeps what it has had. */
  points(newest = this.#most): readonly ChartPoint[] { return this.#points.slice(-newest); }
}

/** How fast a count grows, per second; the first reading, and one after the count began anew, give 0. */
export class Growth {
  #n: number | undefined;
  #at = 0;

  /** `now` in ms. */
  read(n: number, now: number): number {
    const [before, ms] = [this.#n, now - this.#at];
    this.#n = n;
    this.#at = now;
    return before === undefined || n < before || ms <= 0 ? 0 : (n - before) * 1000 / ms;
  }
}
