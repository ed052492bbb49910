import type { Band, Dialect, NetworkTypes, Script, Signal, Technology } from '../../../sdk/index.ts';
import { withLogin } from './login.ts';
import { int, parameter } from './parse/lines.ts';
import { bandsOn, levels, networkInfo } from './parse/quectel.ts';
import { signalOf } from './parse/signal.ts';
import { technologyOfWord } from './parse/technology.ts';
import { choose, fieldsOf, identify, linesOf, pinWith, registrationWith, signalByCesq, SIM_ICCID, technologyOfCarrier, threeGpp, typesOf } from './three-gpp.ts';

/** +QNWPREFCFG="mode_pref" of 5G modules, and "nwscanmode" of those before. */
const preferences = [
  { id: 'AUTO', title: 'Automatic' }, { id: 'NR5G', title: '5G only' }, { id: 'LTE:NR5G', title: 'LTE and 5G' }, { id: 'LTE', title: 'LTE only' }, { id: 'WCDMA:LTE', title: '3G and LTE' }, { id: 'WCDMA', title: '3G only' },
];
const scanModes = [{ id: '0', title: 'Automatic' }, { id: '3', title: 'LTE only' }, { id: '2', title: '3G only' }, { id: '1', title: '2G only' }];

function* signal(): Script<Signal | undefined> {
  const found = levels(yield* linesOf('AT+QCSQ')) as { readonly tech?: string; readonly rsrpDbm?: number; readonly rsrqDb?: number; readonly rscpDbm?: number; readonly ecioDb?: number; readonly rssiDbm?: number } | undefined;
  if (found === undefined) return yield* signalByCesq();
  if (found.tech === 'NR5G') return signalOf('NR SS-RSRP', found.rsrpDbm, '+QCSQ', found.rsrqDb);
  if (found.rsrpDbm !== undefined) return signalOf('LTE RSRP', found.rsrpDbm, '+QCSQ', found.rsrqDb);
  if (found.rscpDbm !== undefined) return signalOf('UMTS RSCP', found.rscpDbm, '+QCSQ', found.ecioDb);
  return signalOf('GSM RSSI', found.rssiDbm, '+QCSQ');
}

function* technology(): Script<Technology | undefined> {
  const info = networkInfo(yield* linesOf('AT+QNWINFO'));
  return info === undefined ? yield* technologyOfCarrier() : technologyOfWord(info.tech as string | undefined);
}

function* networkTypes(): Script<NetworkTypes> {
  const [name, ...order] = yield* fieldsOf('AT+QNWPREFCFG="mode_pref"', '+QNWPREFCFG');
  if (name !== undefined) return typesOf(order.join(':').toUpperCase(), preferences);
  const scan = int((yield* fieldsOf('AT+QCFG="nwscanmode"', '+QCFG'))[1]);
  return typesOf(scan?.toString(), scan === undefined ? [] : scanModes);
}

function* bands(): Script<readonly Band[]> { return bandsOn(yield* linesOf('AT+QCFG="band"')); }

/** EC2x, EG, EM and RM modules. */
export const quectel: Dialect = threeGpp({
  name: 'quectel',
  identity: identify(['AT+QCCID', SIM_ICCID]),
  pin: pinWith('AT+QPINC?'),
  registration: registrationWith('+C5GREG', '+CEREG', '+CGREG', '+CREG'),
  signal, technology, networkTypes, bands,
  setNetworkType: id => choose(n => (/^\d+$/.test(n) ? `AT+QCFG="nwscanmode",${n},1` : `AT+QNWPREFCFG="mode_pref",${n}`), id),
  context: withLogin((l, auth) => `AT+QICSGP=${l.cid},1,${parameter(l.apn)},${parameter(l.user)},${parameter(l.password)},${auth}`, l => `AT+QICSGP=${l.cid},1,${parameter(l.apn)},"","",0`),
});
