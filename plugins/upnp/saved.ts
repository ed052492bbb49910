import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Disposable, z } from '../../sdk/index.ts';
import { vias } from './book.ts';

/** Changes come in bursts; so long the file waits for more of them (ms). */
const DELAY_MS = 1000;
const NAME = 'mappings.json';

const port = z.number().int().min(1).max(65535);
const address = z.number().int().min(0).max(0xffff_ffff);
const entry = z.object({
  via: z.enum(vias), by: address, proto: z.union([z.literal(6), z.literal(17)]), extPort: port, intIp: address, intPort: port, remote: address,
  description: z.string().max(200), nonce: z.string().max(24),
  /** Milliseconds since the epoch; null: no end. */
  until: z.number().nullable(),
});

/** What outlives a reload, and a restart. Times are milliseconds since the epoch. */
export const saved = z.object({
  uuids: z.tuple([z.uuid(), z.uuid(), z.uuid()]),
  /** When PCP's epoch began, and the outside address it holds for. */
  start: z.number(),
  address,
  uplink: z.string().max(15),
  entries: z.array(entry).max(4096),
  /** The file was written last, by a router that ended in order: what it says is all there was. */
  whole: z.boolean().default(false),
});
export type Saved = z.infer<typeof saved>;

/** A gateway that was never there before. */
export const fresh = (wall: number): Saved => ({ uuids: [randomUUID(), randomUUID(), randomUUID()], start: wall, address: 0, uplink: '', entries: [], whole: true });

/** The mappings in a file of some kilobytes, for after a restart. */
export class SavedFile {
  readonly #o: { readonly folder: string | undefined; readonly clock: Clock; readonly content: () => Saved; readonly failed: (error: unknown) => void };
  #timer: Disposable | undefined;
  /** What the file says of itself; undefined: there is none. */
  #whole: boolean | undefined;

  /** Without a folder nothing is kept. */
  constructor(opts: { readonly folder: string | undefined; readonly clock: Clock; readonly content: () => Saved; readonly failed: (error: unknown) => void }) { this.#o = opts; }

  /** Undefined when there is no file or it does not parse. */
  load(): Saved | undefined {
    if (this.#o.folder === undefined) return undefined;
    try {
      const found = saved.safeParse(JSON.parse(readFileSync(join(this.#o.folder, NAME), 'utf8'))).data;
      this.#whole = found?.whole;
      return found;
    } catch {
      return undefined;
    }
  }

  /** The first change is written at once: from then on the file is not all there is, should the router fall. */
  changed(): void {
    if (this.#o.folder === undefined) return;
    if (this.#whole !== false) this.#write(false);
    else this.#timer ??= this.#o.clock.after(DELAY_MS, () => { this.#timer = undefined; this.#write(false); });
  }

  /** Writes all of it for the last time. */
  close(): void {
    void this.#timer?.dispose();
    this.#timer = undefined;
    if (this.#whole === false) this.#write(true);
  }

  /** A torn file cannot be seen, for the name moves to a finished one. */
  #write(whole: boolean): void {
    const { folder, content, failed } = this.#o;
    if (folder === undefined) return;
    const path = join(folder, NAME);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify({ ...content(), whole }));
      renameSync(`${path}.new`, path);
      this.#whole = whole;
    } catch (error) {
      failed(error);
    }
  }
}
