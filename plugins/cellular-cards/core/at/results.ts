import type { AtAnswer } from '../../../../sdk/index.ts';

/** What a final result code means; undefined: the line is none. */
export interface Final { readonly final: string; readonly ok: boolean; readonly error: number | undefined; /** the line is now transparent */ readonly online: boolean }

/** TS 27.007 §9.2: the numbers behind the words of AT+CMEE=2. */
const meErrors: Readonly<Record<string, number>> = {
  'phone failure': 0, 'no connection to phone': 1, 'phone-adaptor link reserved': 2, 'operation not allowed': 3, 'operation not supported': 4, 'ph-sim pin required': 5,
  'sim not inserted': 10, 'sim pin required': 11, 'sim puk required': 12, 'sim failure': 13, 'sim busy': 14, 'sim wrong': 15, 'incorrect password': 16, 'sim pin2 required': 17, 'sim puk2 required': 18,
  'memory full': 20, 'invalid index': 21, 'not found': 22, 'memory failure': 23, 'text string too long': 24, 'invalid characters in text string': 25, 'dial string too long': 26,
  'no network service': 30, 'network timeout': 31, 'network not allowed - emergency calls only': 32, 'network personalization pin required': 40, 'network personalization puk required': 41,
  'unknown': 100, 'illegal ms': 103, 'illegal me': 106, 'gprs services not allowed': 107, 'plmn not allowed': 111, 'location area not allowed': 112, 'roaming not allowed in this location area': 113,
  'service option not supported': 132, 'requested service option not subscribed': 133, 'service option temporarily out of order': 134, 'unspecified gprs error': 148, 'pdp authentication failure': 149,
};

const plainErrors = new Set(['ERROR', 'NO DIALTONE', 'NO DIAL TONE', 'BUSY', 'NO ANSWER', 'ABORTED', 'DELAYED', 'BLACKLISTED', 'COMMAND NOT SUPPORT', 'COMMAND NOT SUPPORTED', 'TOO MANY PARAMETERS', 'INVALID COMMAND LINE']);

/** Commands after which the port may go online, and after which NO CARRIER is the answer and not the end of another call. */
export const dials = (line: string): boolean => /^AT\s*(D|A$|O\d?$|\+CGDATA|\+PPPD)/i.test(line);

/** Reads a line as a final result code (V.250 §5.7.1, TS 27.007 §9.2, TS 27.005 §3.2.5). `dialling`: the command was one of `dials`. */
export function finalOf(line: string, dialling: boolean): Final | undefined {
  const words = line.trim().replace(/\s+/g, ' ').toUpperCase();
  if (words === 'OK') return { final: 'OK', ok: true, error: undefined, online: false };
  if (/^CONNECT(?![A-Z0-9:=])/.test(words)) return dialling ? { final: line.trim(), ok: true, error: undefined, online: true } : undefined;
  if (words === 'NO CARRIER') return dialling ? { final: words, ok: false, error: undefined, online: false } : undefined;
  if (plainErrors.has(words)) return { final: words, ok: false, error: undefined, online: false };
  const extended = /^\+CM[ES] ERROR ?:? ?(.*)$/.exec(words);
  if (extended) return { final: line.trim(), ok: false, error: numberOf(extended[1] ?? ''), online: false };
  return undefined;
}

/** The call is over, said by a line that answers nothing. */
export const isCallEnd = (line: string): boolean => /^NO\s+CARRIER$/i.test(line.trim());

function numberOf(words: string): number | undefined {
  if (/^\d{1,5}$/.test(words)) return Number(words);
  return Object.hasOwn(meErrors, words.toLowerCase()) ? meErrors[words.toLowerCase()] : undefined;
}

/** An answer that no card gave: why as `final`. */
export const noAnswer = (final: string, lines: readonly string[] = []): AtAnswer => ({ ok: false, final, lines, error: undefined });
