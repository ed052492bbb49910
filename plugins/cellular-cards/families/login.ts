import { type AtAnswer, at, type Login, type Script } from '../../../sdk/index.ts';
import { contexts } from './parse/context.ts';
import { parameter } from './parse/lines.ts';
import { bareApn } from './parse/names.ts';

/** 1 PAP, 2 CHAP; with both allowed CHAP, for it does not show the password. 0: nobody logs in, or half of a log-in is missing. */
export const authOf = (login: Login): 0 | 1 | 2 => (login.auth === 'none' || login.user === '' || login.password === '' ? 0 : login.auth === 'pap' ? 1 : 2);

const refused = (why: string): AtAnswer => ({ ok: false, final: 'ERROR', lines: [why], error: undefined });

/**
 * Puts the APN into the card (TS 27.007 §10.1.1). What stands there already is not written again: a module that is attached would
 * attach anew. Without an APN of ours the card's own counts; with neither nothing may be dialled: unconfigured cards have crashed at it.
 */
export function* defineContext(login: Login): Script<AtAnswer> {
  const asked = yield* at('AT+CGDCONT?');
  const now = contexts(asked.lines).find(c => c.cid === login.cid);
  const wanted = login.apn.trim();
  if (wanted === '') return now?.apn !== undefined ? { ok: true, final: 'OK', lines: [], error: undefined } : refused('no APN is set, and the card has none of its own: enter the APN of your carrier');
  if (now?.apn !== undefined && now.type === 'IP' && bareApn(now.apn) === bareApn(wanted)) return { ok: true, final: 'OK', lines: [], error: undefined };
  return yield* at(`AT+CGDCONT=${login.cid},"IP",${parameter(wanted)}`);
}

/**
 * The log-in as Qualcomm's firmware takes it: **the password before the user's name**, both or none; the short form forgets an older one.
 * PPP carries the same log-in, so that a card without the command can dial all the same.
 */
export function* qualcommLogin(login: Login, ...commands: readonly string[]): Script<void> {
  const auth = authOf(login);
  const line = auth === 0 ? `=${login.cid},0` : `=${login.cid},${auth},${parameter(login.password)},${parameter(login.user)}`;
  for (const command of commands) {
    const answer = yield* at(`AT${command}${line}`, { secret: auth !== 0 });
    if (answer.ok || answer.final === 'gone') return;
  }
}

/** `context` of a dialect whose firmware takes the log-in by these commands; the first that works is the last. */
export const withQualcommLogin = (...commands: readonly string[]) => function* (login: Login): Script<AtAnswer> {
  const defined = yield* defineContext(login);
  if (defined.ok) yield* qualcommLogin(login, ...commands);
  return defined;
};

/** As `withQualcommLogin`, of firmware with a command line of its own. `clear`: what forgets an older log-in. */
export const withLogin = (line: (login: Login, auth: 1 | 2) => string, clear?: (login: Login) => string) => function* (login: Login): Script<AtAnswer> {
  const defined = yield* defineContext(login);
  const auth = authOf(login);
  if (defined.ok && auth !== 0) yield* at(line(login, auth), { secret: true });
  else if (defined.ok && clear !== undefined) yield* at(clear(login));
  return defined;
};
