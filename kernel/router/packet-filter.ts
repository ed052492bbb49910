import { CliError } from '../../sdk/cli.ts';
import type { Packet } from '../../sdk/packet.ts';
import { parse4 } from '../../sdk/wire/address.ts';
import * as ethernet from '../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { WORDS } from '../flow/action.ts';
import type { FlowTable } from '../flow/table.ts';

const protocols: ReadonlyMap<string, number> = new Map([['icmp', 1], ['tcp', 6], ['udp', 17], ['gre', 47], ['esp', 50]]);

/** Which packets are meant: all given parts must hold; host and port on either side; 'in' is what comes into the router. */
export interface PacketFilter { readonly host?: number; readonly port?: number; readonly proto?: number; readonly arp?: true; readonly link?: string; readonly direction?: 'in' | 'out' }

export const FILTER_HELP = 'host <address>, port <number>, tcp|udp|icmp|gre|esp|arp, link <name>, direction in|out; parts may be combined';

/** Reads `host 192.168.1.33 tcp port 80 link wan`. Throws CliError naming the wrong word and what is allowed. */
export function parseFilter(text: string): PacketFilter {
  const words = text.trim().split(/\s+/).filter(w => w !== '' && w !== 'and');
  let filter: PacketFilter = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.toLowerCase();
    if (word === 'arp') { filter = { ...filter, arp: true }; continue; }
    const proto = protocols.get(word);
    if (proto !== undefined) { filter = { ...filter, proto }; continue; }
    const value = words[++i];
    if (word === 'host') {
      const host = value === undefined ? undefined : parse4(value);
      if (host === undefined) throw new CliError(`host needs an IPv4 address, not '${value ?? ''}'`);
      filter = { ...filter, host };
    } else if (word === 'port') {
      const port = Number(value);
      if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new CliError(`port needs a number from 0 to 65535, not '${value ?? ''}'`);
      filter = { ...filter, port };
    } else if (word === 'link') {
      if (value === undefined) throw new CliError('link needs the name of a link');
      filter = { ...filter, link: value };
    } else if (word === 'direction') {
      if (value !== 'in' && value !== 'out') throw new CliError(`direction is in or out, not '${value ?? ''}'`);
      filter = { ...filter, direction: value };
    } else throw new CliError(`'${words[i - 1] ?? word}' is no part of a packet filter; allowed: ${FILTER_HELP}`);
  }
  return filter;
}

/** Words that may stand at the end of a filter that is being typed. */
export function completeFilter(typed: string, links: () => readonly string[]): readonly string[] {
  const before = typed.split(/\s+/).slice(0, -1);
  switch (before.at(-1)?.toLowerCase()) {
    case 'host': case 'port': return [];
    case 'link': return links();
    case 'direction': return ['in', 'out'];
    default: return ['host', 'port', 'link', 'direction', ...protocols.keys(), 'arp'].filter(w => !before.includes(w));
  }
}

/** Whether a frame, as it came in or as it leaves, is meant. Headers may be broken: nothing is assumed. */
export function matchesPacket(f: PacketFilter, p: Packet, linkName: (id: number) => string, link = p.inLink): boolean {
  if (f.link !== undefined && linkName(link) !== f.link && linkName(p.port) !== f.link) return false;
  // What the router receives has no way out yet, and was not made by the router.
  if (f.direction !== undefined && (p.local || p.outLink >= 0 ? 'out' : 'in') !== f.direction) return false;
  if (f.arp) return p.etherType === ethernet.TYPE_ARP;
  if (f.host === undefined && f.port === undefined && f.proto === undefined) return true;
  const { buf, l3 } = p;
  const end = p.off + p.len;
  if (p.etherType !== ethernet.TYPE_IPV4 || !ipv4.headerFits(buf, l3, end)) return false;
  const proto = ipv4.protocol(buf, l3);
  if (f.proto !== undefined && proto !== f.proto) return false;
  if (f.host !== undefined && ipv4.src(buf, l3) !== f.host && ipv4.dst(buf, l3) !== f.host) return false;
  if (f.port === undefined) return true;
  const l4 = l3 + ipv4.headerLen(buf, l3);
  if ((proto !== 6 && proto !== 17) || l4 + 4 > end || ipv4.fragmentOffset(buf, l3) !== 0) return false;
  return (buf[l4]! << 8 | buf[l4 + 1]!) === f.port || (buf[l4 + 2]! << 8 | buf[l4 + 3]!) === f.port;
}

/** The same for a flow, by the addresses of its first packet: so that answers are found, which carry translated ones. */
export function matchesFlow(f: PacketFilter, table: FlowTable, tuple: number): boolean {
  if (f.arp || f.link !== undefined || f.direction === 'out') return false;
  const k = (tuple & ~1) * WORDS;
  const { tuples } = table;
  if (f.proto !== undefined && tuples[k + 3] !== f.proto) return false;
  if (f.host !== undefined && tuples[k]! >>> 0 !== f.host && tuples[k + 1]! >>> 0 !== f.host) return false;
  return f.port === undefined || tuples[k + 2]! >>> 16 === f.port || (tuples[k + 2]! & 0xffff) === f.port;
}
