import type { Message } from './contract.ts';
import { same } from './numbers.ts';
import type { Settings } from './settings.ts';

const HOUR_MS = 3600_000;
/** Between the time of a card that names no zone and ours. */
const ZONES_MS = 14 * HOUR_MS;
/** Commands that are remembered, so that none is carried out twice. */
const REMEMBERED = 200;

/** At most so many within any hour. */
export class Hourly {
  #times: number[] = [];

  /** Takes `n` of what is left; false, and takes none: there is not that much. `now` in ms. */
  take(n: number, most: number, now: number): boolean {
    this.#times = this.#times.filter(t => now - t < HOUR_MS);
    if (this.#times.length + n > most) return false;
    for (let i = 0; i < n; i++) this.#times.push(now);
    return true;
  }
}

/** What a message from outside is: nothing to us, a command that is not carried out (and why), or one that is. */
export type Judged = { readonly kind: 'message' } | { readonly kind: 'refused'; readonly why: string } | { readonly kind: 'command'; readonly word: string };
type Said = Pick<Message, 'number' | 'text' | 'sentMs' | 'missing' | 'zoneless'>;
type Rules = Settings['commands'] & Pick<Settings, 'countryCode'>;

/** Who may tell the router what by SMS. The text of a stranger is never more than text; nobody who is not on the list learns of the list. */
export class Gate {
  readonly #hourly = new Hourly();
  /** The same message again, from a network or a card that repeats itself. */
  readonly #done: string[] = [];

  /** `sentMs`: by the service centre. `now` monotonic. */
  judge(m: Said, s: Rules, words: readonly string[], wall: number, now: number): Judged {
    if (!isAllowed(m.number, s) || m.missing > 0) return { kind: 'message' };
    const said = m.text.trim().split(/\s+/);
    if (s.password !== '' && said.shift() !== s.password) {
      // Guesses count, so that they cannot go on for long.
      return this.#hourly.take(1, s.perHour, now) ? { kind: 'refused', why: 'the password is missing or wrong' } : { kind: 'refused', why: 'too many in one hour' };
    }
    const word = (said[0] ?? '').toLowerCase();
    if (said.length !== 1 || !words.includes(word)) return { kind: 'message' };
    if (m.sentMs !== undefined && wall - m.sentMs > s.maxAgeMin * 60_000 + (m.zoneless ? ZONES_MS : 0)) return { kind: 'refused', why: 'it was too long on its way' };
    const key = `${m.sentMs} ${word} ${m.number}`;
    if (m.sentMs !== undefined && this.#done.includes(key)) return { kind: 'refused', why: 'it came before' };
    if (!this.#hourly.take(1, s.perHour, now)) return { kind: 'refused', why: 'too many in one hour' };
    this.#done.push(key);
    if (this.#done.length > REMEMBERED) this.#done.shift();
    return { kind: 'command', word };
  }
}

export const isAllowed = (number: string, s: Rules): boolean => s.enabled && s.numbers.some(n => same(n, number, s.countryCode));

/** A text with the password in it, as it may be shown and told. */
export const hushed = (text: string, password: string): string => (password === '' ? text : text.replaceAll(password, '***'));
