import { rebase } from './diff.ts';
import { type Document, same } from './document.ts';

/** Settings being edited: one set for everybody, as on the original's console. */
export class Candidate {
  #edited: { readonly draft: Document; readonly authors: readonly string[]; readonly since: number } | undefined;

  get draft(): Document | undefined { return this.#edited?.draft; }
  /** Who edited, in order. */
  get authors(): readonly string[] { return this.#edited?.authors ?? []; }
  /** ms since the epoch. */
  get since(): number | undefined { return this.#edited?.since; }

  /** An edit that leads back to what runs leaves nothing to commit. */
  edit(running: Document, draft: Document, author: string, now: number): void {
    const authors = [...new Set([...this.authors, author])];
    this.#edited = same(running, draft) ? undefined : { draft, authors, since: this.since ?? now };
  }

  /** True when there was something to discard. */
  discard(): boolean {
    const had = this.#edited !== undefined;
    this.#edited = undefined;
    return had;
  }

  /** Other settings run now. What was committed from here is done; edits that were not part of it stay, on the new ground. */
  moved(before: Document, after: Document, committed: Document | undefined): void {
    if (this.#edited === undefined) return;
    if (this.#edited.draft === committed) { this.#edited = undefined; return; }
    const draft = rebase(before, this.#edited.draft, after);
    this.#edited = same(draft, after) ? undefined : { ...this.#edited, draft };
  }
}
