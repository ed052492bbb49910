import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../sdk/clock.ts';
import { type StateFile, stateFileName } from '../../sdk/file.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { writeDurably, writeDurablySync } from '../config/durable.ts';

/** Changes come in bursts; so long a file waits for more of them (ms). */
const SOON_MS = 1000;

export interface StateFileParts {
  /** Undefined: nothing is kept. */
  readonly folder: string | undefined;
  readonly name: string;
  readonly clock: Pick<Clock, 'after'>;
  failed(error: unknown): void;
}

/** A plugin's file. Throws for a name that would lead out of its folder. */
export class FolderFile implements StateFile, Disposable {
  readonly #path: string | undefined;
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #failed: (error: unknown) => void;
  #wanted: (() => string) | undefined;
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;
  /** Was written at once while an older text was still on its way. */
  #newer: string | undefined;
  #closed = false;

  constructor({ folder, name, clock, failed }: StateFileParts) {
    if (!stateFileName.test(name)) throw new Error(`'${name}' is no name of a file: letters, digits, '.', '_' and '-', at most 64, no point in front`);
    this.#folder = folder ?? '';
    this.#path = folder === undefined ? undefined : join(folder, name);
    this.#clock = clock;
    this.#failed = failed;
  }

  read(): string | undefined {
    if (this.#path === undefined) return undefined;
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return undefined;
    }
  }

  write(text: string): void {
    if (this.#path === undefined) return;
    this.#wanted = undefined;
    if (this.#writing) this.#newer = text;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeDurablySync(this.#path, text);
  }

  soon(text: () => string): void {
    if (this.#path === undefined || this.#closed) return;
    this.#wanted = text;
    this.#arm();
  }

  /** Writes what still waits. */
  async dispose(): Promise<void> {
    this.#closed = true;
    void this.#timer?.dispose();
    this.#timer = undefined;
    await this.#writing;
    const wanted = this.#wanted;
    if (wanted) this.#try(() => this.write(wanted()));
  }

  #arm(): void {
    if (this.#writing || this.#closed) return;
    this.#timer ??= this.#clock.after(SOON_MS, () => {
      this.#timer = undefined;
      this.#begin();
    });
  }

  #begin(): void {
    const wanted = this.#wanted;
    if (!wanted) return;
    this.#wanted = undefined;
    this.#try(() => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#writing = writeDurably(this.#path!, wanted()).catch(this.#failed).then(() => this.#written());
    });
  }

  #written(): void {
    this.#writing = undefined;
    const newer = this.#newer;
    this.#newer = undefined;
    if (newer !== undefined) this.#try(() => writeDurablySync(this.#path!, newer));
    if (this.#wanted) this.#arm();
  }

  #try(act: () => void): void {
    try { act(); } catch (error) { this.#failed(error); }
  }
}
