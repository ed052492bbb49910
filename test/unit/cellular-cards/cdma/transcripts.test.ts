import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainCdma } from '../../../../plugins/cellular-cards/families/explain-cdma.ts';

interface Recorded { readonly id: string; readonly command: string; readonly response: string; readonly final: string | null; readonly parsed: Readonly<Record<string, unknown>> }

const folder = join(import.meta.dirname, '../../../fixtures/at-cdma');
const records = readdirSync(folder).filter(n => n.endsWith('.json')).sort().flatMap(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded[]);

/** Records that are not read here, and why. */
const elsewhere: Readonly<Record<string, string>> = { 'pantech-005': 'messages are read by the SMS plugin' };

/** The records' words for technologies. */
const words: Readonly<Record<string, string>> = { 'EVDO-0': 'EVDO_0', 'EVDO-A': 'EVDO_A', '1xRTT': 'CDMA1X' };
/** hdrRssiDbm → hdr_rssi_dbm, undefined → null: the records are in the manner of C. */
const plain = (value: unknown): unknown => {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return typeof value === 'string' ? (words[value] ?? value) : value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.replace(/(?<=[a-z\d])[A-Z]/g, c => `_${c.toLowerCase()}`).replace('roam1x', 'roam_1x'), plain(v)]));
};

describe('records of real CDMA cards', () => {
  it('are there', () => { expect(records).toHaveLength(41); });

  it.each(records.filter(r => !(r.id in elsewhere)).map(r => [r.id, r.command || r.response, r] as const))('%s %s', (_id, _command, { command, response, final, parsed }) => {
    const lines = response.split(/[\r\n]+/).map(l => l.trim()).filter(l => l !== '');
    const read = plain(explainCdma(command, lines, final ?? undefined)) as Record<string, unknown> | null;
    // A field that must be absent may be left out.
    const absent = Object.fromEntries(Object.entries(parsed).filter(([, v]) => v === null));
    expect({ ...absent, ...read }).toMatchObject(parsed);
  });
});
