/** How much traffic an uplink carried lately, in kbit/s. */
export interface Load { readonly inbound: number; readonly outbound: number }

interface Reading { readonly at: number; readonly rx: number; readonly tx: number }

/** Traffic of one link over a time frame, from its counts of octets. */
export class Meter {
  #readings: Reading[] = [];

  /** `at` and `frameMs` in ms. Counts that began anew begin a new frame, and so does a pause that was longer than one. */
  read(rx: number, tx: number, at: number, frameMs: number): void {
    const last = this.#readings.at(-1);
    if (last !== undefined && (rx < last.rx || tx < last.tx || last.at < at - frameMs)) this.#readings = [];
    this.#readings.push({ at, rx, tx });
    // The oldest one kept is where the frame begins.
    while (this.#readings.length > 2 && this.#readings[1]!.at <= at - frameMs) this.#readings.shift();
  }

  /** Over the frame, or since the first reading. */
  get load(): Load {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at) return { inbound: 0, outbound: 0 };
    const kbps = (octets: number): number => octets * 8 / (last.at - first.at);
    return { inbound: kbps(last.rx - first.rx), outbound: kbps(last.tx - first.tx) };
  }
}
