import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dice, env as plainEnv, ruleSets } from '../../../../../bench/firewall-sets.ts';
import { compile } from '../../../../../plugins/firewall/rules/compile.ts';
import type { Rule } from '../../../../../plugins/firewall/rules/model.ts';
import { aCase, aList, anEnv, aRule } from './arbitrary.ts';
import { firstMatch } from './reference.ts';

const million = process.env['LANCELL_MILLION'] === '1';
/** Lists, and packets for each: 20,000 cases, or a million. */
const LISTS = million ? 5000 : 100;
const PACKETS = 200;
const PATIENCE_MS = 600_000;

const nothing = { match: [], negate: false };
const rule = (id: number, part: Partial<Rule> = {}): Rule => ({ id, name: '', active: true, from: 'LAN', to: 'WAN', source: nothing, destination: nothing, services: [], log: false, alert: false, action: 'permit', comment: '', ...part });
const single = (address: number) => ({ match: [{ kind: 'single' as const, address }], negate: false });

describe('compiled rules', () => {
  it('answer as the list does when it is walked', () => {
    let matched = 0;
    fc.assert(fc.property(aList(60), anEnv, fc.array(aCase, { minLength: PACKETS, maxLength: PACKETS, size: 'max' }), (rules, env, cases) => {
      const compiled = compile(rules, env);
      for (const c of cases) {
        const { src, dst, sport, dport, proto } = c.packet;
        const got = compiled.match(c.from, c.to, src, dst, sport, dport, proto, c.minute);
        const want = firstMatch(rules, env, c.from, c.to, c.packet, c.minute);
        if (got !== want) throw new Error(`rule ${got} instead of ${want} for ${JSON.stringify(c)}`);
        if (want >= 0) matched++;
        if (LISTS <= 100) expect(compiled.matching(c.from, c.to, c.packet, c.minute)).toEqual(rules.flatMap((r, i) => firstMatch([r], env, c.from, c.to, c.packet, c.minute) === 0 ? [i] : []));
      }
    }), { numRuns: LISTS });
    // Not all fall through: the cases are worth something.
    expect(matched).toBeGreaterThan(LISTS * PACKETS / 5);
  }, PATIENCE_MS);

  it.each(ruleSets.map(set => [set.name, set] as const))('answer so in lists of several blocks: %s', (_name, set) => {
    const rules = set.rules(million ? 10_000 : 2500);
    const compiled = compile(rules, plainEnv);
    const roll = dice(11);
    for (let i = 0; i < (million ? 2000 : 200); i++) {
      const p = set.packet(roll, rules);
      const minute = roll(10080);
      expect(compiled.match('LAN', 'WAN', p.src, p.dst, p.sport, p.dport, p.proto, minute)).toBe(firstMatch(rules, plainEnv, 'LAN', 'WAN', p, minute));
    }
  }, PATIENCE_MS);

  it('answer so after edits that took over what has not changed', () => {
    fc.assert(fc.property(aList(30), anEnv, fc.array(fc.tuple(fc.nat(40), aRule, fc.constantFrom('insert', 'remove', 'switch')), { maxLength: 5 }), fc.array(aCase, { minLength: 20 }), (first, env, edits, cases) => {
      let rules = first;
      let compiled = compile(rules, env);
      let id = 1000;
      for (const [at, r, what] of edits) {
        const place = at % (rules.length + 1);
        rules = what === 'insert' ? rules.toSpliced(place, 0, { ...r, id: id++ }) : what === 'remove' ? rules.toSpliced(place, 1) : rules.map((x, i) => i === place ? { ...x, active: !x.active } : x);
        compiled = compile(rules, env, compiled);
      }
      for (const c of cases) {
        const { src, dst, sport, dport, proto } = c.packet;
        expect(compiled.match(c.from, c.to, src, dst, sport, dport, proto, c.minute)).toBe(firstMatch(rules, env, c.from, c.to, c.packet, c.minute));
      }
    }), { numRuns: 100 });
  });

  it('build the one direction anew that has changed', () => {
    const rules = [rule(1), rule(2, { from: 'DMZ' }), rule(3, { from: 'Any', to: 'Any' })];
    const before = compile(rules, plainEnv);
    expect(before.rebuilt).toBe(3);
    expect(compile(structuredClone(rules), { ...plainEnv, groups: new Map() }, before).rebuilt).toBe(0);
    expect(compile(rules.map(r => ({ ...r, log: true, action: 'drop' as const })), plainEnv, before).rebuilt).toBe(0);
    const after = compile([rule(4, { source: single(7) }), ...rules], plainEnv, before);
    expect(after.rebuilt).toBe(1);
    expect(after.match('DMZ', 'WAN', 1, 2, 3, 4, 6, 0)).toBe(2);
    expect(compile(rules, { ...plainEnv, groups: new Map([['g', []]]) }, before).rebuilt).toBe(3);
  });

  it('take addresses as signed numbers too', () => {
    const compiled = compile([rule(1, { source: single(0xc0a80101) })], plainEnv);
    expect(compiled.match('LAN', 'WAN', 0xc0a80101, 0, 0, 0, 6, 0)).toBe(0);
    expect(compiled.match('LAN', 'WAN', 0xc0a80101 | 0, 0, 0, 0, 6, 0)).toBe(0);
  });

  it('match nothing where there are none', () => {
    expect(compile([], plainEnv).match('LAN', 'WAN', 1, 2, 3, 4, 6, 0)).toBe(-1);
    expect(compile([rule(1, { active: false })], plainEnv).match('LAN', 'WAN', 1, 2, 3, 4, 6, 0)).toBe(-1);
    expect(compile([rule(1, { services: [{ kind: 'named', name: 'nobody knows' }] })], plainEnv).match('LAN', 'WAN', 1, 2, 3, 4, 6, 0)).toBe(-1);
  });

  it('stay below 32 MiB with 10,000 of the worst', () => {
    for (const set of ruleSets.slice(0, 3)) expect(compile(set.rules(10_000), plainEnv).octets).toBeLessThan(32 * 2 ** 20);
  }, PATIENCE_MS);

  it('may be more than a table holds', () => {
    const rules = Array.from({ length: 33_000 }, (_, i) => rule(i + 1, { source: single(i) }));
    const compiled = compile(rules, plainEnv);
    for (const i of [0, 32_767, 32_768, 32_999]) expect(compiled.match('LAN', 'WAN', i, 2, 3, 4, 6, 0)).toBe(i);
    expect(compiled.match('LAN', 'WAN', 33_000, 2, 3, 4, 6, 0)).toBe(-1);
  });
});
