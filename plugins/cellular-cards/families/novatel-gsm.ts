import { type Dialect, type NetworkTypes, type Script, type Signal, type Technology, at, wait } from '../../../sdk/index.ts';
import { withQualcommLogin } from './login.ts';
import { plainRssi, radioPreference } from './parse/novatel.ts';
import { currentTechnology } from './parse/sierra.ts';
import { signalOf, signalOfCsq } from './parse/signal.ts';
import { technologyOfWord } from './parse/technology.ts';
import { askForReports, choose, firstContact, identify, linesOf, pinWith, registrationWith, SIM_ICCID, technologyOfCarrier, threeGpp, typesOf } from './three-gpp.ts';

const types = [
  { id: '0,2', title: 'Automatic' }, { id: '1,1', title: '2G only' }, { id: '1,2', title: '2G preferred' }, { id: '2,1', title: '3G only' }, { id: '2,2', title: '3G preferred' },
];
const SECOND_PORT = { tries: 3, pauseMs: 2000 };

function* signal(): Script<Signal | undefined> {
  const plain = signalOfCsq(yield* linesOf('AT+CSQ'));
  if (plain?.dbm !== undefined) return plain;
  const level = plainRssi(yield* linesOf('AT$NWRSSI=1'));
  return level === undefined ? plain : signalOf('UMTS RSSI', level, '$NWRSSI');
}

function* technology(): Script<Technology | undefined> {
  const word = currentTechnology(yield* linesOf('AT$CNTI=0'), '$CNTI');
  return word === undefined ? yield* technologyOfCarrier() : technologyOfWord(word);
}

function* networkTypes(): Script<NetworkTypes> {
  const now = radioPreference(yield* linesOf('AT$NWRAT?'));
  return typesOf(now === undefined ? undefined : now.rat === 0 ? '0,2' : `${now.rat},${now.how}`, now === undefined ? [] : types);
}

/** The second port is a silent diagnostic port until the first wakes it; it may need to be told more than once. */
function* openSecond(): Script<boolean> {
  for (let i = 0; i < SECOND_PORT.tries; i++) {
    if (i > 0) yield* wait(SECOND_PORT.pauseMs);
    if ((yield* at('AT$NWDMAT=1', { port: 'data', timeoutMs: 3000 })).ok) return true;
  }
  return false;
}

/** Merlin U740 and its kin. */
export const novatelGsm: Dialect = threeGpp({
  name: 'novatel-gsm',
  init: [...firstContact, { line: 'AT+CFUN=1' }, ...askForReports],
  identity: identify([SIM_ICCID, 'AT+ICCID?']),
  pin: pinWith('AT$NWPINR?'),
  registration: registrationWith('+CGREG', '+CREG'),
  signal, technology, networkTypes,
  setNetworkType: id => choose(n => `AT$NWRAT=${n}`, id),
  context: withQualcommLogin('$QCPDPP'),
  openSecond,
  *release() { yield* at('AT$NWDMAT=0', { port: 'data', timeoutMs: 3000 }); },
});
