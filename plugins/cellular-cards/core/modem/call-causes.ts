import { at, type Dialect, type Script } from '../../../../sdk/index.ts';

/** Why a network took no call, as far as somebody can do something about it (TS 24.008 §10.5.6.6). */
export type CallCause = 'barred' | 'resources' | 'apn' | 'login' | 'unsupported' | 'not subscribed' | 'out of order';

const byNumber: Readonly<Record<number, CallCause>> = { 8: 'barred', 26: 'resources', 27: 'apn', 28: 'apn', 29: 'login', 32: 'unsupported', 33: 'not subscribed', 34: 'out of order' };
const byWords: readonly (readonly [RegExp, CallCause])[] = [
  [/operator.determined|\bbarr/i, 'barred'], [/authenticat/i, 'login'], [/\bapn\b|access.point/i, 'apn'], [/not.subscribed/i, 'not subscribed'],
  [/out.of.order/i, 'out of order'], [/option.not.supported/i, 'unsupported'], [/insufficient.resources/i, 'resources'],
];

/** What +CEER says (TS 27.007 §6.10): words are the maker's; a number counts only beside the name of session management. */
export function causeIn(lines: readonly string[]): CallCause | undefined {
  const report = lines.join(' ').slice(0, 2041);
  if (!/\+CEER\s*:/i.test(report)) return undefined;
  const named = byWords.find(([words]) => words.test(report));
  if (named !== undefined) return named[1];
  const number = /\bSM\D{0,30}?(\d{1,3})\b/i.exec(report)?.[1];
  return number === undefined ? undefined : byNumber[Number(number)];
}

/** Asks the card why; CDMA cards have no such command. */
export function* lastCause({ system }: Dialect): Script<CallCause | undefined> {
  if (system === 'cdma') return undefined;
  const answer = yield* at('AT+CEER', { port: 'data' });
  return answer.ok ? causeIn(answer.lines) : undefined;
}

/** What it means, and what to do. `apn` is shown as it is. */
export const causeWords = (cause: CallCause, apn: string): string => ({
  barred: 'the carrier bars data for this account: ask the carrier',
  resources: 'the network has no room for the call now',
  apn: `the network does not know the APN "${apn}": check its spelling`,
  login: 'the network refused user name or password: check both',
  unsupported: 'the network has no data service of this kind here',
  'not subscribed': `the account may not use the APN "${apn}": ask the carrier which one belongs to it`,
  'out of order': 'the data service of the network is out of order',
})[cause];
