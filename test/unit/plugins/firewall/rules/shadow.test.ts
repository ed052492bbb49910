import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { env as plainEnv } from '../../../../../bench/firewall-sets.ts';
import type { AddressMatch, Rule, Schedule, ServiceMatch, Side } from '../../../../../plugins/firewall/rules/model.ts';
import { shadowed } from '../../../../../plugins/firewall/rules/shadow.ts';
import { parseAddress, parseService } from '../../../../../plugins/firewall/rules/text.ts';
import { aCase, aList, anEnv } from './arbitrary.ts';
import { firstMatch } from './reference.ts';

const side = (text?: string, negate = false): Side => ({ match: text === undefined ? [] : [parseAddress(text) as AddressMatch], negate });
const rule = (part: Partial<Rule> & { service?: string }): Rule => {
  const { service, ...rest } = part;
  return { id: 1, name: '', active: true, from: 'LAN', to: 'WAN', source: side(), destination: side(), services: service === undefined ? [] : parseService(service) as readonly ServiceMatch[], log: false, alert: false, action: 'permit', comment: '', ...rest };
};
const office: Schedule = { days: 0x3e, from: 480, to: 1080 };
const hides = (outer: Rule, inner: Rule): boolean => shadowed([outer, inner], plainEnv).length === 1;

describe('shadowed rules', () => {
  it.each<[string, boolean, Rule, Rule]>([
    ['the same', true, rule({}), rule({})],
    ['a host in a subnet', true, rule({ source: side('192.168.1.0/24') }), rule({ source: side('192.168.1.9'), service: 'tcp/80' })],
    ['a host out of it', false, rule({ source: side('192.168.1.0/24') }), rule({ source: side('192.168.2.9') })],
    ['a wider one', false, rule({ source: side('192.168.1.0/24') }), rule({ source: side('192.168.0.0/16') })],
    ['all but a host that is not meant', true, rule({ source: side('192.168.2.9', true) }), rule({ source: side('192.168.1.0/24') })],
    ['all but a host that is meant', false, rule({ source: side('192.168.1.9', true) }), rule({ source: side('192.168.1.0/24') })],
    ['a service among the ports', true, rule({ service: 'tcp/1-1023' }), rule({ service: 'HTTPS' })],
    ['a service with other protocols too', false, rule({ service: 'tcp/1-1023' }), rule({ service: 'DNS' })],
    ['from some source ports only', false, rule({ service: 'tcp/1024-65535>80' }), rule({ service: 'tcp/80' })],
    ['in office hours, by one that is for ever', true, rule({}), rule({ schedule: office })],
    ['for ever, by one in office hours', false, rule({ schedule: office }), rule({})],
    ['from a zone, by one from Any', true, rule({ from: 'Any' }), rule({})],
    ['from Any, by one from a zone', false, rule({}), rule({ from: 'Any' })],
    ['of another direction', false, rule({ from: 'DMZ' }), rule({})],
    ['by one that is off', false, rule({ active: false }), rule({})],
    ['off itself', false, rule({}), rule({ active: false })],
  ])('%s: %s', (_what, expected, outer, inner) => {
    expect(hides(outer, inner)).toBe(expected);
  });

  it('names the first that hides it', () => {
    expect(shadowed([rule({ source: side('10.0.0.1') }), rule({}), rule({}), rule({ service: 'tcp/1' })], plainEnv)).toEqual([{ index: 2, by: 1 }, { index: 3, by: 1 }]);
  });

  it('never match', () => {
    let found = 0;
    fc.assert(fc.property(aList(25), anEnv, fc.array(aCase, { minLength: 60 }), (rules, env, cases) => {
      const hidden = new Set(shadowed(rules, env).map(s => s.index));
      found += hidden.size;
      for (const c of cases) expect(hidden.has(firstMatch(rules, env, c.from, c.to, c.packet, c.minute))).toBe(false);
    }), { numRuns: 300 });
    expect(found).toBeGreaterThan(0);
  });
});
