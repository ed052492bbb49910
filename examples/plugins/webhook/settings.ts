import { z } from 'lancell/sdk';

const web = z.string().max(2000).refine(text => text === '' || isWeb(text), 'must begin with http:// or https://, or be empty');
const topic = z.string().max(64).regex(/^[\w.-]+\/[\w.-]+$/, 'must be a topic such as link/down');

export const settings = z.object({
  url: web.default('').meta({ title: 'URL', help: 'Where events are posted; empty: nowhere.' }),
  secret: z.string().max(200).regex(/^[\x21-\x7e]*$/, 'must be printable, without spaces').default('')
    .meta({ title: 'Secret', secret: true, help: 'Sent as Authorization: Bearer …; empty: no such header.' }),
  topics: z.array(topic).max(32).default(['link/up', 'link/down', 'wan/address', 'plugin/state']).meta({ title: 'Events', help: 'Topics that are posted.' }),
  maxQueue: z.number().int().min(1).max(10_000).default(200).meta({ title: 'Longest queue', help: 'Beyond it the oldest event is lost.' }),
  tries: z.number().int().min(1).max(100).default(10).meta({ title: 'Tries', help: 'For each event.' }),
  firstPauseSec: z.number().int().min(1).max(3600).default(2).meta({ title: 'First pause', unit: 's', help: 'After a failure; doubles with each further one.' }),
  mostPauseSec: z.number().int().min(1).max(86_400).default(300).meta({ title: 'Longest pause', unit: 's' }),
  timeoutSec: z.number().int().min(1).max(120).default(10).meta({ title: 'Time-out', unit: 's' }),
}).meta({ title: 'Webhook' });
export type Settings = z.infer<typeof settings>;

/** What a reload carries over. */
export const carried = z.object({
  waiting: z.array(z.object({ id: z.number().int().positive(), topic: z.string(), body: z.string() })).max(10_000),
});

/** A URL without what may be secret in it, for people and logs. */
export function shown(url: string): string {
  if (!isWeb(url)) return '';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

const isWeb = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
