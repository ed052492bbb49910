import { formatAddress, formatService } from '../../plugins/firewall/rules/text.ts';
import type { Rule, RuleEnv } from '../../plugins/firewall/rules/model.ts';
import { firstMatch } from '../unit/plugins/firewall/rules/reference.ts';
import { ip } from './frames.ts';

/** Where packets come from and go to in the model: one subnet each, and the router's address there. */
export const SIDES = ['LAN', 'DMZ', 'WAN'] as const;
export type Side = (typeof SIDES)[number];
export const ROUTER: Readonly<Record<Side, string>> = { LAN: '192.168.1.1', DMZ: '192.168.2.1', WAN: '198.51.100.2' };

export type Verdict = 'permit' | 'drop' | 'reject';
export interface Directions { readonly from: Side; readonly to: Side; readonly action: Verdict }
/** A question to the rules: `dport` of ICMP is type << 8 | code. */
export interface Tuple { readonly src: number; readonly dst: number; readonly proto: number; readonly sport: number; readonly dport: number }

/** The slow, obvious meaning of the settings for a packet that begins something. */
export class Reference {
  readonly #rules: readonly Rule[];
  readonly #env: RuleEnv;
  readonly #directions: readonly Directions[];
  readonly #minute: number;

  constructor(rules: readonly Rule[], env: RuleEnv, directions: readonly Directions[], minute: number) {
    this.#rules = rules;
    this.#env = env;
    this.#directions = directions;
    this.#minute = minute;
  }

  /** From one side to another one, or, where they are the same, to the router itself. */
  verdict(from: Side, to: Side, t: Tuple): Verdict {
    const at = firstMatch(this.#rules, this.#env, from, to, t, this.#minute);
    if (at >= 0) return this.#rules[at]!.action;
    return this.#directions.find((d) => d.from === from && d.to === to)?.action ?? byDefault(from, to);
  }
}

/** The profile `secure`, without its openings to the router itself. */
const byDefault = (from: Side, to: Side): Verdict => from === 'LAN' || (from === 'DMZ' && to === 'WAN') ? 'permit' : 'drop';

/** Which side an address belongs to; undefined: nobody sends from it, or it is the router's own. */
export function home(address: number): Side | undefined {
  const a = address >>> 0;
  if (Object.values(ROUTER).some((r) => ip(r) === a)) return undefined;
  const top = a >>> 24;
  if (top === 0 || top === 127 || top >= 224) return undefined;
  if (a >>> 8 === ip('192.168.1.0') >>> 8) return 'LAN';
  return a >>> 8 === ip('192.168.2.0') >>> 8 ? 'DMZ' : 'WAN';
}

/** Rules as people write them down. */
export const written = (r: Rule) => ({
  id: r.id, name: '', active: r.active, from: r.from, to: r.to, source: r.source.match.map(formatAddress), sourceNot: r.source.negate, destination: r.destination.match.map(formatAddress),
  destinationNot: r.destination.negate, services: r.services.map(formatService), log: r.log, alert: r.alert, action: r.action, comment: '',
  ...(r.schedule ? { schedule: { days: dayNames.filter((_, i) => r.schedule!.days >> i & 1), from: clock(r.schedule.from), to: clock(r.schedule.to) } } : {}),
});
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Who lives where; the first one of each side is the lab's host. */
export const HOSTS: Readonly<Record<Side, readonly string[]>> = {
  LAN: ['192.168.1.33', '192.168.1.35', '192.168.1.36'], DMZ: ['192.168.2.33', '192.168.2.34', '192.168.2.35'], WAN: ['203.0.113.10', '203.0.113.77', '10.1.2.3'],
};
