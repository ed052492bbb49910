import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MailboxState, mailboxState } from './mailbox.ts';

/** The messages in a file: a card's copy is deleted only when they are in it. */
export class MailboxFile {
  readonly #path: string | undefined;

  /** Without a folder nothing is kept beyond the run. */
  constructor(folder: string | undefined) { this.#path = folder === undefined ? undefined : join(folder, 'messages.json'); }

  /** Undefined: there is none, or it does not parse. */
  load(): MailboxState | undefined {
    if (this.#path === undefined) return undefined;
    try {
      return mailboxState.safeParse(JSON.parse(readFileSync(this.#path, 'utf8'))).data;
    } catch {
      return undefined;
    }
  }

  /** Throws as node:fs does. A torn file cannot be seen, for the name moves to a finished one. */
  save(state: MailboxState): void {
    if (this.#path === undefined) return;
    writeFileSync(`${this.#path}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}
