import type { Settings } from './settings.ts';

const HOUR_MS = 3600_000;

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

/** Who may tell the router what by SMS. The text of a stranger is never more than text; nobody who is not on the list learns of the list. */
export class Gate {
  readonly #hourly = new Hourly();

  /** `sentMs`: by the service centre. `now` monotonic. */
  judge(m: { readonly number: string; readonly text: string; readonly sentMs: number | undefined; readonly parts: number }, s: Settings['commands'], words: readonly string[], wall: number, now: number): Judged {
    if (!s.enabled || !s.numbers.includes(m.number) || m.parts !== 1) return { kind: 'message' };
    const said = m.text.trim().split(/\s+/);
    if (s.password !== '' && said.shift() !== s.password) {
      // Guesses count, so that they cannot go on for long.
      return this.#hourly.take(1, s.perHour, now) ? { kind: 'refused', why: 'the password is missing or wrong' } : { kind: 'refused', why: 'too many in one hour' };
    }
    const word = (said[0] ?? '').toLowerCase();
    if (said.length !== 1 || !words.includes(word)) return { kind: 'message' };
    if (m.sentMs !== undefined && wall - m.sentMs > s.maxAgeMin * 60_000) return { kind: 'refused', why: 'it was too long on its way' };
    if (!this.#hourly.take(1, s.perHour, now)) return { kind: 'refused', why: 'too many in one hour' };
    return { kind: 'command', word };
  }
}
