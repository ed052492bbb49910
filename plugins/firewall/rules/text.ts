import { format4, formatPrefix, parse4, parsePrefix } from '../../../sdk/wire/address.ts';
import { formatTraffic, parseTraffic } from '../services.ts';
import { type AddressMatch, NAME_MOST, type ServiceMatch } from './model.ts';

/** Names of groups and services begin with a letter, so none can be taken for an address or a port. */
const NAME = new RegExp(`^[a-z][a-z0-9 ._+-]{0,${NAME_MOST - 1}}$`, 'i');

/** What is wrong with a name; undefined: nothing. */
export function wrongName(text: string): string | undefined {
  if (!NAME.test(text)) return `must begin with a letter, and be 1–${NAME_MOST} letters, digits, spaces or . _ + -`;
  if (text.toLowerCase() === 'any') return `'${text}' means everything`;
  return typeof parseTraffic(text) === 'string' ? undefined : `'${text}' is a protocol`;
}

/** 'any', '192.168.1.33', '192.168.1.33-192.168.1.40', '192.168.1.0/24', or the name of a group. A string: what is wrong with it. */
export function parseAddress(text: string): AddressMatch | string {
  const t = text.trim();
  if (t.toLowerCase() === 'any') return { kind: 'any' };
  const address = parse4(t);
  if (address !== undefined) return { kind: 'single', address };
  if (NAME.test(t)) return { kind: 'group', name: t };
  if (t.includes('/')) {
    const prefix = parsePrefix(t);
    return prefix ? { kind: 'subnet', ...prefix } : `'${t}' is no subnet like 192.168.1.0/24`;
  }
  const ends = t.split('-').map(e => parse4(e.trim()));
  const [from, to] = ends;
  if (ends.length !== 2 || from === undefined || to === undefined) return `'${t}' is no address, range (192.168.1.33-192.168.1.40), subnet (192.168.1.0/24) or group`;
  return from > to ? `the range ${t} is inverted` : { kind: 'range', from, to };
}

/** What parseAddress reads again. */
export function formatAddress(m: AddressMatch): string {
  switch (m.kind) {
    case 'any': return 'any';
    case 'single': return format4(m.address);
    case 'range': return `${format4(m.from)}-${format4(m.to)}`;
    case 'subnet': return formatPrefix(m);
    case 'group': return m.name;
  }
}

/** 'any', the name of a service, or protocol and ports as parseTraffic reads them. A string: what is wrong with it. */
export function parseService(text: string): readonly ServiceMatch[] | string {
  const t = text.trim();
  if (t.toLowerCase() === 'any') return [{ kind: 'any' }];
  const traffic = parseTraffic(t);
  if (typeof traffic !== 'string') return traffic.map(one => ({ kind: 'inline', traffic: one }));
  // 'H.323' is a name; 'tcp/x' is a mistake.
  return NAME.test(t) ? [{ kind: 'named', name: t }] : traffic;
}

export function formatService(m: ServiceMatch): string {
  return m.kind === 'any' ? 'any' : m.kind === 'named' ? m.name : formatTraffic(m.traffic);
}
