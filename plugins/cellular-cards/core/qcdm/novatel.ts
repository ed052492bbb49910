import { NOVATEL_6500, NOVATEL_6800, NOVATEL_AT_REQUEST, NOVATEL_AT_RESPONSE, NOVATEL_SNAPSHOT, ofSubsystem, SUBSYSTEM, subsystem } from './codes.ts';
import { s32, u16, u32 } from './octets.ts';

/** Novatel's own subsystem; its number tells the chip. */
export const chips = [NOVATEL_6800, NOVATEL_6500] as const;
export type Chip = (typeof chips)[number];

const CDMA_AND_EVDO = 7;

/** header 4 | technology 1 | mask 4: all fields */
export const askSnapshot = (chip: Chip): Uint8Array => subsystem(chip, NOVATEL_SNAPSHOT, CDMA_AND_EVDO, 0xff, 0xff, 0, 0);

export interface Snapshot { /** dBm; undefined: none */ readonly rssi: number | undefined; readonly eri: number; readonly revision: 'EVDO-0' | 'EVDO-A' | undefined; readonly bandClass: number; readonly txBytes: number; readonly rxBytes: number; readonly pilot: number }

/** header 4 | response 1 | bits 4 | bits 4 | then at 13: */
const DATA = 13;
const [RSSI, BAND, ERI, TX, RX, PILOT, REVISION] = [0, 19, 20, 30, 34, 39, 42];

export function parseSnapshot(answer: Uint8Array | undefined): Snapshot | undefined {
  for (const chip of chips) {
    if (!ofSubsystem(answer, chip, NOVATEL_SNAPSHOT, DATA + REVISION + 1)) continue;
    const revision = answer[DATA + REVISION];
    return {
      rssi: levelOf(s32(answer, DATA + RSSI)), eri: answer[DATA + ERI]!, revision: revision === 0 ? 'EVDO-0' : revision === 1 ? 'EVDO-A' : undefined,
      bandClass: answer[DATA + BAND]!, txBytes: u32(answer, DATA + TX), rxBytes: u32(answer, DATA + RX), pilot: u16(answer, DATA + PILOT),
    };
  }
  return undefined;
}

/** Weakest and strongest level a receiver can mean; 125 stands for no service. */
const [WEAKEST, STRONGEST] = [-120, -20];

/** dBm, said with or without its sign; undefined where it can be none. */
export function levelOf(n: number): number | undefined {
  const dbm = n > 0 ? -n : n;
  return dbm >= WEAKEST && dbm <= STRONGEST ? dbm : undefined;
}

/** An AT query inside the diagnostic port: only what asks ('AT$NWRSSI', 'AT+CSS?'); undefined for anything that could set. */
export function askAt(chip: Chip, line: string): Uint8Array | undefined {
  if (!/^AT[+$][A-Z]+\??$/.test(line)) return undefined;
  return subsystem(chip, NOVATEL_AT_REQUEST, ...Array.from(`${line}\r`, c => c.charCodeAt(0)));
}

/** The lines of the answer, without blank ones. */
export function parseAt(answer: Uint8Array | undefined): readonly string[] | undefined {
  if (answer === undefined || answer.length < 4 || answer[0] !== SUBSYSTEM || !chips.some(c => c === answer[1])) return undefined;
  const command = u16(answer, 2);
  if (command !== NOVATEL_AT_REQUEST && command !== NOVATEL_AT_RESPONSE) return undefined;
  return String.fromCharCode(...answer.subarray(4)).split(/[\r\n\0]+/).map(l => l.trim()).filter(l => l !== '');
}
