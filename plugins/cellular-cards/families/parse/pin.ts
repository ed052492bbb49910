import type { AtAnswer, Pin, PinState } from '../../../../sdk/index.ts';
import { after, fields, int, some } from './lines.ts';

/** +CPIN words (TS 27.007 §8.3) as we say them. */
const byWord: Readonly<Record<string, PinState>> = {
  'READY': 'ready', 'SIM PIN': 'pin', 'SIM PUK': 'puk', 'SIM PIN2': 'pin2', 'SIM PUK2': 'puk2', 'PH-SIM PIN': 'network lock', 'PH-FSIM PIN': 'network lock', 'PH-FSIM PUK': 'network lock',
  'PH-NET PIN': 'network lock', 'PH-NET PUK': 'network lock', 'PH-NETSUB PIN': 'network lock', 'PH-NETSUB PUK': 'network lock', 'PH-SP PIN': 'network lock', 'PH-SP PUK': 'network lock',
  'PH-CORP PIN': 'network lock', 'PH-CORP PUK': 'network lock', 'NOT INSERTED': 'no sim', 'NOT READY': 'busy', 'NO SIM': 'no sim',
};
/** +CME ERROR numbers (TS 27.007 §9.2). */
const byError: Readonly<Record<number, PinState>> = { 10: 'no sim', 11: 'pin', 12: 'puk', 13: 'failure', 14: 'busy', 15: 'wrong sim', 17: 'pin2', 18: 'puk2', 5: 'network lock', 40: 'network lock', 41: 'network lock' };

/** 'sim-pin', 'ready': the word of +CPIN in one piece; undefined when there is none. */
export const pinWord = (lines: readonly string[]): string | undefined => some(after(lines, '+CPIN'))?.replaceAll('"', '').trim().toLowerCase().replace(/\s+/g, '-');

/** The state that an answer to +CPIN? tells. Whatever comes, it is one of the closed set. */
export function pinState(answer: Pick<AtAnswer, 'lines' | 'error' | 'final'>): PinState {
  const word = (pinWord(answer.lines) ?? '').replaceAll('-', ' ').toUpperCase().replace(/^PH /, 'PH-');
  return byWord[word] ?? byError[answer.error ?? -1] ?? 'failure';
}

export interface Attempts { readonly pin1?: number | undefined; readonly puk1?: number | undefined; readonly pin2?: number | undefined; readonly puk2?: number | undefined }

/** Attempts left as each family says them; undefined: the card does not. */
export function attemptsIn(lines: readonly string[]): Attempts | undefined {
  const four = (tag: string, order: readonly (keyof Attempts)[], skip = 0): Attempts | undefined => {
    const text = after(lines, tag);
    if (text === undefined) return undefined;
    const values = fields(text).slice(skip).map(f => int(f));
    const found = Object.fromEntries(order.flatMap((name, i) => (values[i] === undefined || values[i]! < 0 || values[i]! > 99 ? [] : [[name, values[i]!]])));
    return Object.keys(found).length === 0 ? undefined : found;
  };
  return four('+CPINC', ['pin1', 'pin2', 'puk1', 'puk2']) ?? four('^CPIN', ['puk1', 'pin1', 'puk2', 'pin2'], 2) ?? four('+UPINCNT', ['pin1', 'pin2', 'puk1', 'puk2'])
    ?? four('+QPINC', ['pin1', 'puk1'], 1) ?? four('+SPIC', ['pin1', 'puk1', 'pin2', 'puk2']) ?? four('#PCT', ['pin1']) ?? four('_OERCN', ['pin1', 'puk1'])
    ?? novatel(lines) ?? fromStatusWord(lines);
}

/** $NWPINR: labelled or bare numbers, PIN1, PUK1 first. */
function novatel(lines: readonly string[]): Attempts | undefined {
  const text = lines.filter(l => /\$NWPINR|PIN1|PUK1/i.test(l)).join(' ');
  const labelled = (label: string): number | undefined => int(new RegExp(`${label}\\D{0,20}?(\\d{1,2})(?!\\d)`, 'i').exec(text)?.[1]);
  if (/PIN\s*1/i.test(text)) return { pin1: labelled('PIN\\s*1'), puk1: labelled('PUK\\s*1') };
  const bare = after(lines, '$NWPINR')?.match(/\d{1,2}/g)?.map(Number);
  return bare === undefined ? undefined : { pin1: bare[0], puk1: bare[1] };
}

/** VERIFY without a PIN answers 63Cx, x attempts are left (TS 102 221 §11.1.9). */
export function statusWord(lines: readonly string[]): { readonly pinRetries: number } | { readonly error: string } | undefined {
  const word = /([0-9A-F]{4})"?\s*$/i.exec(fields(after(lines, '+CSIM') ?? '')[1] ?? '')?.[1]?.toUpperCase();
  if (word === undefined) return undefined;
  if (/^63C/.test(word)) return { pinRetries: Number.parseInt(word[3]!, 16) };
  return { error: { 6983: 'sim-auth-blocked', 6984: 'sim-data-invalidated', '6A86': 'sim-wrong-parameters', '6A88': 'sim-data-not-found', 9000: 'sim-verified' }[word] ?? `sim-${word.toLowerCase()}` };
}

function fromStatusWord(lines: readonly string[]): Attempts | undefined {
  const word = statusWord(lines);
  if (word === undefined) return undefined;
  if ('pinRetries' in word) return { pin1: word.pinRetries };
  return word.error === 'sim-auth-blocked' ? { pin1: 0 } : undefined;
}

export const pinOf = (state: PinState, attempts: Attempts | undefined): Pin => ({ state, attempts: attempts?.pin1, pukAttempts: attempts?.puk1 });
