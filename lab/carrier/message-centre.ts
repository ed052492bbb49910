export interface Sms { readonly from: string; readonly to: string; readonly text: string }

/** How many messages that went nowhere else are kept. */
const KEPT = 100;
const WAITING = 100;

/** Stores messages until the card of their number can take them. */
export class MessageCentre {
  /** What cards have sent, oldest first. */
  readonly sent: Sms[] = [];
  /** Told of every message a card sends. */
  onSent: (sms: Sms) => void = () => {};
  readonly #waiting = new Map<string, Sms[]>();
  readonly #receivers = new Map<string, (sms: Sms) => boolean>();

  /** From a card, or from somebody who plays the world outside. */
  submit(sms: Sms): void {
    this.sent.push(sms);
    if (this.sent.length > KEPT) this.sent.shift();
    this.onSent(sms);
    this.deliver(sms);
  }

  /** For a number; waits when nobody has it now. */
  deliver(sms: Sms): void {
    if (this.#receivers.get(sms.to)?.(sms) === true) return;
    const waiting = this.#waiting.get(sms.to) ?? [];
    if (waiting.length < WAITING) waiting.push(sms);
    this.#waiting.set(sms.to, waiting);
  }

  /** A card is there for its number; `take` says whether it had room. */
  attach(number: string, take: (sms: Sms) => boolean): { dispose(): void } {
    this.#receivers.set(number, take);
    this.retry(number);
    return { dispose: () => { if (this.#receivers.get(number) === take) this.#receivers.delete(number); } };
  }

  /** The card can be reached again. */
  retry(number: string): void {
    const waiting = this.#waiting.get(number) ?? [];
    this.#waiting.delete(number);
    for (const sms of waiting) this.deliver(sms);
  }

  waiting(number: string): number { return this.#waiting.get(number)?.length ?? 0; }
}
