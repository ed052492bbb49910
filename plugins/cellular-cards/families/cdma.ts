import { at, type AtAnswer, type Dialect, type Identity, type NetworkTypes, type Registration, type Script, type Signal, type Technology } from '../../../sdk/index.ts';
import { noAnswer } from '../core/at/results.ts';
import { storedReport } from './parse/messages.ts';
import { bareWord, type CardBlock, parseCardBlock, parseRevision } from './parse-cdma/card.ts';
import * as diagnostic from './parse-cdma/diagnostic.ts';
import { parseEsn } from './parse-cdma/esn.ts';
import { measured, parseCsq, parseDebug, parseEvcsq1 } from './parse-cdma/level.ts';
import { parseCad, parseCss, parseMobileIp, parseSperi, parseSpservice, roamingByEri, stateOf } from './parse-cdma/service.ts';
import { networkOf } from './parse-cdma/sid.ts';

/** What a card's description adds to the family. */
export interface CdmaOptions {
  readonly name?: string;
  readonly init?: Dialect['init'];
  /** As in `Quirks`. */
  readonly csqSteps?: readonly number[];
}

export const packetCall = (): readonly string[] => ['ATDT#777'];
const notHere = (why: string): AtAnswer => noAnswer(why);

/** ATI, and AT+GMI, +GMM, +GMR for what it leaves out. */
export function* cardBlock(): Script<CardBlock> {
  const block = parseCardBlock((yield* at('ATI')).lines);
  const manufacturer = block.manufacturer ?? bareWord((yield* at('AT+GMI')).lines, '+GMI');
  const model = block.model ?? bareWord((yield* at('AT+GMM')).lines, '+GMM');
  const revision = block.revision ?? parseRevision(bareWord((yield* at('AT+GMR')).lines, '+GMR')).revision;
  return { ...block, manufacturer, model, revision };
}

export interface Numbers { readonly phone?: string | undefined; readonly imsi?: string | undefined; /** AT+GSN answers the R-UIM's number */ readonly ruim?: boolean; readonly meid?: string | undefined }

/**
 * Who the card is. The diagnostic port says the ESN in binary and so wins over what AT+GSN printed; a number of 15 digits is
 * no ESN but an IMEI.
 */
export function* identify(numbers?: () => Script<Numbers>): Script<Identity> {
  const block = yield* cardBlock();
  const printed = parseEsn((yield* at('AT+GSN')).lines) ?? block.esn;
  const own = yield* diagnostic.esn();
  const more: Numbers = numbers ? yield* numbers() : {};
  return {
    maker: block.manufacturer ?? '', model: block.model ?? '', revision: block.revision ?? '',
    esn: own ?? (more.ruim === true ? undefined : (printed?.esn ?? block.esn?.esn)), meid: more.meid ?? printed?.meid ?? block.esn?.meid, imsi: more.imsi, phone: more.phone ?? (yield* phone()),
  };
}

/** The directory number: from the card's memory, or the name it signs in with. */
function* phone(): Script<string | undefined> {
  const mdn = yield* diagnostic.mdn();
  if (mdn !== undefined) return mdn;
  const nai = parseMobileIp((yield* at('AT$QCMIPGETP=0')).lines)?.nai;
  return /^(?!0{10})(\d{10})@/.exec(nai ?? '')?.[1];
}

interface Service { readonly service: boolean | undefined; readonly technology: Technology | undefined; readonly sid: number | undefined }

/** By the diagnostic port, else by +CSS, +CAD and Sprint's +SPSERVICE. CDMA service is 1x at least. */
export function* service(): Script<Service> {
  const radio = yield* diagnostic.radio();
  if (radio !== undefined) return { ...radio, sid: radio.service ? ((yield* diagnostic.sid()) ?? parseCss((yield* at('AT+CSS?')).lines)?.sid) : undefined };
  const css = parseCss((yield* at('AT+CSS?')).lines);
  const sprint = parseSpservice((yield* at('AT+SPSERVICE?')).lines);
  if (sprint !== undefined) return { ...sprint, sid: css?.sid };
  const digital = parseCad((yield* at('AT+CAD?')).lines);
  if (css === undefined && digital === undefined) return { service: undefined, technology: undefined, sid: undefined };
  const here = css?.sid !== undefined && digital !== 0;
  return { service: here, technology: here ? '1xRTT' : undefined, sid: css?.sid };
}

export function* registration(): Script<Registration> {
  const now = yield* service();
  const eri = now.service === true ? parseSperi((yield* at('AT$SPERI?')).lines) : undefined;
  return { state: stateOf(now.service, roamingByEri(eri)), ...networkOf(now.sid), technology: now.technology };
}

/** Pilots first: they can be asked during a call, and mean the same on every card. */
export function* signal(steps: readonly number[] | undefined): Script<Signal | undefined> {
  const pilots = yield* diagnostic.pilotSignal();
  if (pilots !== undefined) return pilots;
  const csq = parseCsq((yield* at('AT+CSQ')).lines, steps);
  if (csq !== undefined) return csq;
  const evdo = parseEvcsq1((yield* at('AT+EVCSQ1')).lines);
  if (evdo !== undefined) return measured({ dbm: evdo, radio: 'EV-DO', source: '+EVCSQ1' });
  const debug = parseDebug((yield* at('AT+VDEBINFO?')).lines);
  return debug?.rssiDbm === undefined ? undefined : measured({ dbm: debug.rssiDbm, radio: '1x', source: '+VDEBINFO' });
}

/** The preference that the card holds, to be read only: writing it means writing the card's memory. */
export function* fixedTypes(): Script<NetworkTypes> {
  const now = yield* diagnostic.modePreference();
  return {
    now: now === 'hybrid' ? 'automatic' : now, choices: [{ id: 'automatic', title: 'Automatic' }, { id: '1x only', title: '1xRTT only' }, { id: 'EV-DO only', title: 'EV-DO only' }],
    fixed: 'This card has no safe command to change its network type.',
  };
}

const OTA_MS = 120_000;
/** Over-the-air activation of most carriers that have it. */
const OTA_NUMBER = '*22899';

/** Calls the carrier's programming centre. The card answers OK, programs itself and drops the call when it is done. */
export function* activateByCall(code = OTA_NUMBER): Script<AtAnswer> {
  if (!/^[*#]?\d{3,15}$/.test(code)) return notHere('this is not a number to call');
  return yield* at(`AT+CDV=${code}`, { timeoutMs: OTA_MS });
}

/** Service code, directory number and mobile id as they must be; otherwise words of what is wrong. */
export function wrongNumbers({ spc, mdn, min }: { readonly spc: string; readonly mdn: string; readonly min: string }): AtAnswer | undefined {
  if (!/^\d{6}$/.test(spc)) return notHere('the service code has six digits');
  if (!/^\d{10}$/.test(mdn) || !/^\d{10}$/.test(min)) return notHere('phone number and mobile id have ten digits each');
  return undefined;
}
export const notManual = notHere('this card cannot be activated by hand');

/** Lines that CDMA cards send and that mean nothing to us. +CREG is among them: its fields are not those of 3GPP. */
export const passedOver = /^(\+CREG|\+CGREG|\+PACSP\d?|\^(BOOT|DSDORMANT|DSFLOWRPT|SRVST|SIMST|STIN|CSNR|CEND|ANLEVEL)|RING)\b/i;

/** A Qualcomm CDMA card without commands of its maker. */
export function cdma({ name = 'cdma', init = [{ line: 'AT&D2&C1S0=0', port: 'data' }, { line: 'ATS7=60', port: 'data' }, { line: 'ATE0' }], csqSteps }: CdmaOptions = {}): Dialect {
  return {
    name, system: 'cdma', init,
    identity: () => identify(),
    registration,
    signal: () => signal(csqSteps),
    *technology() { return (yield* service()).technology; },
    networkTypes: fixedTypes,
    dial: packetCall,
    *activate(how) { return how.kind === 'ota' ? yield* activateByCall(how.code) : notManual; },
    report: line => storedReport(line) ?? (passedOver.test(line) ? { ignored: true } : undefined),
  };
}
