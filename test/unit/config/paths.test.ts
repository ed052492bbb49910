import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { complete, type Known, resolve } from '../../../kernel/config/paths.ts';
import { effective } from '../../../kernel/config/effective.ts';
import { spell, steps } from '../../../kernel/config/spelling.ts';
import { readValue } from '../../../kernel/config/words.ts';
import { CliError } from '../../../sdk/cli.ts';
import { ikeSchema, lanSchema } from './rig.ts';

const hosts = z.object({ hosts: z.record(z.string(), z.ipv4()).default({ 'a.example': '10.0.0.1' }) });
const schemas: Record<string, z.ZodType> = { lan: lanSchema, 'vpn.ike': ikeSchema, dns: hosts };
const known: Known = { ids: Object.keys(schemas), schema: (id) => schemas[id], settings: (id) => effective(schemas[id] as z.ZodType, {}) ?? {} };
const at = (text: string) => { const { id, keys, rest } = resolve(text, known); return { id, keys, rest }; };

describe('paths', () => {
  it.each([
    ['lan.mtu 1400', 'lan', ['mtu'], '1400'],
    ['lan mtu 1400', 'lan', ['mtu'], '1400'],
    ['lan.interfaces.dmz.ip 10.0.0.1', 'lan', ['interfaces', 'dmz', 'ip'], '10.0.0.1'],
    ['lan interfaces dmz ip 10.0.0.1', 'lan', ['interfaces', 'dmz', 'ip'], '10.0.0.1'],
    ['lan.interfaces dmz ip', 'lan', ['interfaces', 'dmz', 'ip'], ''],
    ['lan.dns[0] 8.8.8.8', 'lan', ['dns', 0], '8.8.8.8'],
    ['lan dns 1 8.8.8.8', 'lan', ['dns', 1], '8.8.8.8'],
    ['lan dns add 8.8.8.8', 'lan', ['dns'], 'add 8.8.8.8'],
    ['lan.leases [{"mac": "x",  "ip": "1.1.1.1"}]', 'lan', ['leases'], '[{"mac": "x",  "ip": "1.1.1.1"}]'],
    ['vpn.ike.life 60', 'vpn.ike', ['life'], '60'],
    ['vpn.ike life 60', 'vpn.ike', ['life'], '60'],
    ['vpn ike life 60', 'vpn.ike', ['life'], '60'],
    ['vpn.ike.peer "My Office"', 'vpn.ike', ['peer'], 'My Office'],
    ['dns hosts b.example 10.0.0.2', 'dns', ['hosts', 'b.example'], '10.0.0.2'],
    ['dns.hosts["b.example"] 10.0.0.2', 'dns', ['hosts', 'b.example'], '10.0.0.2'],
    ['lan.uplink.ip 1.2.3.4', 'lan', ['uplink', 'ip'], '1.2.3.4'],
  ])('reads %s', (text, id, keys, rest) => expect(at(text)).toEqual({ id, keys, rest }));

  it.each([
    ['', /which setting/], ['nat.x', /no settings 'nat\.x'; there are: lan, vpn\.ike, dns/], ['lan.mut', /lan has no setting 'mut'; there are: active, mtu/],
    ['lan..mtu', /goes wrong/], ['lan.dns[x]', /goes wrong/], ['lan.dns[7]', /has 1 entries; the next one would be \[1\]/], ['lan."', /goes wrong|closed/],
    ['lan.interfaces.__proto__.ip 1.1.1.1', /cannot be the name/], ['lan interfaces __proto__ ip 1.1.1.1', /cannot be the name/],
    ['lan.interfaces["constructor"].ip x', /cannot be the name/], ['__proto__.x 1', /cannot be the name/],
    [`lan${'.a'.repeat(100)}`, /more than 32 steps/], [`lan.${'a'.repeat(200)}`, /longer than 128/], ['x'.repeat(70_000), /longer than/],
    ['lan.toString', /no setting/], ['lan hasOwnProperty x', undefined],
  ])('refuses %.40s', (text, why) => {
    if (why !== undefined) expect(() => resolve(text, known)).toThrow(why);
    else expect(at(text).keys).toEqual([]);
    expect(({} as Record<string, unknown>)['ip']).toBeUndefined();
  });

  it('throws nothing but CliError for any line, and never reaches a prototype', () => {
    const word = fc.oneof(fc.constantFrom('lan', 'dns', '.', '[', ']', '"', '0', '__proto__', 'interfaces', ' ', '{', 'constructor'), fc.string());
    fc.assert(fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const text = words.join('');
      try { resolve(text, known); } catch (e) { expect(e).toBeInstanceOf(CliError); }
      complete(text, known);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }), { numRuns: 500 });
  });

  it('spells every path so that it reads back', () => {
    const key = fc.string({ minLength: 1, maxLength: 20 }).filter((k) => !['__proto__', 'constructor', 'prototype'].includes(k));
    fc.assert(fc.property(fc.array(key, { minLength: 1, maxLength: 6 }), (keys) => {
      const spelt = spell('lan', keys);
      if (!/\\[^\\"]/.test(spelt)) expect(steps(spelt)).toEqual(['lan', ...keys]);
    }));
  });

  it.each([
    ['l', ['lan']], ['lan.in', ['lan.interfaces']], ['lan.interfaces.', ['lan.interfaces.dmz', 'lan.interfaces.lan']], ['lan.dns[', ['lan.dns[0]']],
    ['vpn.ike.l', ['vpn.ike.life']], ['lan interfaces d', ['dmz']], ['lan mode ', ['bridge', 'router']], ['lan.active y', ['yes']], ['lan.limit ', ['none']],
    ['lan.uplink.mode ', ['dhcp', 'static']], ['nat.x.', []], ['lan.mtu 15', []],
  ])('completes %s', (text, words) => expect(complete(text, known)).toEqual(words));
});

describe('values', () => {
  const field = (name: string) => (lanSchema.shape as Record<string, z.ZodType>)[name] as z.ZodType;
  it.each([
    ['active', 'yes', true], ['active', 'OFF', false], ['mtu', '1400', 1400], ['mtu', '0x5dc', 1500], ['mode', 'bridge', 'bridge'],
    ['dns', '["1.1.1.1"]', ['1.1.1.1']], ['limit', 'none', 'none'], ['limit', '7', 7], ['name', 'null', null], ['name', 'My Router', 'My Router'],
    ['uplink', '{"mode":"static","ip":"1.1.1.1"}', { mode: 'static', ip: '1.1.1.1' }],
  ])('%s takes %s', (name, text, value) => expect(readValue(name, field(name), text)).toEqual(value));

  it.each([
    ['active', 'maybe', /allowed: yes or no/], ['mtu', '12', /576.*allowed: a whole number from 576 to 9000/s], ['mtu', 'x', /'x' is not valid; allowed/],
    ['mode', 'hub', /allowed: one of router, bridge/], ['dns', '[1', /allowed: JSON/], ['dns', '["x"]', /IPv4/i], ['limit', '0', /none/],
    ['interfaces', '{"a":{"__proto__":{"x":1}}}', /cannot be a name/], ['interfaces', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, /deeper/],
  ])('%s refuses %.30s', (name, text, why) => expect(() => readValue(name, field(name), text)).toThrow(why));
});
