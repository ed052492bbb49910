import { type Problem, z } from '../../sdk/index.ts';
import { parseHosts, parsePorts } from './permissions.ts';

const MOST_RULES = 64;
/** Longest lifetimes: IGD:2 §2.5.16 allows no more than a week; RFC 6887 §15 recommends a day for PCP. Seconds. */
export const WEEK = 604_800;
export const DAY = 86_400;
/** The shortest that is given (RFC 6887 §15 recommends two minutes). Seconds. */
export const SHORTEST = 120;

const ports = z.string().max(11).refine(t => parsePorts(t) !== undefined, 'must be empty, a port, or a range like 1024-65535').default('');

export const ruleSettings = z.object({
  active: z.boolean().default(true).meta({ title: 'Active' }),
  action: z.enum(['allow', 'deny']).default('allow').meta({ title: 'Action' }),
  inside: z.string().max(18).refine(t => t === '' || parseHosts(t) !== undefined, 'must be empty, an address, or a subnet like 192.168.1.0/24').default('')
    .meta({ title: 'Hosts', help: 'A subnet or an address; empty: all.' }),
  insidePorts: ports.meta({ title: 'Ports of the host', help: 'Empty: all.' }),
  outsidePorts: ports.meta({ title: 'Outside ports', help: 'Empty: all.' }),
  comment: z.string().max(63).default('').meta({ title: 'Comment' }),
});

export const settings = z.object({
  active: z.boolean().default(false).meta({ title: 'Enable UPnP', help: 'Hosts inside may find the router and ask for ports: UPnP IGD, NAT-PMP and PCP.' }),
  configure: z.boolean().default(true).meta({ title: 'Allow configuration changes', help: 'Off: hosts can look, but no new mapping is made.' }),
  firewall: z.boolean().default(true).meta({ title: 'Allow through firewall', help: 'Off: a mapped port is reached from outside only where a rule of the firewall permits it.' }),
  igd: z.boolean().default(true).meta({ title: 'UPnP IGD', help: 'Internet gateway device, found by SSDP.' }),
  version: z.enum(['1', '2']).default('1').meta({ title: 'IGD version', help: 'Many consoles know version 1 only. AddAnyPortMapping and lifetimes work in both.' }),
  pcp: z.boolean().default(true).meta({ title: 'NAT-PMP and PCP' }),
  interfaces: z.array(z.enum(['lan', 'dmz', 'wlan'])).min(1).max(3).default(['lan']).meta({ title: 'Interfaces', help: 'Whose hosts are served.' }),
  uplink: z.string().regex(/^([a-z][a-z0-9:.-]{0,14})?$/, 'must be empty, or the name of an uplink, like wan').default('')
    .meta({ title: 'Outgoing WAN interface', help: 'Where ports are opened; empty: the uplink in use.' }),
  port: z.number().int().min(1024).max(65535).default(2189).meta({ title: 'HTTP port', help: "TCP, on the interfaces' own addresses." }),
  others: z.boolean().default(false).meta({ title: 'Mappings for others', help: 'On: a host may open ports of other hosts, too.' }),
  mostPerHost: z.number().int().min(1).max(1024).default(32).meta({ title: 'Most mappings of one host' }),
  most: z.number().int().min(1).max(4096).default(256).meta({ title: 'Most mappings in all' }),
  longest: z.number().int().min(SHORTEST).max(WEEK).default(WEEK).meta({ title: 'Longest lifetime', unit: 's', help: 'Of mappings that ask for one. NAT-PMP and PCP get a day at most.' }),
  retain: z.boolean().default(true).meta({ title: 'Retain mappings', help: 'Off: they end when the uplink goes down, and with the router.' }),
  rules: z.array(ruleSettings).max(MOST_RULES).default([]).meta({ title: 'Permission rules', help: 'The first that fits counts; what none fits is allowed.' }),
}).meta({ title: 'UPnP, NAT-PMP and PCP' });

export type Settings = z.infer<typeof settings>;
export type RuleSettings = z.infer<typeof ruleSettings>;

/** What single fields cannot show. */
export function verify(mine: Settings): readonly Problem[] {
  const problems: Problem[] = [];
  if (mine.mostPerHost > mine.most) problems.push({ path: ['mostPerHost'], message: `more than ${mine.most}, the most in all` });
  mine.interfaces.forEach((name, i) => { if (mine.interfaces.indexOf(name) < i) problems.push({ path: ['interfaces', i], message: `${name} is there twice` }); });
  return problems;
}
