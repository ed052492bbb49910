import { ESN, ofCode, STATUS, STATUS_SNAPSHOT, VERSION } from './codes.ts';
import { esnText, text, u16 } from './octets.ts';

/** Who the card is and what station it listens to: codes 0, 1, 12 and 99. */
export const askVersion = Uint8Array.of(VERSION);
export const askEsn = Uint8Array.of(ESN);
export const askStatus = Uint8Array.of(STATUS);
export const askStatusSnapshot = Uint8Array.of(STATUS_SNAPSHOT);

export interface Version { readonly compiled: string; readonly released: string; readonly model: string; readonly firmware: number; readonly msm: number }

/** code 1 | date 11 | time 8 | date 11 | time 8 | model 8 | scm 1 | cai 1 | mob model 1 | firmware 2 | slot cycle 1 | msm 1 | */
export function parseVersion(answer: Uint8Array | undefined): Version | undefined {
  if (!ofCode(answer, VERSION, 54)) return undefined;
  return { compiled: `${text(answer, 1, 11)} ${text(answer, 12, 8)}`, released: `${text(answer, 20, 11)} ${text(answer, 31, 8)}`, model: text(answer, 39, 8), firmware: u16(answer, 50), msm: answer[53]! };
}

/** Eight hex digits; undefined also for a blank one. */
export function parseEsn(answer: Uint8Array | undefined): string | undefined {
  if (!ofCode(answer, ESN, 5)) return undefined;
  const esn = esnText(answer, 1);
  return esn === '00000000' || esn === 'FFFFFFFF' ? undefined : esn;
}

export type RxState = 'no service' | 'idle' | 'access' | 'paging' | 'traffic' | 'unknown';
const rxStates: readonly RxState[] = ['no service', 'idle', 'access', 'paging', 'traffic'];

export interface Status { readonly esn: string; readonly rx: RxState; readonly channel: number; readonly pilot: number; readonly sid: number; readonly nid: number }

/**
 * code 1 | ? 3 | esn 4 | rf mode 2 | min1 8 | min2 4 | ? 1 | rx state 2 | good frames 1 | analog 6 | entry reason 2 |
 * channel 2 | code channel 1 | pilot 2 | sid 2 | nid 2 | …
 */
export function parseStatus(answer: Uint8Array | undefined): Status | undefined {
  if (!ofCode(answer, STATUS, 43)) return undefined;
  return { esn: esnText(answer, 4), rx: rxStates[u16(answer, 23)] ?? 'unknown', channel: u16(answer, 34), pilot: u16(answer, 37), sid: u16(answer, 39), nid: u16(answer, 41) };
}

export interface StatusSnapshot {
  readonly esn: string; readonly mcc: string | undefined; readonly sid: number; readonly nid: number;
  /** CDMA protocol revision in use: 6 and up is 1x. */
  readonly revision: number; readonly bandClass: number; readonly channel: number; readonly hdr: boolean;
}

/**
 * code 1 | esn 4 | imsi s1 4 | imsi s2 2 | imsi s 8 | imsi 11-12 1 | mcc 2 | addr num 1 | sid 2 | nid 2 | base revision 1 |
 * revision in use 1 | mobile revision 1 | band class 1 | channel 2 | oper mode 1 | state 1 | sub state 1
 */
export function parseStatusSnapshot(answer: Uint8Array | undefined): StatusSnapshot | undefined {
  if (!ofCode(answer, STATUS_SNAPSHOT, 36)) return undefined;
  return { esn: esnText(answer, 1), mcc: mccText(u16(answer, 20)), sid: u16(answer, 23), nid: u16(answer, 25), revision: answer[28]!, bandClass: answer[30]!, channel: u16(answer, 31), hdr: (answer[34]! & 0x40) !== 0 };
}

/** Each digit is stored as one less, 0 as 9 (TIA-2000.5 §2.3.1). */
const mccText = (coded: number): string | undefined => (coded > 999 ? undefined : [...String(coded).padStart(3, '0')].map(d => (Number(d) + 1) % 10).join(''));
