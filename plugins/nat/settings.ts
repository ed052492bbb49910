import { z } from '../../sdk/index.ts';

export const settings = z.object({
  active: z.boolean().default(true)
    .meta({ title: 'Network address translation', help: 'Hosts behind the router share the uplink address (SUA, many-to-one).' }),
  maxSessionsPerHost: z.number().int().min(1).max(65535).default(10_000)
    .meta({ title: 'Max. concurrent sessions per host', help: 'New sessions of a host that has this many are refused.' }),
  reservedPorts: z.array(z.number().int().min(1024).max(65535)).max(256).default([1701, 4500, 8080, 8443])
    .meta({ title: 'Reserved ports', help: "Ports above 1023 of the router's own services; NAT never uses them. Those below 1024 are always reserved." }),
}).meta({ title: 'NAT' });

export type Settings = z.infer<typeof settings>;
