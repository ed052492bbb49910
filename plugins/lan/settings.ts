import { z } from '../../sdk/index.ts';
import { parse4, parseMac, bitsOf } from '../../sdk/wire/address.ts';
import { roles } from './contract.ts';

/** Static leases per interface (the original's larger models). */
const STATIC_LEASES = 128;
const ALIASES = 2;

const address = z.string().refine(t => parse4(t) !== undefined, 'must be an IPv4 address such as 192.168.1.1');
const mask = z.string().refine(t => { const n = parse4(t); return n !== undefined && bitsOf(n) !== undefined; }, 'must be a subnet mask such as 255.255.255.0');
const mac = z.string().refine(t => parseMac(t) !== undefined, 'must be a MAC address such as 00:a0:c5:01:23:45');
const label = z.string().max(31).regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$/i, 'letters, digits and hyphens only');
const domain = z.string().max(127).regex(/^([a-z0-9-]+(\.[a-z0-9-]+)*)?$/i, 'must be a domain name such as home.example');

const dhcp = z.object({
  mode: z.enum(['none', 'server', 'relay']).default('none').meta({ title: 'DHCP' }),
  poolStart: address.default('192.168.1.33').meta({ title: 'Pool starting address' }),
  poolSize: z.number().int().min(1).max(253).default(128).meta({ title: 'Pool size' }),
  leaseSec: z.number().int().min(120).max(31_536_000).default(259_200).meta({ title: 'Lease time', unit: 's' }),
  gateway: address.optional().meta({ title: 'Gateway', help: 'Told to clients; the router itself when empty.' }),
  dns: z.array(address).max(3).default([]).meta({ title: 'DNS servers', help: 'Told to clients; the router itself (DNS relay) when empty.' }),
  wins: z.array(address).max(2).default([]).meta({ title: 'WINS servers' }),
  relay: address.optional().meta({ title: 'Relay to', help: 'The DHCP server that requests are relayed to in relay mode.' }),
  authoritative: z.boolean().default(true)
    .meta({ title: 'Only server here', help: 'Clients with an unknown lease are answered at once; RFC 2131 wants silence where other servers may be.' }),
  static: z.array(z.object({ mac, ip: address, name: label.default('') })).max(STATIC_LEASES).default([]).meta({ title: 'Static leases' }),
});

const side = (defaults: { ip: string; dhcp: z.input<typeof dhcp> }) => z.object({
  ip: address.default(defaults.ip).meta({ title: 'IP address', help: '0.0.0.0 switches the interface off.' }),
  mask: mask.default('255.255.255.0').meta({ title: 'Subnet mask' }),
  aliases: z.array(z.object({ ip: address, mask })).max(ALIASES).default([]).meta({ title: 'IP aliases', help: 'Further addresses lan:1 and lan:2 on the same wire.' }),
  dhcp: dhcp.prefault(defaults.dhcp),
});

export const settings = z.object({
  ports: z.record(z.string().max(15), z.enum(roles)).default({ port1: 'lan', port2: 'lan', port3: 'lan', port4: 'lan' })
    .meta({ title: 'Port roles', help: 'What each port of the switch belongs to.' }),
  lan: side({ ip: '192.168.1.1', dhcp: { mode: 'server' } }).prefault({}).meta({ title: 'LAN' }),
  dmz: side({ ip: '0.0.0.0', dhcp: {} }).prefault({}).meta({ title: 'DMZ' }),
  wlan: side({ ip: '0.0.0.0', dhcp: {} }).prefault({}).meta({ title: 'WLAN' }),
  ageingSec: z.number().int().min(10).max(1_000_000).default(300)
    .meta({ title: 'Bridge ageing', unit: 's', help: 'A station that is silent for so long is looked for on all ports.' }),
  dns: z.object({
    relay: z.boolean().default(true).meta({ title: 'DNS relay' }),
    name: label.default('lancell').meta({ title: "The router's own name" }),
    domain: domain.default('').meta({ title: 'Domain', help: 'Told to DHCP clients; their names are answered under it.' }),
    servers: z.array(address).max(3).default([]).meta({ title: 'Servers', help: "Asked before the provider's." }),
    positiveSec: z.number().int().min(60).max(3600).default(3600).meta({ title: 'Keep answers at most', unit: 's' }),
    negativeSec: z.number().int().min(60).max(3600).default(60).meta({ title: 'Keep refusals at most', unit: 's' }),
  }).prefault({}).meta({ title: 'DNS' }),
}).meta({ title: 'LAN, DMZ and WLAN' });

export type Settings = z.infer<typeof settings>;
export type SideSettings = Settings['lan'];
export type DhcpSettings = SideSettings['dhcp'];
