import { describe, expect, it } from 'vitest';
import { Knowledge } from '../../../../plugins/cellular-cards/core/modem/knowledge.ts';
import type { Signal } from '../../../../sdk/index.ts';

const level = (dbm: number, radio?: Signal['radio'], source = 'x'): Signal => ({ dbm, bars: 3, source, measure: 'RSSI', radio });

describe('what is known of a card with two radios', () => {
  it('the signal is that of the radio in use, the other one stands beside it, each with its own age', () => {
    const k = new Knowledge();
    k.measured({ ...level(-80, 'EV-DO'), other: level(-85, '1x') }, 'EVDO-A', 1000, 1000, 'data');
    expect([k.signal(1000, false)?.value.dbm, k.otherSignal(1000, false)?.value.dbm]).toEqual([-80, -85]);
    // A report of the other radio does not take the place of the one in use.
    k.measured(level(-90, '1x'), undefined, 20_000, 20_000, 'data');
    expect([k.signal(20_000, false), k.otherSignal(20_000, false)]).toMatchObject([{ value: { dbm: -80 }, atMs: 1000 }, { value: { dbm: -90 }, atMs: 20_000 }]);
    expect([k.signal(40_000, false)?.stale, k.otherSignal(40_000, false)?.stale]).toEqual([true, false]);
    k.measured(undefined, '1xRTT', 41_000, 41_000, 'data');
    expect([k.signal(41_000, false)?.value.dbm, k.otherSignal(41_000, false)?.value.dbm]).toEqual([-90, -80]);
    expect([k.signal(41_000, true)?.stale, k.otherSignal(41_000, true)?.stale]).toEqual([true, true]);
  });

  it('forgets a radio that was not heard for long', () => {
    const k = new Knowledge();
    k.measured({ ...level(-80, 'EV-DO'), other: level(-85, '1x') }, 'EVDO-A', 0, 0, 'data');
    k.measured(level(-86, '1x'), '1xRTT', 299_000, 299_000, 'data');
    expect(k.otherSignal(299_000, false)).toMatchObject({ value: { dbm: -80 }, stale: true });
    k.measured(level(-86, '1x'), '1xRTT', 301_000, 301_000, 'data');
    expect(k.otherSignal(301_000, false)).toBeUndefined();
  });

  it('one radio, or a command that does not tell which, is shown as it is', () => {
    const k = new Knowledge();
    k.measured(level(-70), 'HSDPA', 0, 0, 'data');
    k.measured(level(-71), 'EVDO-0', 5000, 5000, 'command');
    expect([k.signal(5000, false), k.otherSignal(5000, false)]).toMatchObject([{ value: { dbm: -71 }, port: 'command' }, undefined]);
    k.measured(level(-90, '1x', 'QCDM pilot sets'), undefined, 6000, 6000, 'command');
    expect([k.signal(6000, false)?.value.dbm, k.otherSignal(6000, false)]).toEqual([-71, undefined]);
    const pilots = new Knowledge();
    pilots.measured(level(-90, '1x', 'QCDM pilot sets'), 'EVDO-A', 0, 0, 'command');
    expect(pilots.signal(0, false)).toMatchObject({ value: { dbm: -90 }, port: 'diagnostic' });
  });
});
