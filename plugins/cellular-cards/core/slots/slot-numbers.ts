import { type StateFile, z } from '../../../../sdk/index.ts';

const MOST = 64;
const schema = z.record(z.string(), z.int().min(1).max(MOST));

/** Gives each place where a card can sit a number, the lowest that is free, and the same one for ever. */
export class SlotNumbers {
  readonly #file: StateFile;
  readonly #numbers: Map<string, number>;

  /** `file`: where they are kept over a restart. */
  constructor(file: StateFile) {
    this.#file = file;
    this.#numbers = new Map(Object.entries(this.#load()));
  }

  of(place: string): number {
    const known = this.#numbers.get(place);
    if (known !== undefined) return known;
    const taken = new Set(this.#numbers.values());
    let slot = 1;
    while (taken.has(slot)) slot++;
    this.#numbers.set(place, slot);
    if (slot <= MOST) this.#save();
    return slot;
  }

  #load(): Record<string, number> {
    try {
      return schema.parse(JSON.parse(this.#file.read() ?? '{}'));
    } catch {
      // There is none yet, or it is damaged: the numbers are given anew.
      return {};
    }
  }

  #save(): void {
    try {
      this.#file.write(JSON.stringify(Object.fromEntries(this.#numbers)));
    } catch {
      // A full disk costs the numbers their memory, not the cards their slots.
    }
  }
}
