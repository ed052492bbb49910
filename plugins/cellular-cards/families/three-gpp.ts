import { type AtAnswer, at, type Dialect, type Identity, type NetworkType, type NetworkTypes, type Pin, type Registration, type Report, type Script, type Signal, type Technology } from '../../../sdk/index.ts';
import { defineContext } from './login.ts';
import { currentCarrier } from './parse/carriers.ts';
import { packetEvent } from './parse/context.ts';
import { equipment, iccidIn, identityBlock, imeiOf, imsiOf, modelName, ownNumbers, revisionOf } from './parse/identity.ts';
import { fields, int, numbers, after, some } from './parse/lines.ts';
import { messageReport } from './parse/messages.ts';
import { attemptsIn, pinOf, pinState } from './parse/pin.ts';
import { bestRegistration, registrationLine, registrationLines, stateOf } from './parse/registration.ts';
import { cesq, signalOfCsq, signalOfExtended } from './parse/signal.ts';

/** The lines of an answer; none when the card refused. */
export function* linesOf(line: string, timeoutMs = 5000): Script<readonly string[]> {
  const answer = yield* at(line, { timeoutMs });
  return answer.ok ? answer.lines : [];
}

export const SIM_ICCID = 'AT+CRSM=176,12258,0,0,10';

/** Who the card is: ATI, and single questions for what it left out. `iccid`: commands for the SIM's number, best first. */
export const identify = (iccid: readonly string[] = [SIM_ICCID]) => function* (): Script<Identity> {
  const block = identityBlock(yield* linesOf('ATI'));
  const maker = block.manufacturer ?? some((yield* linesOf('AT+CGMI'))[0]?.replace(/^\+CGMI:\s*/i, ''));
  const model = block.model ?? modelName((yield* linesOf('AT+CGMM'))[0]);
  const revision = block.revision ?? revisionOf((yield* linesOf('AT+CGMR'))[0]).revision;
  const imei = equipment(yield* linesOf('AT+CGSN')).imei ?? imeiOf(block.imei);
  const imsi = imsiOf(yield* linesOf('AT+CIMI'));
  let card: string | undefined;
  for (const command of iccid) card ??= iccidIn(yield* linesOf(command));
  const phone = ownNumbers(yield* linesOf('AT+CNUM'))[0];
  return { maker: maker ?? '', model: model ?? '', revision: revision ?? '', imei, imsi, iccid: card, phone };
};

/** State and attempts left. `counters`: commands that tell them, best first; the last resort asks the SIM itself. Spends no attempt. */
export const pinWith = (...counters: readonly string[]) => function* (): Script<Pin> {
  const state = pinState(yield* at('AT+CPIN?'));
  if (state !== 'pin' && state !== 'puk' && state !== 'ready') return pinOf(state, undefined);
  for (const command of [...counters, 'AT+CSIM=10,"0020000100"']) {
    const attempts = attemptsIn(yield* linesOf(command));
    if (attempts !== undefined) return pinOf(state, attempts);
  }
  return pinOf(state, undefined);
};

/** `queries`: registration commands, those of packets first; the first that says home or roaming ends the questions. */
export const registrationWith = (...queries: readonly string[]) => function* (): Script<Registration> {
  const all = [];
  for (const query of queries) {
    all.push(...registrationLines(yield* linesOf(`AT${query}?`), true));
    if (['home', 'roaming'].includes(stateOf(bestRegistration(all)))) break;
  }
  const best = bestRegistration(all);
  const where = { state: stateOf(best), area: best?.lac, cell: best?.ci };
  if (where.state !== 'home' && where.state !== 'roaming') return where;
  const named = currentCarrier(yield* linesOf('AT+COPS=3,0;+COPS?'));
  const numbered = currentCarrier(yield* linesOf('AT+COPS=3,2;+COPS?'));
  return { ...where, carrier: named?.operator ?? numbered?.operator, network: numbered?.plmn ?? named?.plmn, technology: best?.act ?? numbered?.act ?? named?.act };
};

export function* technologyOfCarrier(): Script<Technology | undefined> { return currentCarrier(yield* linesOf('AT+COPS?'))?.act; }

export function* signalByCsq(): Script<Signal | undefined> { return signalOfCsq(yield* linesOf('AT+CSQ')); }
/** What LTE measures, where the card can tell; else the plain level. */
export function* signalByCesq(): Script<Signal | undefined> { return signalOfExtended(cesq(yield* linesOf('AT+CESQ')), '+CESQ') ?? (yield* signalByCsq()); }

/** <n> of +WS46 (TS 27.007 §5.9). */
const ws46: Readonly<Record<number, string>> = {
  12: '2G only', 22: '3G only', 25: 'Automatic', 28: 'LTE only', 29: '2G and 3G', 30: '2G and LTE', 31: '3G and LTE', 36: '5G only', 37: 'LTE and 5G', 38: '3G, LTE and 5G', 40: '2G, LTE and 5G', 35: '2G, 3G and 5G',
};
function* networkTypes(): Script<NetworkTypes> {
  const choices = numbers(after(yield* linesOf('AT+WS46=?'), '+WS46') ?? '').flatMap((n): NetworkType[] => (ws46[n] === undefined ? [] : [{ id: String(n), title: ws46[n]! }]));
  const now = int(after(yield* linesOf('AT+WS46?'), '+WS46'));
  return choices.length > 0 ? { now: now?.toString(), choices } : { now: undefined, choices, fixed: 'the card does not say what it can be set to' };
}

/** A list from the card, or why there is none. */
export const typesOf = (now: string | undefined, choices: readonly NetworkType[]): NetworkTypes =>
  (choices.length > 0 ? { now, choices } : { now, choices, fixed: 'the card does not say what it can be set to' });

/** A choice comes from the card's list, yet a form can send anything: what is no plain word sets nothing. */
export function* choose(line: (id: string) => string, id: string, options: { readonly port?: 'data'; readonly timeoutMs?: number } = {}): Script<AtAnswer> {
  if (!/^[\w,:-]{1,40}$/.test(id)) return { ok: false, final: 'ERROR', lines: [`${id}: not one of the card's network types`], error: undefined };
  return yield* at(line(id), { timeoutMs: 15_000, ...options });
}

/** Digits only: a PIN never ends a string. */
function* enterPin(pin: string): Script<AtAnswer> {
  if (!/^\d{4,8}$/.test(pin)) return { ok: false, final: 'ERROR', lines: ['a PIN has 4 to 8 digits'], error: undefined };
  return yield* at(`AT+CPIN="${pin}"`, { secret: true, timeoutMs: 20_000 });
}
function* enterPuk(puk: string, pin: string): Script<AtAnswer> {
  if (!/^\d{8}$/.test(puk) || !/^\d{4,8}$/.test(pin)) return { ok: false, final: 'ERROR', lines: ['a PUK has 8 digits, a PIN 4 to 8'], error: undefined };
  return yield* at(`AT+CPIN="${puk}","${pin}"`, { secret: true, timeoutMs: 20_000 });
}

function* run(line: string, timeoutMs: number): Script<void> { yield* at(line, { timeoutMs }); }

/** What standard reports tell (TS 27.007, 27.005). Area and cell of voice come too; its state does not speak for packets. */
export function standardReport(line: string): Report | undefined {
  const registered = registrationLine(line, false);
  if (registered !== undefined) {
    const state = stateOf(registered);
    const place = { ...(registered.lac === undefined ? {} : { area: registered.lac }), ...(registered.ci === undefined ? {} : { cell: registered.ci }) };
    const registration = registered.domain === 'CREG' && state !== 'denied' ? place : { ...place, state };
    return { registration, ...(registered.act === undefined ? {} : { technology: registered.act }) };
  }
  const message = messageReport(line);
  if (message !== undefined) return message;
  const event = packetEvent([line]);
  if (event !== undefined) return event.event.endsWith('-detach') ? { registration: { state: 'idle' } } : { ignored: true };
  if (/^(\+(PACSP\d*|CIEV|CTZ[VE]|CLIP|CRING|STIN|CPIN|CBM|CUSD|CMT|CDSI?|CSSI|CSSU)\b|RING\b|RDY\b|(APP|SMS|CALL|PB) (RDY|READY|DONE)\b)/i.test(line)) return { ignored: true };
  return undefined;
}

/** For lines with a level on the scale of +CSQ under another tag. */
export const levelReport = (line: string, tag: string): Report | undefined => {
  const signal = signalOfCsq([line], tag);
  return signal === undefined ? undefined : { signal };
};

export const firstContact: Dialect['init'] = [{ line: 'ATE0' }, { line: 'ATV1' }, { line: 'AT+CMEE=1' }, { line: 'ATX4', port: 'data' }, { line: 'AT&C1', port: 'data' }, { line: 'AT&D2', port: 'data' }];
export const askForReports: Dialect['init'] = [{ line: 'AT+CREG=2' }, { line: 'AT+CGREG=2' }];

const base: Omit<Dialect, 'name'> = {
  system: '3gpp',
  init: [...firstContact, { line: 'AT+CFUN=1' }, ...askForReports, { line: 'AT+CEREG=2' }],
  identity: identify(),
  pin: pinWith(),
  enterPin, enterPuk,
  registration: registrationWith('+CEREG', '+CGREG', '+CREG'),
  signal: signalByCesq,
  technology: technologyOfCarrier,
  networkTypes,
  setNetworkType: id => choose(n => `AT+WS46=${n}`, id),
  context: defineContext,
  dial: cid => [`ATD*99***${cid}#`, 'ATD*99#'],
  detach: () => run('AT+CGATT=0', 30_000),
  attach: () => run('AT+CGATT=1', 60_000),
  radio: on => run(on ? 'AT+CFUN=1' : 'AT+CFUN=4', 20_000),
  reset: () => run('AT+CFUN=1,1', 10_000),
  report: standardReport,
};

/** A family's dialect: what 27.007 says, and what the family does in its own way. */
export const threeGpp = (own: Partial<Dialect> & Pick<Dialect, 'name'>): Dialect => ({ ...base, ...own });

/** Any card that keeps to 27.007. */
export const generic3gpp: Dialect = threeGpp({ name: 'generic-3gpp' });

/** Fields of the first line behind a tag; none when the card refused. */
export function* fieldsOf(line: string, tag: string): Script<readonly string[]> {
  const text = after(yield* linesOf(line), tag);
  return text === undefined ? [] : fields(text);
}
