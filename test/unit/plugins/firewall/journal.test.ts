import { describe, expect, it } from 'vitest';
import { type Entry, Journal, KEPT_MOST } from '../../../../plugins/firewall/journal.ts';

function rig(periodMs = 10_000) {
  const lines: string[] = [];
  const put = (level: string) => (fields: object, msg: string) => { lines.push(`${level} ${msg} ${JSON.stringify(fields)}`); };
  return { lines, journal: new Journal({ debug: put('debug'), info: put('info'), warn: put('warn'), error: put('error') }, periodMs) };
}
const entry = (about: string, alert = false): Entry => ({ category: 'Attacks', message: 'land TCP', about, fields: { src: about }, alert });

describe('the firewall log', () => {
  it('writes what happens once, and after the period how often it happened again', () => {
    const { lines, journal } = rig();
    for (let i = 0; i < 50; i++) journal.note(entry('a'), i);
    journal.note(entry('b', true), 60);
    journal.tick(9999);
    expect(lines).toEqual(['info land TCP {"category":"Attacks","src":"a"}', 'warn land TCP {"category":"Attacks","src":"b","alert":true}']);
    lines.length = 0;
    journal.tick(10_060);
    expect(lines).toEqual(['info land TCP; 49 more {"category":"Attacks","src":"a","count":49}']);
    expect(journal.size).toBe(0);
  });

  it('writes everything without a period', () => {
    const { lines, journal } = rig(0);
    for (let i = 0; i < 3; i++) journal.note(entry('a'), i);
    expect(lines).toHaveLength(3);
  });

  it('is bounded: beyond it only numbers are written', () => {
    const { lines, journal } = rig();
    for (let i = 0; i < KEPT_MOST + 500; i++) journal.note(entry(String(i)), 0);
    expect([lines.length, journal.size]).toEqual([KEPT_MOST, KEPT_MOST]);
    journal.tick(20_000);
    expect(lines.at(-1)).toBe('warn more happened than was written down {"category":"Access Control","count":500}');
  });
});
