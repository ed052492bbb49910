import type { Pin } from '../../../../sdk/index.ts';

/** What may be done with the PIN of the settings. */
export type StoredPin = 'none' | 'refused' | 'last' | 'usable';

/**
 * A stored PIN is never the last attempt, and never one that this SIM has refused before; where nobody knows how many attempts
 * are left, any refusal was one too many. `refused` says whether this SIM has refused that PIN, or any.
 */
export function storedPin(pin: Pin, stored: string, refused: (pin: string | undefined) => boolean): StoredPin {
  if (stored === '') return 'none';
  if (refused(stored)) return 'refused';
  if (pin.attempts === undefined) return refused(undefined) ? 'last' : 'usable';
  return pin.attempts <= 1 ? 'last' : 'usable';
}
