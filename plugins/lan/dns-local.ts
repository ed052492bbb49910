import { parse4 } from '../../sdk/wire/address.ts';
import * as dns from '../../sdk/wire/dns.ts';
import { answerTo, type Shape } from './dns-shape.ts';

/** How long clients may keep a name that DHCP can give to another host (s). */
const LOCAL_TTL = 60;

/** Names the router itself answers for. Names are in lower case, without a dot at the end. */
export interface LocalNames {
  /** Address of a host of the inside, by its name alone or with the domain. */
  address(name: string): number | undefined;
  /** Full name of the host with this address. */
  name(ip: number): string | undefined;
  /** Whether the address belongs to an inside subnet: nobody outside can know its name. */
  inside(ip: number): boolean;
}

/** The answer to a question about the inside, or undefined when it has to be asked elsewhere. */
export const answerLocal = (local: LocalNames, query: Uint8Array, shape: Shape): Uint8Array | undefined => {
  if (shape.class_ !== dns.CLASS_IN) return undefined;
  const record = (type: number, data: dns.Data): dns.ResourceRecord => ({ name: shape.name, type, class: dns.CLASS_IN, ttl: LOCAL_TTL, data });
  const reversed = addressInName(shape.name);
  if (reversed !== undefined) {
    if (!local.inside(reversed)) return undefined;
    const name = local.name(reversed);
    if (name === undefined) return answerTo(query, dns.NXDOMAIN);
    return answerTo(query, dns.NOERROR, asks(shape, dns.TYPE_PTR) ? [record(dns.TYPE_PTR, { kind: 'name', name })] : []);
  }
  const ip = local.address(shape.name);
  if (ip === undefined) return undefined;
  // Another type of a name we own: it exists and has no such record.
  return answerTo(query, dns.NOERROR, asks(shape, dns.TYPE_A) ? [record(dns.TYPE_A, { kind: 'address', address: ip })] : []);
};

const asks = (shape: Shape, type: number): boolean => shape.type === type || shape.type === dns.TYPE_ANY;

/** 4.3.2.1.in-addr.arpa (RFC 1035 §3.5). */
const addressInName = (name: string): number | undefined => {
  const suffix = '.in-addr.arpa';
  return name.endsWith(suffix) ? parse4(name.slice(0, -suffix.length).split('.').reverse().join('.')) : undefined;
};

/** Host names as DNS has them (RFC 1123 §2.1); what a DHCP client calls itself may be anything. */
const isHostName = (name: string): boolean => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name);

export interface Host { readonly name: string; readonly ip: number }

/** Names from lists that may change between two questions. A name that two hosts claim belongs to the first. */
export const localNames = (opts: { domain: () => string; hosts: () => readonly Host[]; inside: (ip: number) => boolean }): LocalNames => ({
  address(name) {
    const domain = opts.domain().toLowerCase();
    const bare = domain && name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : name;
    return bare.includes('.') || bare === '' ? undefined : opts.hosts().find(h => h.name.toLowerCase() === bare && isHostName(h.name))?.ip;
  },
  name(ip) {
    const host = opts.hosts().find(h => h.ip === ip && isHostName(h.name));
    const domain = opts.domain();
    return host && (domain ? `${host.name}.${domain}` : host.name).toLowerCase();
  },
  inside: opts.inside,
});
