import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { Action } from './rules/model.ts';
import { OUTSIDE } from './zones.ts';

/** `secure`: closed from outside. `compat`: what the LAN-Cell 2 came with. */
export const profiles = ['secure', 'compat'] as const;
export type Profile = (typeof profiles)[number];

const compat: Readonly<Record<string, string>> = {
  LAN: 'LAN WAN CELL DMZ WLAN VPN', WAN: 'DMZ VPN', CELL: 'DMZ VPN', DMZ: 'WAN CELL VPN', WLAN: 'WAN CELL VPN', VPN: 'LAN WAN CELL DMZ WLAN VPN',
};
const secure: Readonly<Record<string, string>> = {
  LAN: 'LAN WAN CELL DMZ WLAN VPN', WAN: '', CELL: '', DMZ: 'WAN CELL', WLAN: 'WAN CELL', VPN: 'LAN WAN CELL DMZ WLAN VPN',
};

/** What a direction does with a flow that no rule speaks of. Zones that neither profile knows: the LAN may go there, they may go nowhere. */
export function profileAction(profile: Profile, from: string, to: string): Action {
  const allowed = (profile === 'compat' ? compat : secure)[from] ?? '';
  return from === 'LAN' || allowed.split(' ').includes(to) ? 'permit' : 'drop';
}

/** A service of the router itself that its profile lets in where the direction's default does not. Rules come before it. */
export interface Opening {
  readonly name: string;
  readonly proto: number;
  /** Destination port; undefined: all of the protocol. */
  readonly dport?: number;
  readonly zones: 'outside' | 'inside' | 'all';
  readonly profiles: readonly Profile[];
  /** Only while there is a VPN. */
  readonly vpn?: boolean;
}

const { PROTO_TCP: TCP, PROTO_UDP: UDP, PROTO_ESP: ESP } = ipv4;
const AH = 51;
const both = profiles;
const only = ['compat'] as const;
const tcp = (name: string, dport: number): Opening => ({ name, proto: TCP, dport, zones: 'outside', profiles: only });

export const openings: readonly Opening[] = [
  { name: 'BOOTP_CLIENT', proto: UDP, dport: 68, zones: 'outside', profiles: both },
  // Hosts there could not live without them; LAN and VPN are permitted anyway.
  { name: 'BOOTP_SERVER', proto: UDP, dport: 67, zones: 'inside', profiles: both },
  { name: 'DNS', proto: UDP, dport: 53, zones: 'inside', profiles: both }, { name: 'DNS', proto: TCP, dport: 53, zones: 'inside', profiles: both },
  { name: 'IKE', proto: UDP, dport: 500, zones: 'all', profiles: both, vpn: true }, { name: 'VPN_NAT', proto: UDP, dport: 4500, zones: 'all', profiles: both, vpn: true },
  { name: 'ESP', proto: ESP, zones: 'all', profiles: both, vpn: true }, { name: 'AH', proto: AH, zones: 'all', profiles: both, vpn: true },
  tcp('HTTP', 80), tcp('HTTPS', 443), tcp('TELNET', 23), tcp('SSH', 22), tcp('FTP', 21),
  { name: 'SNMP', proto: UDP, dport: 161, zones: 'outside', profiles: only },
];

/** The name of the opening that a flow to the router itself fits, or undefined. Ping is left to anti-probing. */
export function opening(profile: Profile, zone: string, vpn: boolean, proto: number, dport: number, isPing: boolean): string | undefined {
  if (isPing) return 'PING';
  const outside = OUTSIDE.has(zone);
  for (let i = 0; i < openings.length; i++) {
    const o = openings[i]!;
    if (o.proto !== proto || (o.dport !== undefined && o.dport !== dport)) continue;
    if (o.vpn === true && !vpn) continue;
    if (!o.profiles.includes(profile)) continue;
    if (o.zones === 'all' || (o.zones === 'outside') === outside) return o.name;
  }
  return undefined;
}

/** Thresholds against denial of service; the original's family defaults in `compat`. See docs/firewall.md for the others. */
export interface Thresholds {
  readonly oneMinuteLow: number; readonly oneMinuteHigh: number;
  readonly maxIncompleteLow: number; readonly maxIncompleteHigh: number;
  readonly tcpMaxIncomplete: number;
}
export const profileThresholds: Readonly<Record<Profile, Thresholds>> = {
  compat: { oneMinuteLow: 80, oneMinuteHigh: 100, maxIncompleteLow: 80, maxIncompleteHigh: 100, tcpMaxIncomplete: 30 },
  // A small server's busy minute passes; a flood does not.
  secure: { oneMinuteLow: 24_000, oneMinuteHigh: 30_000, maxIncompleteLow: 3000, maxIncompleteHigh: 4000, tcpMaxIncomplete: 1000 },
};
/** Zones without protection against denial of service: in `secure` hosts of the LAN have limits of their own (sessions per host). */
export const profileExempt: Readonly<Record<Profile, readonly string[]>> = { compat: [], secure: ['LAN', 'VPN'] };
