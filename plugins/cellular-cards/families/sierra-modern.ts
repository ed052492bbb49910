import { type Dialect, type Script, type Signal, type Technology, at } from '../../../sdk/index.ts';
import { withQualcommLogin } from './login.ts';
import { currentTechnology, generalStatus } from './parse/sierra.ts';
import { signalOf } from './parse/signal.ts';
import { technologyOfWord } from './parse/technology.ts';
import { setSierraNetworkType, sierraBands, sierraNetworkTypes } from './sierra-gsm.ts';
import { identify, linesOf, pinWith, registrationWith, signalByCesq, SIM_ICCID, technologyOfCarrier, threeGpp } from './three-gpp.ts';

function* signal(): Script<Signal | undefined> {
  const status = generalStatus(yield* linesOf('AT!GSTATUS?'));
  if (status?.rsrpDbm !== undefined) return signalOf(/^NR|5G/i.test(status.systemMode ?? '') ? 'NR SS-RSRP' : 'LTE RSRP', status.rsrpDbm, '!GSTATUS', status.rsrqDb);
  if (status?.rssiDbm !== undefined) return signalOf('UMTS RSSI', status.rssiDbm, '!GSTATUS');
  return yield* signalByCesq();
}

function* technology(): Script<Technology | undefined> {
  return technologyOfWord(generalStatus(yield* linesOf('AT!GSTATUS?'))?.systemMode) ?? technologyOfWord(currentTechnology(yield* linesOf('AT*CNTI=0'), '*CNTI')) ?? (yield* technologyOfCarrier());
}

/** Sierra's modules for LTE and 5G (EM, MC, RC series). */
export const sierraModern: Dialect = threeGpp({
  name: 'sierra-modern',
  identity: identify(['AT!ICCID?', SIM_ICCID, 'AT+ICCID']),
  pin: pinWith('AT+CPINC?'),
  registration: registrationWith('+C5GREG', '+CEREG', '+CGREG', '+CREG'),
  signal, technology,
  networkTypes: sierraNetworkTypes, setNetworkType: setSierraNetworkType, bands: sierraBands,
  context: withQualcommLogin('$QCPDPP'),
  *reset() { yield* at('AT!RESET', { timeoutMs: 10_000 }); },
});
