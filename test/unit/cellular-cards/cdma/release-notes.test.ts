import { describe, expect, it } from 'vitest';
import { AtChannel, type AtOut } from '../../../../plugins/cellular-cards/core/at/channel.ts';
import ac580 from '../../../../plugins/cellular-cards/ac580/plugin.ts';
import ac595 from '../../../../plugins/cellular-cards/ac595/plugin.ts';
import ec360 from '../../../../plugins/cellular-cards/ec360/plugin.ts';
import ex720 from '../../../../plugins/cellular-cards/ex720/plugin.ts';
import kpc680 from '../../../../plugins/cellular-cards/kpc680/plugin.ts';
import pc5750 from '../../../../plugins/cellular-cards/pc5750/plugin.ts';
import px500 from '../../../../plugins/cellular-cards/px500/plugin.ts';
import v740 from '../../../../plugins/cellular-cards/v740/plugin.ts';
import { parseEsn } from '../../../../plugins/cellular-cards/families/parse-cdma/esn.ts';
import { answer } from '../qcdm/bytes.ts';
import { cardOf, run } from './card.ts';

const plugins = { ac580, ac595, ec360, ex720, kpc680, pc5750, px500, v740 };
const dialect = (name: keyof typeof plugins) => cardOf(plugins[name]).dialect;

const callManager = (mode: number): Uint8Array => answer(44, [0, 75], [1, 15], [2, 0, 2], [8, 5, 4], [12, mode, 4], [36, 1, 4]);
const hdrOpen = answer(13, [0, 75], [1, 5], [2, 8, 2], [5, 4], [6, 3], [12, 1]);
const hdrClosed = answer(13, [0, 75], [1, 5], [2, 8, 2], [5, 0], [6, 0], [12, 1]);
const revisionA = answer(133, [0, 38], [1, 4964, 2], [3, 1], [131, 0, 2]);
const pilots = answer(10, [0, 64], [1, 3, 2], [3, 1], [4, 0], [5, 0], [6, 240, 2], [8, 17, 2]);
const esnOf = (n: number): Uint8Array => answer(5, [0, 1], [1, n, 4]);
const snapshot = (rssi: number): Uint8Array => answer(113, [0, 75], [1, 250], [2, 7, 2], [13, rssi, 4], [33, 1], [55, 1]);

describe('faults of the original', () => {
  it.each([
    ['negative', 'RX0=-71\r\nRX1=-80', -71, 4],
    ['without sign', 'RX0=71\r\nRX1=80', -71, 4],
    ['1x', '1x RSSI=-93', -93, 3],
    ['1x without sign', '1x RSSI = 101', -101, 1],
    ['the second receiver only', 'RX1=-66', -66, 5],
    ['HDR', 'HDR RSSI= -97', -97, 2],
    ['no service on the first, a level on the next', 'RX0=125\r\n1x RSSI=-85', -85, 4],
  ])('RSSI of EX720: %s', (_, said, dbm, bars) => {
    expect(run(dialect('ex720').signal(), { at: { 'AT$NWRSSI': said, 'AT+CSQ': '3,99' } }).value).toMatchObject({ dbm, bars, source: '$NWRSSI', measure: 'RSSI' });
  });

  it.each([
    ['Model: V740 VERIZON', 'V740 VERIZON'], ['Model: +GMM: V740', 'V740'], ['Model:Model:  V740  Card ', 'V740 Card'], ['Model: "V740"', 'V740'], ['Model: V740\x00\t ', 'V740'],
  ])('card ID string of V740: %s', (said, model) => {
    expect(run(dialect('v740').identity(), { at: { ATI: ['Manufacturer: NOVATEL WIRELESS INCORPORATED', said, 'Revision: Q6085 [Dec 09 2008 18:00:00]', 'ESN: 0x5B90000B'] } }).value)
      .toMatchObject({ maker: 'NOVATEL WIRELESS INCORPORATED', model, revision: 'Q6085', esn: '5B90000B' });
  });

  it('card ID string of V740: asked for by its own command', () => {
    expect(run(dialect('v740').identity(), { at: { 'AT+GMM': '+GMM: V740', 'AT+GSN': '5B90000B' } }).value).toMatchObject({ model: 'V740', esn: '5B90000B' });
  });

  it('wrong ESN of AC595 after a GSM card', () => {
    const gsm = run(dialect('ac595').identity(), { at: { ATI: ['Manufacturer: Sierra Wireless, Inc.', 'Model: AC881', 'IMEI: 354237065082227'], 'AT+GSN': '354237065082227' } }).value;
    expect([gsm.esn, gsm.meid]).toEqual([undefined, undefined]);
    const next = run(dialect('ac595').identity(), { at: { ATI: ['Manufacturer: Sierra Wireless, Inc.', 'Model: AC595'], 'AT+GSN': ['354237065082227', '0x6744775'] } }).value;
    expect(next).toMatchObject({ model: 'AC595', esn: '06744775' });
    expect(next.imei).toBeUndefined();
    // An answer that has not come is not made up from the one before.
    expect(run(dialect('ac595').identity(), { at: { ATI: ['Model: AC595'] } }).value.esn).toBeUndefined();
  });

  it.each([['0x6744775', '06744775'], ['6744775', '06744775'], ['06744775', '06744775'], ['10307620469', '67744775'], ['+GSN: 0x06744775', '06744775'], ['ESN=6744775', '06744775']])('wrong ESN of AC580: %s', (said, esn) => {
    expect(run(dialect('ac580').identity(), { at: { ATI: 'Model: AC580', 'AT+GSN': said } }).value.esn).toBe(esn);
  });

  it('wrong ESN of AC580: the diagnostic port knows better', () => {
    expect(run(dialect('ac580').identity(), { at: { ATI: 'Model: AC580', 'AT+GSN': '12345678' }, diagnostic: [esnOf(0x06744775)] }).value.esn).toBe('06744775');
  });

  it('stale AT string before a CDMA card', () => {
    const channel = new AtChannel();
    const written: string[] = [];
    const answers: AtOut[] = [];
    const take = (outs: readonly AtOut[]): void => {
      for (const out of outs) {
        if (out.kind === 'write') written.push(String.fromCharCode(...out.octets));
        if (out.kind === 'answer') answers.push(out);
      }
    };
    const hears = (text: string, now: number): void => { const buf = Uint8Array.from(text, c => c.charCodeAt(0)); take(channel.step({ kind: 'octets', buf, from: 0, to: buf.length }, now)); };
    take(channel.step({ kind: 'opened' }, 0));
    take(channel.step({ kind: 'command', id: 1, line: 'AT+GSN', timeoutMs: 5000 }, 0));
    // What the GSM card before it was told, and its answer, come out of the line first.
    hears('AT+CGDCONT=1,"IP","isp.cingular"\rATD*99***1#\r\r\n354237065082227\r\n\r\nOK\r\n', 50);
    for (let now = 100, guard = 0; answers.length === 0 && guard < 50; guard++) {
      const last = written.at(-1)?.trim();
      written.length = 0;
      if (last === 'AT') hears('AT\r\r\nOK\r\n', now);
      if (last === 'AT+GSN') hears('AT+GSN\r\r\n0x6744775\r\n\r\nOK\r\n', now);
      now = Math.max(now + 100, channel.deadline() ?? 0);
      take(channel.step({ kind: 'tick' }, now));
    }
    expect(answers).toMatchObject([{ id: 1, answer: { ok: true } }]);
    expect(parseEsn((answers[0] as Extract<AtOut, { kind: 'answer' }>).answer.lines)?.esn).toBe('06744775');
  });

  it.each([
    ['^SYSINFO: 2,3,0,8,1', { 'AT^HDRCSQLVL': '^HDRCSQLVL: 60' }, 'EVDO-0'],
    ['^SYSINFO: 2,3,0,8,1', { 'AT^HDRRSSI': '^HDRRSSI: 18' }, 'EVDO-0'],
    ['^SYSINFO: 2,3,0,8,1', { 'AT^HDRCSQLVL': '^HDRCSQLVL: 0' }, '1xRTT'],
    ['^SYSINFO: 2,3,0,8,1', {}, '1xRTT'],
    ['^SYSINFO: 2,3,0,2,1', {}, '1xRTT'],
    ['^SYSINFO: 2,3,0,4,1', {}, 'EVDO-0'],
    ['^SYSINFO:2,3,0,8,1,,11', {}, 'EVDO-A'],
    ['^SYSINFO:0,0,0,0,1', {}, undefined],
  ])('technology missing for EC360: %s', (info, more, technology) => {
    expect(run(dialect('ec360').technology(), { at: { 'AT^SYSINFO': info, ...more } }).value).toBe(technology);
  });

  it.each(['kpc680', 'px500', 'pc5750'] as const)('technology missing for %s', name => {
    const technology = (...diagnostic: Uint8Array[]) => run(dialect(name).technology(), { online: true, diagnostic }).value;
    expect(technology(callManager(4), revisionA)).toBe('EVDO-A');
    expect(technology(callManager(4))).toBe('EVDO-0');
    expect(technology(callManager(2), hdrOpen, revisionA)).toBe('EVDO-A');
    expect(technology(callManager(2), hdrClosed)).toBe('1xRTT');
    expect(technology(callManager(0))).toBeUndefined();
    // Without a diagnostic port, before the call.
    expect(run(dialect(name).technology(), { at: { 'AT+CSS?': '+CSS: C,B,4384', 'AT+CAD?': '+CAD: 1' } }).value).toBe('1xRTT');
    expect(run(dialect(name).technology(), { at: { 'AT+CSS?': '4384', 'AT+SPSERVICE?': '+SPSERVICE: 3' } }).value).toBe('EVDO-A');
  });

  it.each(['px500', 'pc5750', 'kpc680', 'ex720', 'v740'] as const)('signal not updated while connected for %s: the diagnostic port', name => {
    expect(run(dialect(name).signal(), { online: true, diagnostic: [pilots] }).value).toMatchObject({ quality: -8.5, bars: 4, source: 'QCDM pilot sets' });
    expect(run(dialect(name).signal(), { online: true }).value).toBeUndefined();
  });

  it.each(['ex720', 'v740'] as const)('signal not updated while connected for %s: snapshot, and a second port for commands', name => {
    expect(run(dialect(name).signal(), { online: true, diagnostic: [snapshot(-77)] }).value).toMatchObject({ dbm: -77, bars: 4, source: 'QCDM snapshot' });
    expect(run(dialect(name).signal(), { online: true, diagnostic: [snapshot(77)] }).value).toMatchObject({ dbm: -77 });
    const opened = run(dialect(name).openSecond!(), { at: { 'AT$NWDMAT=1': '' } });
    expect(opened).toMatchObject({ value: true, sent: ['AT$NWDMAT=1'], ports: ['data'] });
    expect(run(dialect(name).openSecond!(), {})).toMatchObject({ value: false, sent: ['AT$NWDMAT=1', 'AT$NWDMAT=1', 'AT$NWDMAT=1'], waited: 4000 });
    expect(run(dialect(name).release!(), {}).sent).toEqual(['AT$NWDMAT=0']);
  });
});
