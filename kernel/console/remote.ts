import { z } from 'zod';
import { parsePrefix } from '../../sdk/wire/address.ts';

/** The services by which the router is managed from outside. */
export const serviceNames = ['http', 'https', 'ssh', 'telnet'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Sides of the router. 'host': interfaces of this machine that the router does not have. Loopback is always let in. */
export const sides = ['lan', 'wan', 'cell', 'dmz', 'wlan', 'host'] as const;
export type Side = (typeof sides)[number];

/** Sides by the names of security zones. */
const zones: Readonly<Record<string, Side>> = { lan: 'lan', wan: 'wan', cell: 'cell', cellular: 'cell', dmz: 'dmz', wlan: 'wlan' };

/** 'LAN' → 'lan', 'CELLULAR' → 'cell'; 'none' for an interface of no zone, or of one that no rule can name: nobody comes in there. */
export function sideOfZone(zone: string | undefined): Side | 'none' {
  const name = zone?.toLowerCase() ?? '';
  return Object.hasOwn(zones, name) ? zones[name]! : 'none';
}

export type Ports = Readonly<Record<ServiceName, number>>;
/** Where everybody expects them; only root may take them. */
export const wellKnownPorts: Ports = { http: 80, https: 443, ssh: 22, telnet: 23 };
/** For the lab, and for everybody who is not root. */
export const unprivilegedPorts: Ports = { http: 8411, https: 8443, ssh: 8422, telnet: 8423 };

/** '0.0.0.0' is everybody, as in the original. */
const SecureClient = z.string().refine((text) => text === '0.0.0.0' || parsePrefix(text.includes('/') ? text : `${text}/32`) !== undefined, 'an IPv4 address or prefix; 0.0.0.0 for everybody');

const service = (port: number, active: boolean) => ({
  active: z.boolean().default(active).meta({ title: 'Active', help: 'whether this service is offered at all' }),
  port: z.int().min(Math.min(1, port)).max(65_535).default(port).meta({ title: 'Port', help: 'TCP port of the service' }),
  access: z.array(z.enum(sides)).default(['lan', 'host']).meta({ title: 'Server access', help: 'sides from which it may be reached; empty: this machine only' }),
  secureClientIp: SecureClient.default('0.0.0.0').meta({ title: 'Secure client IP', help: 'the only address or prefix that may connect; 0.0.0.0: all' }),
});

/** Settings of remote management, as the section `remote`. `ports`: the defaults; 0 takes a free one. */
export const remoteSchema = (ports: Ports) => z.object({
  idleMinutes: z.int().min(0).max(1440).default(5).meta({ title: 'Administrator inactivity timer', unit: 'min', help: 'log-ins end after so long without activity; 0: never (sys stdio)' }),
  lockoutMinutes: z.int().min(0).max(60).default(0).meta({ title: 'Password error wait', unit: 'min', help: 'wait after three wrong passwords; 0: only the growing delay (sys pwderrtm)' }),
  names: z.array(z.string().regex(/^[\w.-]{1,253}$/, 'a host name')).max(32).default([]).meta({ title: 'Names', help: 'further names under which browsers may ask for this router' }),
  http: z.object({
    ...service(ports.http, true),
    redirect: z.boolean().default(false).meta({ title: 'Redirect to HTTPS', help: 'send browsers to HTTPS' }),
  }).prefault({}),
  https: z.object({
    ...service(ports.https, true),
    clientCertificates: z.enum(['off', 'optional', 'required']).default('off').meta({ title: 'Client certificates', help: 'log in by a certificate of a trusted authority whose common name is an account' }),
  }).prefault({}),
  ssh: z.object(service(ports.ssh, true)).prefault({}),
  telnet: z.object(service(ports.telnet, false)).prefault({}),
});
export type Remote = z.infer<ReturnType<typeof remoteSchema>>;

/** Two services on one port; port 0 is any free one. */
export function portClash(remote: Remote): { readonly path: (string | number)[]; readonly message: string } | undefined {
  const taken = new Map<number, ServiceName>();
  for (const name of serviceNames) {
    const { active, port } = remote[name];
    if (!active || port === 0) continue;
    const other = taken.get(port);
    if (other !== undefined) return { path: [name, 'port'], message: `${port} is the port of ${other} already` };
    taken.set(port, name);
  }
  return undefined;
}
