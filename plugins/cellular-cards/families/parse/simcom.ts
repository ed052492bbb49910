import { after, decimal, fields, int, some } from './lines.ts';
import { plmn } from './names.ts';

type Facts = Readonly<Record<string, unknown>>;
const tenths = (text: string | undefined): number | undefined => {
  const n = decimal(text);
  return n === undefined ? undefined : n / 10;
};
const hex = (text: string | undefined): string | undefined => some(text)?.replace(/^0x/i, '').toUpperCase();

/** +CPSI: SIM7600 prints tenths of dB with their sign, A76xx small positive codes in the same columns. */
export function systemInfo(lines: readonly string[]): Facts | undefined {
  const f = fields(after(lines, '+CPSI') ?? '');
  if (some(f[0]) === undefined) return undefined;
  const tech = f[0]!.toUpperCase().replace(/[-_](SA|NSA)$/, '');
  if (/^NO SERVICE$/.test(tech)) return { tech: undefined, mode: some(f[1]) };
  const place = { tech, mode: some(f[1]), plmn: plmn(f[2]) };
  if (tech === 'LTE') {
    const cell = { ...place, tac: hex(f[3]), ci: int(f[4]), pcid: int(f[5]), band: some(f[6]), earfcn: int(f[7]), dlBw: int(f[8]), ulBw: int(f[9]), sinrRaw: int(f[13]) };
    const [rsrq, rsrp, rssi] = [int(f[10]), int(f[11]), int(f[12])];
    if (rsrp === undefined || rsrp < 0) return { ...cell, rsrqDb: tenths(f[10]), rsrpDbm: tenths(f[11]), rssiDbm: tenths(f[12]) };
    return { ...cell, scale: 'codes', rsrqDb: rsrq === undefined ? undefined : -20 + rsrq / 2, rsrpDbm: -141 + rsrp, rssiDbm: rssi === undefined ? undefined : -111 + rssi };
  }
  if (tech === 'NR5G') return { ...place, tac: hex(f[3]), ci: int(f[4]), pcid: int(f[5]), band: some(f[6]), earfcn: int(f[7]), rsrpDbm: tenths(f[8]), rsrqDb: tenths(f[9]), sinrDb: tenths(f[10]) };
  if (tech === 'WCDMA') {
    const rscp = int(f[10]);
    return { ...place, lac: hex(f[3]), ci: int(f[4]), band: some(f[5]), psc: int(f[6]), uarfcn: int(f[7]), rscpDbm: rscp === undefined ? undefined : -Math.abs(rscp) };
  }
  return { ...place, lac: hex(f[3]), ci: int(f[4]), band: some(f[5]), rssiDbm: decimal(f[6]) };
}

export const preferredModes: Readonly<Record<number, string>> = { 2: 'auto', 13: 'gsm-only', 14: 'wcdma-only', 38: 'lte-only', 48: 'no-lte-gsm', 51: 'gsm-lte', 54: 'wcdma-lte', 71: 'nr-only', 109: 'lte-nr' };
export function preferredMode(lines: readonly string[]): { readonly cnmp: number; readonly mode: string | undefined } | undefined {
  const cnmp = int(after(lines, '+CNMP'));
  return cnmp === undefined ? undefined : { cnmp, mode: preferredModes[cnmp] };
}

const systems: Readonly<Record<number, string>> = { 1: 'GSM', 2: 'GPRS', 3: 'EDGE', 4: 'WCDMA', 5: 'HSDPA', 6: 'HSUPA', 7: 'HSPA', 8: 'LTE', 13: 'LTE', 16: 'LTE' };
/** +CNSMOD: <n>,<system>. */
export const systemMode = (lines: readonly string[]): string | undefined => systems[int(fields(after(lines, '+CNSMOD') ?? '').at(-1)) ?? 0];

export const remoteCall = (lines: readonly string[]): Facts | undefined => {
  const [active, family] = fields(after(lines, '$QCRMCALL') ?? '');
  return active === undefined || int(active) === undefined ? undefined : { active: int(active) === 1, family: some(family) };
};
