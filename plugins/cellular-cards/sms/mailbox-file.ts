import type { StateFile } from '../../../sdk/index.ts';
import { type MailboxState, mailboxState } from './mailbox.ts';

/** The messages in a file: a card's copy is deleted only when they are in it. */
export class MailboxFile {
  readonly #file: StateFile;

  constructor(file: StateFile) { this.#file = file; }

  /** Undefined: there is none, or it does not parse. */
  load(): MailboxState | undefined {
    try {
      return mailboxState.safeParse(JSON.parse(this.#file.read() ?? 'null')).data;
    } catch {
      return undefined;
    }
  }

  /** On the disk when it returns; throws when it cannot be. */
  save(state: MailboxState): void { this.#file.write(JSON.stringify(state)); }
}
