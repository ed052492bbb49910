import { z } from '../../sdk/index.ts';
import { parse4 } from '../../sdk/wire/address.ts';
import { parseRemote } from './remote.ts';

/** The original's tables, and how far they may grow. */
export const MOST_ADDRESS_MAPPINGS = 100;
export const MOST_PORT_FORWARDS = 100;
export const MOST_PORT_TRIGGERS = 12;
const MOST_UPLINKS = 8;
const NAME = 31;

const address = z.string().refine(t => parse4(t) !== undefined, 'must be an IPv4 address, like 192.168.1.33');
const port = z.number().int().min(1, 'must be a port, 1-65535').max(65535, 'must be a port, 1-65535');
/** 0 stands for "the same" or "unchanged". */
const portOrNone = z.number().int().min(0).max(65535, 'must be a port, 1-65535');
const uplink = z.string().regex(/^[a-z][a-z0-9:.-]{0,14}$/, 'must be the name of an uplink, like wan').default('wan').meta({ title: 'Uplink' });

export const mappingTypes = ['one-to-one', 'many-to-one', 'many-to-many-overload', 'many-one-to-one', 'server'] as const;
/** Services that work only if anybody may send to the port that a host uses; their ports inside, UDP. */
export const openServices = { xboxlive: 3074 } as const;
const filterings = ['address-and-port', 'address', 'none'] as const;

export const uplinkSettings = z.object({
  name: uplink,
  active: z.boolean().default(true).meta({ title: 'Enable NAT', help: 'Off: packets keep their addresses on this uplink, and strangers may send to inside addresses.' }),
  mode: z.enum(['sua', 'full']).default('sua').meta({ title: 'Address mapping', help: 'sua: all hosts share the address of the uplink. full: by the address mapping rules.' }),
  filtering: z.enum(filterings).default('address-and-port').meta({ title: 'Who may answer', help: 'address-and-port: whom the host has sent to, from that port (as the original). address: from any port of it. none: anybody may send to a port in use.' }),
  defaultServer: address.default('0.0.0.0').meta({ title: 'Default server', help: 'Takes what no rule forwards; 0.0.0.0: nobody.' }),
  firstPort: port.default(1024).meta({ title: 'First outside port' }),
  lastPort: port.default(65535).meta({ title: 'Last outside port' }),
});

export const addressMapping = z.object({
  uplink,
  type: z.enum(mappingTypes).default('many-to-one').meta({ title: 'Type' }),
  localStart: address.default('0.0.0.0').meta({ title: 'Local start IP', help: 'Not for server. 0.0.0.0 to 255.255.255.255: all hosts.' }),
  localEnd: address.default('0.0.0.0').meta({ title: 'Local end IP', help: 'Not for one-to-one and server.' }),
  globalStart: address.default('0.0.0.0').meta({ title: 'Global start IP', help: '0.0.0.0: the address of the uplink; many-to-one and server only.' }),
  globalEnd: address.default('0.0.0.0').meta({ title: 'Global end IP', help: 'Not for one-to-one, many-to-one and server.' }),
});

export const portForward = z.object({
  active: z.boolean().default(true).meta({ title: 'Active' }),
  name: z.string().max(NAME).default('').meta({ title: 'Name' }),
  uplink,
  protocol: z.enum(['tcp', 'udp', 'tcp+udp']).default('tcp+udp').meta({ title: 'Protocol' }),
  start: port.default(1).meta({ title: 'Incoming ports: first' }),
  end: portOrNone.default(0).meta({ title: 'last', help: '0: the same as the first.' }),
  translateStart: portOrNone.default(0).meta({ title: 'Translated to: first', help: '0: the ports stay as they are.' }),
  translateEnd: portOrNone.default(0).meta({ title: 'last', help: '0: as many as come in.' }),
  server: address.default('0.0.0.0').meta({ title: 'Server IP address' }),
  remote: z.string().max(40).refine(t => parseRemote(t) !== undefined, 'must be empty, an address, a range 203.0.113.1-203.0.113.9 or a subnet 203.0.113.0/24').default('')
    .meta({ title: 'Only from', help: 'An address, a range or a subnet; empty: from anywhere.' }),
});

const portTrigger = z.object({
  active: z.boolean().default(true).meta({ title: 'Active' }),
  name: z.string().max(NAME).default('').meta({ title: 'Name' }),
  uplink,
  incomingStart: port.default(1).meta({ title: 'Incoming ports: first' }),
  incomingEnd: portOrNone.default(0).meta({ title: 'last', help: '0: the same as the first.' }),
  triggerStart: port.default(1).meta({ title: 'Trigger ports: first', help: 'A host that sends to one of these gets what comes to the incoming ports.' }),
  triggerEnd: portOrNone.default(0).meta({ title: 'last', help: '0: the same as the first.' }),
});

const seconds = (title: string, byDefault: number, help: string) =>
  z.number().int().min(1).max(604_800).default(byDefault).meta({ title, unit: 's', help });

export const timeouts = z.object({
  tcp: seconds('TCP, connected', 7440, 'RFC 5382 REQ-5: at least 2 h 4 min.'),
  tcpother: seconds('TCP, opening and closing', 240, 'RFC 5382 REQ-5: at least 4 min.'),
  reset: seconds('TCP, after a reset', 10, ''),
  udp: seconds('UDP', 180, 'RFC 4787 REQ-5: at least 2 min. Unanswered flows stay 2 min at most.'),
  generic: seconds('ICMP, and other protocols without an answer', 120, 'RFC 5508 REQ-2: at least 60 s.'),
  gre: seconds('GRE, ESP and other protocols with answers', 3600, ''),
  iamt: seconds('Addresses of many one-to-one', 300, 'How long a host keeps its outside address without sessions.'),
});

export const settings = z.object({
  active: z.boolean().default(true)
    .meta({ title: 'Network address translation', help: 'Hosts behind the router share the uplink address (SUA, many-to-one).' }),
  loopback: z.boolean().default(true)
    .meta({ title: 'NAT loopback', help: 'Hosts inside reach forwarded ports by the outside address too.' }),
  maxSessionsPerHost: z.number().int().min(1).max(65535).default(10_000)
    .meta({ title: 'Max. concurrent sessions per host', help: 'New sessions of a host that has this many are refused.' }),
  reservedPorts: z.array(z.number().int().min(1024).max(65535)).max(256).default([1701, 4500, 8080, 8443])
    .meta({ title: 'Reserved ports', help: "Ports above 1023 of the router's own services; NAT never uses them. Those below 1024 are always reserved." }),
  vpn: z.object({
    pptp: z.boolean().default(true).meta({ title: 'PPTP', help: 'Call ids are translated, so that several hosts can be clients of one server.' }),
    incikeport: z.boolean().default(true).meta({ title: 'Other ports for IKE', help: 'Off: port 500 stays 500 outside for all hosts, which are told apart by the cookies of IKE.' }),
    incnattport: z.boolean().default(true).meta({ title: 'Other ports for NAT traversal', help: 'Off: so it is with port 4500 (IKE and ESP in UDP); ESP is told apart by its SPIs, of which new ones are guessed.' }),
  }).prefault({}).meta({ title: 'VPN pass-through' }),
  routing: z.array(z.enum(['lan', 'dmz', 'wlan'])).max(3).default([])
    .meta({ title: 'Interfaces without NAT', help: 'Hosts there keep their addresses and can be reached by them.' }),
  services: z.array(z.enum(['xboxlive'])).max(1).default([])
    .meta({ title: 'Services that anybody may reach', help: 'xboxlive: whoever sends to the outside port of a host that uses UDP port 3074 reaches it, as players of one game do.' }),
  uplinks: z.array(uplinkSettings).max(MOST_UPLINKS).default([]).meta({ title: 'Uplinks', help: 'Uplinks that are not listed share their address (SUA).' }),
  addressMapping: z.array(addressMapping).default([]).meta({ title: 'Address mapping', help: 'The first rule that has the host counts.' }),
  portForwarding: z.array(portForward).default([]).meta({ title: 'Port forwarding' }),
  portTriggering: z.array(portTrigger).default([]).meta({ title: 'Port triggering' }),
  timeouts: timeouts.prefault({}).meta({ title: 'Timeouts' }),
}).meta({ title: 'NAT' });

export type Settings = z.infer<typeof settings>;
export type UplinkSettings = z.infer<typeof uplinkSettings>;
export type AddressMapping = z.infer<typeof addressMapping>;
export type PortForward = z.infer<typeof portForward>;
export type PortTrigger = z.infer<typeof portTrigger>;
export type Timeouts = z.infer<typeof timeouts>;
