import type { RegistrationState, Technology } from '../../../../sdk/index.ts';
import { after, fields, int } from '../parse/lines.ts';
import { sidOf } from './sid.ts';

/** +CSS: '?, SID' or 'class, band, SID', the tag may be missing. Class 1 or C is cellular 800, 2 or P is PCS. `sid` undefined: no service. */
export function parseCss(lines: readonly string[]): { readonly sid: number | undefined; readonly band: '800' | '1900' | undefined } | undefined {
  const text = after(lines, '+CSS') ?? lines.find(l => /^\s*(\?|\w+\s*,\s*\w+)\s*,\s*\d+\s*$/.test(l));
  if (text === undefined) return undefined;
  const all = fields(text);
  const word = all.length > 2 ? all[0]!.toUpperCase() : '';
  return { sid: sidOf(int(all.at(-1))), band: /^[1C]$/.test(word) ? '800' : /^[2P]$/.test(word) ? '1900' : undefined };
}

/** +CAD: 1 is digital CDMA service; 0 none. */
export const parseCad = (lines: readonly string[]): number | undefined => int(fields(after(lines, '+CAD') ?? '')[0]);

const services: readonly (Technology | undefined)[] = [undefined, '1xRTT', 'EVDO-0', 'EVDO-A'];

/** +SPSERVICE of Sprint's firmware: `service` says whether there is any. */
export function parseSpservice(lines: readonly string[]): { readonly service: boolean; readonly technology: Technology | undefined } | undefined {
  const n = int(after(lines, '+SPSERVICE'));
  return n === undefined || n < 0 || n >= services.length ? undefined : { service: n > 0, technology: services[n] };
}

/** Roaming indicators (TSB-58 and carriers' own) that stand for the home network, its extensions and partners without charge. */
const homeIndicators = new Set([
  1, 76, 77, 92, 98, 99, 100, 101, 116, 122, 123, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 162, 163, 164, 165, 167, 168, 170, 171, 173, 174, 176, 177, 179, 181, 182, 184, 185, 187, 188,
  190, 191, 194, 195, 196, 197, 199, 202, 205, 208, 211, 213, 216, 219, 222, 223, 225, 232, 238, 239,
]);
const LAST_INDICATOR = 239;

/** 'home' or 'roaming' by the (enhanced) roaming indicator; undefined: no indicator. */
export const roamingByEri = (eri: number | undefined): 'home' | 'roaming' | undefined => (eri === undefined || eri < 0 || eri > LAST_INDICATOR ? undefined : homeIndicators.has(eri) ? 'home' : 'roaming');

/** $SPERI: the indicator. */
export const parseSperi = (lines: readonly string[]): number | undefined => int(fields(after(lines, '$SPERI') ?? '')[0]);

/** State from whether there is service and what the indicator says; without one, home. */
export const stateOf = (service: boolean | undefined, roaming?: 'home' | 'roaming'): RegistrationState => (service === undefined ? 'unknown' : service ? (roaming ?? 'home') : 'searching');

/** +CREG as some CDMA modules use it: a SID stands where a 3GPP card has its state. */
export function parseCregOfCdma(lines: readonly string[]): { readonly n: number | undefined; readonly sid: number | undefined; readonly nid: number | undefined; readonly raw4: number | undefined } | undefined {
  const text = after(lines, '+CREG');
  if (text === undefined) return undefined;
  const [n, sid, nid, raw4] = fields(text).map(int);
  return { n, sid: sidOf(sid), nid, raw4 };
}

export interface MobileIp {
  readonly profile: number; readonly valid: boolean; readonly homeIp: string; readonly primaryHa: string; readonly secondaryHa: string;
  /** Who the card says it is; undefined: not set up. */
  readonly nai: string | undefined; readonly dunNai: string | undefined; readonly reverseTunnel: boolean; readonly mnHaSpi: number | undefined; readonly mnAaaSpi: number | undefined;
}

/** $QCMIPGETP: id, valid, home address, two home agents, NAI, dial-up NAI, reverse tunnel, then SPIs, each behind a flag. */
export function parseMobileIp(lines: readonly string[]): MobileIp | undefined {
  for (const line of lines) {
    const all = fields(after([line], '$QCMIPGETP') ?? line);
    const profile = int(all[0]);
    if (profile === undefined || all.length < 8) continue;
    const [, valid, homeIp = '', primaryHa = '', secondaryHa = '', nai = '', dunNai = '', tunnel, , mnHaSpi, , mnAaaSpi] = all;
    return { profile, valid: valid === '1', homeIp, primaryHa, secondaryHa, nai: nai || undefined, dunNai: dunNai || undefined, reverseTunnel: tunnel === '1', mnHaSpi: int(mnHaSpi), mnAaaSpi: int(mnAaaSpi) };
  }
  return undefined;
}

/** +NETPAR: the set of network parameters in use. */
export function parseNetpar(lines: readonly string[]): { readonly set: string } | undefined {
  const [set] = fields(after(lines, '+NETPAR') ?? '');
  return set === undefined || set === '' ? undefined : { set: set === '0' ? 'none' : set };
}
