import { z } from '../../sdk/index.ts';
import { bitsOf, parse4 } from '../../sdk/wire/address.ts';

const address = z.string().refine(t => parse4(t) !== undefined, 'must be an IPv4 address such as 203.0.113.2');
const mask = z.string().refine(t => { const n = parse4(t); return n !== undefined && bitsOf(n) !== undefined; }, 'must be a subnet mask such as 255.255.255.0');

export const settings = z.object({
  mode: z.enum(['dhcp', 'static']).default('dhcp').meta({ title: 'Address', help: 'dhcp: from the provider; static: the fixed one below.' }),
  ip: address.default('0.0.0.0').meta({ title: 'Fixed IP address' }),
  mask: mask.default('255.255.255.0').meta({ title: 'Fixed subnet mask' }),
  gateway: address.default('0.0.0.0').meta({ title: 'Fixed gateway' }),
  dns: z.array(address).max(3).default([]).meta({ title: 'DNS servers', help: "Used instead of the provider's when there are any." }),
  metric: z.number().int().min(1).max(15).default(1).meta({ title: 'Route priority (metric)', help: '1-15; the uplink with the smaller number is preferred.' }),
  hostName: z.string().max(63).regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$/i, 'letters, digits and hyphens only').default('')
    .meta({ title: 'Host name', help: 'Told to the provider by DHCP; empty: nothing is told.' }),
}).meta({ title: 'WAN' });

export type Settings = z.infer<typeof settings>;
