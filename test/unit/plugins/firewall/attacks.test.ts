import { describe, expect, it } from 'vitest';
import { ATTACKS_MOST, Attacks } from '../../../../plugins/firewall/attacks.ts';

const of = (kind: string, src: number) => ({ kind, src, dst: 0xc0a8_0101, link: 1, detail: '' });

describe('attacks', () => {
  it('are summed up by kind, the latest kind first, its worst sender first', () => {
    const attacks = new Attacks();
    for (const [kind, src, at] of [['port scan', 1, 1000], ['port scan', 2, 2000], ['smurf', 9, 3000], ['port scan', 2, 4000], ['land', 5, 3500]] as const) attacks.note(of(kind, src), at);
    expect(attacks.kinds().map(k => [k.kind, k.count, k.first, k.last, k.senders.map(s => [s.src, s.count])])).toEqual([
      ['port scan', 3, 1000, 4000, [[2, 2], [1, 1]]], ['land', 1, 3500, 3500, [[5, 1]]], ['smurf', 1, 3000, 3000, [[9, 1]]],
    ]);
    attacks.clear();
    expect(attacks.kinds()).toEqual([]);
  });

  it('are counted on when a flood of senders pushes out the old ones', () => {
    const attacks = new Attacks();
    attacks.note(of('port scan', 1), 0);
    for (let i = 0; i < 2000; i++) attacks.note(of('syn flood', 1000 + i), i);
    const [flood, scan] = attacks.kinds();
    expect(flood).toMatchObject({ kind: 'syn flood', count: 2000 });
    expect(flood!.senders.length).toBe(ATTACKS_MOST);
    expect(scan).toMatchObject({ kind: 'port scan', count: 1, senders: [] });
  });

  it('are kinds in bounded number, whatever plugins call theirs', () => {
    const attacks = new Attacks();
    for (let i = 0; i < 500; i++) attacks.note(of(`kind ${i}`, 1), i);
    expect(attacks.kinds().length).toBeLessThanOrEqual(64);
  });
});
