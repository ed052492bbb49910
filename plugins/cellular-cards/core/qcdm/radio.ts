import { CALL_MANAGER, CM_STATE, HDR, HDR_STATE, ofCode, ofSubsystem, PILOT_SETS, subsystem } from './codes.ts';
import { u16, u32 } from './octets.ts';

/** What the radio does: pilots (code 64), call manager and HDR state (code 75). */
export const askPilots = Uint8Array.of(PILOT_SETS);
export const askCallManager = subsystem(CALL_MANAGER, CM_STATE);
export const askHdr = subsystem(HDR, HDR_STATE);

export interface Pilot { readonly pn: number; /** dB */ readonly ecIo: number }
export interface Pilots { readonly active: readonly Pilot[]; readonly candidate: readonly Pilot[]; readonly neighbour: readonly Pilot[] }

/** code 1 | increment 2 | number of active 1, candidate 1, neighbour 1 | pairs: pn 2, Ec/Io 2 in -0.5 dB */
export function parsePilots(answer: Uint8Array | undefined): Pilots | undefined {
  if (!ofCode(answer, PILOT_SETS, 6)) return undefined;
  let at = 6;
  const set = (n: number): Pilot[] => {
    const pilots: Pilot[] = [];
    for (let i = 0; i < n && at + 4 <= answer.length; i++, at += 4) pilots.push({ pn: u16(answer, at), ecIo: -0.5 * u16(answer, at + 2) });
    return pilots;
  };
  return { active: set(answer[3]!), candidate: set(answer[4]!), neighbour: set(answer[5]!) };
}

/** Below this there is no pilot: the field is full (-31.5 dB). */
const NO_PILOT = -31.5;

/** Ec/Io of the best pilot that carries us. */
export function bestEcIo(pilots: Pilots | undefined): number | undefined {
  const best = Math.max(...(pilots?.active ?? []).map(p => p.ecIo));
  return best > NO_PILOT && best <= 0 ? best : undefined;
}

export type SystemMode = 'none' | 'AMPS' | 'CDMA' | 'GSM' | 'HDR' | 'WCDMA' | 'LTE' | 'unknown';
const systemModes: Readonly<Record<number, SystemMode>> = { 0: 'none', 1: 'AMPS', 2: 'CDMA', 3: 'GSM', 4: 'HDR', 5: 'WCDMA', 9: 'LTE' };
export interface CallManagerState { readonly online: boolean; readonly system: SystemMode; readonly modePreference: number; readonly roamPreference: number; readonly hybrid: boolean }

const ONLINE = 5;

/** header 4 | call state, oper mode, system mode, mode pref, band pref, roam pref, domain pref, acq order, hybrid pref, selection: 4 each */
export function parseCallManager(answer: Uint8Array | undefined): CallManagerState | undefined {
  if (!ofSubsystem(answer, CALL_MANAGER, CM_STATE, 40)) return undefined;
  return { online: u32(answer, 8) === ONLINE, system: systemModes[u32(answer, 12)] ?? 'unknown', modePreference: u32(answer, 16), roamPreference: u32(answer, 24), hybrid: u32(answer, 36) !== 0 };
}

export interface Hdr { /** a session with the EV-DO network stands */ readonly open: boolean; readonly connected: boolean; readonly hybrid: boolean }

const SESSION_OPEN = 4;
const LINK_IDLE = 2;
const LINK_CONNECTED = 3;

/** header 4 | at 1 | session 1 | air link 1 | init 1 | idle 1 | connected 1 | route update 1 | overhead 1 | hybrid 1 (TIA-856-A §9) */
export function parseHdr(answer: Uint8Array | undefined): Hdr | undefined {
  if (!ofSubsystem(answer, HDR, HDR_STATE, 13)) return undefined;
  const link = answer[6]!;
  return { open: answer[5] === SESSION_OPEN && (link === LINK_IDLE || link === LINK_CONNECTED), connected: link === LINK_CONNECTED, hybrid: answer[12] !== 0 };
}
