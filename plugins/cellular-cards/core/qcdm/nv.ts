import { NV_READ, ofCode } from './codes.ts';
import { text, u16 } from './octets.ts';

/** Items of the card's memory that are read (code 38). Code 39 would write one; it is not here. */
export const NV_MODE_PREFERENCE = 10;
export const NV_MDN = 178;
export const NV_ROAM_PREFERENCE = 442;
export const NV_HYBRID = 562;
export const NV_HDR_REVISION = 4964;

/** code 1 | item 2 | data 128 | status 2 */
const DATA = 3;
const STATUS_AT = 131;
const LENGTH = 133;
const NV_OK = 0;
/** The first number assignment module, and the only one of data cards. */
const NAM = 0;

/** Reads an item; the first octet of most is the number assignment module. */
export function askNv(item: number): Uint8Array {
  const request = new Uint8Array(LENGTH);
  request[0] = NV_READ;
  request[1] = item & 0xff;
  request[2] = item >>> 8;
  request[DATA] = NAM;
  return request;
}

const item = (answer: Uint8Array | undefined, wanted: number): answer is Uint8Array => ofCode(answer, NV_READ, LENGTH) && u16(answer, 1) === wanted && u16(answer, STATUS_AT) === NV_OK;

export type ModePreference = 'automatic' | '1x only' | 'EV-DO only' | 'hybrid';
const modes: Readonly<Record<number, ModePreference>> = { 4: 'automatic', 9: '1x only', 10: 'EV-DO only', 19: 'hybrid' };
export const parseModePreference = (answer: Uint8Array | undefined): ModePreference | undefined => (item(answer, NV_MODE_PREFERENCE) ? modes[answer[DATA + 1]!] : undefined);

/** Ten digits; undefined: not activated. */
export function parseMdn(answer: Uint8Array | undefined): string | undefined {
  if (!item(answer, NV_MDN)) return undefined;
  const mdn = text(answer, DATA + 1, 10);
  return /^\d{10}$/.test(mdn) && !/^0+$/.test(mdn) ? mdn : undefined;
}

export type RoamPreference = 'home only' | 'roaming only' | 'automatic';
const roams: Readonly<Record<number, RoamPreference>> = { 1: 'home only', 6: 'roaming only', 255: 'automatic' };
export const parseRoamPreference = (answer: Uint8Array | undefined): RoamPreference | undefined => (item(answer, NV_ROAM_PREFERENCE) ? roams[answer[DATA + 1]!] : undefined);

export const parseHybrid = (answer: Uint8Array | undefined): boolean | undefined => (item(answer, NV_HYBRID) ? answer[DATA] === 1 : undefined);

export type HdrRevision = 'EVDO-0' | 'EVDO-A' | 'eHRPD';
const revisions: Readonly<Record<number, HdrRevision>> = { 0: 'EVDO-0', 1: 'EVDO-A', 4: 'eHRPD' };
export const parseHdrRevision = (answer: Uint8Array | undefined): HdrRevision | undefined => (item(answer, NV_HDR_REVISION) ? revisions[answer[DATA]!] : undefined);
