import { describe, expect, it } from 'vitest';
import { cdma } from '../../../../plugins/cellular-cards/families/cdma.ts';
import { huaweiCdma } from '../../../../plugins/cellular-cards/families/huawei-cdma.ts';
import { novatelCdma } from '../../../../plugins/cellular-cards/families/novatel-cdma.ts';
import { fiveSteps, pantech } from '../../../../plugins/cellular-cards/families/pantech.ts';
import { parseCss, roamingByEri } from '../../../../plugins/cellular-cards/families/parse-cdma/service.ts';
import { carrierOf } from '../../../../plugins/cellular-cards/families/parse-cdma/sid.ts';
import { sierraCdma } from '../../../../plugins/cellular-cards/families/sierra-cdma.ts';
import { answer } from '../qcdm/bytes.ts';
import { run } from './card.ts';

const callManager = (mode: number): Uint8Array => answer(44, [0, 75], [1, 15], [2, 0, 2], [8, 5, 4], [12, mode, 4], [36, 1, 4]);
const status = answer(48, [0, 12], [23, 1, 2], [39, 4384, 2], [41, 7, 2]);
const old = 'Current band: Cellular Sleep\r\nCurrent channel: 548\r\nSID: 26  NID: 1  Roaming: 1\r\nTemp: 39  State: 200  Scan Mode: 0\r\nPilot Acquired\r\nModem has registered';
const evdo = (roam1x: number, roamHdr: number, mode: string, revision: string): string => `Current band: PCS CDMA\r\nCurrent channel: 775\r\nSID: 4384  NID: 2  1xRoam: ${roam1x} HDRRoam: ${roamHdr}\r\nTemp: 29  State: 200  Sys Mode: ${mode}\r\nPilot acquired\r\nModem has registered${revision}`;

describe('Sierra CDMA', () => {
  const dialect = sierraCdma();
  it.each([
    [old, { state: 'roaming', network: 'SID 26', carrier: 'Verizon', technology: '1xRTT' }],
    [old.replace('SID: 26', 'SID: 0').replace('Roaming: 1', 'Roaming: 0'), { state: 'searching', technology: undefined }],
    [old.replace('Roaming: 1', 'Roaming: 0'), { state: 'home', network: 'SID 26' }],
    [old.replace('  Roaming: 1', ''), { state: 'home', network: 'SID 26' }],
    [evdo(1, 0, 'HDR', '\r\nHDR Revision: A'), { state: 'home', network: 'SID 4384', carrier: 'Sprint', technology: 'EVDO-A' }],
    [evdo(0, 2, 'HDR', '\r\nHDR Revision: 0'), { state: 'roaming', technology: 'EVDO-0' }],
    [evdo(0, 0, '1x', ''), { state: 'home', technology: '1xRTT' }],
    [evdo(0, 0, 'CDMA', ''), { state: 'home', technology: '1xRTT' }],
    [evdo(0, 0, 'NO SRV', ''), { state: 'searching', technology: undefined }],
  ])('registration by !STATUS %#', (said, registration) => {
    const ran = run(dialect.registration(), { at: { 'AT!STATUS': said } });
    expect(ran.value).toMatchObject(registration);
    // +CSS and +CAD are of no use there.
    expect(ran.sent).toEqual(['AT!STATUS']);
  });

  it('technology of the older layout comes from the diagnostic port where there is one', () => {
    expect(run(dialect.technology(), { at: { 'AT!STATUS': old } }).value).toBe('1xRTT');
    expect(run(dialect.technology(), { at: { 'AT!STATUS': old }, diagnostic: [callManager(4)] }).value).toBe('EVDO-0');
  });

  it('phone number by ~NAMVAL, ten digits only', () => {
    const phone = (said: string) => run(dialect.identity(), { at: { 'AT~NAMVAL?0': said } }).value.phone;
    expect(phone('MDN: 2085551234\r\nMIN: 2085551235\r\nSID: 4384\r\nNID: 65535')).toBe('2085551234');
    expect(phone('MDN: 12345\r\nMIN: 0')).toBeUndefined();
  });

  it('activation by hand: unlocks, writes, reads back, restarts; the service code is a secret', () => {
    const how = { kind: 'manual', spc: '000000', mdn: '2085551234', min: '2085559999' } as const;
    const at = { 'AT~NAMVAL?0': 'MDN: 2085551234\r\nSID: 4384', 'AT~NAMLCK=000000': '', 'AT~NAMVAL=0,2085551234,2085559999,4384,65535': '', 'AT!RESET': '' };
    const done = run(dialect.activate!(how), { at });
    expect(done).toMatchObject({ value: { ok: true }, sent: ['AT~NAMVAL?0', 'AT~NAMLCK=000000', 'AT~NAMVAL=0,2085551234,2085559999,4384,65535', 'AT~NAMVAL?0', 'AT!RESET'], secrets: ['AT~NAMLCK=000000'] });
    expect(run(dialect.activate!(how), { at: { ...at, 'AT~NAMVAL?0': 'MDN: 0000000000\r\nSID: 4384' } })).toMatchObject({ value: { ok: false, final: 'the card did not keep the number' } });
    expect(run(dialect.activate!({ ...how, spc: '00' }), { at })).toMatchObject({ value: { ok: false }, sent: [] });
    expect(run(dialect.activate!({ ...how, mdn: '1;AT+CFUN=0' }), { at })).toMatchObject({ value: { ok: false }, sent: [] });
  });

  it('activation over the air: Sprint by IOTA, others by a call', () => {
    expect(run(dialect.activate!({ kind: 'ota' }), { at: { 'AT!STATUS': evdo(0, 0, 'HDR', ''), 'AT!IOTASTART': '' } }).sent.at(-1)).toBe('AT!IOTASTART');
    expect(run(dialect.activate!({ kind: 'ota' }), { at: { 'AT!STATUS': old } }).sent.at(-1)).toBe('AT+CDV=*22899');
    expect(run(dialect.activate!({ kind: 'ota', code: '*228' }), {}).sent).toEqual(['AT+CDV=*228']);
    expect(run(dialect.activate!({ kind: 'ota', code: '*228;+CFUN=0' }), {})).toMatchObject({ sent: [], value: { ok: false } });
  });
});

describe('Huawei CDMA', () => {
  const dialect = huaweiCdma();
  it('levels of both radios, the same in answers and reports', () => {
    expect(run(dialect.signal(), { at: { 'AT^SYSINFO': '^SYSINFO: 2,3,0,2,1', 'AT^CSQLVL': '^CSQLVL:60' } }).value).toMatchObject({ dbm: -76, bars: 4, source: '^CSQLVL' });
    expect(run(dialect.signal(), { at: { 'AT^SYSINFO': '^SYSINFO: 2,3,0,8,1', 'AT^HDRRSSI': '^HDRRSSI:20', 'AT^CSQLVL': '^CSQLVL:20' } }).value).toMatchObject({ dbm: -73, bars: 4, source: '^HDRRSSI' });
    expect(dialect.report('^HRSSILVL:40')).toMatchObject({ signal: { dbm: -88, bars: 3 } });
    expect(dialect.report('^RSSILVL:99')).toMatchObject({ signal: { dbm: -51, bars: 5 } });
    expect(dialect.report('^MODE:4')).toEqual({ technology: 'EVDO-0' });
    expect(dialect.report('^MODE: 2')).toEqual({ technology: '1xRTT' });
    expect(dialect.report('^MODE:8')).toEqual({ ignored: true });
    expect(dialect.report('^DSDORMANT:1')).toEqual({ ignored: true });
    expect(dialect.report('hello')).toBeUndefined();
  });

  it('network types: with 8 in the list 2 and 4 are preferences, else the only ones', () => {
    const types = (list: string, now: string) => run(dialect.networkTypes!(), { at: { 'AT^PREFMODE=?': list, 'AT^PREFMODE?': now } }).value;
    expect(types('^PREFMODE:(2,4,8)', '^PREFMODE:8')).toEqual({ now: '8', choices: [{ id: '8', title: 'Automatic' }, { id: '4', title: 'EV-DO preferred' }, { id: '2', title: '1xRTT preferred' }] });
    expect(types('^PREFMODE:(2,4)', '^PREFMODE:2')).toEqual({ now: '2', choices: [{ id: '4', title: 'EV-DO only' }, { id: '2', title: '1xRTT only' }] });
    expect(types('^PREFMODE:(2)', '^PREFMODE:2')).toMatchObject({ now: '2', choices: [{ id: '2' }], fixed: expect.any(String) });
    expect(run(dialect.setNetworkType!('4'), {}).sent).toEqual(['AT^PREFMODE=4']);
    expect(run(dialect.setNetworkType!('4;+CFUN=0'), {}).sent).toEqual([]);
    expect(huaweiCdma({ evdo: false }).setNetworkType).toBeUndefined();
  });

  it('R-UIM: its number is not taken for the ESN', () => {
    const at = { 'AT+GSN': '+GSN:80112233', 'AT+CPIN?': '+CPIN: READY', 'AT^MEID': '^MEID: A1000013FB653A', 'AT+CIMI': '460030912121001', 'AT^MDN': '^MDN: 18912345678' };
    expect(run(dialect.identity(), { at }).value).toMatchObject({ esn: undefined, meid: 'A1000013FB653A', imsi: '460030912121001', phone: '18912345678' });
    expect(run(dialect.identity(), { at: { 'AT+GSN': '+GSN:12de4fa6' } }).value).toMatchObject({ esn: '12DE4FA6', imsi: undefined });
  });

  it('PIN of an R-UIM with its attempts, plain ERROR of a card without', () => {
    expect(run(dialect.pin!(), { at: { 'AT+CPIN?': '+CPIN: SIM PIN', 'AT^CPIN?': '^CPIN: SIM PIN,,10,3,10,3' } }).value).toEqual({ state: 'pin', attempts: 3, pukAttempts: 10 });
    expect(run(dialect.pin!(), { at: { 'AT+CPIN?': '+CME ERROR: 10' } }).value.state).toBe('no sim');
    expect(run(dialect.pin!(), {}).value).toEqual({ state: 'not applicable', attempts: undefined });
    expect(run(dialect.enterPin!('1234'), {})).toMatchObject({ sent: ['AT+CPIN="1234"'], secrets: ['AT+CPIN="1234"'] });
  });
});

describe('Novatel CDMA', () => {
  it('IOTA is asked for until it is through, at most 24 times', () => {
    const sprint = novatelCdma({ overTheAir: 'iota' });
    expect(run(sprint.activate!({ kind: 'ota' }), { at: { 'AT+IOTA=1': '', 'AT+IOTA?': 'IOTA Enabled' } })).toMatchObject({ value: { ok: true }, sent: ['AT+IOTA=1', 'AT+IOTA?'], waited: 5000 });
    expect(run(sprint.activate!({ kind: 'ota' }), { at: { 'AT+IOTA=1': '', 'AT+IOTA?': 'IOTA Pending' } })).toMatchObject({ value: { ok: false }, waited: 120_000 });
    const call = novatelCdma({ overTheAir: 'call' });
    expect(run(call.activate!({ kind: 'ota' }), {}).sent).toEqual(['AT+CDV=*22899']);
    const how = { kind: 'manual', spc: '123456', mdn: '2085551234', min: '2085559999' } as const;
    expect(run(call.activate!(how), {}).secrets).toEqual(['AT$NWACTIVATION=123456,2085551234,2085559999']);
  });

  it('network type is set only to what the card lists', () => {
    const dialect = novatelCdma({ overTheAir: 'call' });
    const at = { 'AT$NWPREFMODE=?': '$NWPREFMODE: (4,9,10)', 'AT$NWPREFMODE?': '$NWPREFMODE: 4' };
    expect(run(dialect.networkTypes!(), { at }).value).toEqual({ now: '4', choices: [{ id: '4', title: 'Automatic' }, { id: '9', title: '1xRTT only' }, { id: '10', title: 'EV-DO only' }] });
    expect(run(dialect.setNetworkType!('10'), { at }).sent.at(-1)).toBe('AT$NWPREFMODE=10');
    expect(run(dialect.setNetworkType!('19'), { at }).sent).not.toContain('AT$NWPREFMODE=19');
    expect(run(dialect.networkTypes!(), { diagnostic: [answer(133, [0, 38], [1, 10, 2], [4, 9], [131, 0, 2])] }).value).toMatchObject({ now: '1x only', fixed: expect.any(String) });
  });

  it('carrier and roaming: the snapshot during a call, else by name and indicator', () => {
    const dialect = novatelCdma({ overTheAir: 'call' });
    const snapshot = (eri: number): Uint8Array => answer(113, [0, 75], [1, 50], [2, 7, 2], [13, -80, 4], [33, eri], [55, 1]);
    expect(run(dialect.registration(), { online: true, diagnostic: [callManager(4), status, snapshot(0)] }).value).toEqual({ state: 'roaming', network: 'SID 4384', carrier: 'Sprint', technology: 'EVDO-A' });
    expect(run(dialect.registration(), { online: true, diagnostic: [callManager(4), status, snapshot(76)] }).value.state).toBe('home');
    expect(run(dialect.registration(), { at: { 'AT+CSS?': 'P,B,4384', 'AT+CAD?': '+CAD: 1', 'AT$NWNN': 'Verizon Wireless', 'AT$SPERI?': '$SPERI: 2', 'AT$NWSYSMODE': 'HDR' } }).value)
      .toEqual({ state: 'roaming', network: 'SID 4384', carrier: 'Verizon Wireless', technology: 'EVDO-0' });
  });
});

describe('plain CDMA', () => {
  it('+CSQ of five levels, and of thirty-two', () => {
    const bars = (n: number) => run(pantech({ csqSteps: fiveSteps }).signal(), { at: { 'AT+CSQ': `+CSQ: ${n},99` } }).value;
    expect([0, 7, 15, 23, 31].map(n => bars(n)?.bars)).toEqual([0, 1, 3, 4, 5]);
    expect(bars(15)?.dbm).toBeUndefined();
    expect(bars(99)).toBeUndefined();
    expect(run(cdma().signal(), { at: { 'AT+CSQ': '+CSQ: 17,2' } }).value).toMatchObject({ dbm: -79, bars: 4 });
    expect(run(cdma().signal(), { at: { 'AT+CSQ': '+CSQ: 47,0' } }).value).toBeUndefined();
    expect(run(cdma().signal(), { at: { 'AT+VDEBINFO?': '+VDEBINFO:4145,7,25,1, 0.00%,-150,-69,2,2,2' } }).value).toMatchObject({ dbm: -69, source: '+VDEBINFO' });
  });

  it('registration by the diagnostic port during a call, by +CSS before', () => {
    expect(run(cdma().registration(), { online: true, diagnostic: [callManager(4), status] }).value).toEqual({ state: 'home', network: 'SID 4384', carrier: 'Sprint', technology: 'EVDO-0' });
    expect(run(cdma().registration(), { online: true, diagnostic: [callManager(0), status] }).value.state).toBe('searching');
    expect(run(cdma().registration(), { at: { 'AT+CSS?': '+CSS: ?,4384', 'AT+CAD?': '+CAD: 1', 'AT$SPERI?': '$SPERI: 1' } }).value).toMatchObject({ state: 'home', network: 'SID 4384' });
    expect(run(cdma().registration(), { at: { 'AT+CSS?': '?,99999', 'AT+CAD?': '+CAD: 0' } }).value.state).toBe('searching');
  });

  it('phone number from the memory, or the name it signs in with', () => {
    expect(run(cdma().identity(), { diagnostic: [answer(133, [0, 38], [1, 178, 2], [4, '2085551234', 10], [131, 0, 2])] }).value.phone).toBe('2085551234');
    const nai = (name: string) => run(cdma().identity(), { at: { 'AT$QCMIPGETP=0': `0,1,"0.0.0.0","255.255.255.255","255.255.255.255","${name}","${name}",1,1,300,1,2` } }).value.phone;
    expect(nai('2085551234@vzw3g.com')).toBe('2085551234');
    expect(nai('0000000000@vzw3g.com')).toBeUndefined();
    expect(nai('somebody@sprintpcs.com')).toBeUndefined();
  });

  it('cannot be given another network type, and says so', () => {
    expect(cdma().setNetworkType).toBeUndefined();
    expect(run(cdma().networkTypes!(), {}).value).toMatchObject({ now: undefined, fixed: expect.any(String) });
  });

  it('does not read +CREG as a 3GPP card', () => { expect(cdma().report('+CREG: 0,16422,102,4')).toEqual({ ignored: true }); });

  it('networks and roaming indicators', () => {
    expect([4384, 26, 16422, 3, 0].map(carrierOf)).toEqual(['Sprint', 'Verizon', 'Telus Mobility', undefined, undefined]);
    expect(parseCss(['+CSS: 2, F, 4384'])).toEqual({ sid: 4384, band: '1900' });
    expect(parseCss(['?,4384'])).toEqual({ sid: 4384, band: undefined });
    expect(parseCss(['4384'])).toBeUndefined();
    expect([1, 76, 77, 92, 98, 101].map(roamingByEri)).toEqual(Array(6).fill('home'));
    expect([0, 2, 3, 102].map(roamingByEri)).toEqual(Array(4).fill('roaming'));
    expect([undefined, 255].map(roamingByEri)).toEqual([undefined, undefined]);
  });
});
