import type { NewFlow } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { ruleFor } from './address-rules.ts';
import type { DynamicMappings } from './mappings.ts';
import type { Plan } from './plan.ts';
import type { Translator } from './translator.ts';

/** One line for `trace`: why the destination became what it is. */
export function explainInward(flow: NewFlow, plan: Plan, dynamics: DynamicMappings): string {
  const out = plan.outside.get(flow.dst | 0);
  if (!out) return 'not an outside address';
  const from = flow.inLink === out.uplink.link ? '' : 'NAT loopback: ';
  const forward = out.server ? out.uplink.forwards.find(flow.proto, flow.dport) : undefined;
  if (forward) return `${from}port forwarding rule ${forward.rule} to ${format4(forward.server)}`;
  const mapping = dynamics.list().find(m => m.uplink === out.uplink.name && m.proto === flow.proto && m.extPort === flow.dport);
  if (mapping) return `${from}port mapping "${mapping.why}" to ${format4(mapping.intIp)}`;
  if (out.exclusive) return `${from}${out.exclusive.type}, rule ${out.exclusive.number}`;
  return `${from}${out.uplink.name}, filtering ${out.uplink.config.filtering}`;
}

/** One line for `trace`: how the source is hidden. */
export function explainOutward(flow: NewFlow, plan: Plan, nat: Translator): string {
  const uplink = plan.onLink(flow.outLink);
  const sessions = `${nat.sessions(flow.src)} sessions of this host`;
  if (!uplink) return `NAT loopback, ${sessions}`;
  const rule = ruleFor(uplink.rules, flow.src);
  return rule ? `${rule.type}, rule ${rule.number}, ${sessions}` : `many-to-one, ${sessions}`;
}
