import { z } from '../../sdk/index.ts';
import { parse4 } from '../../sdk/wire/address.ts';

const target = z.object({
  active: z.boolean().default(false).meta({ title: 'Check connectivity', help: 'Off: an uplink is good as long as it has an address.' }),
  address: z.string().refine(t => t === '' || parse4(t) !== undefined, 'must be an IPv4 address such as 192.0.2.1').default('').meta({ title: 'Ping this address', help: 'Empty: the default gateway.' }),
});

/** The original's WAN General page, as far as it is about one uplink standing in for another. */
export const settings = z.object({
  mode: z.enum(['active/passive']).default('active/passive').meta({ title: 'Operation mode', help: 'The uplink with the smallest metric carries all traffic; the next one stands in when it fails.' }),
  fallBack: z.boolean().default(true).meta({ title: 'Fall back to primary when possible', help: 'Off: traffic stays where it is until that uplink fails.' }),
  sessions: z.enum(['soft', 'hard']).default('soft').meta({ title: 'Sessions at fall-back', help: 'soft: what runs over the stand-in goes on there until it ends; hard: it is cut at once.' }),
  period: z.number().int().min(5).max(300).default(5).meta({ title: 'Check period', unit: 's' }),
  timeout: z.number().int().min(1).max(300).default(3).meta({ title: 'Check timeout', unit: 's', help: 'Must be shorter than the period.' }),
  tolerance: z.number().int().min(1).max(10).default(3).meta({ title: 'Check fail tolerance', help: 'So many failures in a row, and the uplink counts as failed; as many answers bring it back.' }),
  wan: target.prefault({}).meta({ title: 'WAN' }),
  cellular: target.prefault({}).meta({ title: 'Cellular' }),
}).meta({ title: 'Failover' });
export type Settings = z.infer<typeof settings>;

export const verify = (mine: Settings) => (mine.timeout < mine.period ? [] : [{ path: ['timeout'], message: `must be shorter than the period of ${mine.period} s` }]);
