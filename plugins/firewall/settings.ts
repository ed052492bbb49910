import { type Problem, z } from '../../sdk/index.ts';
import { profiles, profileThresholds } from './profile.ts';
import { NAME_MOST } from './rules/model.ts';
import { ruleBook, verifyRules } from './rules/schema.ts';
import { trafficModes } from './traffic.ts';
import { STANDARD_ZONES } from './zones.ts';

const DIRECTIONS_MOST = 1024;

const zone = z.string().regex(/^[A-Z][A-Z0-9_-]{0,14}$/, 'must be the name of a zone in capitals, like LAN');
export const actions = ['permit', 'drop', 'reject'] as const;

const direction = z.object({
  from: zone.meta({ title: 'From' }),
  to: zone.meta({ title: 'To', help: 'The same as From: between subnets of that interface, and to the router itself.' }),
  action: z.enum(actions).meta({ title: 'Default action' }),
  log: z.boolean().default(false).meta({ title: 'Log' }),
});

export const thresholdNames = ['oneMinuteLow', 'oneMinuteHigh', 'maxIncompleteLow', 'maxIncompleteHigh', 'tcpMaxIncomplete'] as const;

/** Empty: what the profile says. */
const threshold = (title: string, most: number, help?: string) => z.number().int().min(1).max(most).optional().meta({ title, help: `${help === undefined ? '' : `${help} `}Empty: by the profile.` });

/** Empty: nothing of the firewall's own. */
const idle = (title: string) => z.number().int().min(1).max(604_800).optional().meta({ title, unit: 's' });
const wayEnd = z.string().regex(/^(Any|[A-Z][A-Z0-9_-]{0,14})$/, 'must be Any, or the name of a zone in capitals, like LAN');

export const settings = z.object({
  active: z.boolean().default(true).meta({ title: 'Enable firewall', help: 'Switching it on ends all sessions through the router.' }),
  profile: z.enum(profiles).default('secure').meta({ title: 'Profile', help: 'secure: nothing comes in from outside, no asymmetric routes. compat: the defaults of the LAN-Cell 2, management from outside included.' }),
  directions: z.array(direction).max(DIRECTIONS_MOST).default([]).meta({ title: 'Default rules', help: 'Directions that do something else than the profile says.' }),
  ...ruleBook(),
  zones: z.array(zone).max(32).default([]).meta({ title: 'Further zones', help: 'Zones that plugins bring, besides LAN, WAN, CELL, DMZ, WLAN and VPN; only zones named here can stand in rules.' }),
  triangleRoute: z.enum(['profile', 'on', 'off']).default('profile')
    .meta({ title: 'Allow asymmetrical route', help: 'Traffic that leaves by the interface it came in on is then not checked at all: a security risk. Better: IP alias puts the second gateway into a subnet of its own. profile: on in compat, off in secure.' }),
  tcpWindow: z.boolean().default(true).meta({ title: 'TCP window tracking', help: 'Segments outside of the window of their connection are dropped.' }),
  antiSpoofing: z.boolean().default(true).meta({ title: 'Refuse forged senders', help: 'An address must be routed back to where its packets come from.' }),
  dos: z.object({
    active: z.boolean().default(true).meta({ title: 'Protection against denial of service' }),
    exempt: z.array(zone).max(32).optional().meta({ title: 'Not on', help: 'Zones whose hosts are not held against the thresholds. Empty: by the profile (secure: LAN and VPN, compat: none).' }),
    thresholds: z.object({
      oneMinuteLow: threshold('One Minute Low', 1_000_000, 'Half-open sessions are no longer deleted below it.'),
      oneMinuteHigh: threshold('One Minute High', 1_000_000, 'New sessions in a minute from which on half-open ones are deleted.'),
      maxIncompleteLow: threshold('Maximum Incomplete Low', 1_000_000),
      maxIncompleteHigh: threshold('Maximum Incomplete High', 1_000_000, 'Half-open sessions from which on the oldest is deleted for each new one.'),
      tcpMaxIncomplete: threshold('TCP Maximum Incomplete', 65_535, 'Half-open TCP sessions to one destination.'),
    }).prefault({}).meta({ title: 'Thresholds' }),
    blockMinutes: z.number().int().min(0).max(255).default(0).meta({ title: 'Blocking period', unit: 'min', help: 'When a destination has too many: 0 deletes its oldest half-open session, else all new ones are refused for so long.' }),
  }).prefault({}).meta({ title: 'Denial of service' }),
  scans: z.object({
    active: z.boolean().default(true).meta({ title: 'Detect port scans' }),
    ports: z.number().int().min(5).max(100).default(20).meta({ title: 'Different ports or hosts' }),
    windowSec: z.number().int().min(1).max(3600).default(10).meta({ title: 'Within', unit: 's' }),
  }).prefault({}).meta({ title: 'Port scans' }),
  antiProbing: z.object({
    noPing: z.array(zone).max(32).default([]).meta({ title: 'Do not respond to PING on', help: 'Zones through which pings to the router get no answer.' }),
    silent: z.array(zone).max(32).default([]).meta({ title: 'Do not respond to requests for unauthorized services on', help: 'Zones through which closed ports of the router do not show: no TCP reset, no ICMP error.' }),
  }).prefault({}).meta({ title: 'Anti-probing' }),
  resets: z.object({
    blocked: z.boolean().default(false).meta({ title: 'TCP reset for what a default drops', help: 'Where the default action of a direction drops a TCP connection, its sender gets a reset as if the action were reject. Rules do what they say.' }),
    ident: z.boolean().default(false).meta({ title: 'TCP reset for ident (TCP 113)', help: 'The same for port 113 alone: mail and IRC servers that ask who is there need not wait.' }),
  }).prefault({}).meta({ title: 'Resets' }),
  idle: z.object({
    icmp: idle('ICMP'), udp: idle('UDP'), connection: idle('TCP, until it is connected'), finWait: idle('TCP, closing'), tcp: idle('TCP, connected'),
  }).prefault({}).meta({ title: 'Session timeouts', help: 'Empty: as NAT has them.' }),
  setNames: z.array(z.object({
    from: wayEnd.meta({ title: 'From' }), to: wayEnd.meta({ title: 'To' }), name: z.string().max(NAME_MOST).meta({ title: 'Name' }),
  })).max(DIRECTIONS_MOST).default([]).meta({ title: 'Names of directions', help: 'For config display firewall only.' }),
  pktdump: z.boolean().default(false).meta({ title: 'Keep refused packets', help: 'The last 32, for sys firewall pktdump.' }),
  sessionsPerHost: z.number().int().min(0).max(1_000_000).default(0).meta({ title: 'Sessions per host at most', help: '0: only the limit of NAT.' }),
  log: z.object({
    consolidationSec: z.number().int().min(0).max(600).default(10).meta({ title: 'Log consolidation period', unit: 's', help: 'What happens again within it is written as a number. 0: every one by itself.' }),
    alerts: z.boolean().default(true).meta({ title: 'Attacks are alerts' }),
    broadcasts: z.boolean().default(true).meta({ title: 'Log refused broadcasts', help: 'And multicasts.' }),
    traffic: z.enum(trafficModes).default('logged').meta({ title: 'Traffic log', help: 'Sessions that are written down at their end: none, those that a logging rule or direction let in, or all.' }),
  }).prefault({}).meta({ title: 'Log' }),
}).meta({ title: 'Firewall' });
export type Settings = z.infer<typeof settings>;

/** What single fields cannot show. */
export function verify(mine: Settings): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (message: string, ...path: (string | number)[]): void => { problems.push({ path, message }); };
  const t = { ...profileThresholds[mine.profile], ...mine.dos.thresholds };
  for (const [low, high] of [['oneMinuteLow', 'oneMinuteHigh'], ['maxIncompleteLow', 'maxIncompleteHigh']] as const) {
    const [l, h] = [t[low] ?? profileThresholds[mine.profile][low], t[high] ?? profileThresholds[mine.profile][high]];
    if (h < l) add(`High (${h}) must not be below Low (${l})`, 'dos', 'thresholds', mine.dos.thresholds[high] === undefined ? low : high);
  }
  const seen = new Map<string, number>();
  mine.directions.forEach((d, i) => {
    const way = `${d.from} → ${d.to}`;
    if (seen.has(way)) add(`${way} is number ${seen.get(way)! + 1} already`, 'directions', i, 'from');
    seen.set(way, i);
    for (const f of ['from', 'to'] as const) if (!knownZones(mine).includes(d[f])) add(`there is no zone '${d[f]}'; zones are ${knownZones(mine).join(', ')}`, 'directions', i, f);
  });
  return [...problems, ...verifyRules(mine, knownZones(mine))];
}

const knownZones = (s: Pick<Settings, 'zones'>): readonly string[] => [...STANDARD_ZONES, ...s.zones];

/** What a reload carries over: hits of rules by id. */
export const carried = z.object({ hits: z.array(z.tuple([z.number(), z.number()])) });
export type Carried = z.infer<typeof carried>;
