import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../../plugins/cellular-cards/families/explain.ts';

interface Recorded { readonly id: string; readonly family: string; readonly command: string; readonly response: string; readonly final: string | null; readonly parsed: Record<string, unknown> }

const folder = fileURLToPath(new URL('../../../fixtures/at/', import.meta.url));
const records = readdirSync(folder).filter(name => name.endsWith('.json')).sort().flatMap(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded[]);

/** Records that are read otherwise, and why. */
const otherwise: Readonly<Record<string, { readonly why: string; readonly parsed: Record<string, unknown> }>> = {
  'gsm-3gpp-042': {
    why: 'the short name ends in octet 40, which is ¡ in the GSM alphabet and @ in IRA; the answer does not say which it is in, and cards start in IRA',
    parsed: { operators: [{ status: 'current', long: 'AT&Tp', short: 'AT&T@', plmn: '310410', act: 'GSM' }, { status: 'forbidden', long: null, short: null, plmn: '31026', act: 'GSM' }], count: 2 },
  },
};

/** regState → reg_state, and undefined → null: the records are in the manner of C. */
const plain = (value: unknown): unknown => {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.replace(/(?<=[a-z\d])[A-Z]/g, c => `_${c.toLowerCase()}`), plain(v)]));
};

describe('records of real cards', () => {
  it('are there', () => expect(records.length).toBeGreaterThan(250));

  it.each(records.map(r => [r.id, r] as const))('%s', (_id, { id, command, response, final, parsed }) => {
    const lines = response.split(/[\r\n]+/).map(l => l.trim()).filter(l => l !== '');
    const read = plain(explain(command, lines, final ?? undefined)) as Record<string, unknown> | null;
    const wanted = otherwise[id]?.parsed ?? parsed;
    // A field that must be absent may be left out.
    const absent = Object.fromEntries(Object.entries(wanted).filter(([, v]) => v === null));
    expect({ ...absent, ...read }).toMatchObject(wanted);
  });
});
