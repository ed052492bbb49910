import { z } from 'lancell/sdk';
import { parsePrefix } from 'lancell/sdk/wire/address';

const prefix = z.string().refine(text => parsePrefix(text) !== undefined, 'must be a network such as 192.168.1.0/24');

export const settings = z.object({
  active: z.boolean().default(true).meta({ title: 'Count traffic' }),
  networks: z.array(prefix).min(1).max(16).default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
    .meta({ title: 'Networks', help: 'Whose hosts are counted.' }),
  maxHosts: z.number().int().min(1).max(65_536).default(1024).meta({ title: 'Most hosts', help: 'The traffic of further ones is not counted.' }),
  sampleSec: z.number().int().min(1).max(60).default(2).meta({ title: 'Sample every', unit: 's', help: 'How often rates are taken.' }),
}).meta({ title: 'Traffic meter' });
export type Settings = z.infer<typeof settings>;

/** What a reload carries over. */
export const carried = z.object({
  hosts: z.array(z.object({ ip: z.number().int().min(1).max(0xffff_ffff), up: z.number().min(0), down: z.number().min(0), packets: z.number().min(0) })),
});
