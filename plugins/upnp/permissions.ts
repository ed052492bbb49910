import { maskOf, parsePrefix } from '../../sdk/wire/address.ts';
import type { RuleSettings } from './settings.ts';

export interface Span { readonly first: number; readonly last: number }
const ALL: Span = { first: 1, last: 65535 };

/** '', '80' or '1024-65535'; undefined: it is none of these, or upside down. */
export function parsePorts(text: string): Span | undefined {
  if (text === '') return ALL;
  const m = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!m) return undefined;
  const first = Number(m[1]);
  const last = m[2] === undefined ? first : Number(m[2]);
  return first < 1 || last < first || last > 65535 ? undefined : { first, last };
}

/** '192.168.1.33' or '192.168.1.0/24'. */
export const parseHosts = (text: string) => parsePrefix(text.includes('/') ? text : `${text}/32`);

interface Rule { readonly allow: boolean; readonly ip: number; readonly mask: number; readonly inside: Span; readonly outside: Span }

/** Who may map what: ordered rules, the first that fits counts, and what none fits is allowed. */
export class Permissions {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly RuleSettings[]) {
    this.#rules = rules.filter(r => r.active).map(r => {
      const prefix = parseHosts(r.inside);
      const mask = prefix ? maskOf(prefix.bits) : 0;
      return { allow: r.action === 'allow', ip: ((prefix?.address ?? 0) & mask) >>> 0, mask, inside: parsePorts(r.insidePorts) ?? ALL, outside: parsePorts(r.outsidePorts) ?? ALL };
    });
  }

  allows(intIp: number, intPort: number, extPort: number): boolean {
    const rule = this.#rules.find(r => ((intIp & r.mask) >>> 0) === r.ip && has(r.inside, intPort) && has(r.outside, extPort));
    return rule?.allow ?? true;
  }

  /** Outside ports that rules name for this host and port, where a search for an allowed one may look. */
  ranges(intIp: number, intPort: number): readonly Span[] {
    return this.#rules.filter(r => r.allow && ((intIp & r.mask) >>> 0) === r.ip && has(r.inside, intPort)).map(r => r.outside);
  }
}

const has = (s: Span, port: number): boolean => port >= s.first && port <= s.last;
