import type { Problem } from '../../sdk/index.ts';
import { format4, parse4 } from '../../sdk/wire/address.ts';
import { type AddressMapping, MOST_ADDRESS_MAPPINGS, MOST_PORT_FORWARDS, MOST_PORT_TRIGGERS, type PortForward, type PortTrigger, type Settings } from './settings.ts';

/** Outside addresses of one rule: each is one that the router answers ARP for. */
const MOST_GLOBALS = 256;
/** Shared outside addresses of one rule: each has port tables of its own, 1 MiB per transport. */
const MOST_SHARED_GLOBALS = 16;

interface Span { readonly first: number; readonly last: number }
const overlap = (a: Span, b: Span): boolean => a.first <= b.last && b.first <= a.last;
const within = (a: Span, b: Span): boolean => a.first >= b.first && a.last <= b.last;
const n = (text: string): number => parse4(text) ?? 0;
const span = (s: Span): string => (s.first === s.last ? String(s.first) : `${s.first}-${s.last}`);

/** The inside hosts of a rule; undefined for server, which has none. */
export const locals = (r: AddressMapping): Span | undefined => {
  if (r.type === 'server') return undefined;
  return { first: n(r.localStart), last: r.type === 'one-to-one' ? n(r.localStart) : n(r.localEnd) };
};
/** The outside addresses of a rule; 0–0 is the uplink's own. */
export const globals = (r: AddressMapping): Span =>
  ({ first: n(r.globalStart), last: r.type === 'many-to-many-overload' || r.type === 'many-one-to-one' ? n(r.globalEnd) : n(r.globalStart) });
/** One inside host per outside address. */
const exclusive = (r: AddressMapping): boolean => r.type === 'one-to-one' || r.type === 'many-one-to-one';

type At = (field: string, message: string) => void;

function oneMapping(r: AddressMapping, at: At): void {
  const g = globals(r);
  const l = locals(r);
  const none = '0.0.0.0';
  if (!l && (r.localStart !== none || r.localEnd !== none)) at(r.localStart !== none ? 'localStart' : 'localEnd', 'a server rule has no local addresses');
  if (r.type === 'one-to-one' && r.localEnd !== none && r.localEnd !== r.localStart) at('localEnd', 'one-to-one has one local address only');
  if (r.type === 'one-to-one' && l!.first === 0) at('localStart', 'a local address is needed');
  if (l && l.first === 0 && l.last === 0 && r.type !== 'one-to-one') at('localEnd', 'no hosts: all of them are 0.0.0.0 to 255.255.255.255');
  if (l && l.last < l.first) at('localEnd', `${r.localEnd} is below ${r.localStart}`);
  if (g.first === 0 && r.type !== 'many-to-one' && r.type !== 'server') at('globalStart', `0.0.0.0, the address of the uplink, is for many-to-one and server only`);
  if (r.type !== 'many-to-many-overload' && r.type !== 'many-one-to-one') {
    if (r.globalEnd !== none && r.globalEnd !== r.globalStart) at('globalEnd', `${r.type} has one global address only`);
    return;
  }
  const most = r.type === 'many-one-to-one' ? MOST_GLOBALS : MOST_SHARED_GLOBALS;
  if (g.last < g.first) at('globalEnd', `${r.globalEnd} is below ${r.globalStart}`);
  else if (g.last - g.first >= most) at('globalEnd', `at most ${most} global addresses in a rule of type ${r.type}`);
}

function mappings(rules: readonly AddressMapping[], problems: Problem[]): void {
  rules.forEach((r, i) => {
    const at: At = (field, message) => problems.push({ path: ['addressMapping', i, field], message });
    oneMapping(r, at);
    const l = locals(r);
    const g = globals(r);
    for (let k = 0; k < i; k++) {
      const other = rules[k]!;
      if (other.uplink !== r.uplink) continue;
      const ol = locals(other);
      const og = globals(other);
      if (l && ol && within(l, ol)) at('localStart', `rule ${k + 1} takes all of these hosts, so this one would never count`);
      else if (l && ol && exclusive(r) && exclusive(other) && overlap(l, ol)) at('localStart', `overlaps the hosts of rule ${k + 1}, ${other.localStart}-${format4(ol.last)}`);
      if (overlap(g, og) && (exclusive(r) || exclusive(other))) at('globalStart', `overlaps the global addresses of rule ${k + 1}, ${other.globalStart}-${format4(og.last)}`);
      else if (overlap(g, og) && r.type === 'server' && other.type === 'server') at('globalStart', `rule ${k + 1} is a server rule for this address already`);
    }
  });
  const counts = new Map<string, number>();
  rules.forEach((r, i) => {
    const count = (counts.get(r.uplink) ?? 0) + 1;
    counts.set(r.uplink, count);
    if (count === MOST_ADDRESS_MAPPINGS + 1) problems.push({ path: ['addressMapping', i], message: `at most ${MOST_ADDRESS_MAPPINGS} rules for an uplink` });
  });
}

/** The incoming ports of a row. */
export const incoming = (f: Pick<PortForward, 'start' | 'end'>): Span => ({ first: f.start, last: f.end || f.start });
/** The ports they become. */
export const translatedTo = (f: PortForward): Span => {
  const first = f.translateStart || f.start;
  return { first, last: f.translateEnd || first + (f.end || f.start) - f.start };
};
const shares = (a: PortForward, b: PortForward): boolean => a.protocol === b.protocol || a.protocol === 'tcp+udp' || b.protocol === 'tcp+udp';

function forwards(rows: readonly PortForward[], problems: Problem[]): void {
  const counts = new Map<string, number>();
  rows.forEach((f, i) => {
    const at: At = (field, message) => problems.push({ path: ['portForwarding', i, field], message });
    const ports = incoming(f);
    const to = translatedTo(f);
    if (ports.last < ports.first) at('end', `${f.end} is below ${f.start}`);
    else if (f.translateStart === 0 && f.translateEnd !== 0) at('translateStart', 'the first translated port is needed');
    else if (to.last < to.first) at('translateEnd', `${f.translateEnd} is below ${f.translateStart}`);
    else if (to.last > 65535) at('translateStart', `${span(ports)} does not fit from ${to.first} on`);
    else if (to.last - to.first !== ports.last - ports.first) at('translateEnd', `${span(ports)} and ${span(to)} are not the same number of ports`);
    if (f.active && n(f.server) === 0) at('server', 'a server is needed');
    const count = (counts.get(f.uplink) ?? 0) + 1;
    counts.set(f.uplink, count);
    if (count === MOST_PORT_FORWARDS + 1) problems.push({ path: ['portForwarding', i], message: `at most ${MOST_PORT_FORWARDS} rules for an uplink` });
    if (!f.active) return;
    const other = rows.findIndex((o, k) => k < i && o.active && o.uplink === f.uplink && shares(o, f) && overlap(incoming(o), ports));
    if (other >= 0) at('start', `${span(ports)} overlaps ${span(incoming(rows[other]!))} of rule ${other + 1}`);
  });
}

function triggers(rows: readonly PortTrigger[], problems: Problem[]): void {
  if (rows.length > MOST_PORT_TRIGGERS) problems.push({ path: ['portTriggering', MOST_PORT_TRIGGERS], message: `at most ${MOST_PORT_TRIGGERS} rows` });
  const incomingOf = (t: PortTrigger): Span => ({ first: t.incomingStart, last: t.incomingEnd || t.incomingStart });
  rows.forEach((t, i) => {
    const at: At = (field, message) => problems.push({ path: ['portTriggering', i, field], message });
    if (t.incomingEnd !== 0 && t.incomingEnd < t.incomingStart) at('incomingEnd', `${t.incomingEnd} is below ${t.incomingStart}`);
    if (t.triggerEnd !== 0 && t.triggerEnd < t.triggerStart) at('triggerEnd', `${t.triggerEnd} is below ${t.triggerStart}`);
    if (!t.active) return;
    const other = rows.findIndex((o, k) => k < i && o.active && o.uplink === t.uplink && overlap(incomingOf(o), incomingOf(t)));
    if (other >= 0) at('incomingStart', `${span(incomingOf(t))} overlaps ${span(incomingOf(rows[other]!))} of row ${other + 1}`);
  });
}

/** What single fields cannot show. */
export function verify(mine: Settings): readonly Problem[] {
  const problems: Problem[] = [];
  mine.uplinks.forEach((u, i) => {
    if (u.lastPort < u.firstPort) problems.push({ path: ['uplinks', i, 'lastPort'], message: `${u.lastPort} is below ${u.firstPort}` });
    if (u.firstPort < 1024) problems.push({ path: ['uplinks', i, 'firstPort'], message: "ports below 1024 are the router's own" });
    if (mine.uplinks.findIndex(o => o.name === u.name) < i) problems.push({ path: ['uplinks', i, 'name'], message: `${u.name} is there twice` });
  });
  mappings(mine.addressMapping, problems);
  forwards(mine.portForwarding, problems);
  triggers(mine.portTriggering, problems);
  return problems;
}
