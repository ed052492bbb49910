import type { Band, Dialect, NetworkTypes, Script } from '../../../sdk/index.ts';
import { withLogin } from './login.ts';
import { numbers, parameter } from './parse/lines.ts';
import { bandsSelected, radioChoice } from './parse/ublox.ts';
import { choose, fieldsOf, identify, linesOf, pinWith, SIM_ICCID, standardReport, threeGpp, typesOf } from './three-gpp.ts';

/** <AcT> of +URAT, and what goes first where there is a choice. */
const radios: Readonly<Record<number, string>> = { 0: '2G only', 1: '2G and 3G', 2: '3G only', 3: 'LTE only', 4: 'Automatic', 5: '2G and LTE', 6: '3G and LTE', 7: 'LTE-M', 8: 'NB-IoT', 9: '2G and NB-IoT' };

function* networkTypes(): Script<NetworkTypes> {
  const now = radioChoice(yield* linesOf('AT+URAT?'));
  const legal = numbers((yield* fieldsOf('AT+URAT=?', '+URAT'))[0] ?? '');
  return typesOf(now?.rat.toString(), legal.flatMap(n => (radios[n] === undefined ? [] : [{ id: String(n), title: radios[n]! }])));
}

function* bands(): Script<readonly Band[]> {
  const mhz = (bandsSelected(yield* linesOf('AT+UBANDSEL?'))?.['bands'] ?? []) as readonly number[];
  return mhz.map(n => ({ id: String(n), title: `${n} MHz`, on: true }));
}

/** TOBY, LARA and SARA. */
export const ublox: Dialect = threeGpp({
  name: 'ublox',
  identity: identify(['AT+CCID', SIM_ICCID]),
  pin: pinWith('AT+UPINCNT'),
  networkTypes, bands,
  setNetworkType: id => choose(n => `AT+URAT=${n}`, id),
  context: withLogin((l, auth) => `AT+UAUTHREQ=${l.cid},${auth},${parameter(l.user)},${parameter(l.password)}`, l => `AT+UAUTHREQ=${l.cid},0`),
  report: line => (/^\+U(REG|UPSD[AD]|USTS)\b/i.test(line) ? { ignored: true } : standardReport(line)),
});
