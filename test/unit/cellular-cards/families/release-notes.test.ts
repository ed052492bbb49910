import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Login } from '../../../../sdk/index.ts';
import { explain } from '../../../../plugins/cellular-cards/families/explain.ts';
import { generic3gpp } from '../../../../plugins/cellular-cards/families/three-gpp.ts';
import { option } from '../../../../plugins/cellular-cards/families/option.ts';
import { sierraGsm } from '../../../../plugins/cellular-cards/families/sierra-gsm.ts';
import { huaweiGsm } from '../../../../plugins/cellular-cards/families/huawei-gsm.ts';
import { barsOf } from '../../../../plugins/cellular-cards/families/parse/bars.ts';
import { bandNames, mask } from '../../../../plugins/cellular-cards/families/parse/huawei.ts';
import { pinState } from '../../../../plugins/cellular-cards/families/parse/pin.ts';
import { cardFile, ScriptedCard, specsOf } from './scripted-card.ts';

const login = (over: Partial<Login> = {}): Login => ({ apn: 'isp.cingular', auth: 'chap/pap', user: 'ISPDA@CINGULARGPRS.COM', password: 'CINGULAR1', cid: 1, ...over });
const ok = ['OK'];

describe('release note: crash on an unconfigured AC880', () => {
  it('nothing is defined and nothing dialled when neither we nor the card have an APN', () => {
    for (const answer of [['OK'], ['ERROR'], ['+CGDCONT: 1,"IP","","",0,0', 'OK'], ['+CGDCONT: 1,"IP",,,0,0', 'OK'], ['+CGDCONT: ', 'OK']]) {
      const card = new ScriptedCard(new Map([['AT+CGDCONT?', answer]]));
      const result = card.run(sierraGsm.context!(login({ apn: ' ' })));
      expect(result.ok).toBe(false);
      expect(result.lines.join()).toContain('enter the APN');
      expect(card.heard).toEqual(['AT+CGDCONT?']);
    }
  });

  it('the APN that the card has counts when we have none', () => {
    const card = new ScriptedCard(new Map([['AT+CGDCONT?', ['+CGDCONT: 1,"IP","isp.cingular","",0,0', 'OK']]]));
    expect(card.run(sierraGsm.context!(login({ apn: '' }))).ok).toBe(true);
  });

  it('a card that answers with empty fields only is read to the end', async () => {
    const [ac880] = await specsOf('ac880');
    const empty = new Map(Object.entries({ 'ATI': ['Manufacturer:', 'Model:', 'Revision:', 'IMEI:', 'OK'], 'AT+CGSN': ok, 'AT+CIMI': ok, 'AT+CSQ': ['+CSQ:', 'OK'], 'AT*CNTI=0': ['*CNTI: 0,', 'OK'], 'AT!SELRAT?': ['!SELRAT:', 'OK'], 'AT+CPIN?': ['+CPIN:', 'OK'] }));
    const card = new ScriptedCard(empty);
    expect(card.run(ac880!.dialect.identity())).toMatchObject({ model: '', imei: undefined });
    expect(card.run(ac880!.dialect.signal())).toBeUndefined();
    expect(card.run(ac880!.dialect.pin!())).toMatchObject({ state: 'failure' });
    expect(ac880!.quirks).toMatchObject({ afterPinMs: 8000, afterRadioMs: 10_000 });
    expect(ac880!.dialect.init.find(i => i.line === 'AT+CFUN=1,0')?.waitMs).toBe(10_000);
  });
});

describe('release note: AT&T custom-APN authentication', () => {
  const talk = (...more: string[]) => new Map([['AT+CGDCONT?', ok], ['AT+CGDCONT=1,"IP","isp.cingular"', ok], ...more.map((m): [string, string[]] => [m, ok])]);

  it('the password goes before the user', () => {
    const line = 'AT$QCPDPP=1,2,"CINGULAR1","ISPDA@CINGULARGPRS.COM"';
    const card = new ScriptedCard(talk(line));
    expect(card.run(sierraGsm.context!(login())).ok).toBe(true);
    expect(card.heard.at(-1)).toBe(line);
  });

  it('PAP is 1; without both strings an older log-in is forgotten', () => {
    const heard = (over: Partial<Login>): string | undefined => {
      const card = new ScriptedCard(talk('AT$QCPDPP=1,0'));
      card.run(sierraGsm.context!(login(over)));
      return card.heard.at(-1);
    };
    expect(heard({ auth: 'pap' })).toBe('AT$QCPDPP=1,1,"CINGULAR1","ISPDA@CINGULARGPRS.COM"');
    expect(heard({ auth: 'none' })).toBe('AT$QCPDPP=1,0');
    expect(heard({ user: '' })).toBe('AT$QCPDPP=1,0');
    expect(heard({ password: '' })).toBe('AT$QCPDPP=1,0');
  });

  it('firmware of Icera has another name for it, and a card without the command dials all the same', () => {
    const card = new ScriptedCard(talk());
    expect(card.run(option.context!(login())).ok).toBe(true);
    expect(card.heard.slice(-2).map(l => l.split('=')[0])).toEqual(['AT$QCPDPP', 'AT_OPDPP']);
  });

  it('quotes in a password end nothing', () => {
    const card = new ScriptedCard(talk());
    card.run(sierraGsm.context!(login({ password: 'a"b,c\r\nATD123', user: 'ü' })));
    expect(card.heard.at(-1)).toBe('AT$QCPDPP=1,2,"a\\22b,c\\0D\\0AATD123","\\C3\\BC"');
  });

  it('an APN that the card has with the network\'s tail is not written again', () => {
    const card = new ScriptedCard(new Map([['AT+CGDCONT?', ['+CGDCONT: 1,"IP","ISP.Cingular.mnc410.mcc310.gprs"', 'OK']]]));
    expect(card.run(generic3gpp.context!(login())).ok).toBe(true);
    expect(card.heard).toEqual(['AT+CGDCONT?']);
  });
});

describe('release note: script error on the Cellular page when a PIN is required', () => {
  it.each([
    [['+CPIN: SIM PIN', 'OK'], 'pin'], [['+CPIN:SIM PUK', 'OK'], 'puk'], [['+cpin: "READY"', 'OK'], 'ready'], [['+CPIN: PH-NET PIN', 'OK'], 'network lock'], [['+CME ERROR: 11'], 'pin'], [['+CME ERROR: SIM not inserted'], 'no sim'],
    [['+CME ERROR: 14'], 'busy'], [['+CME ERROR: 100'], 'failure'], [['ERROR'], 'failure'], [['+CPIN: what is this', 'OK'], 'failure'], [['OK'], 'failure'],
  ])('%j is %s', (answer, state) => {
    const card = new ScriptedCard(new Map([['AT+CPIN?', answer], ['AT+CPINC?', ['+CPINC: 1,3,10,10', 'OK']]]));
    const pin = card.run(sierraGsm.pin!());
    expect(pin.state).toBe(state);
    expect(pin.attempts).toBe(['pin', 'puk', 'ready'].includes(state) ? 1 : undefined);
  });

  it('everything else is asked of a locked card and answers with nothing', async () => {
    const file = cardFile('ac881');
    const locked = new Map([...file.talk].map(([command, answer]): [string, readonly string[]] => [command, /^AT(I|\+CGSN|\+CPINC|\+CSQ|!|\*)/.test(command) ? answer : ['+CME ERROR: 11']]));
    const card = new ScriptedCard(locked);
    expect(card.run(sierraGsm.identity())).toMatchObject({ model: 'AC881', imsi: undefined, iccid: undefined });
    expect(card.run(sierraGsm.registration())).toMatchObject({ state: 'unknown' });
  });

  it('only digits go out as a PIN', () => {
    const card = new ScriptedCard(new Map([['AT+CPIN="1234"', ok]]));
    expect(card.run(sierraGsm.enterPin!('1234')).ok).toBe(true);
    expect(card.run(sierraGsm.enterPin!('12"3')).ok).toBe(false);
    expect(card.run(sierraGsm.enterPuk!('1234', '1234')).ok).toBe(false);
    expect(card.heard).toEqual(['AT+CPIN="1234"']);
  });
});

describe('release note: one signal display for GSM and CDMA', () => {
  it.each([
    ['GSM RSSI', -70, 5], ['GSM RSSI', -71, 4], ['GSM RSSI', -98, 2], ['GSM RSSI', -107, 1], ['GSM RSSI', -108, 0], ['UMTS RSCP', -100, 3], ['CDMA RSSI', -75, 5], ['EVDO RSSI', -106, 1], ['LTE RSRP', -105, 3], ['LTE RSSI', -66, 3], ['NR SS-RSRP', -121, 0],
  ] as const)('%s of %d dBm is %d bars', (measure, dbm, bars) => expect(barsOf(measure, dbm)).toBe(bars));
  it('the worse of level and Ec/Io counts on CDMA 1x, and unknown is none', () => {
    expect(barsOf('CDMA RSSI', -70, -12)).toBe(2);
    expect(barsOf('GSM RSSI', undefined)).toBe(0);
  });
});

describe('release note: network type from a fixed to a dynamic list', () => {
  it('the list is the card\'s, and what is chosen changes nothing else', async () => {
    const card = new ScriptedCard(cardFile('e630').talk);
    expect(card.run(huaweiGsm.networkTypes!()).choices.map(c => c.title)).toEqual(['Automatic', '3G only']);
    card.run(huaweiGsm.setNetworkType!('14,0'));
    expect(card.heard.at(-1)).toBe('AT^SYSCFG=14,0,40000000,2,4');
    expect(card.run(huaweiGsm.setNetworkType!('1";+CPIN=1')).ok).toBe(false);
  });
  it('masks of bands have more bits than a number holds', () => expect(bandNames(mask('2000000400380')!)).toEqual(['GSM 1800', 'GSM 900', 'GSM 900 (primary)', 'UMTS 2100', 'UMTS 900']));
});

describe('reports', () => {
  it.each([
    ['^RSSI:23', { signal: { dbm: -67, bars: 5 } }], ['^MODE:5,5', { technology: 'HSDPA' }], ['^DSFLOWRPT:00000002,0', { ignored: true }], ['+CGREG: 5,"1234","5678",2', { registration: { state: 'roaming', area: '1234' }, technology: 'UMTS' }],
    ['+CMTI: "SM",4', { sms: { memory: 'SM', index: 4 } }], ['+CGEV: NW DETACH', { registration: { state: 'idle' } }],
  ])('of Huawei: %s', (line, wanted) => expect(huaweiGsm.report(line)).toMatchObject(wanted));
  it.each([['_OSIGQ: 4,0', { signal: { dbm: -105, bars: 1 } }], ['_OUWCTI: 4', { technology: 'HSPA' }], ['_OSSYSI: 3', { ignored: true }]])('of Option: %s', (line, wanted) => expect(option.report(line)).toMatchObject(wanted));
  it('nobody knows are nothing', () => expect(sierraGsm.report('!WHAT: 1')).toBeUndefined());
});

describe('any text', () => {
  const tags = ['+CREG', '+COPS', '+CSQ', '+CESQ', '+CGDCONT', '+CNUM', '+CRSM', '+CPIN', '^SYSINFO', '^SYSCFG', '^SYSCFGEX', '^HCSQ', '^DHCP', '^NDISSTATQRY', '!GSTATUS', '!BAND', '!SELRAT', '_OPSYS', '_OWANDATA', '#RFSTS', '#BND', '#MONI', '+QENG', '+QCSQ', '+CPSI', '+XACT', '%IPDPADDR', '*E2IPCFG', '+CCLK', '+CGEV', '+CMER', '+IFC', '+CSIM', '+CGCONTRDP'];
  it('is read without a throw', () => {
    const field = fc.oneof(fc.string(), fc.constantFrom(',', '"', '(', ')', '(0-99999999)', '-', '0x', 'FFFFFFFFFFFFFFFFFFFFF', '4294967296'), fc.integer().map(String));
    fc.assert(fc.property(fc.constantFrom(...tags), fc.constantFrom('', '?', '=?', '=1'), fc.array(fc.array(field).map(f => f.join(',')), { maxLength: 4 }), (tag, how, rests) => {
      const lines = rests.map(rest => `${tag}: ${rest}`);
      explain(`AT${tag}${how}`, lines, 'OK');
      explain('', lines, undefined);
      for (const line of lines) for (const dialect of [generic3gpp, sierraGsm, huaweiGsm, option]) dialect.report(line);
      expect(pinState({ lines, error: undefined, final: 'OK' })).toBeTypeOf('string');
    }), { numRuns: 2000 });
  });
  it('of great length is read in time', () => {
    for (const tag of tags) for (const filler of ['(', '"', ',', '(0,"a","b",', 'A', ' ', '0', ':', '\t', '(1,']) explain(`AT${tag}=?`, [`${tag}: ${filler.repeat(4000 / filler.length)}`], 'OK');
  }, 5000);
});

describe('forms of answers that differ from card to card', () => {
  it.each([
    ['AT+CGDCONT=?', '+CGDCONT: (1-10),("IP","IPV6"),,,(0-1),(0-1)', { cidMin: 1, cidMax: 10, types: ['IP', 'IPV6'] }],
    ['AT^NDISSTATQRY?', '^NDISSTATQRY: 1,0,,"IPV4",0,33,,"IPV6"', { ipv4Connected: true, ipv6Available: true, ipv6Connected: false }],
    ['AT+CPMS=?', '+CPMS: "SM",("ME" , "MT"),("SM")', { mem1: ['SM'], mem2: ['ME', 'MT'], mem3: ['SM'] }],
    ['AT+CREG?', '+CREG: 1,"84CD","00D30173"', { stat: 1, lac: '84CD' }],
    ['AT+CGEV?', '+CGEV: NW PDN DEACT 3', { event: 'nw-deact-primary', cid: 3 }],
    ['AT*CNTI=0', '*CNTI: 0,HSDPA/HSUPA', { tech: 'HSPA' }],
    ['AT+COPS?', '+COPS:0,0,"0056006F006400610066006F006E0065",2', { operator: 'Vodafone', act: 'UMTS' }],
    ['AT+CPSI?', '+CPSI: NO SERVICE,Online', { tech: undefined, mode: 'Online' }],
    ['AT+CPSI?', '+CPSI: WCDMA,Online,001-01,0xED2E,WCDMA 1900,9686,62,0,-6.5,-77,6,32', { tech: 'WCDMA', plmn: '00101', lac: 'ED2E' }],
    ['AT#RFSTS', '#RFSTS: "222 01",10638,375,-8.0,-77,-69,7D07,01,,64,19,0,1,,8C7C7B1,"222013410328421","TIM",2,3', { tech: 'UMTS', rscpDbm: -77, rssiDbm: -69, ecioDb: -8, ci: '8C7C7B1' }],
  ])('%s: %s', (command, line, wanted) => expect(explain(command, [line], 'OK')).toMatchObject(wanted));
});
