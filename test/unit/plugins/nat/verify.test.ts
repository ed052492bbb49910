import { describe, expect, it } from 'vitest';
import { settings } from '../../../../plugins/nat/settings.ts';
import { verify } from '../../../../plugins/nat/verify.ts';

/** Where the problems are, and what they say. */
const problems = (input: object): string[] => verify(settings.parse(input)).map(p => `${p.path.join('.')}: ${p.message}`);
const rule = (type: string, localStart = '0.0.0.0', localEnd = '0.0.0.0', globalStart = '0.0.0.0', globalEnd = '0.0.0.0') => ({ type, localStart, localEnd, globalStart, globalEnd });

describe('settings of NAT', () => {
  it('work without any, and as the original has them', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ addressMapping: [
      rule('one-to-one', '192.168.1.10', '0.0.0.0', '203.0.113.10'), rule('many-one-to-one', '192.168.1.20', '192.168.1.29', '203.0.113.20', '203.0.113.29'),
      rule('many-to-many-overload', '192.168.1.30', '192.168.1.99', '203.0.113.40', '203.0.113.43'), rule('many-to-one', '0.0.0.0', '255.255.255.255'), rule('server'),
    ] })).toEqual([]);
  });

  it.each([
    [rule('server', '192.168.1.1'), 'localStart: a server rule has no local addresses'],
    [rule('one-to-one', '192.168.1.1', '192.168.1.2', '203.0.113.1'), 'localEnd: one-to-one has one local address only'],
    [rule('one-to-one', '192.168.1.1'), 'globalStart: 0.0.0.0, the address of the uplink, is for many-to-one and server only'],
    [rule('many-to-one', '192.168.1.9', '192.168.1.1'), 'localEnd: 192.168.1.1 is below 192.168.1.9'],
    [rule('many-to-one', '192.168.1.1', '192.168.1.9', '203.0.113.1', '203.0.113.2'), 'globalEnd: many-to-one has one global address only'],
    [rule('many-to-many-overload', '192.168.1.1', '192.168.1.9', '203.0.113.9', '203.0.113.2'), 'globalEnd: 203.0.113.2 is below 203.0.113.9'],
    [rule('many-to-many-overload', '192.168.1.1', '192.168.1.9', '203.0.113.1', '203.0.113.99'), 'globalEnd: at most 16 global addresses in a rule of type many-to-many-overload'],
    [rule('many-to-one'), 'localEnd: no hosts: all of them are 0.0.0.0 to 255.255.255.255'],
  ])('refuses the rule %j', (r, why) => {
    expect(problems({ addressMapping: [r] })).toEqual([`addressMapping.0.${why}`]);
  });

  it('refuses overlapping maps', () => {
    const first = rule('one-to-one', '192.168.1.10', '0.0.0.0', '203.0.113.10');
    expect(problems({ addressMapping: [first, rule('one-to-one', '192.168.1.11', '0.0.0.0', '203.0.113.10')] })[0]).toMatch(/^addressMapping\.1\.globalStart: overlaps .* rule 1/);
    expect(problems({ addressMapping: [first, rule('many-one-to-one', '192.168.1.9', '192.168.1.12', '203.0.113.20', '203.0.113.23')] })[0]).toMatch(/^addressMapping\.1\.localStart: overlaps/);
    expect(problems({ addressMapping: [rule('many-to-one', '0.0.0.0', '255.255.255.255'), first] })[0]).toMatch(/^addressMapping\.1\.localStart: rule 1 takes all/);
    expect(problems({ addressMapping: [{ ...first, uplink: 'cell' }, first] })).toEqual([]);
    expect(problems({ addressMapping: Array.from({ length: 101 }, (_, i) => rule('many-to-one', `10.0.0.${i}`, `10.0.0.${i}`)) })).toContain('addressMapping.100: at most 100 rules for an uplink');
  });

  it('refuses forwards that overlap, are inverted, do not fit, or go nowhere', () => {
    const f = (fields: object) => ({ start: 80, server: '192.168.1.33', ...fields });
    expect(problems({ portForwarding: [f({}), f({ start: 70, end: 90 })] })).toEqual(['portForwarding.1.start: 70-90 overlaps 80 of rule 1']);
    expect(problems({ portForwarding: [f({ protocol: 'tcp' }), f({ protocol: 'udp' }), f({ uplink: 'cell' }), f({ active: false })] })).toEqual([]);
    expect(problems({ portForwarding: [f({ end: 70 })] })).toEqual(['portForwarding.0.end: 70 is below 80']);
    expect(problems({ portForwarding: [f({ end: 90, translateStart: 65_530 })] })).toEqual(['portForwarding.0.translateStart: 80-90 does not fit from 65530 on']);
    expect(problems({ portForwarding: [f({ end: 90, translateStart: 100, translateEnd: 105 })] })).toEqual(['portForwarding.0.translateEnd: 80-90 and 100-105 are not the same number of ports']);
    expect(problems({ portForwarding: [f({ server: '0.0.0.0' })] })).toEqual(['portForwarding.0.server: a server is needed']);
    expect(problems({ portForwarding: Array.from({ length: 101 }, (_, i) => f({ start: 1000 + i })) })).toEqual(['portForwarding.100: at most 100 rules for an uplink']);
    expect(settings.safeParse({ portForwarding: [f({ remote: '10.0.0.9-10.0.0.1' })] }).success).toBe(false);
    expect(settings.safeParse({ portForwarding: [f({ start: 0 })] }).success).toBe(false);
  });

  it('refuses triggers that overlap, and the 13th', () => {
    const t = (n: number) => ({ incomingStart: n, triggerStart: 9 });
    expect(problems({ portTriggering: [t(5), t(5)] })).toEqual(['portTriggering.1.incomingStart: 5 overlaps 5 of row 1']);
    expect(problems({ portTriggering: Array.from({ length: 13 }, (_, i) => t(i + 1)) })).toEqual(['portTriggering.12: at most 12 rows']);
    expect(problems({ uplinks: [{ name: 'wan', firstPort: 2000, lastPort: 1999 }] })).toEqual(['uplinks.0.lastPort: 1999 is below 2000']);
  });
});
