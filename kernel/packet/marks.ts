/** Bits of Packet.mark by name: shared by all who ask for the same name, free again with the last of them. */
export class Marks {
  readonly #byName = new Map<string, { readonly bit: number; holders: number }>();

  /** Throws when all 31 bits are in use. */
  take(name: string): { readonly bit: number; release(): void } {
    let entry = this.#byName.get(name);
    if (!entry) {
      const used = [...this.#byName.values()].reduce((all, e) => all | e.bit, 0);
      let bit = 1;
      while ((used & bit) !== 0 && bit !== 0) bit <<= 1;
      if (bit <= 0) throw new Error(`no packet mark is left for "${name}"; in use: ${[...this.#byName.keys()].join(', ')}`);
      entry = { bit, holders: 0 };
      this.#byName.set(name, entry);
    }
    const mine = entry;
    mine.holders++;
    let held = true;
    return { bit: mine.bit, release: () => {
      if (!held) return;
      held = false;
      if (--mine.holders === 0) this.#byName.delete(name);
    } };
  }
}
