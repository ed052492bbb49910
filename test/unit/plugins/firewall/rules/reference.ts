import type { AddressMatch, Packet5, Rule, RuleEnv, Schedule, ServiceMatch, Side } from '../../../../../plugins/firewall/rules/model.ts';

/** The meaning of rules, written to be obviously right: walks the list. */
export function firstMatch(rules: readonly Rule[], env: RuleEnv, from: string, to: string, p: Packet5, minuteOfWeek: number): number {
  return rules.findIndex(r => r.active && zone(r.from, from) && zone(r.to, to) && side(r.source, p.src, env) && side(r.destination, p.dst, env)
    && (r.services.length === 0 || r.services.some(s => service(s, p, env))) && (r.schedule === undefined || inTime(r.schedule, minuteOfWeek)));
}

const zone = (wanted: string, is: string): boolean => wanted === 'Any' || wanted === is;

function side(s: Side, address: number, env: RuleEnv): boolean {
  const inside = s.match.length === 0 || s.match.some(m => isIn(m, address, env));
  return s.negate ? !inside : inside;
}

function isIn(m: AddressMatch, address: number, env: RuleEnv): boolean {
  switch (m.kind) {
    case 'any': return true;
    case 'single': return address === m.address;
    case 'range': return address >= m.from && address <= m.to;
    case 'subnet': return Math.floor(address / 2 ** (32 - m.bits)) === Math.floor(m.address / 2 ** (32 - m.bits));
    case 'group': return (env.groups.get(m.name) ?? []).some(g => isIn(g, address, env));
  }
}

function service(s: ServiceMatch, p: Packet5, env: RuleEnv): boolean {
  if (s.kind === 'any') return true;
  const traffic = s.kind === 'inline' ? [s.traffic] : env.services.get(s.name.toLowerCase()) ?? [];
  return traffic.some(t => t.proto === p.proto && p.sport >= t.sport.from && p.sport <= t.sport.to && p.dport >= t.dport.from && p.dport <= t.dport.to);
}

/** In a window that began today, or yesterday. */
function inTime(s: Schedule, minuteOfWeek: number): boolean {
  const length = s.from < s.to ? s.to - s.from : s.from > s.to ? 1440 - s.from + s.to : 0;
  const today = Math.floor(minuteOfWeek / 1440);
  const time = minuteOfWeek % 1440;
  const within = (day: number, sinceItsMidnight: number): boolean => (s.days & 1 << day) !== 0 && sinceItsMidnight >= s.from && sinceItsMidnight < s.from + length;
  return within(today, time) || within((today + 6) % 7, time + 1440);
}
