import { type Problem, z } from '../../sdk/index.ts';
import { bitsOf, contains, format4, network, overlaps, parse4, type Prefix } from '../../sdk/wire/address.ts';
import type { FixedAddress } from './contract.ts';
import { isHost } from './lease.ts';
import type { Settings } from './settings.ts';

export interface NamedSubnet extends Prefix { readonly name: string }

/** The first of the others that shares addresses with `mine`. */
export const collision = (mine: Prefix, others: readonly NamedSubnet[]): NamedSubnet | undefined => others.find(o => overlaps(mine, o));

/** 'wan (10.0.0.5/24) and lan (10.0.0.1/24) share a subnet': says both. */
export const collisionText = (mine: NamedSubnet, other: NamedSubnet): string =>
  `${mine.name} (${format4(mine.address)}/${mine.bits}) and ${other.name} (${format4(other.address)}/${other.bits}) share a subnet; the router cannot tell where to send packets for ${format4(network(mine.address, Math.max(mine.bits, other.bits)))}/${Math.max(mine.bits, other.bits)}`;

/** What is said of other plugins' settings; they may be of another version, so nothing is taken for granted. */
const inside = z.object({ ip: z.string(), mask: z.string(), aliases: z.array(z.object({ ip: z.string(), mask: z.string() })).default([]) });
const withFixed = z.object({ fixedAddress: z.object({ name: z.string(), ip: z.string(), mask: z.string() }) });

const subnet = (name: string, ip: string, mask: string): NamedSubnet[] => {
  const address = parse4(ip);
  const bits = bitsOf(parse4(mask) ?? -1);
  return address && bits !== undefined ? [{ name, address, bits }] : [];
};

/** Subnets that the other plugins' settings speak of: inside interfaces, and uplinks with a fixed address. */
const plannedSubnets = (all: Readonly<Record<string, unknown>>): NamedSubnet[] => {
  const out: NamedSubnet[] = [];
  const lan = z.record(z.string(), z.unknown()).safeParse(all['lan']);
  for (const role of ['lan', 'dmz', 'wlan']) {
    const side = inside.safeParse(lan.data?.[role]);
    if (!side.success || parse4(side.data.ip) === 0) continue;
    out.push(...subnet(role, side.data.ip, side.data.mask), ...side.data.aliases.flatMap((a, i) => subnet(`${role}:${i + 1}`, a.ip, a.mask)));
  }
  for (const [id, settings] of Object.entries(all)) {
    if (id === 'wan') continue;
    const fixed = withFixed.safeParse(settings);
    if (!fixed.success) continue;
    const { name, ip, mask }: FixedAddress = fixed.data.fixedAddress;
    out.push(...subnet(name, ip, mask));
  }
  return out;
};

/** What is wrong with fixed settings, alone and next to other plugins'. */
export const problems = (mine: Settings, all: Readonly<Record<string, unknown>>): Problem[] => {
  if (mine.mode !== 'static') return [];
  const [own] = subnet('wan', mine.ip, mine.mask);
  if (!own || !isHost(own.address)) return [{ path: ['ip'], message: 'a static address is needed, for instance 203.0.113.2' }];
  const out: Problem[] = [];
  const gateway = parse4(mine.gateway);
  if (gateway && !contains(own, gateway)) out.push({ path: ['gateway'], message: `the gateway ${mine.gateway} is outside wan's subnet ${mine.ip}/${own.bits}` });
  if (gateway === own.address) out.push({ path: ['gateway'], message: 'the gateway cannot be the router itself' });
  const other = collision(own, plannedSubnets(all));
  if (other) out.push({ path: ['ip'], message: collisionText(own, other) });
  return out;
};
