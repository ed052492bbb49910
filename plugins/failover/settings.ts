import { z } from '../../sdk/index.ts';
import { parse4, parsePrefix, type Prefix } from '../../sdk/wire/address.ts';

const target = z.object({
  active: z.boolean().default(false).meta({ title: 'Check connectivity', help: 'Off: an uplink is good as long as it has an address.' }),
  address: z.string().refine(t => t === '' || parse4(t) !== undefined, 'must be an IPv4 address such as 192.0.2.1').default('').meta({ title: 'Ping this address', help: 'Empty: the default gateway.' }),
});

const bandwidth = (kbps: number, title: string) => z.number().int().min(1).max(10_000_000).default(kbps).meta({ title, unit: 'kbit/s', help: 'What the uplink can carry; least load goes by it.' });
const share = (inbound: number, outbound: number) => z.object({
  ratio: z.number().int().min(0).max(10).default(1).meta({ title: 'Ratio', help: 'Weighted round robin: so many sessions in turn; 0: never.' }),
  inbound: bandwidth(inbound, 'Inbound bandwidth'),
  outbound: bandwidth(outbound, 'Outbound bandwidth'),
  limit: z.number().int().min(0).max(10_000_000).default(0).meta({ title: 'Upper limit', unit: 'kbit/s', help: 'Spillover: new sessions go to the next uplink while this one carries so much; 0: no limit.' }),
});
export type Share = z.infer<ReturnType<typeof share>>;

/** '192.168.1.33' or '192.168.1.32/28'; empty: everybody. */
export const hostsOf = (text: string): Prefix | undefined => (text === '' ? { address: 0, bits: 0 } : parsePrefix(text.includes('/') ? text : `${text}/32`));

const fixed = z.object({
  hosts: z.string().max(18).refine(t => hostsOf(t) !== undefined, 'must be empty, an address, or a subnet such as 192.168.1.32/28').default('').meta({ title: 'Hosts', help: 'An address or a subnet of the LAN; empty: all.' }),
  port: z.number().int().min(0).max(65_535).default(0).meta({ title: 'Destination port', help: 'TCP and UDP; 0: all traffic.' }),
  uplink: z.enum(['wan', 'cellular']).default('wan').meta({ title: 'Uplink' }),
});
export type Fixed = z.infer<typeof fixed>;

const balance = z.object({
  algorithm: z.enum(['least load first', 'weighted round robin', 'spillover']).default('weighted round robin').meta({ title: 'Algorithm', help: 'How a new session gets its uplink; it keeps it to its end.' }),
  direction: z.enum(['outbound', 'inbound', 'both']).default('both').meta({ title: 'Measured', help: 'The traffic that least load and spillover go by; both: for spillover the busier one.' }),
  frame: z.number().int().min(10).max(600).default(30).meta({ title: 'Time frame', unit: 's', help: 'Traffic is measured over so long.' }),
  stickiness: z.enum(['off', 'server', 'host']).default('server').meta({
    title: 'Stickiness', help: 'server: sessions of one host to the same server go by the same uplink, as FTP, VPNs and banks want it; host: all sessions of a host do; off: each is on its own.',
  }),
  timeout: z.number().int().min(1).max(86_400).default(300).meta({ title: 'Stickiness timeout', unit: 's', help: 'After so long without a new session the next one may go another way.' }),
  fixed: z.array(fixed).max(64).default([]).meta({ title: 'Always by one uplink', help: 'The first that fits counts; while that uplink does not do, its sessions are shared out like the others.' }),
  wan: share(100_000, 100_000).prefault({}).meta({ title: 'WAN' }),
  cellular: share(10_000, 5_000).prefault({}).meta({ title: 'Cellular' }),
});
export type BalanceSettings = z.infer<typeof balance>;

/** The original's WAN General page, as far as it is about several uplinks. */
export const settings = z.object({
  mode: z.enum(['active/passive', 'active/active']).default('active/passive').meta({
    title: 'Operation mode', help: 'active/passive: the uplink with the smallest metric carries all traffic, and the next one stands in when it fails; active/active: sessions are shared out among all of them.',
  }),
  fallBack: z.boolean().default(true).meta({ title: 'Fall back to primary when possible', help: 'Off: traffic stays where it is until that uplink fails.' }),
  sessions: z.enum(['soft', 'hard']).default('soft').meta({ title: 'Sessions at fall-back', help: 'soft: what runs over the stand-in goes on there until it ends; hard: it is cut at once. With active/active: hard cuts what ran over an uplink that went down.' }),
  period: z.number().int().min(5).max(300).default(5).meta({ title: 'Check period', unit: 's' }),
  timeout: z.number().int().min(1).max(300).default(3).meta({ title: 'Check timeout', unit: 's', help: 'Must be shorter than the period.' }),
  tolerance: z.number().int().min(1).max(10).default(3).meta({ title: 'Check fail tolerance', help: 'So many failures in a row, and the uplink counts as failed; as many answers bring it back.' }),
  wan: target.prefault({}).meta({ title: 'WAN' }),
  cellular: target.prefault({}).meta({ title: 'Cellular' }),
  balance: balance.prefault({}).meta({ title: 'Load balancing' }),
}).meta({ title: 'Failover' });
export type Settings = z.infer<typeof settings>;

export function verify(mine: Settings): { path: string[]; message: string }[] {
  const out: { path: string[]; message: string }[] = [];
  if (mine.timeout >= mine.period) out.push({ path: ['timeout'], message: `must be shorter than the period of ${mine.period} s` });
  const { wan, cellular } = mine.balance;
  if (wan.ratio + cellular.ratio === 0) out.push({ path: ['balance', 'wan', 'ratio'], message: 'all uplinks have the ratio 0: no session could go anywhere' });
  return out;
}
