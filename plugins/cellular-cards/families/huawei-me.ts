import type { Band, Dialect, NetworkTypes, Report, Script, Signal, Technology } from '../../../sdk/index.ts';
import { huaweiGsm, huaweiReport } from './huawei-gsm.ts';
import { withLogin } from './login.ts';
import { bandsOf, configuredEx, generations, hcsq, mask, masksOfferedEx, ordersOffered, sysInfoEx } from './parse/huawei.ts';
import { parameter } from './parse/lines.ts';
import { signalOf } from './parse/signal.ts';
import { askForReports, choose, firstContact, identify, linesOf, pinWith, registrationWith, signalByCesq, SIM_ICCID, technologyOfCarrier, threeGpp, typesOf } from './three-gpp.ts';

/** "No change" of bands, roaming, domain and LTE bands. */
const KEEP = '40000000,2,4,40000000,,';

const levelOf = (lines: readonly string[]): Signal | undefined => {
  const found = hcsq(lines);
  if (found === undefined || found.tech === undefined) return undefined;
  if (found.tech === 'NR5G') return signalOf('NR SS-RSRP', found.rsrpDbm, '^HCSQ', found.rsrqDb);
  if (found.rsrpDbm !== undefined) return signalOf('LTE RSRP', found.rsrpDbm, '^HCSQ', found.rsrqDb);
  if (found.rscpDbm !== undefined) return signalOf('UMTS RSCP', found.rscpDbm, '^HCSQ', found.ecioDb);
  return signalOf('GSM RSSI', found.rssiDbm, '^HCSQ');
};
function* signal(): Script<Signal | undefined> { return levelOf(yield* linesOf('AT^HCSQ?')) ?? (yield* signalByCesq()); }

function* technology(): Script<Technology | undefined> {
  const info = sysInfoEx(yield* linesOf('AT^SYSINFOEX'));
  return info === undefined ? yield* technologyOfCarrier() : info.tech;
}

const titleOf = (order: string): string => {
  if (order === '00') return 'Automatic';
  const [first, ...rest] = generations(order);
  return rest.length === 0 ? `${first ?? order} only` : `${first} first, then ${rest.join(', ')}`;
};
function* networkTypes(): Script<NetworkTypes> {
  const orders = ordersOffered(yield* linesOf('AT^SYSCFGEX=?')).filter(o => o !== '99');
  return typesOf(configuredEx(yield* linesOf('AT^SYSCFGEX?'))?.order, orders.map(order => ({ id: order, title: titleOf(order) })));
}

function* bands(): Script<readonly Band[]> {
  const offered = masksOfferedEx(yield* linesOf('AT^SYSCFGEX=?'));
  const now = configuredEx(yield* linesOf('AT^SYSCFGEX?'));
  // The masks of LTE stand behind those of GSM and UMTS and are counted otherwise; names tell them apart.
  const lte = offered.filter(o => /LTE/i.test(o.label));
  const legacy = offered.filter(o => !/LTE/i.test(o.label));
  return [...bandsOf(legacy, now?.bandMask), ...bandsOf(lte, mask(now?.lteMask) === undefined ? undefined : now?.lteMask).map(b => ({ ...b, id: `l${b.id}` }))];
}

function report(line: string): Report | undefined {
  const level = /^\^HCSQ/i.test(line) ? levelOf([line]) : undefined;
  return level === undefined ? huaweiReport(line) : { signal: level };
}

/** ME906, ME909 and sticks of their time. */
export const huaweiMe: Dialect = threeGpp({
  name: 'huawei-me',
  init: [...firstContact, { line: 'AT^CURC=1' }, { line: 'AT+CFUN=1' }, ...askForReports, { line: 'AT+CEREG=2' }],
  identity: identify(['AT^ICCID?', SIM_ICCID]),
  pin: pinWith('AT^CPIN?'),
  registration: registrationWith('+CEREG', '+CGREG', '+CREG'),
  signal, technology, networkTypes, bands,
  setNetworkType: id => choose(order => `AT^SYSCFGEX="${order}",${KEEP}`, id),
  context: withLogin((l, auth) => `AT^AUTHDATA=${l.cid},${auth},"",${parameter(l.password)},${parameter(l.user)}`, l => `AT^AUTHDATA=${l.cid},0`),
  ...(huaweiGsm.reset === undefined ? {} : { reset: huaweiGsm.reset }),
  report,
});
