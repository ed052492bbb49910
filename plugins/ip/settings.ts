import { type Problem, z } from '../../sdk/index.ts';
import { bitsOf, parse4, parseMac } from '../../sdk/wire/address.ts';

export const address = z.string().refine((s) => parse4(s) !== undefined, 'must be an IPv4 address, like 192.168.1.2');
const mac = z.string().refine((s) => parseMac(s) !== undefined, 'must be a hardware address, like 00:a0:c5:01:02:03');
const mask = z.string().refine((s) => bitsOf(parse4(s) ?? 1) !== undefined, 'must be a subnet mask, like 255.255.255.0');

/** Rows of the static route table; 1 and 2 are the WAN default routes. */
export const FIRST_INDEX = 3;
export const LAST_INDEX = 50;

export const staticRoute = z.object({
  index: z.number().int().min(FIRST_INDEX).max(LAST_INDEX).meta({ title: '#', help: `Row of the table, ${FIRST_INDEX}–${LAST_INDEX}; rows 1 and 2 are the default routes of WAN and CELLULAR.` }),
  name: z.string().max(31).default('').meta({ title: 'Route Name' }),
  active: z.boolean().default(true).meta({ title: 'Active' }),
  private: z.boolean().default(false).meta({ title: 'Private', help: 'Not told to others by RIP.' }),
  destination: address.default('0.0.0.0').meta({ title: 'Destination IP Address' }),
  mask: mask.default('255.255.255.0').meta({ title: 'IP Subnet Mask' }),
  gateway: address.default('0.0.0.0').meta({ title: 'Gateway IP Address', help: 'A host in a subnet of the router.' }),
  metric: z.number().int().min(1).max(15).default(2).meta({ title: 'Metric', help: 'The lower one wins among routes to the same destination.' }),
});
export type StaticRoute = z.infer<typeof staticRoute>;

export const settings = z.object({
  staticRoutes: z.array(staticRoute).max(LAST_INDEX - FIRST_INDEX + 1).default([]).meta({ title: 'Static Routes' }),
  arp: z.object({
    ackGratuitous: z.object({
      active: z.boolean().default(false).meta({ title: 'Act on gratuitous ARP', help: 'The router asks for the address itself and learns from the answer.' }),
      forceUpdate: z.boolean().default(false).meta({ title: 'Also for addresses known already' }),
    }).prefault({}),
    attpret: z.boolean().default(false).meta({ title: 'Take ARP from other networks', help: 'Answer ARP requests whose sender is outside the subnets of the interface, and ask for addresses there. Off: only those are answered to which the interface is a route, as on an uplink; nothing is learnt from them.' }),
    age: z.number().int().min(20).max(86_400).default(300).meta({ title: 'Confirm entries after', unit: 's' }),
    most: z.number().int().min(16).max(8192).default(2048).meta({ title: 'Most entries' }),
    entries: z.array(z.object({
      ip: address.meta({ title: 'IP Address' }),
      mac: mac.meta({ title: 'MAC Address' }),
    })).max(256).default([]).meta({ title: 'Permanent entries' }),
  }).prefault({}).meta({ title: 'ARP' }),
  icmp: z.object({
    echo: z.boolean().default(true).meta({ title: 'Respond to PING' }),
    closedPorts: z.enum(['answer', 'silent']).default('answer').meta({ title: 'Requests for unauthorized services', help: 'answer: TCP reset, ICMP port unreachable; silent: nothing.' }),
    perSecond: z.number().int().min(1).max(100_000).default(1000).meta({ title: 'ICMP errors at most', unit: '/s' }),
    perPeer: z.number().int().min(1).max(100_000).default(100).meta({ title: 'ICMP errors to one host at most', unit: '/s' }),
  }).prefault({}).meta({ title: 'ICMP' }),
  reassembly: z.object({
    timeout: z.number().int().min(1).max(120).default(30).meta({ title: 'Wait for missing fragments', unit: 's' }),
    most: z.number().int().min(128).max(65_536).default(4096).meta({ title: 'Memory for fragments', unit: 'KiB' }),
    mostOfSource: z.number().int().min(128).max(65_536).default(1024).meta({ title: 'Memory for fragments of one sender', unit: 'KiB' }),
  }).prefault({}).meta({ title: 'Reassembly' }),
});
export type Settings = z.infer<typeof settings>;

/** What single fields cannot show. */
export function verify(mine: Settings): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<number>();
  mine.staticRoutes.forEach((r, i) => {
    const at = (field: keyof StaticRoute, message: string) => problems.push({ path: ['staticRoutes', i, field], message });
    if (seen.has(r.index)) at('index', `row ${r.index} is there twice`);
    seen.add(r.index);
    if (!r.active) return;
    const bits = bitsOf(parse4(r.mask) ?? 0) ?? 0;
    const low = bits >= 32 ? 0 : 2 ** (32 - bits) - 1;
    if (((parse4(r.destination) ?? 0) & low) !== 0) at('destination', `${r.destination} has host bits set that ${r.mask} leaves out`);
    if (r.gateway === '0.0.0.0') at('gateway', 'a gateway is needed');
  });
  const ips = new Set<string>();
  mine.arp.entries.forEach((e, i) => {
    if (ips.has(e.ip)) problems.push({ path: ['arp', 'entries', i, 'ip'], message: `${e.ip} is there twice` });
    if ((parseMac(e.mac)?.[0] ?? 0) & 1) problems.push({ path: ['arp', 'entries', i, 'mac'], message: `${e.mac} is a group address` });
    ips.add(e.ip);
  });
  return problems;
}

/** What a reload carries over. Times are the clock's, which goes on. */
export const carried = z.object({
  neighbours: z.array(z.object({ link: z.number(), ip: z.number(), mac: z.string(), port: z.number(), permanent: z.boolean(), confirmed: z.number() })),
  routes: z.array(z.object({ dest: z.number(), bits: z.number(), via: z.number().optional(), link: z.string(), metric: z.number(), private: z.boolean() })),
});
export type Carried = z.infer<typeof carried>;
