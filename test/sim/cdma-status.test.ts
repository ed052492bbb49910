import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CardFile } from '../../lab/carrier/card-file.ts';
import type { CardPageData, ShownCard, ShownSignal } from '../../plugins/cellular-cards/core/panels-card.ts';
import type { View } from '../../sdk/panel.ts';
import { type CardBed, cardBed } from './cards.ts';

type Air = '1x' | 'EV-DO 0' | 'EV-DO A';
type Row = readonly [card: string, air: Air, before: string, during: string];

/** Cards as some of them may be, over the file of the model. */
const variants: Readonly<Record<string, readonly [model: string, other: Partial<CardFile>]>> = {
  'kpc680 with a diagnostic port': ['kpc680', { ports: [{ role: 'data', interface: 0 }, { role: 'diagnostic', interface: 1 }] }],
  'px500 set to revision 0': ['px500', { facts: { evdoRevision: '0' } }],
  'ec360 set to revision 0': ['ec360', { facts: { evdoRevision: '0' } }],
  'ex720 without a snapshot': ['ex720', { novatelChip: undefined }],
  'ac595 whose !STATUS has no revision': ['ac595', { answers: [{ on: '!STATUS', if: ['registered', 'evdo'], say: ['SID: {sid}  NID: {nid}  1xRoam: 0 HDRRoam: 0', 'Temp: 29  State: 200  Sys Mode: HDR', 'Pilot acquired', 'Modem has registered'] }] }],
};

const rows: readonly Row[] = [
  ['ac580', '1x', '1xRTT, -97 dBm', '1xRTT, -99 dBm'],
  ['ac580', 'EV-DO 0', 'EVDO-0, -79 dBm', 'EVDO-0, -81 dBm'],
  ['ac595', '1x', '1xRTT, -105 dBm', '1xRTT, -107 dBm'],
  ['ac595', 'EV-DO 0', 'EVDO-0, -97 dBm', 'EVDO-0, -99 dBm'],
  ['ac595', 'EV-DO A', 'EVDO-A, -79 dBm', 'EVDO-A, -81 dBm'],
  ['ac597e', '1x', '1xRTT, -105 dBm', '1xRTT, -107 dBm'],
  ['ac597e', 'EV-DO 0', 'EVDO-0, -97 dBm', 'EVDO-0, -99 dBm'],
  ['ac597e', 'EV-DO A', 'EVDO-A, -79 dBm', 'EVDO-A, -81 dBm'],
  ['ec300', '1x', '1xRTT, 1x -98 dBm', '1xRTT (old), 1x -98 dBm (old)'],
  ['ec300', 'EV-DO 0', 'EVDO-0, EV-DO -79 dBm, 1x -83 dBm', 'EVDO-0 (old), EV-DO -79 dBm (old), 1x -83 dBm (old)'],
  ['ec321', '1x', '1xRTT, 1x -80 dBm', '1xRTT (old), 1x -80 dBm (old)'],
  ['ec360', '1x', '1xRTT, 1x -106 dBm', '1xRTT, 1x -108 dBm'],
  ['ec360', 'EV-DO 0', 'EVDO-A, EV-DO -97 dBm, 1x -101 dBm', 'EVDO-A, EV-DO -99 dBm, 1x -103 dBm'],
  ['ec360', 'EV-DO A', 'EVDO-A, EV-DO -79 dBm, 1x -83 dBm', 'EVDO-A, EV-DO -81 dBm, 1x -85 dBm'],
  ['ec500', '1x', '1xRTT, 1x -98 dBm', '1xRTT (old), 1x -98 dBm (old)'],
  ['ec500', 'EV-DO 0', 'EVDO-0, EV-DO -79 dBm, 1x -83 dBm', 'EVDO-0 (old), EV-DO -79 dBm (old), 1x -83 dBm (old)'],
  ['ex720', '1x', '1xRTT, 1x -106 dBm', '1xRTT, 1x -108 dBm'],
  ['ex720', 'EV-DO 0', 'EVDO-0, EV-DO -98 dBm, 1x -101 dBm', 'EVDO-0, EV-DO -100 dBm, 1x -10.5 dB'],
  ['ex720', 'EV-DO A', 'EVDO-A, EV-DO -80 dBm, 1x -83 dBm', 'EVDO-A, EV-DO -82 dBm, 1x -6 dB'],
  ['v740', '1x', '1xRTT, 1x -106 dBm', '1xRTT, 1x -108 dBm'],
  ['v740', 'EV-DO 0', 'EVDO-0, EV-DO -98 dBm, 1x -101 dBm', 'EVDO-0, EV-DO -100 dBm, 1x -10.5 dB'],
  ['v740', 'EV-DO A', 'EVDO-A, EV-DO -80 dBm, 1x -83 dBm', 'EVDO-A, EV-DO -82 dBm, 1x -6 dB'],
  ['kpc680', '1x', '1xRTT, -105 dBm', '1xRTT (old), -105 dBm (old)'],
  ['kpc680', 'EV-DO 0', '1xRTT, -97 dBm', '1xRTT (old), -97 dBm (old)'],
  ['kpc680', 'EV-DO A', '1xRTT, -79 dBm', '1xRTT (old), -79 dBm (old)'],
  ['px500', '1x', '1xRTT, 1x -12 dB', '1xRTT, 1x -12.5 dB'],
  ['px500', 'EV-DO 0', 'EVDO-A, 1x -10 dB', 'EVDO-A, 1x -10.5 dB'],
  ['px500', 'EV-DO A', 'EVDO-A, 1x -5.5 dB', 'EVDO-A, 1x -6 dB'],
  ['pc5750', '1x', '1xRTT, 1x -12 dB', '1xRTT, 1x -12.5 dB'],
  ['pc5750', 'EV-DO 0', 'EVDO-A, 1x -10 dB', 'EVDO-A, 1x -10.5 dB'],
  ['pc5750', 'EV-DO A', 'EVDO-A, 1x -5.5 dB', 'EVDO-A, 1x -6 dB'],
  ['kpc680 with a diagnostic port', '1x', '1xRTT, 1x -12 dB', '1xRTT, 1x -12.5 dB'],
  ['kpc680 with a diagnostic port', 'EV-DO A', 'EVDO-A, 1x -5.5 dB', 'EVDO-A, 1x -6 dB'],
  ['px500 set to revision 0', 'EV-DO 0', 'EVDO-0, 1x -10 dB', 'EVDO-0, 1x -10.5 dB'],
  ['ec360 set to revision 0', 'EV-DO 0', 'EVDO-0, EV-DO -97 dBm, 1x -101 dBm', 'EVDO-0, EV-DO -99 dBm, 1x -103 dBm'],
  ['ex720 without a snapshot', 'EV-DO A', 'EVDO-0, EV-DO -80 dBm, 1x -83 dBm', 'EVDO-0, EV-DO -82 dBm, 1x -85 dBm'],
  ['ac595 whose !STATUS has no revision', 'EV-DO A', 'EVDO-A, -79 dBm', 'EVDO-A, -81 dBm'],
];

/** What the towers are heard with, so that the network offers this (dBm). A card without EV-DO A is on its best with a strong signal. */
function heard(model: string, air: Air): number {
  const [strong, fair, weak] = [-80, -98, -106];
  if (model === 'ec321') return strong;
  const revisionA = !['ac580', 'ec500', 'ec300'].includes(model);
  return air === 'EV-DO A' ? strong : air === '1x' ? (revisionA ? weak : fair) : revisionA ? fair : strong;
}
/** During the call it is so much weaker. */
const WEAKER_DB = 2;
/** The call stands so long before the window is looked at: longer than a value is young. */
const CALL_MS = 40_000;

const level = ({ radio, dbm, quality, bars, stale }: ShownSignal): string => `${radio === undefined ? '' : `${radio} `}${dbm !== undefined ? `${dbm} dBm` : quality !== undefined ? `${quality} dB` : `${bars} bars`}${stale ? ' (old)' : ''}`;
const shown = ({ technology, signal, otherSignal }: ShownCard): string =>
  [technology === undefined ? 'no technology' : `${technology.value}${technology.stale ? ' (old)' : ''}`, ...[signal, otherSignal].flatMap(s => (s === undefined ? [] : [level(s)]))].join(', ');

/**
 *     router ── a simulated CDMA card ── towers with 1x, EV-DO revision 0 or A
 *
 * What the window on Home shows before a call and 40 s into it, when the towers are heard 2 dB weaker meanwhile.
 */
describe('a CDMA card shows on Home', () => {
  let b: CardBed;
  const table: Row[] = [];
  const home = (): ShownCard => {
    let view: View | undefined;
    void b.router.panels.open('home/cellular', v => { view = v; }, () => {}).dispose();
    const first = view?.kind === 'stack' ? view.views[0] : view;
    if (first?.kind !== 'element') throw new Error('no window');
    return (first.data as CardPageData).cards[0]!;
  };
  beforeAll(async () => {
    b = await cardBed();
    await b.pass(5000);
    await b.verb('wwan config nailedup off');
  });
  afterAll(async () => {
    await b.stop();
    process.stdout.write(`${table.map(([model, air, before, during]) => `    ${model.padEnd(37)}${air.padEnd(9)}${before.padEnd(46)}${during}`).join('\n')}\n`);
  });

  it.each(rows)('%s on %s: %s; in a call %s', async (card, air, before, during) => {
    const { rack, shelf } = b.cards;
    const [model, other] = variants[card] ?? [card, {}];
    const file = shelf.card(model);
    const dbm = heard(model, air);
    rack.carrier.air.fixed = dbm;
    rack.insert({ ...file, ...other, facts: { ...file.facts, ...other.facts }, answers: [...other.answers ?? [], ...file.answers] }, 1);
    await b.until(() => b.status()?.phase === 'registered');
    await b.pass(6000);
    const idle = shown(home());
    b.cellular().connect(1);
    await b.until(() => b.status()?.phase === 'online');
    rack.carrier.air.fixed = dbm - WEAKER_DB;
    await b.pass(CALL_MS);
    expect(b.status()?.phase).toBe('online');
    const calling = shown(home());
    rack.remove(1);
    await b.pass(3000);
    table.push([card, air, idle, calling]);
    expect([idle, calling]).toEqual([before, during]);
  }, 60_000);
});
