import type { Identity, Pin, Registration } from '../../../../sdk/index.ts';
import { type CallCause, causeWords } from './call-causes.ts';
import type { CallTrouble } from './messages.ts';
import type { Rung, Trouble } from './ladder.ts';
import type { StoredPin } from './pin.ts';

/** Causes that networks give (TS 27.007 §9.2.2), as far as somebody can do something about them. */
const causes: Readonly<Record<number, string>> = {
  3: 'the card does not allow it now', 4: 'the card cannot do that', 30: 'there is no network here', 31: 'the network did not answer in time', 32: 'the network allows emergency calls only: ask the carrier whether the SIM is active',
  103: 'the network does not accept this SIM: ask the carrier', 106: 'the network does not accept this card: ask the carrier', 107: 'the account has no data service: ask the carrier',
  111: 'this network is not allowed for the SIM', 112: 'this place is not allowed for the SIM', 113: 'the account does not allow roaming here',
  132: 'the network does not know the service', 133: 'the account has no such data service: check the APN', 134: 'the network has no data service at the moment', 148: 'the network refused without a reason', 149: 'the network refused user name or password',
};
const LOGIN_REFUSED = 149;

export interface DialFailure { readonly trouble: CallTrouble; readonly words: string }

/** What a final result code of the dial command means to people; `cause`: what the card says of it besides. */
export function dialFailure({ final, step, cause: told }: { readonly final: string; readonly step: 'context' | 'dial'; readonly cause?: CallCause | undefined }, system: '3gpp' | 'cdma', apn: string): DialFailure {
  if (told !== undefined) return { trouble: told === 'login' ? 'login' : 'call', words: causeWords(told, apn) };
  const number = Number(/^\+CM[ES] ERROR ?:? ?(\d+)/i.exec(final)?.[1] ?? Number.NaN);
  const cause = causes[number];
  if (number === LOGIN_REFUSED) return { trouble: 'login', words: `${cause}; check both` };
  if (cause !== undefined) return { trouble: 'call', words: cause };
  if (step === 'context') return { trouble: 'card', words: `the card does not take the APN "${apn}" or its log-in (${final})` };
  const check = system === '3gpp' ? `check the APN "${apn}", and that the account allows data` : 'check that the card is activated';
  const word = final.toUpperCase();
  if (word.startsWith('NO CARRIER')) return { trouble: 'call', words: `the network did not take the call (NO CARRIER); ${check}` };
  if (word.startsWith('BUSY')) return { trouble: 'call', words: 'the network has no room for the call (BUSY)' };
  if (/^NO DIAL ?TONE/.test(word)) return { trouble: 'call', words: 'there is no service for data here (NO DIALTONE)' };
  if (word.startsWith('NO ANSWER')) return { trouble: 'call', words: 'the network did not answer the call (NO ANSWER)' };
  if (word === 'TIMEOUT') return { trouble: 'call', words: 'the card did not say what became of the call' };
  return { trouble: 'card', words: `the card did not dial (${final})` };
}

/** A call that stood for the card and never for PPP: cards that say CONNECT before they have asked the network. */
export function endedEarly(why: string, apn: string, system: '3gpp' | 'cdma', told: CallCause | undefined): DialFailure {
  if (told !== undefined) return { trouble: told === 'login' ? 'login' : 'call', words: causeWords(told, apn) };
  return { trouble: 'call', words: `${why} before it was up; ${system === '3gpp' ? `check the APN "${apn}", and that the account allows data` : 'check that the card is activated'}` };
}

/** Why the SIM keeps the card from working, and what to do; undefined: it does not. */
export function simWords(pin: Pin, stored: StoredPin): string | undefined {
  const left = pin.attempts === undefined ? '' : `, ${pin.attempts} attempt${pin.attempts === 1 ? '' : 's'} left`;
  switch (pin.state) {
    case 'pin': return `the SIM wants its PIN${left}${{
      none: '', usable: '',
      refused: '; the stored one was refused and is not sent again: enter the right one',
      last: '; the stored one is not sent, as a wrong last attempt locks the SIM: enter it by hand',
    }[stored]}`;
    case 'puk': return `the SIM is locked and wants its PUK${pin.pukAttempts === undefined ? '' : `, ${pin.pukAttempts} attempts left`}; the carrier knows it`;
    case 'no sim': return 'there is no SIM in the card';
    case 'wrong sim': return 'the card does not take this SIM';
    case 'network lock': return 'the card is locked to another carrier; its seller has the code';
    case 'busy': return 'the SIM is not ready';
    case 'failure': return 'the SIM cannot be read; take it out, clean its contacts, put it in again';
    default: return undefined;
  }
}

export function searchWords(registration: Registration | undefined): string {
  if (registration?.state === 'denied') return 'the network does not let the card in; ask the carrier whether the account is active';
  return registration?.state === 'idle' ? 'the card does not look for a network' : 'looking for a network; if it takes long, check the antenna';
}

export const networkWords = (r: Registration | undefined): string =>
  r === undefined ? 'in a network' : `in the network ${shown(r.carrier ?? r.network ?? '')}${r.state === 'roaming' ? ', roaming' : ''}`.replace('  ', ' ');

/** ', IMEI 490154203237518': by what the card is known to its network. */
export const numberOf = (id: Identity | undefined): string => (id?.imei ? `, IMEI ${id.imei}` : id?.meid ? `, MEID ${id.meid}` : id?.esn ? `, ESN ${id.esn}` : '');

/** An ESN of eight hexadecimal digits as '09112345678': maker and serial number (TIA/EIA-41), the form that carriers ask for on the telephone. */
export const esnDecimal = (esn: string): string => `${String(Number.parseInt(esn.slice(0, 2), 16)).padStart(3, '0')}${String(Number.parseInt(esn.slice(2), 16)).padStart(8, '0')}`;

/** A stranger's text, safe to stand in a sentence. */
export const shown = (text: string): string => text.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, '?').slice(0, 60);

/** A sentence with a stranger's words in it, as it may be shown and kept. */
export const clean = (text: string): string => text.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, '?').slice(0, 300);

/** What the mildest step is to people. */
export const mildWords: Readonly<Record<Trouble, string>> = { call: 'dials again', login: 'dials again', service: 'goes on looking', silent: 'looks at the card again' };
export const rungWords: Readonly<Record<Rung, string>> = {
  redial: 'dials again', reattach: 'leaves the network and comes back', radio: 'switches the radio off and on', reset: 'resets the card',
  replug: 'takes the power from the card and gives it back', reboot: 'comes to the last step, a restart',
};

/** '10 s', '5 min', '2 h'. */
export const span = (ms: number): string => (ms < 120_000 ? `${Math.max(0, Math.ceil(ms / 1000))} s` : ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`);
