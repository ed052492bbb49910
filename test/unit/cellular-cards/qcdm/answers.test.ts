import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answers, reads, refused } from '../../../../plugins/cellular-cards/core/qcdm/codes.ts';
import { askAt, askSnapshot, chips, levelOf, parseAt, parseSnapshot } from '../../../../plugins/cellular-cards/core/qcdm/novatel.ts';
import { askNv, NV_HDR_REVISION, NV_HYBRID, NV_MDN, NV_MODE_PREFERENCE, NV_ROAM_PREFERENCE, parseHdrRevision, parseHybrid, parseMdn, parseModePreference, parseRoamPreference } from '../../../../plugins/cellular-cards/core/qcdm/nv.ts';
import { askCallManager, askHdr, askPilots, bestEcIo, parseCallManager, parseHdr, parsePilots } from '../../../../plugins/cellular-cards/core/qcdm/radio.ts';
import { askEsn, askStatus, askStatusSnapshot, askVersion, parseEsn, parseStatus, parseStatusSnapshot, parseVersion } from '../../../../plugins/cellular-cards/core/qcdm/station.ts';
import { answer } from './bytes.ts';

const nv = (item: number, ...data: readonly (readonly [at: number, value: number | string, size?: number])[]): Uint8Array => answer(133, [0, 38], [1, item, 2], [131, 0, 2], ...data);

describe('answers of the diagnostic port', () => {
  it('version', () => {
    const v = answer(55, [0, 0], [1, 'Aug 06 2007', 11], [12, '13:14:15', 8], [20, 'Aug 07 2007', 11], [31, '01:02:03', 8], [39, 'PX-500', 8], [50, 1234, 2], [53, 19]);
    expect(parseVersion(v)).toEqual({ compiled: 'Aug 06 2007 13:14:15', released: 'Aug 07 2007 01:02:03', model: 'PX-500', firmware: 1234, msm: 19 });
  });

  it('ESN, low octet first; a blank one is none', () => {
    expect(parseEsn(answer(5, [0, 1], [1, 0x5b90000b, 4]))).toBe('5B90000B');
    expect(parseEsn(answer(5, [0, 1], [1, 0x06744775, 4]))).toBe('06744775');
    expect(parseEsn(answer(5, [0, 1], [1, 0, 4]))).toBeUndefined();
    expect(parseEsn(answer(5, [0, 1], [1, -1, 4]))).toBeUndefined();
  });

  it('status', () => {
    expect(parseStatus(answer(48, [0, 12], [4, 0x80d9bbca, 4], [23, 4, 2], [34, 425, 2], [37, 240, 2], [39, 4384, 2], [41, 7, 2]))).toEqual({ esn: '80D9BBCA', rx: 'traffic', channel: 425, pilot: 240, sid: 4384, nid: 7 });
    expect(parseStatus(answer(48, [0, 12], [23, 0, 2]))?.rx).toBe('no service');
  });

  it('status snapshot, the country in digits that count one less', () => {
    // 310: 2, 0, 9
    expect(parseStatusSnapshot(answer(36, [0, 99], [1, 0x5b90000b, 4], [20, 209, 2], [23, 26, 2], [25, 1, 2], [28, 6], [30, 1], [31, 775, 2], [34, 0x40])))
      .toEqual({ esn: '5B90000B', mcc: '310', sid: 26, nid: 1, revision: 6, bandClass: 1, channel: 775, hdr: true });
  });

  it('memory items', () => {
    expect([4, 9, 10, 0x13, 99].map(v => parseModePreference(nv(NV_MODE_PREFERENCE, [4, v])))).toEqual(['automatic', '1x only', 'EV-DO only', 'hybrid', undefined]);
    expect(parseMdn(nv(NV_MDN, [4, '2085551234', 10]))).toBe('2085551234');
    expect(parseMdn(nv(NV_MDN, [4, '0000000000', 10]))).toBeUndefined();
    expect([1, 6, 255].map(v => parseRoamPreference(nv(NV_ROAM_PREFERENCE, [4, v])))).toEqual(['home only', 'roaming only', 'automatic']);
    expect([0, 1].map(v => parseHybrid(nv(NV_HYBRID, [3, v])))).toEqual([false, true]);
    expect([0, 1, 4].map(v => parseHdrRevision(nv(NV_HDR_REVISION, [3, v])))).toEqual(['EVDO-0', 'EVDO-A', 'eHRPD']);
    expect(parseHybrid(nv(NV_HYBRID, [3, 1], [131, 5, 2]))).toBeUndefined();
    expect(parseHybrid(nv(NV_MDN, [3, 1]))).toBeUndefined();
  });

  it('radio: systems, EV-DO session, pilots that are cut short', () => {
    const cm = (mode: number): Uint8Array => answer(44, [0, 75], [1, 15], [2, 0, 2], [8, 5, 4], [12, mode, 4], [36, 1, 4]);
    expect([0, 2, 3, 4, 5, 9, 77].map(m => parseCallManager(cm(m))?.system)).toEqual(['none', 'CDMA', 'GSM', 'HDR', 'WCDMA', 'LTE', 'unknown']);
    const hdr = (session: number, link: number, hybrid: number): Uint8Array => answer(13, [0, 75], [1, 5], [2, 8, 2], [5, session], [6, link], [12, hybrid]);
    expect(parseHdr(hdr(4, 3, 1))).toEqual({ open: true, connected: true, hybrid: true });
    expect(parseHdr(hdr(4, 1, 1))?.open).toBe(false);
    expect(parseHdr(hdr(1, 2, 1))?.open).toBe(false);
    expect(parsePilots(answer(10, [0, 64], [1, 3, 2], [3, 2], [4, 0], [5, 200], [6, 100, 2], [8, 9, 2]))).toEqual({ active: [{ pn: 100, ecIo: -4.5 }], candidate: [], neighbour: [] });
    expect(bestEcIo({ active: [{ pn: 1, ecIo: -31.5 }], candidate: [], neighbour: [] })).toBeUndefined();
    expect(bestEcIo({ active: [], candidate: [{ pn: 1, ecIo: -3 }], neighbour: [] })).toBeUndefined();
  });

  it('Novatel: snapshot of both chips, levels with and without sign, AT inside', () => {
    for (const chip of chips) {
      expect(parseSnapshot(answer(113, [0, 75], [1, chip], [2, 7, 2], [13, -87, 4], [32, 1], [33, 76], [43, 1000, 4], [47, 2000, 4], [52, 240, 2], [55, 1])))
        .toEqual({ rssi: -87, eri: 76, revision: 'EVDO-A', bandClass: 1, txBytes: 1000, rxBytes: 2000, pilot: 240 });
    }
    expect([-87, 87, 0, 125, -125, 4].map(levelOf)).toEqual([-87, -87, undefined, undefined, undefined, undefined]);
    const ask = askAt(250, 'AT$NWRSSI');
    expect(ask && reads(ask)).toBe(true);
    expect(askAt(250, 'AT$NWACTIVATION=000000,1,2')).toBeUndefined();
    expect(askAt(250, 'AT+CSS?;+CFUN=0')).toBeUndefined();
    expect(parseAt(Uint8Array.from([75, 250, 4, 0, ...Array.from('\r\nRX0=-71\r\n\r\nOK\r\n\0', c => c.charCodeAt(0))]))).toEqual(['RX0=-71', 'OK']);
  });

  it('are matched to what was asked', () => {
    expect(answers(askStatus, answer(48, [0, 12]))).toBe(true);
    expect(answers(askStatus, answer(48, [0, 16]))).toBe(false);
    expect(answers(askNv(NV_MDN), nv(NV_MDN))).toBe(true);
    expect(answers(askNv(NV_MDN), nv(NV_HYBRID))).toBe(false);
    expect(answers(askHdr, answer(13, [0, 75], [1, 5], [2, 8, 2]))).toBe(true);
    expect(answers(askHdr, answer(13, [0, 75], [1, 15], [2, 0, 2]))).toBe(false);
    expect(answers(askAt(50, 'AT+CSQ')!, Uint8Array.of(75, 50, 4, 0, 65))).toBe(true);
    expect(answers(askSnapshot(250), Uint8Array.of(19, 75, 250, 7, 0))).toBe(true);
    expect(refused(Uint8Array.of(19))).toBe(true);
  });

  it('never throw, whatever comes', () => {
    const parsers = [parseVersion, parseEsn, parseStatus, parseStatusSnapshot, parseModePreference, parseMdn, parseRoamPreference, parseHybrid, parseHdrRevision, parseCallManager, parseHdr, parsePilots, parseSnapshot, parseAt];
    const codes = [0, 1, 12, 38, 64, 75, 99];
    fc.assert(fc.property(fc.uint8Array({ maxLength: 160 }), fc.constantFrom(...codes), fc.constantFrom(5, 15, 50, 250), (bytes, code, subsystem) => {
      if (bytes.length > 0) bytes[0] = code;
      if (bytes.length > 1 && code === 75) bytes[1] = subsystem;
      for (const parse of parsers) parse(bytes);
      bestEcIo(parsePilots(bytes));
    }), { numRuns: 2000 });
    for (const parse of parsers) expect(parse(undefined)).toBeUndefined();
  });
});

describe('requests', () => {
  it('only read', () => {
    const all = [askVersion, askEsn, askStatus, askStatusSnapshot, askPilots, askCallManager, askHdr, askSnapshot(50), askSnapshot(250), ...[10, 178, 442, 562, 4964].map(askNv)];
    for (const request of all) expect(reads(request)).toBe(true);
    expect(askNv(NV_MDN)).toHaveLength(133);
    // The codes that write memory, the number, the roaming list, unlock, change the mode, restart.
    for (const code of [39, 18, 41, 58, 65, 70, 72, 84, 89, 102, 106, 111, 112, 113]) expect(reads(Uint8Array.of(code, 0, 0, 0))).toBe(false);
    for (const [subsystem, command] of [[250, 9], [19, 0], [15, 1], [5, 0]] as const) expect(reads(Uint8Array.of(75, subsystem, command, 0))).toBe(false);
    expect(reads(new Uint8Array(0))).toBe(false);
  });

  it('are of seven codes; 39, which writes memory, is not there', () => {
    const code = (n: number): Uint8Array => Uint8Array.of(n, 15, 0, 0);
    expect(Array.from({ length: 256 }, (_, n) => n).filter(n => reads(code(n)))).toEqual([0, 1, 12, 38, 64, 75, 99]);
  });
});
