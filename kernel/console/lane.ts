/** Thrown when the lane is full. */
export class LaneFull extends Error {
  override name = 'LaneFull';
}

/** Dear work, one piece after the other; beyond so many that wait it is refused. */
export class Lane {
  readonly #what: string;
  readonly #most: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `what` is said to who is refused: 'restores'. */
  constructor(what: string, most: number) {
    this.#what = what;
    this.#most = most;
  }

  /** Rejects with LaneFull, or as the work does. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#most) return Promise.reject(new LaneFull(`too many ${this.#what} at once`));
    this.#waiting++;
    const done = this.#last.then(work).finally(() => { this.#waiting--; });
    this.#last = done.catch(() => {});
    return done;
  }
}
