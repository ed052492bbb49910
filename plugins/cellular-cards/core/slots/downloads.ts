import { CliError, type Clock, type Disposable, type Download } from '../../../../sdk/index.ts';
import type { CardDevice } from '../../contract.ts';
import { safeName } from './disc-name.ts';
import { discOctets, fileOctets } from './disc-octets.ts';
import { fileAt, withDisc } from './disc-reader.ts';

/** At one time: each holds a piece of a file, and a card's disc is slow. */
const MOST = 4;
/** A receiver that takes nothing for so long has gone (ms). */
const STALL_MS = 60_000;
/** What has ended is shown for so long (ms). */
const SHOWN_MS = 15_000;

/** A file on its way to somebody, or there. */
export interface Transfer { readonly slot: number; readonly name: string; readonly bytes: number; readonly done: number; readonly state: 'running' | 'finished' | 'failed'; readonly words: string }
type Row = { -readonly [K in keyof Transfer]: Transfer[K] } & { endedAt: number | undefined };
/** A disc that shows in a slot, and the signal that it does no more. */
export interface ShownDisc { readonly device: CardDevice; readonly disk: NonNullable<CardDevice['disk']>; readonly gone: AbortSignal }

/** Files of cards' discs as streams. A disc is open only while somebody takes octets of it. */
export class Downloads {
  readonly #clock: Clock;
  readonly #find: (slot: number) => ShownDisc;
  readonly #rows: Row[] = [];

  constructor(clock: Clock, find: (slot: number) => ShownDisc) {
    this.#clock = clock;
    this.#find = find;
  }

  /** Running ones, and those that ended a moment ago. */
  list(): readonly Transfer[] {
    const now = this.#clock.now();
    return this.#rows.filter(r => r.endedAt === undefined || now - r.endedAt < SHOWN_MS).map(({ endedAt: _, ...row }) => row);
  }

  /** One file. Throws CliError. */
  async file(slot: number, path: string): Promise<Download> {
    const { disk, gone } = this.#free(slot);
    const { name, bytes } = await withDisc(disk, gone, disc => fileAt(disc, path));
    return { name, bytes, octets: (from, to) => this.#counted({ slot, name, from, to }, gone, () => fileOctets(disk, gone, path, from, to)) };
  }

  /** The whole disc, as it is; whatever its file system. Throws CliError. */
  image(slot: number): Download {
    const { device, disk, gone } = this.#free(slot);
    const name = safeName(`${device.product.trim() || 'card'}.img`);
    return { name, bytes: disk.bytes, octets: (from, to) => this.#counted({ slot, name, from, to }, gone, () => discOctets(disk, gone, from, to)) };
  }

  #free(slot: number): ShownDisc {
    if (this.#rows.filter(r => r.state === 'running').length >= MOST) throw new CliError(`${MOST} files are on their way already`);
    return this.#find(slot);
  }

  async *#counted({ slot, name, from, to }: { readonly slot: number; readonly name: string; readonly from: number; readonly to: number }, gone: AbortSignal, octets: () => AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#free(slot);
    const row: Row = { slot, name, bytes: to - from, done: 0, state: 'running', words: '', endedAt: undefined };
    // Running ones are counted, and stay.
    if (this.#rows.length > 2 * MOST) this.#rows.splice(this.#rows.findIndex(r => r.endedAt !== undefined), 1);
    this.#rows.push(row);
    const source = octets();
    let timer: Disposable | undefined;
    const end = (state: Row['state'], words: string): void => {
      void timer?.dispose();
      if (row.endedAt === undefined) Object.assign(row, { state, words, endedAt: this.#clock.now() });
    };
    const stop = (why: string): void => {
      end('failed', why);
      // Nobody waits for its end, however that goes.
      source.return(undefined).catch(() => {});
    };
    const left = (): void => stop('the card went away');
    gone.addEventListener('abort', left, { once: true });
    try {
      for await (const part of source) {
        timer = this.#clock.after(STALL_MS, () => stop('its receiver took nothing for a minute'));
        yield part;
        void timer.dispose();
        row.done += part.length;
        if (row.endedAt !== undefined) throw new Error(row.words);
      }
      if (row.done < row.bytes) throw new Error(row.words || 'the file ended too soon');
      end('finished', '');
    } catch (error) {
      end('failed', error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      // Nobody takes the rest.
      end('failed', 'broken off by its receiver');
      gone.removeEventListener('abort', left);
    }
  }
}
