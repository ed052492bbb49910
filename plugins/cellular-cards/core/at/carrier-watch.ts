const END = [0x0d, 0x0a, 0x4e, 0x4f, 0x20, 0x43, 0x41, 0x52, 0x52, 0x49, 0x45, 0x52, 0x0d, 0x0a];
/** A modem that ended a call says nothing more; a packet that happens to hold these words goes on. */
const QUIET_MS = 300;

/** Watches a transparent line for CR LF NO CARRIER CR LF at the very end of what came: for ports without a carrier line. */
export class CarrierWatch {
  readonly #tail = new Uint8Array(END.length);
  #due: number | undefined;

  get due(): number | undefined { return this.#due; }

  reset(): void {
    this.#due = undefined;
    this.#tail.fill(0);
  }

  see(buf: Uint8Array, from: number, to: number, now: number): void {
    this.#due = undefined;
    const length = Math.min(to - from, END.length);
    this.#tail.copyWithin(0, length);
    for (let i = 0; i < length; i++) this.#tail[END.length - length + i] = buf[to - length + i]!;
    if (this.#tail[END.length - 1] === 0x0a && END.every((octet, i) => this.#tail[i] === octet)) this.#due = now + QUIET_MS;
  }
}
