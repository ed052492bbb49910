import fc from 'fast-check';
import { type AddressMatch, ALL_PORTS, type Packet5, type PortRange, type Rule, type RuleEnv, type Schedule, type ServiceMatch } from '../../../../../plugins/firewall/rules/model.ts';
import { serviceTable } from '../../../../../plugins/firewall/services.ts';

export const ZONES = ['LAN', 'WAN', 'DMZ'] as const;

/** Few different values, so that rules overlap and packets meet their edges. */
const corners = [0, 1, 9, 10, 0x7fffffff, 0x80000000, 0xc0a80100, 0xc0a80101, 0xc0a80121, 0xc0a801ff, 0xc0a80200, 0xfffffffe, 0xffffffff];
const address = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...corners) }, { weight: 3, arbitrary: fc.integer({ min: 0xc0a80100, max: 0xc0a80140 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffffffff }) });
const port = fc.oneof(fc.constantFrom(0, 1, 53, 79, 80, 81, 443, 1024, 2048, 0x0800, 0x08ff, 65534, 65535), fc.integer({ min: 0, max: 65535 }));
const proto = fc.constantFrom(1, 6, 6, 17, 47, 0, 255);
const pair = (a: number, b: number): PortRange => ({ from: Math.min(a, b), to: Math.max(a, b) });

const plain: fc.Arbitrary<AddressMatch> = fc.oneof(
  { weight: 4, arbitrary: address.map(a => ({ kind: 'single' as const, address: a })) },
  { weight: 4, arbitrary: fc.tuple(address, address).map(([a, b]) => ({ kind: 'range' as const, ...pair(a, b) })) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('subnet' as const), address, bits: fc.integer({ min: 0, max: 32 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'any' as const }) },
);
const match = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: fc.constantFrom('servers', 'guests', 'all of them', 'not there').map(name => ({ kind: 'group' as const, name })) });
const side = fc.record({ match: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.array(match, { minLength: 1, maxLength: 3 }) }), negate: fc.integer({ min: 0, max: 4 }).map(n => n === 0) });
const ports = fc.oneof(fc.constant(ALL_PORTS), port.map(p => ({ from: p, to: p })), fc.tuple(port, port).map(([a, b]) => pair(a, b)));
const service: fc.Arbitrary<ServiceMatch> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ proto, sport: fc.oneof({ weight: 3, arbitrary: fc.constant(ALL_PORTS) }, { weight: 1, arbitrary: ports }), dport: ports }).map(traffic => ({ kind: 'inline' as const, traffic })) },
  { weight: 3, arbitrary: fc.constantFrom('DNS', 'http', 'PING', 'GRE', 'game', 'nothing').map(name => ({ kind: 'named' as const, name })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'any' as const }) },
);
const schedule: fc.Arbitrary<Schedule> = fc.record({ days: fc.integer({ min: 1, max: 127 }), from: fc.constantFrom(0, 1, 480, 1020, 1439), to: fc.constantFrom(0, 2, 481, 1080, 1440) });
const zone = fc.constantFrom(...ZONES, 'LAN', 'Any');

const body = fc.record({
  name: fc.constant(''), active: fc.integer({ min: 0, max: 9 }).map(n => n > 0), from: zone, to: zone, source: side, destination: side, services: fc.array(service, { maxLength: 3 }),
  log: fc.boolean(), alert: fc.boolean(), action: fc.constantFrom('permit' as const, 'drop' as const, 'reject' as const), comment: fc.constant(''),
});
export const aRule: fc.Arbitrary<Omit<Rule, 'id'>> = fc.tuple(body, fc.option(schedule, { freq: 3, nil: undefined })).map(([b, s]) => s ? { ...b, schedule: s } : b);
export const aList = (maxLength: number): fc.Arbitrary<Rule[]> => fc.array(aRule, { maxLength, size: 'max' }).map(list => list.map((r, i) => ({ ...r, id: i + 1 })));

export const anEnv: fc.Arbitrary<RuleEnv> = fc.tuple(fc.array(plain, { maxLength: 4 }), fc.array(plain, { maxLength: 4 })).map(([servers, guests]) => ({
  groups: new Map<string, readonly AddressMatch[]>([['servers', servers], ['guests', guests], ['all of them', [{ kind: 'group', name: 'servers' }, { kind: 'group', name: 'guests' }]]]),
  services: serviceTable([{ name: 'Game', traffic: [{ proto: 6, sport: ALL_PORTS, dport: { from: 80, to: 1024 } }, { proto: 17, sport: { from: 1024, to: 65535 }, dport: { from: 0, to: 53 } }] }]),
}));

export interface Case { readonly from: string; readonly to: string; readonly packet: Packet5; readonly minute: number }
export const aCase: fc.Arbitrary<Case> = fc.record({
  from: fc.constantFrom(...ZONES, 'LAN', 'VPN'), to: fc.constantFrom(...ZONES, 'LAN', 'VPN'),
  packet: fc.record({ src: address, dst: address, sport: port, dport: port, proto }),
  minute: fc.oneof(fc.integer({ min: 0, max: 10079 }), fc.constantFrom(0, 1, 479, 480, 1439, 1440, 10079)),
});
