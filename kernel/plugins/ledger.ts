/** One thing held by one generation of a plugin. */
export interface Holding {
  readonly owner: string;
  readonly generation: number;
  /** What it is: 'stage nat.snat', 'timer every 1000 ms', 'listener link/up'. */
  readonly label: string;
  /** Why it could not be given back. */
  failed: string | undefined;
}

/**
 * Who holds what. Every claim of a plugin's context is entered here and struck out when it has been given back, so what
 * stays after its generation has ended is what unloading left behind. What a plugin takes past its context cannot be seen
 * here: a setInterval, a socket or a process of its own goes on unless the plugin adds it to ctx.scope.
 */
export class Ledger {
  readonly #held = new Set<Holding>();
  readonly #living = new Set<string>();

  /** A generation begins; what it returns enters a claim, and that returns how to strike it out. */
  open(owner: string, generation: number): { enter(label: string): (error?: unknown) => void; close(): void } {
    const key = `${owner}~${generation}`;
    this.#living.add(key);
    return {
      enter: label => {
        const holding: Holding = { owner, generation, label, failed: undefined };
        this.#held.add(holding);
        return error => {
          if (error === undefined) this.#held.delete(holding);
          else holding.failed = error instanceof Error ? error.message : String(error);
        };
      },
      close: () => { this.#living.delete(key); },
    };
  }

  /** All that is held now, oldest first; of one plugin, or of all. */
  held(owner?: string): readonly Holding[] {
    return [...this.#held].filter(h => owner === undefined || h.owner === owner);
  }

  /** What generations hold that have ended. Empty, when everything was given back. */
  residue(): readonly Holding[] {
    return [...this.#held].filter(h => !this.#living.has(`${h.owner}~${h.generation}`));
  }
}
