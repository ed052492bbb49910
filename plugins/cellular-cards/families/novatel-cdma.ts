import { at, type AtAnswer, type Dialect, type NetworkTypes, qcdm, type Registration, type Script, type Signal, type Technology, wait } from '../../../sdk/index.ts';
import { noAnswer } from '../core/at/results.ts';
import { askAt, chips, parseAt } from '../core/qcdm/novatel.ts';
import { activateByCall, fixedTypes, identify, packetCall, passedOver, service, wrongNumbers } from './cdma.ts';
import { after, int, numbers } from './parse/lines.ts';
import { storedReport } from './parse/messages.ts';
import * as diagnostic from './parse-cdma/diagnostic.ts';
import { both, measured } from './parse-cdma/level.ts';
import { parseBare, parseNwrssi, parseSignal, parseSysmode } from './parse-cdma/novatel.ts';
import { parseSperi, roamingByEri, stateOf } from './parse-cdma/service.ts';
import { networkOf } from './parse-cdma/sid.ts';

export interface NovatelCdmaOptions { /** How the carrier programs the card over the air: Sprint by IOTA, the others by a call. */ readonly overTheAir: 'iota' | 'call' }

/** +CSQ is on no known scale here. A second port that was made to take commands answers during a call, else the diagnostic port. */
function* signal(): Script<Signal | undefined> {
  const level = parseSignal((yield* at('AT$NWRSSI')).lines);
  if (level !== undefined) return level;
  const snapshot = yield* diagnostic.snapshot();
  const pilots = yield* diagnostic.pilotSignal();
  if (snapshot?.rssi !== undefined) {
    const inUse = (yield* diagnostic.radio(snapshot.revision))?.technology;
    if (inUse === '1xRTT' || (inUse === undefined && snapshot.revision === undefined)) return measured({ dbm: snapshot.rssi, ecIo: pilots?.quality, radio: '1x', source: 'QCDM snapshot' });
    return both(measured({ dbm: snapshot.rssi, radio: 'EV-DO', source: 'QCDM snapshot' }), pilots);
  }
  return (snapshot === undefined ? parseSignal(yield* throughDiagnostic('AT$NWRSSI')) : undefined) ?? pilots;
}

/** The lines that the diagnostic port has for an AT query; none without it. */
function* throughDiagnostic(line: string): Script<readonly string[]> {
  for (const chip of chips) {
    const asked = askAt(chip, line);
    const lines = asked && parseAt(yield* qcdm(asked));
    if (lines !== undefined) return lines.filter(l => l !== 'OK');
  }
  return [];
}

function* technology(): Script<Technology | undefined> {
  const radio = yield* diagnostic.radio((yield* diagnostic.snapshot())?.revision);
  if (radio !== undefined) return radio.technology;
  const mode = parseSysmode((yield* at('AT$NWSYSMODE')).lines);
  if (mode !== undefined) return mode;
  const level = parseNwrssi((yield* at('AT$NWRSSI')).lines);
  return level && (level.radio === '1x' ? '1xRTT' : 'EVDO-0');
}

function* registration(): Script<Registration> {
  const now = yield* service();
  const snapshot = yield* diagnostic.snapshot();
  const here = now.service === true;
  const eri = here ? (snapshot?.eri ?? parseSperi((yield* at('AT$SPERI?')).lines)) : undefined;
  const name = here ? yield* carrierName() : undefined;
  return { state: stateOf(now.service, roamingByEri(eri)), ...networkOf(now.sid), ...(name === undefined ? {} : { carrier: name }), technology: here ? ((yield* technology()) ?? now.technology) : undefined };
}
function* carrierName(): Script<string | undefined> {
  const answer = yield* at('AT$NWNN');
  const name = parseBare(answer.ok ? answer.lines : yield* throughDiagnostic('AT$NWNN'), '$NWNN');
  return name === 'ERROR' ? undefined : name;
}

function* phone(): Script<string | undefined> { return /^\+?\d{7,15}$/.exec(parseBare((yield* at('AT$NWMDN')).lines, '$NWMDN') ?? '')?.[0]; }

/** Values of the mode preference in the card's memory; the command has the same where it takes numbers. */
const preferences: Readonly<Record<number, string>> = { 4: 'Automatic', 9: '1xRTT only', 10: 'EV-DO only', 19: 'Hybrid' };

/** Changed only to what the card itself lists; without a list it is shown as it is. */
function* networkTypes(): Script<NetworkTypes> {
  const listed = numbers(after((yield* at('AT$NWPREFMODE=?')).lines, '$NWPREFMODE') ?? '').filter(n => n in preferences);
  if (listed.length < 2) return yield* fixedTypes();
  const now = int(after((yield* at('AT$NWPREFMODE?')).lines, '$NWPREFMODE'));
  return { now: now === undefined ? undefined : String(now), choices: listed.map(n => ({ id: String(n), title: preferences[n]! })) };
}
function* setNetworkType(id: string): Script<AtAnswer> {
  const { choices, fixed } = yield* networkTypes();
  return fixed === undefined && choices.some(c => c.id === id) ? yield* at(`AT$NWPREFMODE=${id}`, { timeoutMs: 15_000 }) : noAnswer(fixed ?? 'this card has no such network type');
}

const SECOND_TRIES = 3;
const SECOND_WAIT_MS = 2000;

/**
 * The diagnostic port becomes a command port, unless it tells Novatel's snapshot: that has level, EV-DO revision and roaming in one,
 * also during a call, and no command tells the revision.
 */
function* openSecond(): Script<boolean> {
  if ((yield* diagnostic.snapshot()) !== undefined) return false;
  for (let i = 1; i <= SECOND_TRIES; i++) {
    if ((yield* at('AT$NWDMAT=1', { port: 'data' })).ok) return true;
    if (i < SECOND_TRIES) yield* wait(SECOND_WAIT_MS);
  }
  return false;
}

const IOTA_TRIES = 24;
const IOTA_WAIT_MS = 5000;

/** Sprint's activation over IOTA: begun, then asked until it is through, two minutes at most. */
function* iota(): Script<AtAnswer> {
  const begun = yield* at('AT+IOTA=1', { timeoutMs: 30_000 });
  if (!begun.ok) return begun;
  for (let i = 0; i < IOTA_TRIES; i++) {
    yield* wait(IOTA_WAIT_MS);
    const now = yield* at('AT+IOTA?');
    if (/IOTA Enabled/i.test(now.lines.join('\n'))) return now;
  }
  return noAnswer('the network did not finish the activation within two minutes');
}

function* byHand(how: { readonly spc: string; readonly mdn: string; readonly min: string }): Script<AtAnswer> {
  return wrongNumbers(how) ?? (yield* at(`AT$NWACTIVATION=${how.spc},${how.mdn},${how.min}`, { secret: true, timeoutMs: 30_000 }));
}

/** Merlin EX720 and V740. */
export const novatelCdma = ({ overTheAir }: NovatelCdmaOptions): Dialect => ({
  name: 'novatel-cdma', system: 'cdma',
  init: [{ line: 'ATE0V1&F&D2&C1&C2S0=0', port: 'data' }, { line: 'ATS7=60', port: 'data' }, { line: 'ATE0' }],
  identity: () => identify(function* () { return { phone: yield* phone() }; }),
  registration, signal, technology, networkTypes, setNetworkType, dial: packetCall, openSecond,
  *release() { yield* at('AT$NWDMAT=0', { port: 'data' }); },
  *activate(how) {
    if (how.kind === 'manual') return yield* byHand(how);
    return overTheAir === 'iota' && how.code === undefined ? yield* iota() : yield* activateByCall(how.code);
  },
  report: line => storedReport(line) ?? (passedOver.test(line) ? { ignored: true } : undefined),
});
