import { u16 } from './octets.ts';

/** The diagnostic requests that read. There is no other: what writes can disable a card for good. */
export const VERSION = 0;
export const ESN = 1;
export const STATUS = 12;
export const NV_READ = 38;
export const PILOT_SETS = 64;
export const SUBSYSTEM = 75;
export const STATUS_SNAPSHOT = 99;

/** Subsystems, and their commands. */
export const HDR = 5;
export const HDR_STATE = 8;
export const CALL_MANAGER = 15;
export const CM_STATE = 0;
/** Novatel's own, by chip: MSM6500, MSM6800. */
export const NOVATEL_6500 = 50;
export const NOVATEL_6800 = 250;
export const NOVATEL_AT_REQUEST = 3;
export const NOVATEL_AT_RESPONSE = 4;
export const NOVATEL_SNAPSHOT = 7;

/** What a card answers instead: the code unknown, a wrong parameter, length, device, mode, locked by the service code, by security. */
const refusals = new Set([19, 20, 21, 22, 24, 66, 71]);
const plain = new Set([VERSION, ESN, STATUS, NV_READ, PILOT_SETS, STATUS_SNAPSHOT]);
const subsystemReads = new Set([`${HDR}/${HDR_STATE}`, `${CALL_MANAGER}/${CM_STATE}`, ...[NOVATEL_6500, NOVATEL_6800].flatMap(n => [`${n}/${NOVATEL_AT_REQUEST}`, `${n}/${NOVATEL_SNAPSHOT}`])]);

/** The request is one of those that only read; nothing else is sent to a card. */
export function reads(request: Uint8Array): boolean {
  const [code = -1] = request;
  if (code === SUBSYSTEM) return request.length >= 4 && subsystemReads.has(`${request[1]}/${u16(request, 2)}`);
  return plain.has(code) && (code !== NV_READ || request.length >= 3);
}

/** Request of a subsystem, with `extra` octets after the header. */
export const subsystem = (id: number, command: number, ...extra: readonly number[]): Uint8Array => Uint8Array.of(SUBSYSTEM, id, command & 0xff, command >>> 8, ...extra);

export const refused = (answer: Uint8Array): boolean => refusals.has(answer[0] ?? -1);

/** `answer` belongs to `request`: its code comes back, with subsystem and command, or item. A refusal may come for anything. */
export function answers(request: Uint8Array, answer: Uint8Array): boolean {
  const [code] = request;
  if (refused(answer)) return true;
  if (answer[0] !== code) return false;
  if (code === NV_READ) return answer.length >= 3 && u16(answer, 1) === u16(request, 1);
  if (code !== SUBSYSTEM) return true;
  if (answer.length < 4 || answer[1] !== request[1]) return false;
  const [asked, got] = [u16(request, 2), u16(answer, 2)];
  return got === asked || (asked === NOVATEL_AT_REQUEST && got === NOVATEL_AT_RESPONSE && (answer[1] === NOVATEL_6500 || answer[1] === NOVATEL_6800));
}

/** The answer, if it is one of this subsystem's command and at least `length` octets long. */
export const ofSubsystem = (answer: Uint8Array | undefined, id: number, command: number, length: number): answer is Uint8Array => answer !== undefined && answer.length >= Math.max(4, length) && answer[0] === SUBSYSTEM && answer[1] === id && u16(answer, 2) === command;
/** The answer, if it is one of this code and at least `length` octets long. */
export const ofCode = (answer: Uint8Array | undefined, code: number, length: number): answer is Uint8Array => answer !== undefined && answer.length >= length && answer[0] === code;
