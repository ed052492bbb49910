import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CardStatus } from '../../../plugins/cellular-cards/contract.ts';
import { simWords } from '../../../plugins/cellular-cards/core/modem/words.ts';
import { remedyOf, remedyVerbs } from '../../../plugins/cellular-cards/core/remedy.ts';

const CORE = 'plugins/cellular-cards/core';
const status = (phase: CardStatus['phase'], more: object = {}) => ({ slot: 1, phase, spec: { dialect: { system: '3gpp' } }, ...more }) as unknown as CardStatus;
const set = { apn: 'internet', roaming: true };

describe('what somebody has to do', () => {
  it('is told by the phase, and by what the settings lack', () => {
    expect(remedyOf(status('online'), set, false)).toBeUndefined();
    expect(remedyOf(status('registered'), set, false)).toBeUndefined();
    expect(remedyOf(status('off'), set, false)).toBe('enable');
    expect(remedyOf(status('pin needed'), set, false)).toBe('pin');
    expect(remedyOf(status('registered'), { ...set, apn: '' }, false)).toBe('apn');
    expect(remedyOf(status('registered', { spec: { dialect: { system: 'cdma' } } }), { ...set, apn: '' }, false)).toBeUndefined();
    expect(remedyOf(status('registered', { registration: { state: 'roaming' } }), { ...set, roaming: false }, false)).toBe('roaming');
    expect(remedyOf(status('registered'), set, true)).toBe('budget');
    expect(remedyOf(status('failed'), set, false)).toBe('look');
  });

  it('is a verb at the command line only: what is shown on pages as well names none', () => {
    for (const state of ['pin', 'puk'] as const) for (const stored of ['none', 'refused', 'last'] as const) expect(simWords({ state, attempts: 1, pukAttempts: 10 } as never, stored)).not.toContain('wwan');
    const shared = [...readdirSync(join(CORE, 'modem')).map(name => join(CORE, 'modem', name)), join(CORE, 'service.ts'), join(CORE, 'slots', 'slots.ts')];
    expect(shared.filter(path => /['"`]wwan |"wwan /.test(readFileSync(path, 'utf8')))).toEqual([]);
    expect(Object.values(remedyVerbs).every(verb => verb.startsWith('wwan '))).toBe(true);
  });
});
