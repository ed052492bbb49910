import type { RegistrationState, Technology } from '../../../../sdk/index.ts';
import { fields, int, some } from './lines.ts';
import { technologyOfAct } from './technology.ts';

/** <stat> of +CREG, +CGREG, +CEREG, +C5GREG (TS 27.007 §7.2, §10.1.20, §10.1.22, §10.1.47). */
const states = ['not-registered', 'home', 'searching', 'denied', 'unknown', 'roaming', 'home-sms-only', 'roaming-sms-only', 'emergency-only', 'home-csfb-not-preferred', 'roaming-csfb-not-preferred', 'attached-rlos'] as const;
const plain: readonly RegistrationState[] = ['idle', 'home', 'searching', 'denied', 'unknown', 'roaming', 'home', 'roaming', 'denied', 'home', 'roaming', 'denied'];

export type RegistrationDomain = 'CREG' | 'CGREG' | 'CEREG' | 'C5GREG';
export interface RegistrationLine {
  readonly domain: RegistrationDomain;
  /** Only in the answer to the query. */
  readonly n: number | undefined;
  readonly stat: number;
  readonly regState: (typeof states)[number];
  /** Area and cell as hexadecimal digits, capitals. */
  readonly lac: string | undefined;
  readonly ci: string | undefined;
  readonly act: Technology | undefined;
}

export const stateOf = (line: RegistrationLine | undefined): RegistrationState => (line === undefined ? 'unknown' : plain[line.stat] ?? 'unknown');

const LINE = /^\s*\+(CREG|CGREG|CEREG|C5GREG)\s*:\s*(.*)$/i;
const isHex = (text: string | undefined): text is string => text !== undefined && /^[0-9A-F]{1,16}$/i.test(text);

/**
 * One registration line. The answer to the query begins with <n>, the report does not; `asked` says that it was asked for, and a
 * report that came in its place is still known by its shape. Fields may be missing, padded with zeros, blank, or more than there should be.
 */
export function registrationLine(line: string, asked: boolean): RegistrationLine | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const all = fields(match[2]!);
  // Area codes have four digits, <stat> three at most: '+CREG: 1,0001,0010' is a report.
  const query = asked && int(all[0]) !== undefined && all[1] !== undefined && /^\d{1,3}$/.test(all[1]);
  const stat = int(all[query ? 1 : 0]);
  if (stat === undefined || stat < 0 || stat >= states.length) return undefined;
  const rest = all.slice(query ? 2 : 1);
  // The routing area, two digits, stands between area and cell on some LTE modules: 2CA8, 20 ,B5583D ,7.
  const routing = rest.length >= 4 && isHex(rest[1]) && rest[1].length <= 2 && isHex(rest[2]) && rest[2].length > 2 && int(rest[3]) !== undefined;
  const [area, cell, act] = routing ? [rest[0], rest[2], rest[3]] : rest;
  const lac = isHex(area) ? area.toUpperCase() : undefined;
  const ci = isHex(cell) ? cell.toUpperCase().replace(/^0+(?=.)/, '') : undefined;
  const nowhere = (lac === undefined || /^0+$/.test(lac)) && (ci === undefined || ci === '0');
  return {
    domain: match[1]!.toUpperCase() as RegistrationDomain, n: query ? int(all[0]) : undefined, stat, regState: states[stat]!,
    lac: nowhere ? undefined : lac, ci: nowhere ? undefined : ci, act: technologyOfAct(some(act)),
  };
}

/** All registration lines among these. */
export const registrationLines = (lines: readonly string[], asked: boolean): RegistrationLine[] => lines.flatMap(line => registrationLine(line, asked) ?? []);

/**
 * One state out of those of voice and packet domains: packets count first, for packets are what we want; then voice, which old
 * cards know better. A bare OK to +CGREG? is no line, and says nothing.
 */
export function bestRegistration(lines: readonly RegistrationLine[]): RegistrationLine | undefined {
  const rank = (line: RegistrationLine): number => {
    const state = stateOf(line);
    const packets = line.domain === 'CREG' ? 0 : 1;
    if (state === 'home' || state === 'roaming') return 10 + packets + (line.domain === 'C5GREG' ? 1 : 0);
    return { searching: 6, denied: 4, idle: 2, unknown: 0, home: 0, roaming: 0 }[state] + packets;
  };
  return [...lines].sort((a, b) => rank(b) - rank(a))[0];
}
