import { type Band, type Dialect, type Script, type Signal, type Technology, at } from '../../../sdk/index.ts';
import { withLogin } from './login.ts';
import { parameter } from './parse/lines.ts';
import { signalOf } from './parse/signal.ts';
import { bandsOffered, bandsSet, gsmBands, packetNetwork, radioStatus } from './parse/telit.ts';
import { technologyOfWord } from './parse/technology.ts';
import { identify, linesOf, pinWith, signalByCesq, SIM_ICCID, standardReport, technologyOfCarrier, threeGpp } from './three-gpp.ts';

function* signal(): Script<Signal | undefined> {
  const found = radioStatus(yield* linesOf('AT#RFSTS')) as { readonly tech?: string; readonly rsrpDbm?: number; readonly rsrqDb?: number; readonly rscpDbm?: number; readonly ecioDb?: number; readonly rssiDbm?: number } | undefined;
  if (found?.rsrpDbm !== undefined) return signalOf('LTE RSRP', found.rsrpDbm, '#RFSTS', found.rsrqDb);
  if (found?.rscpDbm !== undefined) return signalOf('UMTS RSCP', found.rscpDbm, '#RFSTS', found.ecioDb);
  if (found?.rssiDbm !== undefined) return signalOf('GSM RSSI', found.rssiDbm, '#RFSTS');
  return yield* signalByCesq();
}

function* technology(): Script<Technology | undefined> { return technologyOfWord(packetNetwork(yield* linesOf('AT#PSNT?'))) ?? (yield* technologyOfCarrier()); }

/** GSM bands come as an index into fixed sets, UMTS and LTE bands as numbers that only the module's manual explains: those are shown as they are. */
function* bands(): Script<readonly Band[]> {
  const offered = bandsOffered(yield* linesOf('AT#BND=?'));
  const now = bandsSet(yield* linesOf('AT#BND?'));
  return [
    ...(offered?.gsm ?? []).flatMap(n => (gsmBands[n] === undefined ? [] : [{ id: `g${n}`, title: gsmBands[n]!, on: now?.gsm === n }])),
    ...(offered?.umts ?? []).map(n => ({ id: `u${n}`, title: `UMTS set ${n}`, on: now?.umts === n })),
    ...(now?.lte === undefined ? [] : [{ id: `l${now.lte}`, title: `LTE mask ${now.lte}`, on: true }]),
  ];
}

/** LE, LM, LN, FN and FE modules. */
export const telit: Dialect = threeGpp({
  name: 'telit',
  identity: identify(['AT#CCID', SIM_ICCID]),
  pin: pinWith('AT#PCT'),
  signal, technology, bands,
  context: withLogin((l, auth) => `AT#PDPAUTH=${l.cid},${auth},${parameter(l.user)},${parameter(l.password)}`, l => `AT#PDPAUTH=${l.cid},0`),
  *reset() { yield* at('AT#REBOOT', { timeoutMs: 10_000 }); },
  report: line => (/^#(QSS|PSNT|RING)\b/i.test(line) ? { ignored: true } : standardReport(line)),
});
