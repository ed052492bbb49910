import { PassThrough, Writable } from 'node:stream';

/** As much as a slow reader may leave waiting before its terminal is closed (octets). */
const MOST_WAITING = 4 << 20;

export interface ScreenOptions {
  /** Sends octets to the person; says how many wait for the wire. */
  send(bytes: Uint8Array): number;
  /** The reader is hopelessly behind. */
  tooSlow(): void;
  readonly columns: number;
  readonly rows: number;
}

/** The output half of a far terminal: what a terminal driver does for a local one, line feeds become CR LF. */
export class Screen extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  readonly #options: ScreenOptions;
  #last = 0;

  constructor(options: ScreenOptions) {
    super({ decodeStrings: true });
    this.#options = options;
    this.columns = options.columns;
    this.rows = options.rows;
  }

  /** The window has another size now; nonsense is not believed. */
  resize(columns: number, rows: number): void {
    this.columns = sensible(columns, 80);
    this.rows = sensible(rows, 24);
    this.emit('resize');
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#options.send(this.#cooked(chunk)) > MOST_WAITING) this.#options.tooSlow();
    done();
  }

  #cooked(chunk: Buffer): Uint8Array {
    const out: number[] = [];
    for (const octet of chunk) {
      if (octet === 10 && this.#last !== 13) out.push(13);
      out.push(octet);
      this.#last = octet;
    }
    return Uint8Array.from(out);
  }
}

/** The input half. */
export class Keyboard extends PassThrough {
  readonly isTTY = true;
}

export const sensible = (size: number, otherwise: number): number => (Number.isInteger(size) && size >= 1 && size <= 1000 ? size : otherwise);
