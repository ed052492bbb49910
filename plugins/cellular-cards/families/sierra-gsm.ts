import { type Band, type Dialect, type NetworkTypes, type Script, type Signal, type Technology, at } from '../../../sdk/index.ts';
import { withQualcommLogin } from './login.ts';
import { bandProfiles, bandsOf, currentTechnology, generalStatus, radioSelection, radioSelections } from './parse/sierra.ts';
import { signalOf, signalOfCsq } from './parse/signal.ts';
import { technologyOfWord } from './parse/technology.ts';
import { askForReports, choose, firstContact, identify, linesOf, pinWith, registrationWith, SIM_ICCID, standardReport, technologyOfCarrier, threeGpp, typesOf } from './three-gpp.ts';

/** AT+CFUN=1,0 says OK before the card is ready; commands sent too early fail, or crash it. */
const SETTLE_MS = 10_000;

/** What !SELRAT means on firmware that does not list it. */
const classic = ['Automatic', '3G only', '2G only', '3G preferred', '2G preferred'].map((title, n) => ({ id: String(n), title }));

function* signal(): Script<Signal | undefined> {
  const plain = signalOfCsq(yield* linesOf('AT+CSQ'));
  if (plain?.dbm !== undefined) return plain;
  const level = generalStatus(yield* linesOf('AT!GSTATUS?'))?.rssiDbm;
  return level === undefined ? plain : signalOf('UMTS RSSI', level, '!GSTATUS');
}

function* technology(): Script<Technology | undefined> {
  const word = currentTechnology(yield* linesOf('AT*CNTI=0'), '*CNTI');
  return word === undefined ? yield* technologyOfCarrier() : technologyOfWord(word);
}

export function* sierraNetworkTypes(): Script<NetworkTypes> {
  const now = radioSelection(yield* linesOf('AT!SELRAT?'));
  const listed = radioSelections(yield* linesOf('AT!SELRAT=?'));
  return typesOf(now?.selrat.toString(), listed.length > 0 ? listed : now === undefined ? [] : classic);
}

export function* sierraBands(): Script<readonly Band[]> {
  const offered = bandProfiles(yield* linesOf('AT!BAND=?'));
  const now = bandProfiles(yield* linesOf('AT!BAND?'))[0];
  return bandsOf(offered, now?.index);
}

/** !SELRAT counts in hexadecimal, and is heard on the main port only. */
export const setSierraNetworkType: NonNullable<Dialect['setNetworkType']> = id => choose(n => `AT!SELRAT=${(/^\d{1,3}$/.test(n) ? Number(n) : 0).toString(16).toUpperCase()}`, id, { port: 'data' });

/** AirCards of 2006 to 2008 on GSM and UMTS. */
export const sierraGsm: Dialect = threeGpp({
  name: 'sierra-gsm',
  init: [...firstContact, { line: 'AT+CFUN=1,0', waitMs: SETTLE_MS }, ...askForReports],
  identity: identify([SIM_ICCID, 'AT!ICCID?']),
  pin: pinWith('AT+CPINC?'),
  // Many of them answer +CGREG? with a bare OK.
  registration: registrationWith('+CGREG', '+CREG'),
  signal, technology,
  networkTypes: sierraNetworkTypes, setNetworkType: setSierraNetworkType, bands: sierraBands,
  context: withQualcommLogin('$QCPDPP'),
  dial: cid => [`ATDT*99***${cid}#`, `ATD*99***${cid}#`, 'ATD*99#'],
  *radio(on) { yield* at(on ? 'AT+CFUN=1,0' : 'AT+CFUN=4', { timeoutMs: 20_000 }); },
  *reset() { yield* at('AT!RESET', { timeoutMs: 10_000 }); },
  report: standardReport,
});
