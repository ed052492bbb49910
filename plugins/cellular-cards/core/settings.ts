import { type Login, type Problem, z } from '../../../sdk/index.ts';
import { parse4 } from '../../../sdk/wire/address.ts';
import type { ModemSettings } from './modem/messages.ts';

const address = z.string().refine(t => parse4(t) !== undefined, 'must be an IPv4 address such as 192.0.2.53');
const printable = /^[\x20-\x7e]*$/;

export const settings = z.object({
  enabled: z.boolean().default(false).meta({ title: 'Enable', help: 'Off: an inserted card is looked at and not used.' }),
  networkType: z.string().max(60).default('').meta({ title: 'Network type', help: 'One of the list that the inserted card gives (wwan networktype); empty: as the card has it.' }),
  apn: z.string().max(100).regex(/^[a-z0-9._-]*$/i, 'letters, digits, points and hyphens only').default('').meta({ title: 'APN', help: 'The access point name of the carrier; needed for GSM, UMTS and LTE.' }),
  pin: z.string().regex(/^(\d{4,8})?$/, 'must be 4 to 8 digits').default('').meta({ title: 'PIN code', secret: true, help: 'Sent to the SIM when it asks; never when one attempt is left, and never a second time when the SIM refused it.' }),
  auth: z.enum(['chap/pap', 'chap', 'pap', 'none']).default('chap/pap').meta({ title: 'Authentication', help: 'How user name and password are proven to the network.' }),
  user: z.string().max(127).regex(printable, 'must be printable').default('').meta({ title: 'User name' }),
  password: z.string().max(127).regex(printable, 'must be printable').default('').meta({ title: 'Password', secret: true }),
  phone: z.string().max(40).regex(/^[0-9*#+A-Za-z,]*$/, 'digits, * and # only').default('').meta({ title: 'Phone number', help: '*99# or #777; empty: what the card needs.' }),
  cid: z.number().int().min(1).max(16).default(1).meta({ title: 'PDP context', help: 'Number of the profile in the card that is used.' }),
  nailedUp: z.boolean().default(false).meta({ title: 'Nailed-up', help: 'The connection stands all the time; else it is made when a packet needs it.' }),
  idleTimeout: z.number().int().min(0).max(86_400).default(100).meta({ title: 'Idle timeout', unit: 's', help: 'Hang up after so long without a packet to the network; 0: never. Not when nailed-up.' }),
  roaming: z.boolean().default(true).meta({ title: 'Roaming', help: 'Connect in foreign networks, too.' }),
  ip: z.union([z.literal(''), address]).default('').meta({ title: 'Fixed IP address', help: 'Empty: from the network.' }),
  dns: z.array(address).max(3).default([]).meta({ title: 'DNS servers', help: "Used instead of the network's when there are any." }),
  metric: z.number().int().min(1).max(15).default(2).meta({ title: 'Route priority (metric)', help: '1-15; the uplink with the smaller number is preferred.' }),
  recovery: z.object({
    replug: z.boolean().default(true).meta({ title: 'Power off and on', help: 'A card that does not come back by milder steps loses its power for a moment, at most six times a day.' }),
    restart: z.enum(['off', 'process', 'reboot']).default('off').meta({ title: 'Restart', help: 'The last step, at most once in 24 hours. process: the router ends and is started again by systemd; reboot: the whole machine; off: it is only written down.' }),
  }).prefault({}).meta({ title: 'Recovery' }),
}).meta({ title: 'Cellular' });
export type Settings = z.infer<typeof settings>;

/** Version 1 knew a restart as on or off, and nobody carried it out. */
export function fromVersion1(old: Record<string, unknown>): Record<string, unknown> {
  const recovery = z.record(z.string(), z.unknown()).safeParse(old['recovery']).data;
  return recovery === undefined || !('restart' in recovery) ? old : { ...old, recovery: { ...recovery, restart: recovery['restart'] === true ? 'process' : 'off' } };
}

/** What only several fields together show. */
export function verify(mine: Settings, all: Readonly<Record<string, unknown>>): Problem[] {
  const out: Problem[] = [];
  const wan = z.object({ metric: z.number() }).safeParse(all['wan']);
  if (wan.success && wan.data.metric === mine.metric) out.push({ path: ['metric'], message: `wan has the metric ${mine.metric} already; each uplink needs its own` });
  if (mine.auth !== 'none' && mine.password !== '' && mine.user === '') out.push({ path: ['user'], message: 'a password needs a user name' });
  return out;
}

const loginOf = ({ apn, auth, user, password, cid }: Settings): Login => ({ apn, auth, user, password, cid });

/** As the modem machine wants them. */
export const forModem = (s: Settings): ModemSettings & { readonly localAddress: number } => ({
  enabled: s.enabled, pin: s.pin, login: loginOf(s), phone: s.phone, networkType: s.networkType, roaming: s.roaming,
  nailedUp: s.nailedUp, idleMs: s.idleTimeout * 1000, localAddress: parse4(s.ip) ?? 0,
});

/** Name servers that are used instead of the network's. */
export const ownDns = (s: Settings): number[] => s.dns.map(t => parse4(t) ?? 0);
