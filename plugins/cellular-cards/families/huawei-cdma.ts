import { at, type AtAnswer, type Dialect, type NetworkTypes, type Pin, type Registration, type Report, type Script, type Signal, type Technology } from '../../../sdk/index.ts';
import { noAnswer } from '../core/at/results.ts';
import { activateByCall, identify, notManual, type Numbers, packetCall, passedOver } from './cdma.ts';
import { modeReport, technologyOfMode } from './parse/huawei.ts';
import { imsiOf } from './parse/identity.ts';
import { parameter } from './parse/lines.ts';
import { storedReport } from './parse/messages.ts';
import { attemptsIn, pinOf, pinState } from './parse/pin.ts';
import * as diagnostic from './parse-cdma/diagnostic.ts';
import { parseEsn } from './parse-cdma/esn.ts';
import { MODE_1X, MODE_HDR, MODE_HYBRID, parsePrefmode, parsePrefmodes, parseSignal, parseSysinfo, type SystemInfo } from './parse-cdma/huawei.ts';
import { both, parseCsq } from './parse-cdma/level.ts';
import { parseBare } from './parse-cdma/novatel.ts';
import { parseCss, stateOf } from './parse-cdma/service.ts';
import { networkOf } from './parse-cdma/sid.ts';

export interface HuaweiCdmaOptions { /** False: the radio has 1x only, and is not asked for EV-DO. */ readonly evdo?: boolean }

function* sysinfo(): Script<SystemInfo | undefined> { return parseSysinfo((yield* at('AT^SYSINFO')).lines); }

/** The EV-DO level; undefined: there is none, so the card is on 1x. */
function* hdrLevel(): Script<Signal | undefined> {
  for (const line of ['AT^HDRRSSI', 'AT^HDRCSQLVL']) {
    const level = parseSignal((yield* at(line)).lines);
    if (level !== undefined && level.bars > 0) return level;
  }
  return undefined;
}

/** ^SYSINFO's mode. 8, both at once, says nothing by itself: EV-DO carries the data where it has a level. Without a submode the diagnostic port knows the revision. */
function* technologyIn(info: SystemInfo | undefined, evdo: boolean): Script<Technology | undefined> {
  if (info === undefined) return (yield* diagnostic.radio())?.technology;
  if (!info.service) return undefined;
  if (info.anyRevision) return yield* diagnostic.hdrRevision();
  if (info.technology !== undefined || info.mode !== MODE_HYBRID) return info.technology;
  return !evdo || (yield* hdrLevel()) === undefined ? '1xRTT' : yield* diagnostic.hdrRevision();
}

function* registration(evdo: boolean): Script<Registration> {
  const info = yield* sysinfo();
  if (info === undefined) return yield* diagnostic.registration();
  const technology = yield* technologyIn(info, evdo);
  const sid = info.service ? (parseCss((yield* at('AT+CSS?')).lines)?.sid ?? (yield* diagnostic.sid())) : undefined;
  return { state: stateOf(info.service, info.roaming ? 'roaming' : 'home'), ...networkOf(sid), technology };
}

/** The level of each radio that has one. 1x has none while EV-DO alone is on. */
function* signal(evdo: boolean): Script<Signal | undefined> {
  const info = yield* sysinfo();
  const hdr = evdo && info?.mode !== MODE_1X ? yield* hdrLevel() : undefined;
  if (hdr !== undefined && info?.mode === MODE_HDR) return hdr;
  const plain = parseSignal((yield* at('AT^CSQLVL')).lines);
  if (hdr !== undefined) return both(hdr, plain !== undefined && plain.bars > 0 ? plain : undefined);
  return plain ?? parseCsq((yield* at('AT+CSQ')).lines) ?? (yield* diagnostic.pilotSignal());
}

/** Cards whose number is in their own memory know no SIM and answer plain ERROR. */
function* pin(): Script<Pin> {
  const answer = yield* at('AT+CPIN?');
  if (!answer.ok && answer.error === undefined && /ERROR|SUPPORT/i.test(answer.final)) return { state: 'not applicable', attempts: undefined };
  const state = pinState(answer);
  return pinOf(state, state === 'pin' || state === 'puk' ? attemptsIn((yield* at('AT^CPIN?')).lines) : undefined);
}

/** With an R-UIM AT+GSN answers the number of that, not of the card. */
function* numbers(): Script<Numbers> {
  const ruim = (yield* pin()).state === 'ready';
  const meid = parseEsn((yield* at('AT^MEID')).lines)?.meid;
  const imsi = imsiOf((yield* at('AT+CIMI')).lines);
  const mdn = /^\+?\d{6,15}$/.exec(parseBare((yield* at('AT^MDN')).lines, '^MDN') ?? '')?.[0];
  return { ruim, meid, imsi, phone: mdn };
}

/** Beside 8 (both), 2 and 4 only say which goes first. */
const titles = (both: boolean): Readonly<Record<number, string>> => ({ [MODE_HYBRID]: 'Automatic', [MODE_1X]: both ? '1xRTT preferred' : '1xRTT only', [MODE_HDR]: both ? 'EV-DO preferred' : 'EV-DO only' });

function* networkTypes(evdo: boolean): Script<NetworkTypes> {
  if (!evdo) return { now: String(MODE_1X), choices: [{ id: String(MODE_1X), title: '1xRTT only' }], fixed: 'This card has one radio.' };
  const modes = parsePrefmodes((yield* at('AT^PREFMODE=?')).lines) ?? [];
  const now = parsePrefmode((yield* at('AT^PREFMODE?')).lines);
  const title = titles(modes.includes(MODE_HYBRID));
  return {
    now: now === undefined ? undefined : String(now), choices: modes.toSorted((a, b) => b - a).map(m => ({ id: String(m), title: title[m]! })),
    ...(modes.length > 1 ? {} : { fixed: 'This card offers no choice.' }),
  };
}

function* setNetworkType(id: string): Script<AtAnswer> {
  return /^[248]$/.test(id) ? yield* at(`AT^PREFMODE=${id}`, { timeoutMs: 15_000 }) : noAnswer('this card has no such network type');
}

function report(line: string, evdo: boolean): Report | undefined {
  const level = parseSignal([line]);
  if (level !== undefined) return { signal: level };
  const mode = modeReport(line);
  if (mode !== undefined) {
    const technology = mode.sysMode === MODE_HYBRID && !evdo ? '1xRTT' : technologyOfMode(mode.tech);
    return technology === undefined ? { ignored: true } : { technology };
  }
  return storedReport(line) ?? (passedOver.test(line) ? { ignored: true } : undefined);
}

/** EC321, EC360, EC500, EC300. */
export const huaweiCdma = ({ evdo = true }: HuaweiCdmaOptions = {}): Dialect => ({
  name: 'huawei-cdma', system: 'cdma',
  init: [{ line: 'ATZ', port: 'data' }, { line: 'ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0', port: 'data' }, { line: 'ATE0', port: 'data' }, { line: 'ATE0' }, { line: 'AT^CURC=1' }],
  identity: () => identify(numbers),
  pin,
  enterPin: code => at(`AT+CPIN=${parameter(code)}`, { secret: true }),
  enterPuk: (puk, code) => at(`AT+CPIN=${parameter(puk)},${parameter(code)}`, { secret: true }),
  registration: () => registration(evdo), signal: () => signal(evdo),
  *technology() { return yield* technologyIn(yield* sysinfo(), evdo); },
  networkTypes: () => networkTypes(evdo), ...(evdo ? { setNetworkType } : {}),
  dial: packetCall,
  *radio(on) { yield* at(`AT^RFSWITCH=${on ? 1 : 0}`); },
  *reset() { yield* at('AT^RESET'); },
  *activate(how) { return how.kind === 'ota' ? yield* activateByCall(how.code) : notManual; },
  report: line => report(line, evdo),
  messages: 'huawei-cdma',
});
