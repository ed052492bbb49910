import { describe, expect, it } from 'vitest';
import { settings, verify } from '../../../../plugins/firewall/settings.ts';

const problems = (given: unknown) => verify(settings.parse(given)).map((p) => `${p.path.join('.')}: ${p.message}`);
const rule = (more: object) => ({ rules: [{ id: 1, from: 'WAN', to: 'LAN', ...more }] });

describe('settings of the firewall', () => {
  it('work without being set', () => {
    expect(problems({})).toEqual([]);
    expect(settings.parse({})).toMatchObject({ active: true, profile: 'secure', rules: [], triangleRoute: 'profile' });
  });

  it.each([
    ['High below Low', { dos: { thresholds: { oneMinuteHigh: 10 } } }, 'dos.thresholds.oneMinuteHigh: High (10) must not be below Low (24000)'],
    ['Low above the High of the profile', { profile: 'compat', dos: { thresholds: { maxIncompleteLow: 500 } } }, 'dos.thresholds.maxIncompleteLow: High (100) must not be below Low (500)'],
    ['a direction twice', { directions: [{ from: 'LAN', to: 'WAN', action: 'drop' }, { from: 'LAN', to: 'WAN', action: 'permit' }] }, 'directions.1.from: LAN → WAN is number 1 already'],
    ['a zone that is not there', { directions: [{ from: 'LAN', to: 'MOON', action: 'drop' }] }, "directions.0.to: there is no zone 'MOON'"],
    ['a rule to such a zone', rule({ to: 'MOON' }), "rules.0.to: there is no zone 'MOON'"],
    ['a group that is not there', rule({ source: ['servers'] }), "rules.0.source.0: there is no group 'servers'"],
    ['a service that is not there', rule({ services: ['nonsense'] }), "rules.0.services.0: there is no service 'nonsense'"],
    ['an id twice', { rules: [{ id: 1, from: 'WAN', to: 'LAN' }, { id: 1, from: 'WAN', to: 'LAN' }] }, 'rules.1.id: id 1 is there twice'],
  ])('refuse %s', (_, given, why) => {
    expect(problems(given)).toEqual([expect.stringContaining(why)]);
  });

  it('take a zone of a plugin that is named', () => {
    expect(problems({ zones: ['GUEST'], ...rule({ to: 'GUEST' }) })).toEqual([]);
  });

  it.each([
    [{ directions: [{ from: 'Any', to: 'WAN', action: 'drop' }] }], [{ dos: { blockMinutes: 256 } }], [{ log: { consolidationSec: 601 } }], [rule({ services: ['tcp/90-80'] })], [rule({ source: ['1.2.3.4-1.2.3.3'] })], [rule({ source: ['1.2.3.4/33'] })],
    [{ dos: { thresholds: { tcpMaxIncomplete: 0 } } }], [{ rules: Array.from({ length: 10_001 }, (_, i) => ({ id: i + 1 })) }],
  ])('%j is not taken', (given) => { expect(settings.safeParse(given).success).toBe(false); });
});
