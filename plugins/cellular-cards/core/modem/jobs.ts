import type { Script } from '../../../../sdk/index.ts';
import type { ModemOut } from './messages.ts';

interface Job { readonly id: number; done(value: unknown): void; broken(why: string, silent: boolean): void }

/** The machine's conversation with the card: one at a time. */
export class Jobs {
  #job: Job | undefined;
  #last = 0;

  get busy(): boolean { return this.#job !== undefined; }

  /** `silent`: nothing of the script was answered. */
  start<T>(script: Script<T>, done: (value: T) => void, broken: (why: string, silent: boolean) => void): ModemOut {
    const id = ++this.#last;
    this.#job = { id, done: value => done(value as T), broken };
    return { kind: 'run', job: id, script };
  }

  /** Ends of conversations that are not the present one are nobody's. */
  ended(id: number, tell: (job: Job) => void): void {
    const job = this.#job;
    if (job?.id !== id) return;
    this.#job = undefined;
    tell(job);
  }
}
