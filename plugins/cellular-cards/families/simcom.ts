import { type Band, type Dialect, type NetworkTypes, type Script, type Signal, type Technology, at } from '../../../sdk/index.ts';
import { withLogin } from './login.ts';
import { after, numbers, parameter } from './parse/lines.ts';
import { mask } from './parse/huawei.ts';
import { signalOf } from './parse/signal.ts';
import { preferredMode, systemInfo, systemMode } from './parse/simcom.ts';
import { technologyOfWord } from './parse/technology.ts';
import { choose, fieldsOf, identify, linesOf, pinWith, signalByCesq, SIM_ICCID, technologyOfCarrier, threeGpp, typesOf } from './three-gpp.ts';

/** +CNMP. */
const types = [
  { id: '2', title: 'Automatic' }, { id: '13', title: '2G only' }, { id: '14', title: '3G only' }, { id: '38', title: 'LTE only' }, { id: '48', title: '3G and LTE' }, { id: '51', title: '2G and LTE' }, { id: '54', title: '3G and LTE' },
  { id: '71', title: '5G only' }, { id: '109', title: 'LTE and 5G' },
];

function* signal(): Script<Signal | undefined> {
  const found = systemInfo(yield* linesOf('AT+CPSI?')) as { readonly tech?: string; readonly rsrpDbm?: number; readonly rsrqDb?: number; readonly rscpDbm?: number; readonly rssiDbm?: number } | undefined;
  if (found?.rsrpDbm !== undefined) return signalOf(found.tech === 'NR5G' ? 'NR SS-RSRP' : 'LTE RSRP', found.rsrpDbm, '+CPSI', found.rsrqDb);
  if (found?.rscpDbm !== undefined) return signalOf('UMTS RSCP', found.rscpDbm, '+CPSI');
  if (found?.rssiDbm !== undefined) return signalOf('GSM RSSI', found.rssiDbm, '+CPSI');
  return yield* signalByCesq();
}

function* technology(): Script<Technology | undefined> {
  return technologyOfWord(systemMode(yield* linesOf('AT+CNSMOD?'))) ?? technologyOfWord(systemInfo(yield* linesOf('AT+CPSI?'))?.['tech'] as string | undefined) ?? (yield* technologyOfCarrier());
}

function* networkTypes(): Script<NetworkTypes> {
  const legal = numbers(after(yield* linesOf('AT+CNMP=?'), '+CNMP') ?? '');
  const now = preferredMode(yield* linesOf('AT+CNMP?'))?.cnmp;
  return typesOf(now?.toString(), now === undefined ? [] : types.filter(t => legal.includes(Number(t.id)) || (legal.length === 0 && Number(t.id) < 40)));
}

/** +CNBP?: masks of GSM and UMTS, then of LTE, where bit n is band n + 1. */
function* bands(): Script<readonly Band[]> {
  const lte = mask((yield* fieldsOf('AT+CNBP?', '+CNBP'))[1]) ?? 0n;
  return Array.from({ length: 64 }, (_, i) => i).filter(i => (lte & (1n << BigInt(i))) !== 0n).map(i => ({ id: `l${i + 1}`, title: `LTE B${i + 1}`, on: true }));
}

/** SIM7000, SIM7600, SIM82xx, A76xx. */
export const simcom: Dialect = threeGpp({
  name: 'simcom',
  identity: identify(['AT+CICCID', SIM_ICCID, 'AT+CCID']),
  pin: pinWith('AT+SPIC'),
  signal, technology, networkTypes, bands,
  setNetworkType: id => choose(n => `AT+CNMP=${n}`, id),
  // The password first, as with Qualcomm.
  context: withLogin((l, auth) => `AT+CGAUTH=${l.cid},${auth},${parameter(l.password)},${parameter(l.user)}`, l => `AT+CGAUTH=${l.cid},0`),
  *reset() { yield* at('AT+CRESET', { timeoutMs: 10_000 }); },
});
