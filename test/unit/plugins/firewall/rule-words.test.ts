import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeRule, parseRule } from '../../../../plugins/firewall/rule-words.ts';

const names = { services: ['HTTP'], groups: ['servers'] };

describe('a rule in words', () => {
  it('has a place, an action, sides, services, and the rest', () => {
    expect(parseRule("3 permit from not 10.0.0.0/8, servers to any service tcp/80 HTTP name 'my web' log alert comment what, a day")).toEqual({
      number: 3,
      draft: {
        action: 'permit', source: ['10.0.0.0/8', 'servers'], sourceNot: true, destination: [], destinationNot: false, services: ['tcp/80', 'HTTP'], name: 'my web', log: true, alert: true, comment: 'what a day',
      },
    });
    expect(parseRule('off days mon tuesday time 22:00-06:00')).toEqual({ number: 0, draft: { active: false, schedule: { days: ['mon', 'tue'], from: '22:00', to: '06:00' } } });
    expect(parseRule('always nolog on').draft).toEqual({ schedule: undefined, log: false, active: true });
  });

  it.each([
    ['0 permit', 'counted from 1'], ['allow', "'allow' says nothing"], ['permit from', 'needs at least one value'], ['permit to service tcp/80', 'to needs at least one value'],
    ['name', 'name needs a value'], ['days someday', 'days are sun'], ['time 8', 'like 08:00'], ['time 1-2-3', 'like 08:00'],
  ])('%s: %s', (text, why) => { expect(() => parseRule(text)).toThrow(why); });

  it('never fails in another way', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(fc.constantFrom('permit', 'from', 'to', 'not', 'any', 'service', 'days', 'time', 'name', 'comment', '"', ',', '1', 'log')).map((w) => w.join(' '))), (text) => {
      try { parseRule(text); } catch (e) { expect((e as Error).name).toBe('CliError'); }
    }), { numRuns: 500 });
  });

  it('is completed by what may follow', () => {
    expect(completeRule('permit service H', names)).toContain('HTTP');
    expect(completeRule('permit from s', names)).toContain('servers');
    expect(completeRule('permit days m', names)).toContain('mon');
    expect(completeRule('p', names)).toEqual(expect.arrayContaining(['permit', 'drop', 'reject', 'service']));
  });
});
