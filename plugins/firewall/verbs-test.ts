import { CliError, type Facts, z } from '../../sdk/index.ts';
import { format4, parse4 } from '../../sdk/wire/address.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { Core } from './core.ts';
import { directionOf, missingRule, reason } from './explain.ts';
import { type Case, Judge } from './judge.ts';
import { zoneNames } from './tables.ts';

export const protocols: Readonly<Record<string, number>> = { icmp: 1, igmp: 2, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51 };
const address = z.string().refine((t) => parse4(t) !== undefined, 'must be an IPv4 address, like 192.168.1.33');
/** The source port that is asked about: any above the well-known ones. */
const SPORT = 50_000;

/** `firewall test`: what would become of a flow, without sending anything. */
export function testVerb(core: Core): void {
  const { ctx } = core;
  ctx.command({
    path: 'firewall test', access: 'read', help: 'what would become of a new session, and why; addresses and ports as they are after port forwarding',
    args: {
      from: { schema: z.string(), help: 'zone it comes from', complete: () => zoneNames(core) },
      source: { schema: address, help: 'address of the sender' },
      destination: { schema: address, help: 'address it is for' },
      protocol: { schema: z.union([z.enum(['tcp', 'udp', 'icmp', 'igmp', 'gre', 'esp', 'ah']), z.number().int().min(0).max(255)]), help: 'protocol, by name or number', complete: () => Object.keys(protocols) },
      port: { schema: z.number().int().min(0).max(65_535).default(0), help: 'destination port, or type of ICMP (default 8, echo)' },
    },
    run: ({ from, source, destination, protocol, port }) => {
      const zone = zoneNames(core).find((n) => n.toLowerCase() === from.toLowerCase());
      if (zone === undefined) throw new CliError(`there is no zone '${from}'; zones are ${zoneNames(core).join(', ')}`);
      const proto = typeof protocol === 'number' ? protocol : protocols[protocol]!;
      return tested(core, zone, parse4(source)!, parse4(destination)!, proto, port);
    },
  });
}

/** What would become of a session, in facts: verdict, direction, why, log, and which rule would permit it. Addresses as in FlowKey. */
export function tested(core: Core, from: string, src: number, dst: number, proto: number, port: number): Facts {
  const { addresses, routes } = core.ctx.use;
  if (!core.settings.active) return { facts: { verdict: 'permit', why: 'the firewall is off (sys firewall active yes)' } };
  const toSelf = addresses.ownedBy(dst) !== undefined;
  const way = toSelf ? undefined : routes.lookup(dst);
  if (!toSelf && !way) return { facts: { verdict: 'drop', why: `there is no route to ${format4(dst)}` } };
  const to = toSelf ? from : core.zones.nameOf(way!.link);
  const links = core.zones.linksOf(from);
  const c: Case = {
    src, dst, sport: proto === ipv4.PROTO_TCP || proto === ipv4.PROTO_UDP ? SPORT : 0, proto, toSelf, sameLink: way !== undefined && links.includes(way.link),
    dport: proto === ipv4.PROTO_ICMP ? (port === 0 ? 8 : port & 0xff) << 8 : port,
  };
  // A judge of its own: the one of the deciders holds what the last flow got.
  const judge = new Judge(core.judge.options, core.ctx.use.pinholes);
  judge.judge(core.ruleset, core.zones.names, core.zones.number(from), to === '' ? 0 : core.zones.number(to), c, core.policy.minute);
  const back = routes.lookup(src);
  const forged = core.settings.antiSpoofing && links.length > 0 && back && !links.includes(back.link) && back.bits > 0;
  return { facts: {
    verdict: judge.action, direction: directionOf(judge, core.zones.names), why: reason(judge, core.ruleset, core.zones.names), log: judge.log ? 'yes' : 'no',
    ...(judge.action === 'permit' ? {} : { 'to permit it': missingRule(from, to, dst, port, proto) }),
    ...(forged ? { note: `${format4(src)} is routed to ${core.zones.nameOf(back.link) || 'another interface'}: packets with that sender are refused as forged` } : {}),
  } };
}
