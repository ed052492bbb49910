import type { Problem } from '../../sdk/index.ts';
import { bitsOf, broadcastOf, contains, format4, network, overlaps, parse4, parseMac, type Prefix, formatMac } from '../../sdk/wire/address.ts';
import { type Role, roles } from './contract.ts';
import type { Settings, SideSettings } from './settings.ts';

/** An address an inside interface has, from settings that parsed. */
export interface PlannedAddress extends Prefix {
  /** 'lan', 'lan:1'. */
  readonly name: string;
  readonly role: Role;
  readonly path: readonly (string | number)[];
}

/** Text that the settings schema has checked. */
export const ip = (text: string): number => parse4(text) ?? 0;
export const bits = (mask: string): number => bitsOf(ip(mask)) ?? 24;

/** The addresses of one interface, its own first; none when it is switched off. */
export const addressesOf = (role: Role, side: SideSettings): PlannedAddress[] => {
  if (ip(side.ip) === 0) return [];
  return [
    { name: role, role, address: ip(side.ip), bits: bits(side.mask), path: [role, 'ip'] },
    ...side.aliases.map((alias, i): PlannedAddress =>
      ({ name: `${role}:${i + 1}`, role, address: ip(alias.ip), bits: bits(alias.mask), path: [role, 'aliases', i, 'ip'] })),
  ];
};

export const planned = (settings: Settings): PlannedAddress[] => roles.flatMap(role => addressesOf(role, settings[role]));

/** What single fields cannot show: overlapping subnets, hosts' addresses that are no hosts', pools outside their subnet. */
export const problems = (settings: Settings): Problem[] => {
  const out: Problem[] = [];
  const all = planned(settings);
  all.forEach((a, i) => {
    if (!isHost(a)) out.push({ path: a.path, message: `${format4(a.address)}/${a.bits} is not an address for ${a.name}` });
    for (const b of all.slice(0, i)) {
      if (overlaps(a, b)) out.push({ path: a.path, message: `${a.name} and ${b.name} share the subnet ${format4(network(a.address, a.bits))}/${a.bits}; each needs its own` });
    }
  });
  for (const role of roles) out.push(...dhcpProblems(role, settings[role]));
  return out;
};

const isHost = (a: Prefix): boolean =>
  a.bits >= 1 && a.bits <= 30 && a.address !== network(a.address, a.bits) && a.address !== broadcastOf(a.address, a.bits)
  && a.address >>> 24 !== 0 && a.address >>> 24 !== 127 && a.address >>> 28 < 14;

const dhcpProblems = (role: Role, side: SideSettings): Problem[] => {
  const { dhcp } = side;
  const out: Problem[] = [];
  if (dhcp.mode === 'relay' && dhcp.relay === undefined) out.push({ path: [role, 'dhcp', 'relay'], message: 'relay mode needs the address of a DHCP server' });
  if (dhcp.mode !== 'server' || ip(side.ip) === 0) return out;
  const subnet: Prefix = { address: ip(side.ip), bits: bits(side.mask) };
  const start = ip(dhcp.poolStart);
  const last = start + dhcp.poolSize - 1;
  if (!contains(subnet, start) || !contains(subnet, last >>> 0) || last >= broadcastOf(subnet.address, subnet.bits) || start === network(start, subnet.bits)) {
    out.push({ path: [role, 'dhcp', 'poolStart'], message: `the pool ${dhcp.poolStart} to ${format4(last)} does not fit into ${role}'s subnet ${side.ip}/${subnet.bits}` });
  }
  const seen = new Set<string>();
  dhcp.static.forEach((lease, i) => {
    const path = [role, 'dhcp', 'static', i, 'ip'];
    if (!contains(subnet, ip(lease.ip))) out.push({ path, message: `${lease.ip} is outside ${role}'s subnet ${side.ip}/${subnet.bits}` });
    else if (!isHost({ address: ip(lease.ip), bits: subnet.bits }) || ip(lease.ip) === subnet.address) out.push({ path, message: `${lease.ip} cannot be leased` });
    for (const key of [lease.ip, formatMac(parseMac(lease.mac) ?? new Uint8Array(6))]) {
      if (seen.has(key)) out.push({ path, message: `${key} stands twice in the static leases of ${role}` });
      seen.add(key);
    }
  });
  return out;
};
