import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import type { CardStatus } from '../../../plugins/cellular-cards/contract.ts';
import { simWords } from '../../../plugins/cellular-cards/core/modem/words.ts';
import { remedyOf, remedyVerbs } from '../../../plugins/cellular-cards/core/remedy.ts';
import { cardVerbs } from '../../../plugins/cellular-cards/core/verbs.ts';
import type { Facts } from '../../../sdk/index.ts';

const CORE = 'plugins/cellular-cards/core';
const status = (phase: CardStatus['phase'], more: object = {}) => ({ slot: 1, phase, spec: { dialect: { system: '3gpp' } }, ...more }) as unknown as CardStatus;
const over = [{ title: 'Data', words: '', part: 1 }];
const set = { apn: 'internet', roaming: true };

describe('what somebody has to do', () => {
  it('is told by the phase, and by what the settings lack', () => {
    expect(remedyOf(status('online'), set, [])).toBeUndefined();
    expect(remedyOf(status('registered'), set, [])).toBeUndefined();
    expect(remedyOf(status('off'), set, [])).toBe('enable');
    expect(remedyOf(status('pin needed'), set, [])).toBe('pin');
    expect(remedyOf(status('registered'), { ...set, apn: '' }, [])).toBe('apn');
    expect(remedyOf(status('registered', { spec: { dialect: { system: 'cdma' } } }), { ...set, apn: '' }, [])).toBeUndefined();
    expect(remedyOf(status('registered', { registration: { state: 'roaming' } }), { ...set, roaming: false }, [])).toBe('roaming');
    expect(remedyOf(status('registered'), set, over)).toBe('budget');
    expect(remedyOf(status('failed'), set, [])).toBe('look');
  });

  it('is told by the status verb with the verb that helps, of a budget as well', () => {
    const told = (left: typeof over) => {
      const shown: Facts[] = [];
      const command = (spec: { path: string; run(args: object): Facts }) => { if (spec.path === 'wwan status') shown.push(spec.run({})); };
      const cellular = { defaultSlot: () => 1, status: () => status('registered', { maker: 'A', model: 'B', ip: 0, dns: [] }) };
      cardVerbs({ command, clock: new VirtualClock(), config: set } as never, cellular as never, [{ left: () => left }]);
      return shown[0]?.facts['to do'];
    };
    expect([told([]), told([{ ...over[0]!, part: 0.9 }]), told(over)]).toEqual([undefined, undefined, 'wwan config budgetCtrl display']);
  });

  it('is a verb at the command line only: what is shown on pages as well names none', () => {
    for (const state of ['pin', 'puk'] as const) for (const stored of ['none', 'refused', 'last'] as const) expect(simWords({ state, attempts: 1, pukAttempts: 10 } as never, stored)).not.toContain('wwan');
    const shared = [...readdirSync(join(CORE, 'modem')).map(name => join(CORE, 'modem', name)), join(CORE, 'service.ts'), join(CORE, 'slots', 'slots.ts')];
    expect(shared.filter(path => /['"`]wwan |"wwan /.test(readFileSync(path, 'utf8')))).toEqual([]);
    expect(Object.values(remedyVerbs).every(verb => verb.startsWith('wwan '))).toBe(true);
  });
});
