/** The router's clock as far as the page can know it: it was told `wall` at some moment, and counts from there. */
export class RouterClock {
  #wall = 0;
  #offset = 0;

  /** The same data may come again later; its time is old then. */
  told(wall) {
    if (wall <= this.#wall) return;
    this.#wall = wall;
    this.#offset = wall - Date.now();
  }

  now() { return Date.now() + this.#offset; }
}

/** Calls `tick` once a second while `element` is in the document; to be called whenever it comes or goes. */
export class Ticking {
  #timer;
  #tick;
  constructor(tick) { this.#tick = tick; }
  start() { this.#timer ??= setInterval(this.#tick, 1000); }
  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
