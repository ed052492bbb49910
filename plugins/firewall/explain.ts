import type { NewFlow } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { type Judge, Why } from './judge.ts';
import type { Ruleset } from './ruleset.ts';

/** What was judged, without the flow: 'WAN → LAN'. */
export const directionOf = (judge: Pick<Judge, 'from' | 'to'>, names: readonly string[]): string => `${names[judge.from] || 'no zone'} → ${names[judge.to] || 'no zone'}`;

/** Why the judge said so, in words: "rule 3 'web' of WAN → LAN: permit". */
export function reason(judge: Judge, set: Ruleset, names: readonly string[]): string {
  const way = directionOf(judge, names);
  switch (judge.why) {
    case Why.NoZone: return `drop: the interface ${judge.from === 0 ? 'it comes in on' : 'it would leave by'} is in no zone`;
    case Why.Pinhole: return `permit ${way}: opened by ${judge.by}`;
    case Why.Opening: return `permit ${way}: ${judge.by} to the router itself (${set.profile} profile)`;
    case Why.Triangle: return `permit ${way}: leaves by the interface it came in on (triangle route), not checked`;
    case Why.SessionLimit: return `drop ${way}: the host has as many sessions as it may have`;
    case Why.HalfOpen: return `drop ${way}: the destination has too many half-open sessions and is blocked for a while`;
    case Why.Ping: return `drop ${way}: anti-probing, pings are not answered here`;
    case Why.Default: return `default of ${way}: ${judge.action}`;
  }
  return `${ruleWords(set, judge.rule)}: ${judge.action}`;
}

/** "rule 3 'web' of WAN → LAN" */
export function ruleWords(set: Pick<Ruleset, 'rules' | 'numbers'>, at: number): string {
  const rule = set.rules[at];
  return rule ? `rule ${set.numbers[at]}${rule.name === '' ? '' : ` '${rule.name}'`} of ${rule.from} → ${rule.to}` : 'a rule';
}

/** The same about a flow; for a port that NAT forwards and the rules refuse, with the rule that would be right. */
export function explained(judge: Judge, set: Ruleset, names: readonly string[], flow: NewFlow): string {
  const text = reason(judge, set, names);
  if (judge.action === 'permit' || flow.toDst === flow.dst && flow.toDport === flow.dport || judge.why === Why.NoZone) return text;
  return `${text}; the port is forwarded, and a rule must let it in: ${missingRule(names[judge.from]!, names[judge.to]!, flow.toDst, flow.toDport, flow.proto)}`;
}

/** The verb that makes the rule which would permit this. */
export function missingRule(from: string, to: string, dst: number, dport: number, proto: number): string {
  const service = proto === ipv4.PROTO_TCP ? `tcp/${dport}` : proto === ipv4.PROTO_UDP ? `udp/${dport}` : proto === ipv4.PROTO_ICMP ? 'icmp' : String(proto);
  return `firewall rule insert ${from} ${to} permit to ${format4(dst)} service ${service}`;
}
