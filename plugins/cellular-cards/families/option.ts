import type { Dialect, NetworkTypes, Pin, Report, Script, Technology } from '../../../sdk/index.ts';
import { withQualcommLogin } from './login.ts';
import { after, fields, numbers } from './parse/lines.ts';
import { bootState, gsmTechnology, system, systemChoice, umtsTechnology } from './parse/option.ts';
import { askForReports, choose, firstContact, identify, levelReport, linesOf, pinWith, registrationWith, signalByCsq, standardReport, technologyOfCarrier, threeGpp, typesOf } from './three-gpp.ts';

/** _OPSYS; 4 is "keep", which is nothing to choose. */
const types = [{ id: '5', title: 'Automatic' }, { id: '0', title: '2G only' }, { id: '1', title: '3G only' }, { id: '2', title: '2G preferred' }, { id: '3', title: '3G preferred' }];

const plainPin = pinWith('AT_OERCN?');
/** READY comes before the card has read the SIM; _OBLS tells when it has. */
function* pin(): Script<Pin> {
  const found = yield* plainPin();
  if (found.state !== 'ready') return found;
  return bootState(yield* linesOf('AT_OBLS'))[0] === 0 ? { ...found, state: 'busy' } : found;
}

function* technology(): Script<Technology | undefined> {
  const where = system(yield* linesOf('AT_OSSYS?'), '_OSSYS');
  if (where === 'UMTS') return umtsTechnology(yield* linesOf('AT_OWCTI?'), '_OWCTI') ?? 'UMTS';
  if (where === 'GPRS') return gsmTechnology(yield* linesOf('AT_OCTI?')) ?? 'GPRS';
  return where === undefined ? yield* technologyOfCarrier() : undefined;
}

function* networkTypes(): Script<NetworkTypes> {
  const offered = fields(after(yield* linesOf('AT_OPSYS=?'), '_OPSYS') ?? '')[0] ?? '';
  const now = systemChoice(after(yield* linesOf('AT_OPSYS?'), '_OPSYS'));
  const legal = numbers(offered);
  return typesOf(now?.mode.toString(), legal.length > 0 ? types.filter(t => legal.includes(Number(t.id))) : now === undefined ? [] : types);
}

/** These come on the application port while PPP runs on the modem port. _OSSYSI: 3 while the network changes is usual. */
function report(line: string): Report | undefined {
  const tech = umtsTechnology([line], '_OUWCTI') ?? umtsTechnology([line], '_OWCTI') ?? gsmTechnology([line]);
  if (tech !== undefined) return { technology: tech };
  return levelReport(line, '_OSIGQ') ?? (/^_O[A-Z]+:/i.test(line) ? { ignored: true } : standardReport(line));
}

/** GlobeTrotter GTMax: Qualcomm firmware, and Icera's, which has the same log-in under another name. */
export const option: Dialect = threeGpp({
  name: 'option',
  init: [...firstContact, { line: 'AT+CFUN=1' }, { line: 'AT_OSQI=1' }, { line: 'AT_OCTI=1' }, { line: 'AT_OUWCTI=1' }, { line: 'AT_OSSYS=1' }, ...askForReports],
  identity: identify(),
  pin,
  registration: registrationWith('+CGREG', '+CREG'),
  signal: signalByCsq, technology, networkTypes,
  setNetworkType: id => choose(n => `AT_OPSYS=${n},2`, id),
  context: withQualcommLogin('$QCPDPP', '_OPDPP'),
  report,
});
