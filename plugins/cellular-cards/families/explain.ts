import { finalOf } from '../core/at/results.ts';
import { currentCarrier, scannedCarriers } from './parse/carriers.ts';
import * as chipsets from './parse/chipsets.ts';
import * as context from './parse/context.ts';
import * as huawei from './parse/huawei.ts';
import * as identity from './parse/identity.ts';
import { type Facts, after, fields, int, numbers, some, strings } from './parse/lines.ts';
import * as novatel from './parse/novatel.ts';
import * as option from './parse/option.ts';
import { attemptsIn, pinState, pinWord, statusWord } from './parse/pin.ts';
import * as quectel from './parse/quectel.ts';
import { registrationLines } from './parse/registration.ts';
import * as sierra from './parse/sierra.ts';
import * as signal from './parse/signal.ts';
import * as simcom from './parse/simcom.ts';
import * as telit from './parse/telit.ts';
import { technologyOfWord } from './parse/technology.ts';
import { cardTime } from './parse/time.ts';
import * as ublox from './parse/ublox.ts';

/** One command of a line: '+COPS', how it was put, and what stood behind the sign. */
interface Asked { readonly tag: string; readonly kind: 'test' | 'query' | 'set' | 'run' | 'report'; readonly rest: string }
type Read = (lines: readonly string[], asked: Asked) => Facts | object | undefined;

const csq: Read = (lines, { tag }) => signal.csq(lines, tag);
const registration: Read = (lines, { kind }) => {
  const all = registrationLines(lines, kind !== 'report');
  return all.length > 1 ? { lines: all } : all[0];
};
const offered = (name: string): Read => (lines, { tag }) => ({ [name]: context.offered(lines, tag) });
const first = (name: string, of: (text: string | undefined) => unknown): Read => lines => ({ [name]: of(lines[0]) });
const power: Readonly<Record<number, string>> = { 0: 'off', 1: 'on', 4: 'low', 5: 'on', 6: 'on', 7: 'low' };
const cntiWord = (tag: '*CNTI' | '$CNTI'): Read => lines => ({ name: sierra.currentTechnology(lines, tag), tech: technologyOfWord(sierra.currentTechnology(lines, tag)) });

const readers: Readonly<Record<string, Read>> = {
  '+CREG': registration, '+CGREG': registration, '+CEREG': registration, '+C5GREG': registration,
  '+COPS': (lines, { kind }) => (kind === 'test' ? scannedCarriers(lines) : currentCarrier(lines)),
  '+CSQ': csq, '^RSSI': csq, '_OSIGQ': csq, '+CESQ': lines => signal.cesq(lines), '+XCESQ': lines => signal.xcesq(lines),
  'I': lines => identity.identityBlock(lines),
  '+CGMI': first('manufacturer', some), '+GMI': first('manufacturer', some), '+CGMM': first('model', identity.modelName), '+GMM': first('model', identity.modelName),
  '+CGMR': lines => identity.revisionOf(lines[0]), '+GMR': lines => identity.revisionOf(lines[0]), '+QGMR': quectel.firmware,
  '+GCAP': lines => ({ gcap: identity.capabilities(lines[0] ?? ''), family: identity.systemOf(identity.capabilities(lines[0] ?? '')) }),
  '+CGSN': lines => identity.equipment(lines), '+CIMI': lines => ({ imsi: identity.imsiOf(lines) }), '+CNUM': lines => ({ numbers: identity.ownNumbers(lines) }),
  '+CRSM': (lines, { rest }) => ({ ...identity.simFile(lines), ...(rest.includes('12258') ? { iccid: identity.iccidIn(lines) } : {}), ...(rest.includes('28486') ? { spn: identity.providerName(identity.simFile(lines)?.hex) } : {}) }),
  '^ICCID': lines => ({ iccid: identity.iccidIn(lines) }), '!ICCID': lines => ({ iccid: identity.iccidIn(lines) }), '+QCCID': lines => ({ iccid: identity.iccidIn(lines) }), '+CCID': lines => ({ iccid: identity.iccidIn(lines) }),
  '+CICCID': lines => ({ iccid: identity.iccidIn(lines) }), '+ICCID': lines => ({ iccid: identity.iccidIn(lines) }), '#CCID': lines => ({ iccid: identity.iccidIn(lines) }),
  '+CPIN': lines => ({ pinState: pinWord(lines) ?? 'unknown' }), '^CPIN': lines => ({ pinState: some(fields(after(lines, '^CPIN') ?? '')[0])?.toLowerCase().replace(/\s+/g, '-'), ...attemptsIn(lines) }),
  '+CPINC': attemptsIn, '+UPINCNT': attemptsIn, '+SPIC': attemptsIn, '#PCT': attemptsIn, '_OERCN': attemptsIn, '$NWPINR': attemptsIn, '+QPINC': quectel.pinCounter, '+CSIM': statusWord,
  '+CLCK': (lines, { rest }) => ({ facility: strings(rest)[0], enabled: int(after(lines, '+CLCK')?.split(',')[0]) === undefined ? undefined : int(after(lines, '+CLCK')?.split(',')[0]) === 1 }),
  '+CFUN': lines => {
    const fun = int(fields(after(lines, '+CFUN') ?? '')[0]);
    return fun === undefined ? undefined : { fun, power: power[fun], mode: { 5: '2G', 6: '3G' }[fun] };
  },
  '+CSCS': lines => ({ charsets: strings(after(lines, '+CSCS') ?? '') }),
  '+CGATT': lines => ({ attached: int(after(lines, '+CGATT')) === undefined ? undefined : int(after(lines, '+CGATT')) === 1 }),
  '+CGDCONT': (lines, { kind, rest }) => (kind === 'test' ? context.contextRange(lines) : kind === 'set' ? { cid: int(fields(rest)[0]), apn: some(fields(rest)[2]) } : { contexts: context.contexts(lines) }),
  '+CGCONTRDP': context.contextDetails, '+CGPADDR': lines => ({ addresses: context.contextAddresses(lines) }), '+CGEV': context.packetEvent,
  '+CPMS': (lines, { kind }) => context.messageStores(lines, kind === 'test' ? 'test' : kind === 'query' ? 'query' : 'set'),
  '+CCLK': lines => cardTime(lines, '+CCLK'), '^NWTIME': lines => cardTime(lines, '^NWTIME'), '^TIME': lines => cardTime(lines, '^TIME'),
  '+WS46': offered('modes'), '+CTZU': offered('options'), '+IFC': chipsets.flowControls, '+CMER': sierra.eventReporting,
  // Sierra
  '!SELRAT': sierra.radioSelection, '!GSTATUS': sierra.generalStatus, '!BAND': lines => ({ profiles: sierra.bandProfiles(lines) }), '!USBPID': sierra.usbIds, '!USBCOMP': sierra.usbComposition,
  '*CNTI': cntiWord('*CNTI'), '$CNTI': cntiWord('$CNTI'),
  // Huawei
  '^SYSINFO': huawei.sysInfo, '^SYSINFOEX': huawei.sysInfoEx, '^MODE': lines => huawei.modeReport(lines[0] ?? ''), '^HCSQ': huawei.hcsq, '^GETPORTMODE': huawei.portModes, '^DHCP': huawei.leased,
  '^SYSCFG': (lines, { kind }) => (kind === 'test' ? huawei.configurable(lines) : huawei.configured(lines)),
  '^SYSCFGEX': (lines, { kind }) => (kind === 'test' ? { orders: huawei.ordersOffered(lines), bands: huawei.masksOfferedEx(lines) } : huawei.configuredEx(lines)),
  '^NDISSTATQRY': lines => huawei.interfaceState(lines, '^NDISSTATQRY'), '^NDISSTAT': lines => huawei.interfaceState(lines, '^NDISSTAT'),
  // Option
  '_OSSYS': lines => ({ sys: option.system(lines, '_OSSYS') }), '_OSSYSI': lines => ({ sys: option.system(lines, '_OSSYSI') }), '_OCTI': lines => ({ tech: option.gsmTechnology(lines) }),
  '_OWCTI': lines => ({ tech: option.umtsTechnology(lines, '_OWCTI') }), '_OUWCTI': lines => ({ tech: option.umtsTechnology(lines, '_OUWCTI') }),
  '_OPSYS': (lines, { kind, rest }) => (kind === 'test' ? { modes: numbers(fields(after(lines, '_OPSYS') ?? '')[0] ?? '') } : option.systemChoice(kind === 'set' ? rest : after(lines, '_OPSYS'))),
  '_OWANCALL': option.callState, '_OWANDATA': option.callData, '_OBLS': lines => ({ ready: option.bootState(lines) }), '_OHCIP': lines => ({ inCall: int(after(lines, '_OHCIP')) === 1 }),
  // Novatel
  '$NWRAT': novatel.radioPreference, '$NWQMISTATUS': novatel.qmiState, '$NWRSSI': lines => ({ rssiDbm: novatel.plainRssi(lines) }),
  // Modern modules and chip sets
  '+QCSQ': quectel.levels, '+QENG': quectel.servingCell, '+QNWINFO': quectel.networkInfo, '+QIACT': quectel.activeContexts,
  '+CPSI': simcom.systemInfo, '+CNMP': simcom.preferredMode, '+CNSMOD': lines => ({ tech: simcom.systemMode(lines) }), '$QCRMCALL': simcom.remoteCall,
  '#RFSTS': telit.radioStatus, '#SERVINFO': telit.servingInfo, '#MONI': telit.monitor, '#QSS': telit.simStatus, '#PSNT': lines => ({ tech: telit.packetNetwork(lines) }),
  '#BND': (lines, { kind }) => (kind === 'test' ? telit.bandsOffered(lines) : telit.bandsSet(lines)),
  '+UIPADDR': ublox.interfaceAddress, '+UBANDSEL': ublox.bandsSelected, '+URAT': ublox.radioChoice,
  '%IPDPADDR': chipsets.iceraAddress, '%IPDPCFG': chipsets.iceraLogins, '+XACT': chipsets.intelAccess, '*E2IPCFG': chipsets.ericssonAddress,
};

/** As +CPIN would say it. */
const simWords: Readonly<Record<string, string>> = { pin: 'sim-pin', puk: 'sim-puk', pin2: 'sim-pin2', puk2: 'sim-puk2', 'no sim': 'not-inserted', 'wrong sim': 'sim-wrong', busy: 'sim-busy', 'network lock': 'ph-net-pin' };

/**
 * What a 3GPP card's answer, or a report (`command` empty), says, by the names of the standards: for people who type commands and for
 * logs that are read back. Undefined: not known. Do not ask it about CDMA cards: the same tags mean other things there.
 */
export function explain(command: string, lines: readonly string[], final: string | undefined): Facts | undefined {
  const error = finalOf(final ?? '', true);
  const asked = askedOf(command, lines);
  if (error !== undefined && !error.ok) {
    const words = (final ?? '').replace(/^\+CM[ES] ERROR\s*:?\s*/i, '');
    const kind = /^\+(CM[ES])/i.exec(final ?? '')?.[1]?.toUpperCase();
    return {
      error: kind ?? final, ...(kind === undefined ? {} : /^\d+$/.test(words) ? { code: Number(words) } : { text: words, ...(error.error === undefined ? {} : { code: error.error }) }),
      ...(asked?.tag === '+CPIN' ? { pinState: simWords[pinState({ lines, error: error.error, final: final ?? '' })] ?? 'unknown' } : {}),
    };
  }
  if (asked === undefined) return lines.length === 0 ? {} : undefined;
  const read = readers[asked.tag]?.(lines, asked);
  return read === undefined ? (lines.length === 0 ? {} : undefined) : (read as Facts);
}

/** The last command of a line is the one that answers: AT+COPS=3,0;+COPS? */
function askedOf(command: string, lines: readonly string[]): Asked | undefined {
  const line = command.trim();
  if (line === '') {
    const tag = /^[+^$!*_#%][A-Z0-9]+/i.exec(lines[0] ?? '')?.[0].toUpperCase();
    return tag === undefined ? undefined : { tag, kind: 'report', rest: '' };
  }
  if (/^ATI\d?$/i.test(line)) return { tag: 'I', kind: 'run', rest: '' };
  const last = /^(?:AT)?\s*([+^$!*_#%][A-Z0-9]+)\s*(=\?|\?|=)?(.*)$/i.exec(line.split(/;(?=[+^$!*_#%])/).at(-1) ?? '');
  return last ? { tag: last[1]!.toUpperCase(), kind: last[2] === '=?' ? 'test' : last[2] === '?' ? 'query' : last[2] === '=' ? 'set' : 'run', rest: last[3] ?? '' } : undefined;
}
