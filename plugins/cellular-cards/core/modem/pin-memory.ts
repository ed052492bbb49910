import { createHash } from 'node:crypto';
import { type StateFile, z } from '../../../../sdk/index.ts';

/** SIM → fingerprint of the PIN that it refused. */
const shape = z.record(z.string().max(64), z.string().max(64));
/** SIMs that are remembered. */
const MOST = 100;

/** Which SIM has refused which PIN: it must not be sent again, not even after a restart. PINs themselves are not kept. */
export class PinMemory {
  readonly #file: StateFile;
  readonly #failed: (error: unknown) => void;
  #refused = new Map<string, string>();

  constructor(file: StateFile, before: Readonly<Record<string, string>>, failed: (error: unknown) => void) {
    this.#file = file;
    this.#failed = failed;
    this.#refused = new Map(Object.entries({ ...this.#load(), ...before }));
  }

  /** This PIN; or any, when none is given. */
  refused(sim: string, pin: string | undefined): boolean {
    const known = this.#refused.get(sim);
    return known !== undefined && (pin === undefined || known === fingerprint(sim, pin));
  }

  remember(sim: string, pin: string, refused: boolean): void {
    if (!refused && !this.#refused.has(sim)) return;
    this.#refused.delete(sim);
    if (refused) this.#refused.set(sim, fingerprint(sim, pin));
    for (const oldest of this.#refused.keys()) { if (this.#refused.size <= MOST) break; this.#refused.delete(oldest); }
    this.#save();
  }

  save(): Record<string, string> { return Object.fromEntries(this.#refused); }

  #load(): Record<string, string> {
    try {
      return shape.parse(JSON.parse(this.#file.read() ?? '{}'));
    } catch {
      return {};
    }
  }

  #save(): void {
    try {
      this.#file.write(JSON.stringify(this.save()));
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** A PIN has 10,000 values: this keeps it from being read in passing, not from being found. */
const fingerprint = (sim: string, pin: string): string => createHash('sha256').update(`${sim} ${pin}`).digest('hex').slice(0, 16);
