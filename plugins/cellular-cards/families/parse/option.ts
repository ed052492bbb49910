import type { Technology } from '../../../../sdk/index.ts';
import { address } from './context.ts';
import { after, fields, int } from './lines.ts';

const radios: readonly (Technology | undefined)[] = [undefined, 'UMTS', 'HSDPA', 'HSUPA', 'HSPA', 'HSPA+'];
const gsm: readonly (Technology | undefined)[] = [undefined, 'GSM', 'GPRS', 'EDGE'];
const systems = ['GPRS', 'UMTS', 'none', 'none'] as const;

/** The answer is '<n>,<value>', on older firmware and in reports '<value>' alone. */
const value = (lines: readonly string[], tag: string): number | undefined => int(fields(after(lines, tag) ?? '').at(-1));

/** _OSSYS and the report _OSSYSI: 0 GPRS, 2 UMTS, 3 none; 1 is not in use. */
export const system = (lines: readonly string[], tag: '_OSSYS' | '_OSSYSI'): 'GPRS' | 'UMTS' | 'none' | undefined => {
  const n = value(lines, tag);
  return n === undefined ? undefined : n === 2 ? 'UMTS' : n === 0 ? 'GPRS' : systems[3];
};
export const gsmTechnology = (lines: readonly string[]): Technology | undefined => gsm[value(lines, '_OCTI') ?? 0];
export const umtsTechnology = (lines: readonly string[], tag: '_OWCTI' | '_OUWCTI'): Technology | undefined => radios[value(lines, tag) ?? 0];

const preferences: Readonly<Record<number, string>> = { 0: '2G', 1: '3G', 2: '2G', 3: '3G' };
/** _OPSYS: <mode>,<domain>. */
export function systemChoice(text: string | undefined): { readonly mode: number; readonly domain: number | undefined; readonly preferred: string | undefined } | undefined {
  const [mode, domain] = fields(text ?? '').map(int);
  return mode === undefined ? undefined : { mode, domain, preferred: preferences[mode] };
}

/** _OBLS: SIM, telephone book and messages are ready, each 1. */
export const bootState = (lines: readonly string[]): readonly number[] => fields(after(lines, '_OBLS') ?? '').flatMap(f => int(f) ?? []);

const callStates = ['disconnected', 'connected', 'connecting', 'failed'] as const;
export function callState(lines: readonly string[]): { readonly cid: number; readonly state: string } | undefined {
  const [cid, state] = fields(after(lines, '_OWANCALL') ?? '').map(int);
  return cid === undefined || state === undefined ? undefined : { cid, state: callStates[state] ?? 'failed' };
}
/** _OWANDATA: <cid>, address, gateway, two name servers, two WINS servers, speed. */
export function callData(lines: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  const all = fields(after(lines, '_OWANDATA') ?? '');
  const cid = int(all[0]);
  return cid === undefined ? undefined : { cid, ip: address(all[1]), gw: address(all[2]), dns: [all[3], all[4]].flatMap(d => address(d) ?? []), speed: int(all[7]) };
}
