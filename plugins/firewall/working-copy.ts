import { CliError } from '../../sdk/index.ts';
import type { Context } from './core.ts';
import type { Settings } from './settings.ts';

export interface CopyDeps {
  readonly settings: () => Settings;
  readonly commit: Context['commit'];
}

/** What the original's `config …` verbs change: a copy of the settings, in force only after `config save firewall`. */
export class WorkingCopy {
  readonly #d: CopyDeps;
  #copy: { readonly base: Settings; readonly draft: Settings } | undefined;

  constructor(deps: CopyDeps) { this.#d = deps; }

  /** The copy, or what is in force while there is none. */
  get settings(): Settings { return this.#copy?.draft ?? this.#d.settings(); }
  get changed(): boolean { return this.#copy !== undefined; }

  /** The change may throw, but must not have changed anything by then. */
  edit(change: (draft: Settings) => void): void {
    const base = this.#d.settings();
    const copy = this.#copy ?? { base, draft: structuredClone(base) };
    change(copy.draft);
    this.#copy = copy;
  }

  /** Forgets the copy. */
  retrieve(): boolean {
    const had = this.changed;
    this.#copy = undefined;
    return had;
  }

  /** Throws a CliError with the reasons when the commit is refused; the copy stays then. */
  async save(author: string): Promise<void> {
    const copy = this.#copy;
    if (!copy) throw new CliError('nothing was changed; config edit, insert and delete firewall change something');
    // Whoever else has changed something must not lose it.
    if (copy.base !== this.#d.settings()) throw new CliError('the settings of the firewall have changed since; config retrieve firewall takes them as they are now, and forgets what was edited');
    await this.#d.commit((draft) => {
      for (const name of Object.keys(draft)) delete (draft as Record<string, unknown>)[name];
      Object.assign(draft, structuredClone(copy.draft));
    }, author);
    this.#copy = undefined;
  }
}
