import { type AtAnswer, at, type CardSpec, type Dialect, type Identity, type Login, type NetworkTypes, type Pin, type Registration, type Script, type Signal, type Step, type StepResult, type Technology, wait } from '../../../../sdk/index.ts';
import { type CallCause, lastCause } from './call-causes.ts';
import type { Rung } from './ladder.ts';
import { type DialFailure, endedEarly } from './words.ts';

const DIAL_MS = 60_000;
/** A SIM that has just got power says so (+CME ERROR 14) for some seconds. */
const SIM_BUSY_MS = 2_000;
const SIM_TRIES = 8;
/** Pauses where the card's description names none. */
const AFTER_PIN_MS = 3_000;
const AFTER_RADIO_MS = 5_000;
const DETACHED_MS = 5_000;

/** What a card says when it begins. `refused`: the init command that must work and did not. */
export interface StartUp { readonly refused: string | undefined; readonly identity: Identity | undefined; readonly pin: Pin; readonly networkTypes: NetworkTypes | undefined }

const noSim: Pin = { state: 'not applicable', attempts: undefined };

/** First words, who it is, and whether its SIM is open. A card that was never set up may answer nothing to any of it. */
export function* startUp(spec: CardSpec): Script<StartUp> {
  const { dialect } = spec;
  let refused: string | undefined;
  for (const { line, must, waitMs, port } of dialect.init) {
    const answer = yield* at(line, port === undefined ? {} : { port });
    if (!answer.ok && must === true) refused ??= `${line}: ${answer.final}`;
    if (waitMs !== undefined) yield* wait(waitMs);
  }
  const identity = yield* dialect.identity();
  const pin = yield* simState(dialect);
  return { refused, identity, pin, networkTypes: yield* networkTypes(dialect) };
}

/** The SIM's state, as soon as it has one. */
export function* simState(dialect: Dialect): Script<Pin> {
  if (!dialect.pin) return noSim;
  for (let i = 1; ; i++) {
    const pin = yield* dialect.pin();
    if (pin.state !== 'busy' || i === SIM_TRIES) return pin;
    yield* wait(SIM_BUSY_MS);
  }
}

function* networkTypes(dialect: Dialect): Script<NetworkTypes | undefined> {
  return dialect.networkTypes ? yield* dialect.networkTypes() : undefined;
}

/** Enters the PIN, or PUK and new PIN, and asks what came of it. */
export function* unlock(spec: CardSpec, pin: string, puk: string | undefined): Script<{ readonly answer: AtAnswer | undefined; readonly pin: Pin }> {
  const { dialect, quirks } = spec;
  const answer = puk === undefined ? yield* entered(dialect.enterPin?.(pin)) : yield* entered(dialect.enterPuk?.(puk, pin));
  // Some cards crash when they are spoken to too soon after it.
  if (answer?.ok === true) yield* wait(quirks?.afterPinMs ?? AFTER_PIN_MS);
  return { answer, pin: yield* simState(dialect) };
}
function* entered(script: Script<AtAnswer> | undefined): Script<AtAnswer | undefined> { return script && (yield* script); }

/** Once the SIM is open: who it is now, and the network type that is wanted. */
export function* opened(spec: CardSpec, wanted: string): Script<{ readonly identity: Identity | undefined; readonly networkTypes: NetworkTypes | undefined; readonly refused: string | undefined }> {
  const { dialect } = spec;
  const identity = yield* dialect.identity();
  let types = yield* networkTypes(dialect);
  let refused: string | undefined;
  if (wanted !== '' && types !== undefined && types.now !== wanted && dialect.setNetworkType !== undefined && types.fixed === undefined) {
    const answer = yield* dialect.setNetworkType(wanted);
    if (!answer.ok) refused = answer.final;
    types = yield* networkTypes(dialect);
  }
  return { identity, networkTypes: types, refused };
}

export interface Reading { readonly registration: Registration; readonly signal: Signal | undefined; readonly technology: Technology | undefined }

/** Network, signal and technology as they are now. */
export function* reading(dialect: Dialect): Script<Reading> {
  const registration = yield* dialect.registration();
  const signal = yield* dialect.signal();
  return { registration, signal, technology: (yield* dialect.technology()) ?? registration.technology };
}

/** '*99#' and '#777' as people write them, or a whole command. */
export const dialString = (phone: string): string => (/^AT/i.test(phone) ? phone : phone.startsWith('#') ? `ATDT${phone}` : `ATD${phone}`);

export interface Dialled { readonly step: 'context' | 'dial'; readonly connected: boolean; readonly final: string; /** the card told it */ readonly cause?: CallCause | undefined }

/** APN and log-in, then the card's dial strings until one is understood. */
export function* dial(spec: CardSpec, login: Login, phone: string): Script<Dialled> {
  const { dialect, quirks } = spec;
  const context = yield* entered(dialect.context?.(login));
  if (context !== undefined && !context.ok) return { step: 'context', connected: false, final: context.final };
  let final = 'ERROR';
  for (const line of phone === '' ? dialect.dial(login.cid) : [dialString(phone)]) {
    ({ final } = yield* at(line, { port: 'data', timeoutMs: DIAL_MS }));
    if (isConnect(final, quirks?.connect)) return { step: 'dial', connected: true, final };
    // Whatever else it says, it has understood.
    if (!/^(ERROR|\+CME ERROR.*|COMMAND NOT SUPPORT.*)$/i.test(final)) break;
  }
  return { step: 'dial', connected: false, final, ...(/^(NO CARRIER|ERROR|\+CME ERROR.*)$/i.test(final) ? { cause: yield* lastCause(dialect) } : {}) };
}
/** Why a call never was more than a CONNECT, as far as the card can say. */
export function* earlyEnd(dialect: Dialect, why: string, apn: string): Script<DialFailure> { return endedEarly(why, apn, dialect.system, yield* lastCause(dialect)); }
const isConnect = (final: string, others: readonly string[] | undefined): boolean => /^CONNECT\b/i.test(final) || (others?.some(words => final.toUpperCase().startsWith(words.toUpperCase())) ?? false);

/** What the card itself can do about trouble; undefined: nothing of the kind. */
export function stepOf(rung: Rung, { dialect, quirks }: CardSpec): Script<void> | undefined {
  const { detach, attach, radio, reset } = dialect;
  switch (rung) {
    case 'reattach': return detach && attach && between(detach, DETACHED_MS, attach, 0);
    case 'radio': return radio && between(() => radio(false), DETACHED_MS, () => radio(true), quirks?.afterRadioMs ?? AFTER_RADIO_MS);
    case 'reset': return reset?.();
    default: return undefined;
  }
}

function* between(first: () => Script<void>, pauseMs: number, second: () => Script<void>, afterMs: number): Script<void> {
  yield* first();
  yield* wait(pauseMs);
  yield* second();
  yield* wait(afterMs);
}

/** Runs a script and sees whether anything of it was answered. */
export function* listening<T>(script: Script<T>): Script<{ readonly value: T; readonly silent: boolean }> {
  let asked = 0;
  let unanswered = 0;
  let next: IteratorResult<Step, T> = script.next();
  try {
    while (next.done !== true) {
      const result: StepResult = yield next.value;
      if (next.value.kind !== 'wait') {
        asked++;
        if (result === undefined || ('final' in result && /^(timeout|gone|busy)$/.test(result.final))) unanswered++;
      }
      next = script.next(result);
    }
  } finally {
    if (next.done !== true) script.return(undefined as T);
  }
  return { value: next.value, silent: asked > 0 && unanswered === asked };
}
