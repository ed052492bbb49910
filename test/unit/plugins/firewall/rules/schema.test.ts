import { describe, expect, it } from 'vitest';
import { z } from '../../../../../sdk/index.ts';
import { compile } from '../../../../../plugins/firewall/rules/compile.ts';
import { envOf, limits, ruleBook, ruleOf, rulesFrom, schemas, verifyRules } from '../../../../../plugins/firewall/rules/schema.ts';

const book = z.object(ruleBook());
const zones = ['LAN', 'WAN'];
/** 'rules.0.source.1: reason' of everything that is wrong. */
const wrong = (input: unknown): string[] => {
  const parsed = book.safeParse(input);
  const problems = parsed.success ? verifyRules(parsed.data, zones) : parsed.error.issues;
  return problems.map(p => `${p.path.map(String).join('.')}: ${p.message}`);
};
const rules = (...list: object[]) => ({ rules: list.map((r, i) => ({ id: i + 1, ...r })) });

describe('rules as they are written', () => {
  it('that say what they said before are the same objects, wherever they moved; others are made anew', () => {
    const list = () => [1, 2, 3].map(id => schemas().rule.parse({ id, source: [`10.0.0.${id}`], schedule: { from: '08:00', to: '17:00' } }));
    const before = { list: list(), rules: rulesFrom(list()) };
    const [one, two, three] = list();
    const after = rulesFrom([three!, { ...one!, schedule: { ...one!.schedule!, to: '18:00' } }, two!, { ...two!, id: 4 }], before);
    expect([after[0] === before.rules[2], after[1] === before.rules[0], after[2] === before.rules[1], after[3]!.id]).toEqual([true, false, true, 4]);
    expect(after[1]!.schedule!.to).toBe(18 * 60);
  });

  it('need nothing but an id', () => {
    expect(wrong({})).toEqual([]);
    expect(wrong(rules({}))).toEqual([]);
    expect(ruleOf(schemas().rule.parse({ id: 7 }))).toEqual({
      id: 7, name: '', active: true, from: 'Any', to: 'Any', source: { match: [], negate: false }, destination: { match: [], negate: false }, services: [], log: false, alert: false, action: 'permit', comment: '',
    });
  });

  it.each<[string, object, string[]]>([
    ['an inverted range', rules({ source: ['10.0.0.1', '10.0.0.9-10.0.0.1'] }), ['rules.0.source.1: the range 10.0.0.9-10.0.0.1 is inverted']],
    ['a strange address', rules({ destination: ['10.0.0.256'] }), ["rules.0.destination.0: '10.0.0.256' is no address, range (192.168.1.33-192.168.1.40), subnet (192.168.1.0/24) or group"]],
    ['a strange subnet', rules({ source: ['10.0.0.0/33'] }), ["rules.0.source.0: '10.0.0.0/33' is no subnet like 192.168.1.0/24"]],
    ['inverted ports', rules({ services: ['tcp/90-80'] }), ['rules.0.services.0: the range 90-80 is inverted']],
    ['ports beyond the end', rules({ services: ['udp/70000'] }), ['rules.0.services.0: ports end at 65535']],
    ['ports of what has none', rules({ services: ['gre/80'] }), ['rules.0.services.0: gre has no ports']],
    ['an ICMP type beyond the end', rules({ services: ['icmp/256'] }), ["rules.0.services.0: 'icmp/256' is not icmp/type or icmp/type/code with numbers from 0 to 255"]],
    ['an unknown zone', rules({ from: 'LAN', to: 'MOON' }), ["rules.0.to: there is no zone 'MOON'"]],
    ['an unknown group', rules({ source: ['10.0.0.1', 'servers'] }), ["rules.0.source.1: there is no group 'servers'"]],
    ['an unknown service', rules({ services: ['HTTP', 'game'] }), ["rules.0.services.1: there is no service 'game'"]],
    ['nothing', rules({ sourceNot: true }), ['rules.0.sourceNot: all but any is nothing']],
    ['a name twice', rules({ name: 'Web' }, {}, { name: 'web' }), ["rules.2.name: 'web' is the name of number 1 already"]],
    ['an id twice', { rules: [{ id: 1 }, { id: 1 }] }, ['rules.1.id: id 1 is there twice']],
    ['a time without length', rules({ schedule: { from: '08:00', to: '08:00' } }), ['rules.0.schedule.to: the time ends where it begins']],
    ['no time', rules({ schedule: { from: '25:00' } }), ['rules.0.schedule.from: must be a time such as 08:30']],
    ['a group in itself', { groups: [{ name: 'a', addresses: ['b'] }, { name: 'b', addresses: ['a'] }] }, ["groups.0.addresses: group 'a' is part of itself", "groups.1.addresses: group 'b' is part of itself"]],
    ['a group twice', { groups: [{ name: 'a' }, { name: 'A' }] }, ["groups.1.name: 'A' is the name of number 1 already"]],
    ['a group that means everything', { groups: [{ name: 'Any' }] }, ["groups.0.name: 'Any' means everything"]],
    ['a predefined service', { services: [{ name: 'http', traffic: ['tcp/81'] }] }, ["services.0.name: 'http' is predefined"]],
    ['a service that is a protocol', { services: [{ name: 'udp', traffic: ['tcp/81'] }] }, ["services.0.name: 'udp' is a protocol"]],
  ])('refuse %s', (_what, input, expected) => {
    expect(wrong(input)).toEqual(expected);
  });

  it('have limits, which can be others', () => {
    expect(wrong({ rules: Array.from({ length: limits.rules + 1 }, (_, i) => ({ id: i + 1 })) })[0]).toMatch(/^rules: .*10000/);
    expect(wrong(rules({ name: 'x'.repeat(32) }))[0]).toMatch(/^rules.0.name: .*31/);
    expect(wrong(rules({ source: Array.from({ length: limits.addressesOfSide + 1 }, () => '10.0.0.1') }))[0]).toMatch(/^rules.0.source: .*64/);
    expect(z.object(ruleBook({ ...limits, rules: 1 })).safeParse(rules({}, {})).success).toBe(false);
  });

  it('mean what they say', () => {
    const parsed = book.parse({
      rules: [
        { id: 1, from: 'LAN', to: 'WAN', source: ['desk', '10.0.0.0/30'], services: ['game', 'icmp/8'], schedule: { days: ['mon'], from: '22:00', to: '06:00' } },
        { id: 2, destination: ['10.9.9.9'], destinationNot: true, services: ['tcp/1024-65535>80'] },
      ],
      groups: [{ name: 'desk', addresses: ['192.168.1.33-192.168.1.34'] }],
      services: [{ name: 'Game', traffic: ['udp/5000-5001'] }],
    });
    expect(verifyRules(parsed, zones)).toEqual([]);
    const compiled = compile(parsed.rules.map(ruleOf), envOf(parsed));
    const tuesday5 = 2 * 1440 + 300;
    expect(compiled.match('LAN', 'WAN', 0xc0a80121, 9, 5, 5001, 17, tuesday5)).toBe(0);
    expect(compiled.match('LAN', 'WAN', 0x0a000003, 9, 5, 8 << 8, 1, tuesday5)).toBe(0);
    expect(compiled.match('LAN', 'WAN', 0xc0a80121, 9, 5, 5001, 17, tuesday5 + 1440)).toBe(-1);
    expect(compiled.match('WAN', 'LAN', 1, 9, 1024, 80, 6, 0)).toBe(1);
    expect(compiled.match('WAN', 'LAN', 1, 9, 1023, 80, 6, 0)).toBe(-1);
    expect(compiled.match('WAN', 'LAN', 1, 0x0a090909, 1024, 80, 6, 0)).toBe(-1);
  });
});
