import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Document, Json } from '../../../kernel/config/document.ts';
import { CliError } from '../../../sdk/cli.ts';
import { lan, lanSchema, rig } from './rig.ts';

const fitting: [(string | number)[], Json[]][] = [
  [['mtu'], [1300, 1400, 1500]], [['active'], [true, false]], [['mode'], ['router', 'bridge']], [['dns'], [[], ['1.1.1.1'], ['1.1.1.1', '2.2.2.2']]],
  [['dns', 0], ['3.3.3.3']], [['dns', 1], ['4.4.4.4']], [['interfaces'], [{}, { lan: { ip: '10.2.0.1' } }]], [['interfaces', 'lan'], [{}, { ip: '10.1.0.1' }]],
  [['interfaces', 'lan', 'ip'], ['10.0.0.1', '192.168.1.1']], [['interfaces', 'new', 'bits'], [8, 24]], [['leases'], [[], [{ mac: 'a', ip: '1.1.1.1' }]]],
  [['leases', 0], [{ mac: 'b', ip: '1.1.1.2' }]], [['leases', 0, 'ip'], ['1.1.1.3']], [['wifi'], [{}, { psk: 'x' }]], [['wifi', 'psk'], ['', 'y']],
  [['uplink'], [{ mode: 'static', ip: '9.9.9.9' }, { mode: 'dhcp' }]], [['uplink', 'mode'], ['static', 'dhcp']], [['uplink', 'ip'], ['8.8.8.8']],
  [['limit'], ['none', 4]], [['name'], [null, 'x']], [[], [{}, { mtu: 1300 }]],
];
const keys = fc.constantFrom(...fitting.map(([k]) => k));
const anyValue = fc.constantFrom(...fitting.flatMap(([, values]) => values), 12, 'hub');
const edit = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...fitting.flatMap(([k, values]) => values.map((v) => ({ kind: 'set' as const, keys: k, value: v })))) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), keys, value: anyValue }) },
);
const step = fc.oneof(
  { weight: 6, arbitrary: edit },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), keys }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const), n: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('discard' as const, 'save default' as const, 'reset' as const) }) },
);

it('whatever is set, deleted, committed and rolled back: what runs always parses, and the history restores exactly', async () => {
  let committed = 0;
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
    const { config } = await rig();
    const section = lan();
    config.attach(section);
    const model: Document[] = [config.document];
    for (const s of steps) {
      try {
        switch (s.kind) {
          case 'set': config.set('lan', s.keys, s.value, 't'); break;
          case 'delete': config.delete('lan', s.keys, 't'); break;
          case 'commit': committed += (await config.commit({ author: 't' })).changes.length > 0 ? 1 : 0; break;
          case 'rollback': {
            const wanted = model[s.n];
            await config.rollback(s.n, 't');
            expect(config.document).toEqual(wanted);
            break;
          }
          case 'discard': config.discard(); break;
          case 'save default': await config.saveDefault(); break;
          case 'reset': await config.reset('user', 't'); break;
        }
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
      }
      if (config.history().length > model.length) model.unshift(config.document);
      expect(config.history().map((e) => e.document)).toEqual(model);
      expect(config.running('lan')).toEqual(lanSchema.parse(config.document.sections['lan']?.settings ?? {}));
      if (section.applied.length > 0) expect(section.applied.at(-1)).toEqual(config.running('lan'));
    }
  }), { numRuns: 150 });
  expect(committed).toBeGreaterThan(100);
});
