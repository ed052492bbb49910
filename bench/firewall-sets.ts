import { serviceTable } from '../plugins/firewall/services.ts';
import type { JsonObject } from '../kernel/config/document.ts';
import { formatAddress, formatService } from '../plugins/firewall/rules/text.ts';
import { type AddressMatch, ALL_PORTS, type Packet5, type Rule, type RuleEnv, type ServiceMatch, type Side } from '../plugins/firewall/rules/model.ts';

export const env: RuleEnv = { groups: new Map(), services: serviceTable([]) };

/** A generator of whole numbers below `n`; the same sequence for the same seed. */
export function dice(seed: number): (n: number) => number {
  let s = seed;
  return n => {
    s = Math.imul(s ^ s >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return Math.floor(((s ^ s >>> 13) >>> 0) / 2 ** 32 * n);
  };
}

const anywhere: Side = { match: [], negate: false };
const side = (match: AddressMatch, negate = false): Side => ({ match: [match], negate });
const single = (address: number): Side => side({ kind: 'single', address });
const range = (from: number, to: number, negate = false): Side => side({ kind: 'range', from, to }, negate);
const tcp = (from: number, to = from, sport = ALL_PORTS): ServiceMatch => ({ kind: 'inline', traffic: { proto: 6, sport, dport: { from, to } } });
const rule = (id: number, part: Partial<Rule>): Rule => ({
  id, name: `r${id}`, active: true, from: 'LAN', to: 'WAN', source: anywhere, destination: anywhere, services: [], log: false, alert: false, action: 'permit', comment: '', ...part,
});

/** A set of rules, and packets that go for it. */
export interface RuleSet {
  readonly name: string;
  rules(n: number): Rule[];
  packet(roll: (n: number) => number, rules: readonly Rule[]): Packet5;
}

const LAN = 0xc0a80000;
const popular = ['HTTP', 'HTTPS', 'DNS', 'SSH', 'NTP', 'SMTP', 'IMAPS', 'QUIC', 'PING', 'RDP', 'SIP', 'IKE'];

/** As offices and carriers write them: hosts and subnets within, servers, networks and anything without, mostly well-known services. */
const realistic: RuleSet = {
  name: 'realistic',
  rules(n) {
    const roll = dice(n);
    return Array.from({ length: n }, (_, i) => {
      const within = (): Side => {
        const k = roll(10);
        const address = LAN + roll(65536);
        return k < 5 ? single(address) : k < 8 ? side({ kind: 'subnet', address, bits: 24 + roll(6) }) : k < 9 ? range(address, address + roll(40)) : anywhere;
      };
      const without = (): Side => {
        const k = roll(10);
        const address = roll(2 ** 32);
        return k < 4 ? single(address) : k < 7 ? side({ kind: 'subnet', address, bits: 8 + roll(17) }) : k < 8 ? side({ kind: 'subnet', address, bits: 24 }, roll(8) === 0) : anywhere;
      };
      const k = roll(10);
      const services: ServiceMatch[] = k < 6 ? [{ kind: 'named', name: popular[roll(popular.length)]! }] : k < 8 ? [tcp(1024 + roll(60000))] : k < 9 ? [tcp(1024 + roll(30000), 32000 + roll(30000))] : [];
      const scheduled = roll(20) === 0;
      let source = within();
      const destination = without();
      // What is for (nearly) everybody and everything is the default action, not one of a thousand rules.
      if (source.match.length === 0 && (destination.match.length === 0 || destination.negate)) source = single(LAN + roll(65536));
      return rule(i + 1, { source, destination, services, ...(scheduled ? { schedule: { days: 0x3e, from: 480, to: 1080 } } : {}) });
    });
  },
  /** Two thirds are meant for some rule, the others for nothing in particular. */
  packet(roll, rules) {
    const r = rules[roll(rules.length)]!;
    const meant = roll(3) > 0;
    const inside = (s: Side, otherwise: () => number): number => {
      const m = s.match[0];
      if (!meant || m === undefined || s.negate) return otherwise();
      return m.kind === 'single' ? m.address : m.kind === 'range' ? m.from + roll(m.to - m.from + 1) : m.kind === 'subnet' ? (m.address ^ roll(2 ** (32 - m.bits))) >>> 0 : otherwise();
    };
    const s = r.services[0];
    const t = s?.kind === 'inline' ? s.traffic : s?.kind === 'named' ? env.services.get(s.name.toLowerCase())![0]! : undefined;
    const src = inside(r.source, () => LAN + roll(65536));
    const dst = inside(r.destination, () => roll(2 ** 32));
    return t && meant ? { src, dst, sport: 1024 + roll(60000), dport: t.dport.from, proto: t.proto } : { src, dst, sport: 1024 + roll(60000), dport: roll(65536), proto: roll(2) === 0 ? 6 : 17 };
  },
};

const anyPacket = (roll: (n: number) => number): Packet5 => ({ src: roll(2 ** 32), dst: roll(2 ** 32), sport: roll(65536), dport: roll(65536), proto: 6 });

const overlapping: RuleSet = {
  name: 'overlapping ranges in src, dst and ports',
  rules(n) {
    const roll = dice(n);
    const wide = (most: number): [number, number] => { const a = roll(most); const b = roll(most); return a < b ? [a, b] : [b, a]; };
    return Array.from({ length: n }, (_, i) => rule(i + 1, { source: range(...wide(2 ** 32)), destination: range(...wide(2 ** 32)), services: [tcp(...wide(65536))] }));
  },
  packet: anyPacket,
};

/** No packet is in both ends of a rule: each field alone says little, and all that is left must be read. */
const crossed: RuleSet = {
  name: 'wide in every field, none matching',
  rules(n) {
    const roll = dice(n);
    return Array.from({ length: n }, (_, i) => {
      const half = roll(2) * 2 ** 31;
      const other = roll(2) * 2 ** 31;
      const edge = (): number => roll(2 ** 20);
      return rule(i + 1, { source: range(half + edge(), half + 2 ** 31 - 1 - edge()), destination: range(other + edge(), other + 2 ** 31 - 1 - edge()),
        services: [half === other ? tcp(roll(1000), 30000 + roll(1000), { from: 30000, to: 65535 }) : tcp(33000 + roll(1000), 65535, { from: 0, to: 29999 })] });
    });
  },
  packet(roll) {
    const left = roll(2) === 0;
    return { src: 2 ** 22 + roll(2 ** 30), dst: left ? 2 ** 22 + roll(2 ** 30) : 2 ** 31 + 2 ** 22 + roll(2 ** 30), sport: left ? roll(30000) : 30000 + roll(30000), dport: left ? 1000 + roll(29000) : 34000 + roll(30000), proto: 6 };
  },
};

const portsOnly: RuleSet = {
  name: 'any to any, a port each',
  rules: n => Array.from({ length: n }, (_, i) => rule(i + 1, { services: [tcp(i * 5 % 65536)] })),
  packet: anyPacket,
};

const negated: RuleSet = {
  name: 'all negated',
  rules(n) {
    const roll = dice(n);
    return Array.from({ length: n }, (_, i) => rule(i + 1, { source: { match: [{ kind: 'single', address: roll(2 ** 32) }], negate: true }, destination: range(LAN + roll(60000), LAN + 65535, true), services: [tcp(i % 65536)] }));
  },
  packet: anyPacket,
};

const sourcePorts: RuleSet = {
  name: 'long ranges of source ports',
  rules(n) {
    const roll = dice(n);
    return Array.from({ length: n }, (_, i) => rule(i + 1, { services: [tcp(i % 100 * 600, i % 100 * 600 + 30, { from: roll(30000), to: 30000 + roll(35000) })] }));
  },
  packet: anyPacket,
};

const outOfTime: RuleSet = {
  name: 'all match, all but the last out of their time',
  rules: n => Array.from({ length: n }, (_, i) => rule(i + 1, i === n - 1 ? {} : { schedule: { days: 1, from: i % 700, to: 710 } })),
  packet: anyPacket,
};

/** The first is realistic, the others are made to hurt. */
export const ruleSets: readonly RuleSet[] = [realistic, overlapping, crossed, portsOnly, negated, sourcePorts, outOfTime];

/** So many rules of the realistic set, as they stand in the settings of the firewall. */
export function ruleSettings(n: number): JsonObject[] {
  const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  return realistic.rules(n).map(({ source, destination, services, schedule, ...r }) => ({
    ...r,
    source: source.match.map(formatAddress), sourceNot: source.negate, destination: destination.match.map(formatAddress), destinationNot: destination.negate,
    services: services.map(formatService),
    ...(schedule ? { schedule: { days: dayNames.filter((_, d) => (schedule.days >> d & 1) === 1), from: '08:00', to: '18:00' } } : {}),
  }));
}
