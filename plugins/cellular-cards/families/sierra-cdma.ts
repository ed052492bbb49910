import { at, type AtAnswer, type Dialect, type Registration, type Script, type Signal, type Technology } from '../../../sdk/index.ts';
import { activateByCall, fixedTypes, identify, packetCall, passedOver, wrongNumbers } from './cdma.ts';
import { storedReport } from './parse/messages.ts';
import * as diagnostic from './parse-cdma/diagnostic.ts';
import { parseCsq } from './parse-cdma/level.ts';
import { stateOf } from './parse-cdma/service.ts';
import { carrierOf, networkOf, sidOf } from './parse-cdma/sid.ts';
import { parseNamval, parseStatus, type SierraStatus } from './parse-cdma/sierra.ts';

function* status(): Script<SierraStatus | undefined> { return parseStatus((yield* at('AT!STATUS')).lines); }
function* assignment() { return parseNamval((yield* at('AT~NAMVAL?0')).lines); }

/** +CSS and +CAD say nothing useful on these cards. */
function* registration(): Script<Registration> {
  const now = yield* status();
  if (now === undefined) return yield* diagnostic.registration();
  return { state: stateOf(now.registered, now.roaming === true ? 'roaming' : 'home'), ...networkOf(now.registered ? sidOf(now.sid) : undefined), technology: yield* technologyIn(now) };
}

/** The older layout of !STATUS has no system mode, the newer not always the revision: the diagnostic port knows both. */
function* technologyIn(now: SierraStatus | undefined): Script<Technology | undefined> {
  if (now?.sysMode !== undefined) return now.technology === 'EVDO-0' && now.hdrRevision === undefined ? yield* diagnostic.hdrRevision() : now.technology;
  const radio = yield* diagnostic.radio();
  return radio === undefined ? now?.technology : radio.technology;
}

/** The level by +CSQ, how clean it is by the pilots of the diagnostic port; either without the other. */
function* signal(): Script<Signal | undefined> {
  const csq = (yield* at('AT+CSQ')).lines;
  const pilots = yield* diagnostic.pilotSignal();
  return parseCsq(csq, undefined, pilots?.quality) ?? pilots;
}

const ANY_NETWORK_ID = 65535;

/** By hand: unlock with the service code, write the numbers, read them back, restart. The home SID stays, or is the one in the air. */
function* byHand(how: { readonly spc: string; readonly mdn: string; readonly min: string }): Script<AtAnswer> {
  const wrong = wrongNumbers(how);
  if (wrong !== undefined) return wrong;
  const sid = sidOf((yield* assignment())?.sid) ?? sidOf((yield* status())?.sid) ?? 0;
  const unlocked = yield* at(`AT~NAMLCK=${how.spc}`, { secret: true });
  if (!unlocked.ok) return unlocked;
  const written = yield* at(`AT~NAMVAL=0,${how.mdn},${how.min},${sid},${ANY_NETWORK_ID}`);
  if (!written.ok) return written;
  const now = yield* assignment();
  if (now?.mdn !== how.mdn) return { ...written, ok: false, final: 'the card did not keep the number' };
  yield* reset();
  return written;
}

/** Over the air: Sprint's cards fetch it by IOTA, the others call. */
function* overTheAir(code: string | undefined): Script<AtAnswer> {
  const here = code === undefined ? carrierOf((yield* status())?.sid ?? 0) : undefined;
  return here?.includes('Sprint') === true ? yield* at('AT!IOTASTART', { timeoutMs: IOTA_MS }) : yield* activateByCall(code);
}
const IOTA_MS = 120_000;

function* reset(): Script<void> { yield* at('AT!RESET'); }

/** AirCard 580, 595, 597E. */
export const sierraCdma = (): Dialect => ({
  name: 'sierra-cdma', system: 'cdma',
  init: [{ line: 'ATE0V1&F&D2&C1&C2S0=0', port: 'data' }, { line: 'ATS7=60', port: 'data' }, { line: 'ATE0' }, { line: 'AT+CMEE=1' }, { line: 'AT!PCSTATE=1' }],
  identity: () => identify(function* () { return { phone: (yield* assignment())?.mdn }; }),
  registration, signal, *technology() { return yield* technologyIn(yield* status()); }, networkTypes: fixedTypes, dial: packetCall, reset,
  *radio(on) { yield* at(`AT!PCSTATE=${on ? 1 : 0}`); },
  *activate(how) { return how.kind === 'manual' ? yield* byHand(how) : yield* overTheAir(how.code); },
  report: line => storedReport(line) ?? (passedOver.test(line) ? { ignored: true } : undefined),
});
