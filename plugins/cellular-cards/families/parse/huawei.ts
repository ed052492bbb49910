import type { Band, Technology } from '../../../../sdk/index.ts';
import { after, allAfter, fields, groups, int, numbers, some } from './lines.ts';

/** System modes of ^SYSINFO and ^MODE. CDMA2000 modes are words here, for their revision is told elsewhere. */
const modes: Readonly<Record<number, string>> = { 1: 'AMPS', 2: 'CDMA1X', 3: 'GSM', 4: 'HDR', 5: 'WCDMA', 7: 'GSM/WCDMA', 8: 'HYBRID', 15: 'TD-SCDMA' };
const submodes: Readonly<Record<number, Technology>> = {
  1: 'GSM', 2: 'GPRS', 3: 'EDGE', 4: 'UMTS', 5: 'HSDPA', 6: 'HSUPA', 7: 'HSPA', 8: 'UMTS', 9: 'HSPA+', 10: 'EVDO-0', 11: 'EVDO-A', 12: 'EVDO-B', 13: '1xRTT', 16: '1xRTT', 17: 'HSPA+', 18: 'HSPA+',
};
/** Of ^SYSINFOEX. */
const extendedSubmodes: Readonly<Record<number, Technology>> = {
  1: 'GSM', 2: 'GPRS', 3: 'EDGE', 21: '1xRTT', 22: '1xRTT', 23: '1xRTT', 24: 'EVDO-0', 25: 'EVDO-A', 26: 'EVDO-B', 27: '1xRTT', 28: 'EVDO-0', 29: 'EVDO-A', 30: 'EVDO-B', 41: 'UMTS', 42: 'HSDPA', 43: 'HSUPA',
  44: 'HSPA', 45: 'HSPA+', 46: 'HSPA+', 61: 'UMTS', 62: 'HSDPA', 63: 'HSUPA', 64: 'HSPA', 65: 'HSPA+', 81: 'LTE', 101: 'LTE', 111: 'NR5G', 113: 'NR5G',
};
const words: Readonly<Record<string, Technology>> = { GSM: 'GSM', WCDMA: 'UMTS', 'GSM/WCDMA': 'UMTS', 'TD-SCDMA': 'UMTS', CDMA1X: '1xRTT', HDR: 'EVDO-0' };
const modeTech = (mode: number | undefined, submode: number | undefined): string | undefined => submodes[submode ?? 0] ?? modes[mode ?? 0];
/** The technology in the router's vocabulary; 'HYBRID' is ambiguous and none. */
export const technologyOfMode = (tech: string | undefined): Technology | undefined => (tech === undefined ? undefined : words[tech] ?? (Object.values(submodes).find(t => t === tech)));

export interface SysInfo { readonly srvStatus: number | undefined; readonly srvDomain: number | undefined; readonly roaming: number | undefined; readonly sysMode: number | undefined; readonly simState: number | undefined; readonly lock: number | undefined; readonly submode: number | undefined; readonly tech: string | undefined }
/** ^SYSINFO: service, domain, roaming, mode, SIM[, lock][, submode]. A sixth field alone is the lock. */
export function sysInfo(lines: readonly string[]): SysInfo | undefined {
  const text = after(lines, '^SYSINFO');
  if (text === undefined) return undefined;
  const [srvStatus, srvDomain, roaming, sysMode, simState, lock, submode] = fields(text).map(int);
  return srvStatus === undefined ? undefined : { srvStatus, srvDomain, roaming, sysMode, simState, lock, submode, tech: modeTech(sysMode, submode) };
}

export interface SysInfoEx { readonly srvStatus: number; readonly srvDomain: number | undefined; readonly roaming: number | undefined; readonly simState: number | undefined; readonly sysMode: number | undefined; readonly sysModeName: string | undefined; readonly submode: number | undefined; readonly submodeName: string | undefined; readonly tech: Technology | undefined }
/** ^SYSINFOEX: service, domain, roaming, SIM, reserved, mode, its name, submode, its name. */
export function sysInfoEx(lines: readonly string[]): SysInfoEx | undefined {
  const all = fields(after(lines, '^SYSINFOEX') ?? '');
  const srvStatus = int(all[0]);
  if (srvStatus === undefined) return undefined;
  const submode = int(all[7]);
  const name = some(all[8]);
  // E1750-like firmware writes 41 for WCDMA and calls it HSPA+: the name says more.
  const tech = /HSPA\+/i.test(name ?? '') ? 'HSPA+' : extendedSubmodes[submode ?? 0] ?? (/LTE/i.test(all[6] ?? '') ? 'LTE' : /NR/i.test(all[6] ?? '') ? 'NR5G' : /WCDMA/i.test(all[6] ?? '') ? 'UMTS' : /GSM/i.test(all[6] ?? '') ? 'GSM' : undefined);
  return { srvStatus, srvDomain: int(all[1]), roaming: int(all[2]), simState: int(all[3]), sysMode: int(all[5]), sysModeName: some(all[6]), submode, submodeName: name, tech };
}

/** ^MODE:a[,b], told unasked. */
export function modeReport(line: string): { readonly sysMode: number; readonly submode: number | undefined; readonly tech: string | undefined } | undefined {
  const [mode, submode] = fields(after([line], '^MODE') ?? '').map(int);
  return mode === undefined ? undefined : { sysMode: mode, submode, tech: modeTech(mode, submode) };
}

/** Bits of band masks; a mask has up to 64, so none of this is a number. */
const bandBits: readonly (readonly [bigint, string])[] = [
  [0x80n, 'GSM 1800'], [0x100n, 'GSM 900'], [0x200n, 'GSM 900 (primary)'], [0x80000n, 'GSM 850'], [0x200000n, 'GSM 1900'], [0x400000n, 'UMTS 2100'], [0x800000n, 'UMTS 1900'], [0x1000000n, 'UMTS 1700'],
  [0x2000000n, 'UMTS AWS'], [0x4000000n, 'UMTS 850'], [0x8000000n, 'UMTS 800'], [0x2000000000000n, 'UMTS 900'],
];
/** A hexadecimal mask; undefined for anything else. */
export const mask = (text: string | undefined): bigint | undefined => (/^(0x)?[0-9A-F]{1,16}$/i.test(text ?? '') ? BigInt(`0x${text!.replace(/^0x/i, '')}`) : undefined);
export const bandNames = (bits: bigint): string[] => bandBits.filter(([bit]) => (bits & bit) !== 0n).map(([, name]) => name);

export interface Configurable { readonly modes: readonly number[]; readonly acq: readonly number[]; readonly bands: readonly { readonly mask: string; readonly label: string }[]; readonly roam: readonly number[]; readonly domain: readonly number[] }
/** ^SYSCFG=?: what may be set, the bands with the names that the card gives them. */
export function configurable(lines: readonly string[]): Configurable | undefined {
  const [modeGroup, acq, bands, roam, domain] = fields(after(lines, '^SYSCFG') ?? '');
  if (modeGroup === undefined || bands === undefined) return undefined;
  return { modes: numbers(modeGroup), acq: numbers(acq ?? ''), bands: labelledMasks(bands), roam: numbers(roam ?? ''), domain: numbers(domain ?? '') };
}
const labelledMasks = (text: string): { mask: string; label: string }[] => (groups(text)[0] === undefined ? [] : groups(groups(text)[0]!)).flatMap(group => {
  const [bits, label] = fields(group);
  return mask(bits) === undefined ? [] : [{ mask: bits!, label: some(label) ?? bandNames(mask(bits)!).join(', ') }];
});

export interface Configured { readonly mode: number; readonly acq: number | undefined; readonly bandMask: string | undefined; readonly roam: number | undefined; readonly domain: number | undefined; readonly allowed: string | undefined; readonly preferred: string | undefined }
/** ^SYSCFG?: what is set. */
export function configured(lines: readonly string[]): Configured | undefined {
  const [mode, acq, bands, roam, domain] = fields(after(lines, '^SYSCFG') ?? '');
  const chosen = int(mode);
  if (chosen === undefined) return undefined;
  const allowed = { 2: '2G+3G', 13: '2G', 14: '3G' }[chosen];
  return { mode: chosen, acq: int(acq), bandMask: some(bands), roam: int(roam), domain: int(domain), allowed, preferred: chosen === 2 ? { 1: '2G', 2: '3G' }[int(acq) ?? 0] : undefined };
}

const generation: Readonly<Record<string, string>> = { '01': '2G', '02': '3G', '03': '4G', '04': '2G', '07': '2G', '08': '5G' };
/** '0302' is 4G before 3G. */
export const generations = (order: string): string[] => [...new Set((order.match(/../g) ?? []).flatMap(two => generation[two] ?? []))];
/** ^SYSCFGEX?: order, bands, roaming, domain, LTE bands. */
export function configuredEx(lines: readonly string[]): { readonly order: string; readonly allowed: string; readonly preferred: string | undefined; readonly bandMask: string | undefined; readonly lteMask: string | undefined } | undefined {
  const [order, bands, , , lte] = fields(after(lines, '^SYSCFGEX') ?? '');
  if (order === undefined || !/^(\d\d)+$/.test(order)) return undefined;
  const all = generations(order);
  return { order, allowed: all.length === 0 ? 'any' : [...all].sort().join('+'), preferred: all.length > 1 ? all[0] : undefined, bandMask: some(bands), lteMask: some(lte) };
}
/** ^SYSCFGEX=?: the orders that may be set. */
export const ordersOffered = (lines: readonly string[]): string[] => (groups(after(lines, '^SYSCFGEX') ?? '')[0] ?? '').split(',').map(s => s.replace(/[\s"]/g, '')).filter(s => /^(\d\d)+$/.test(s));
/** Band names and masks of ^SYSCFGEX=?, GSM and UMTS first, then LTE. */
export const masksOfferedEx = (lines: readonly string[]): { mask: string; label: string }[] => groups(after(lines, '^SYSCFGEX') ?? '').flatMap(group => labelledMasks(`(${group})`));

export const bandsOf = (offered: readonly { readonly mask: string; readonly label: string }[], now: string | undefined): Band[] => {
  const set = mask(now) ?? 0n;
  return offered.map(o => ({ id: o.mask, title: o.label, on: (mask(o.mask)! & set) === mask(o.mask)! }));
};

const code = (n: number | undefined, zero: number, step: number): number | undefined => (n === undefined || n === 255 ? undefined : Math.round((zero + n * step) * 10) / 10);
export interface Hcsq { readonly tech: string | undefined; readonly rssiDbm?: number | undefined; readonly rscpDbm?: number | undefined; readonly ecioDb?: number | undefined; readonly rsrpDbm?: number | undefined; readonly sinrDb?: number | undefined; readonly rsrqDb?: number | undefined }
/** ^HCSQ: codes whose meaning the first word tells; 255 is unknown. */
export function hcsq(lines: readonly string[]): Hcsq | undefined {
  const [word, ...values] = fields(after(lines, '^HCSQ') ?? '');
  if (some(word) === undefined) return undefined;
  const n = values.map(int);
  switch (word!.toUpperCase()) {
    case 'NOSERVICE': return { tech: undefined };
    case 'GSM': return { tech: 'GSM', rssiDbm: code(n[0], -121, 1) };
    case 'LTE': return { tech: 'LTE', rssiDbm: code(n[0], -121, 1), rsrpDbm: code(n[1], -141, 1), sinrDb: code(n[2], -20.2, 0.2), rsrqDb: code(n[3], -20, 0.5) };
    case 'NR': case 'NR5G': return { tech: 'NR5G', rsrpDbm: code(n[0], -141, 1), sinrDb: code(n[1], -20.2, 0.2), rsrqDb: code(n[2], -20, 0.5) };
    case 'WCDMA': case 'TD-SCDMA': return { tech: word!.toUpperCase(), rssiDbm: code(n[0], -121, 1), rscpDbm: code(n[1], -121, 1), ecioDb: code(n[2], -32.5, 0.5) };
    default: return { tech: word!.toUpperCase(), rssiDbm: code(n[0], -121, 1), ecioDb: code(n[1], -32.5, 0.5) };
  }
}

/** ^GETPORTMODE: 'MDM:0,PCUI:1,…', both orders of words and numbers in any case. */
export function portModes(lines: readonly string[]): { readonly ports: Readonly<Record<string, number>> } | undefined {
  const text = allAfter(lines, '^GETPORTMODE').join(',');
  if (text === '') return undefined;
  const ports: Record<string, number> = {};
  for (const [, name, at] of text.matchAll(/([A-Z_]\w*)\s*:\s*(\d+)/gi)) ports[name!.toLowerCase() === 'mdm' ? 'modem' : name!.toLowerCase()] = Number(at);
  return { ports };
}

/** ^NDISSTATQRY and ^NDISSTAT: state of the network interface by family. A bare number is IPv4. */
export function interfaceState(lines: readonly string[], tag: '^NDISSTATQRY' | '^NDISSTAT'): Readonly<Record<string, boolean>> | undefined {
  const all = allAfter(lines, tag);
  if (all.length === 0) return undefined;
  const values = all.flatMap(text => [...fields(text), ...(/IPV[46]/i.test(text) ? [] : ['IPV4'])]);
  const out: Record<string, boolean> = { ipv4Available: false, ipv4Connected: false, ipv6Available: false, ipv6Connected: false };
  let connected: boolean | undefined;
  for (const value of values) {
    const family = /^IPV([46])$/i.exec(value)?.[1];
    if (family !== undefined && connected !== undefined) Object.assign(out, { [`ipv${family}Available`]: true, [`ipv${family}Connected`]: connected });
    else if (connected === undefined && /^[01]$/.test(value)) connected = value === '1';
    if (family !== undefined) connected = undefined;
  }
  return out;
}

/** ^DHCP: addresses as 32-bit numbers in hexadecimal, lowest octet last in the text. */
export function leased(lines: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  const all = fields(after(lines, '^DHCP') ?? '');
  const at = (i: number): number[] | undefined => (/^[0-9A-F]{1,8}$/i.test(all[i] ?? '') ? all[i]!.padStart(8, '0').match(/../g)!.map(o => Number.parseInt(o, 16)).reverse() : undefined);
  const ip = at(0);
  if (ip === undefined) return undefined;
  const bits = at(1)?.reduce((sum, octet) => sum + octet.toString(2).replaceAll('0', '').length, 0);
  return { ip: ip.join('.'), prefix: bits, gw: at(2)?.join('.'), dns: [at(4), at(5)].flatMap(d => (d === undefined || d.every(o => o === 0) ? [] : [d.join('.')])) };
}
