import type { Clock, Disposable } from '../../../../sdk/index.ts';
import type { SwitchPlan } from './storage-switch.ts';

/** The system, or the card itself, may do it without us (ms). */
const PATIENCE_MS = 2000;
/** A card that was told is away and back as a modem by then (ms). */
const RETURN_MS = 20_000;
export const TRIES = 3;

export interface ModeSwitchParts {
  readonly clock: Clock;
  /** Asked before each try. */
  plan(): SwitchPlan | string;
  send(plan: SwitchPlan): Promise<void>;
  /** For the timeline. */
  tell(words: string): void;
  /** What is going on, for the status of the slot. */
  status(words: string): void;
}

/**
 * Turns one card from a disc into a modem: waits, sends, waits for it to come back, tries again, and gives up with advice. The card
 * that comes back is another insertion, so what it was tried before comes in as `tries`.
 */
export class ModeSwitch implements Disposable {
  readonly #parts: ModeSwitchParts;
  #timer: Disposable | undefined;
  #ended = false;
  tries: number;
  /** When something was sent last. */
  sentAt: number | undefined;
  /** Told to become a modem, and it may yet do so. */
  waiting = false;
  #failure = '';

  constructor(parts: ModeSwitchParts, tries: number) {
    this.#parts = parts;
    this.tries = tries;
    parts.status('The card shows its storage; it is about to be switched to its modem.');
    this.#timer = parts.clock.after(PATIENCE_MS, () => this.#next());
  }

  /** Begins anew, at once. */
  again(): void {
    this.tries = 0;
    void this.#timer?.dispose();
    this.#next();
  }

  dispose(): void {
    this.#ended = true;
    void this.#timer?.dispose();
  }

  #next(): void {
    if (this.#ended) return;
    this.waiting = false;
    const plan = this.#parts.plan();
    if (typeof plan === 'string') {
      this.#parts.status(`The card shows its storage, and ${plan}.`);
      this.#parts.tell(`stays in storage mode: ${plan}`);
      return;
    }
    if (this.tries >= TRIES) {
      const advice = this.#failure === ''
        ? 'pull the card out, wait ten seconds and insert it again; when that does not help, enable its modem once with its maker\'s software on a PC'
        : `the message could not be sent (${this.#failure}). When that is put right: wwan storage eject`;
      this.#parts.status(`The card stays in storage mode after ${TRIES} tries: ${advice}.`);
      this.#parts.tell(`stays in storage mode after ${TRIES} tries: ${advice}`);
      return;
    }
    this.tries++;
    this.waiting = true;
    this.#failure = '';
    this.sentAt = this.#parts.clock.now();
    const which = `try ${this.tries} of ${TRIES}`;
    this.#parts.status(`The card is being switched from storage to modem (${which}).`);
    // Said first: a card that obeys is gone before it is known that the message was sent.
    this.#parts.tell(`told to become a modem with ${plan.words} (${which})`);
    this.#parts.send(plan).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#parts.tell(`the message could not be sent: ${this.#failure}`);
      if (!this.#ended) this.#parts.status(`The card could not be told to become a modem (${which}): ${this.#failure}.`);
    });
    this.#timer = this.#parts.clock.after(RETURN_MS, () => this.#next());
  }
}
