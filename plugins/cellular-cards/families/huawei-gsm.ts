import { type Band, type Dialect, type NetworkTypes, type Registration, type Report, type Script, type Technology, at } from '../../../sdk/index.ts';
import { defineContext } from './login.ts';
import { bandsOf, configurable, configured, modeReport, sysInfo, technologyOfMode } from './parse/huawei.ts';
import { askForReports, choose, firstContact, identify, levelReport, linesOf, pinWith, registrationWith, signalByCsq, SIM_ICCID, standardReport, technologyOfCarrier, threeGpp, typesOf } from './three-gpp.ts';

/** Mode and order of ^SYSCFG in one: what may be chosen. */
const types = [
  { id: '2,0', title: 'Automatic', mode: 2, order: 0 }, { id: '2,1', title: '2G preferred', mode: 2, order: 1 }, { id: '2,2', title: '3G preferred', mode: 2, order: 2 },
  { id: '13,0', title: '2G only', mode: 13, order: 0 }, { id: '14,0', title: '3G only', mode: 14, order: 0 },
];
/** "No change" of bands, roaming and domain. */
const KEEP = '40000000,2,4';

const plainRegistration = registrationWith('+CGREG', '+CREG');
function* registration(): Script<Registration> {
  const found = yield* plainRegistration();
  if (found.state !== 'unknown') return found;
  const info = sysInfo(yield* linesOf('AT^SYSINFO'));
  return info?.srvStatus === 2 ? { ...found, state: info.roaming === 1 ? 'roaming' : 'home' } : { ...found, state: info === undefined ? 'unknown' : 'searching' };
}

function* technology(): Script<Technology | undefined> {
  const info = sysInfo(yield* linesOf('AT^SYSINFO'));
  if (info === undefined) return yield* technologyOfCarrier();
  return technologyOfMode(info.tech);
}

function* networkTypes(): Script<NetworkTypes> {
  const offered = configurable(yield* linesOf('AT^SYSCFG=?'));
  const now = configured(yield* linesOf('AT^SYSCFG?'));
  const choices = offered === undefined ? [] : types.filter(t => offered.modes.includes(t.mode) && (t.order === 0 || offered.acq.includes(t.order))).map(({ id, title }) => ({ id, title }));
  return typesOf(now === undefined ? undefined : `${now.mode},${now.mode === 2 ? now.acq ?? 0 : 0}`, choices);
}

function* bands(): Script<readonly Band[]> {
  const offered = configurable(yield* linesOf('AT^SYSCFG=?'))?.bands ?? [];
  return bandsOf(offered, configured(yield* linesOf('AT^SYSCFG?'))?.bandMask);
}

/** Reports of all Huawei cards on GSM and UMTS; what only counts octets or tells of the SIM's menus means nothing to us. */
export function huaweiReport(line: string): Report | undefined {
  const level = levelReport(line, '^RSSI');
  if (level !== undefined) return level;
  const mode = modeReport(line);
  if (mode !== undefined) {
    const tech = technologyOfMode(mode.tech);
    return tech === undefined ? { ignored: true } : { technology: tech };
  }
  return /^\^(DSFLOWRPT|BOOT|SRVST|SIMST|STIN|CSNR|CRSSI|ANLEVEL|EONS|CPBREADY|NDISSTAT|LTERSRP|HCSQ|NWTIME|SMMEMFULL|DDTMF|THERM)\b/i.test(line) ? { ignored: true } : standardReport(line);
}

/** E612, E620, E630. The log-in travels in PPP: they have no command for it. */
export const huaweiGsm: Dialect = threeGpp({
  name: 'huawei-gsm',
  init: [...firstContact, { line: 'AT^CURC=1' }, { line: 'AT^PORTSEL=0' }, { line: 'AT+CFUN=1' }, ...askForReports],
  identity: identify([SIM_ICCID, 'AT^ICCID?']),
  pin: pinWith('AT^CPIN?'),
  registration, signal: signalByCsq, technology, networkTypes, bands,
  setNetworkType: id => choose(n => `AT^SYSCFG=${n},${KEEP}`, id),
  context: defineContext,
  *radio(on) {
    const switched = yield* at(`AT^RFSWITCH=${on ? 1 : 0}`, { timeoutMs: 20_000 });
    if (!switched.ok) yield* at(on ? 'AT+CFUN=1' : 'AT+CFUN=4', { timeoutMs: 20_000 });
  },
  *reset() {
    const done = yield* at('AT^RESET', { timeoutMs: 10_000 });
    if (!done.ok) yield* at('AT+CFUN=1,1', { timeoutMs: 10_000 });
  },
  report: huaweiReport,
});
