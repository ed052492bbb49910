import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardFromLog } from '../../../../lab/carrier/card-from-log.ts';
import { CardShelf } from '../../../../lab/carrier/card-shelf.ts';
import { readLog } from '../../../../lab/carrier/log-reader.ts';
import { terminal } from './terminal.ts';

const wanted = [{ command: 'AT+CSQ', lines: ['+CSQ: 14,99'], final: 'OK' }, { command: 'AT+CPIN?', lines: [], final: '+CME ERROR: 10' }];
const dresses: Record<string, string> = {
  'a terminal': 'AT+CSQ\r\r\n+CSQ: 14,99\r\n\r\nOK\r\nAT+CPIN?\r\r\n+CME ERROR: 10\r\n',
  'arrows': '--> AT+CSQ\n<-- +CSQ: 14,99\n<-- OK\n--> AT+CPIN?\n<-- +CME ERROR: 10\n',
  'a daemon that quotes': "[12:00:01.123] (ttyUSB2): --> 'AT+CSQ<CR>'\n[12:00:01.130] (ttyUSB2): <-- '<CR><LF>+CSQ: 14,99<CR><LF><CR><LF>OK<CR><LF>'\n(ttyUSB2): --> 'AT+CPIN?<CR>'\n(ttyUSB2): <-- '<CR><LF>+CME ERROR: 10<CR><LF>'\n",
  'times': '2008-03-01 12:00:00 AT+CSQ\n12:00:01 +CSQ: 14,99\n12:00:01 OK\n12:00:02 AT+CPIN?\n12:00:02 +CME ERROR: 10\n',
  'a chat script': "Mar  1 12:00:00 chat[2]: send (AT+CSQ^M)\nAT+CSQ\n+CSQ: 14,99\n^RSSI:14\nOK\nsend (AT+CPIN?^M)\n+CME ERROR: 10\n",
  'records': JSON.stringify({ records: [{ command: 'AT+CSQ', response: '+CSQ: 14,99', final: 'OK' }, { command: '', response: '^RSSI:3', final: null }, { command: 'AT+CPIN?', response: '', final: '+CME ERROR: 10' }] }),
};

const log = `AT
OK
ATI
Manufacturer: Sierra Wireless, Inc.
Model: AC875
Revision: H1_1_8_3AP C:/WS/FW/H1_1_8_3AP/MSM6280/SRC 2006/11/22
IMEI: 355123456789012
FSN: D1234
+GCAP: +CGSM,+DS
OK
AT+CIMI
310410123456789
OK
AT+CSQ
+CSQ: 14,99
OK
AT!CUSTOM?
!CUSTOM: 1,{2}
OK
AT+COPS?
ERROR
AT+CGDCONT=1,"IP","isp.cingular"
OK
ATDT*99***1#
CONNECT
`;

describe("a modem's log", () => {
  it.each(Object.entries(dresses))('as %s', (_name, text) => { expect(readLog(text)).toEqual(wanted); });

  it('of any text is read to the end', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('AT+X', 'OK', '+CME ERROR: 3', '--> ', "'<CR>", '{"records":')), { maxLength: 30 }), parts => { readLog(parts.join('\n')); }));
    expect(() => cardFromLog('nothing here')).toThrow('there is no command with an answer in this log');
  });

  it('becomes a card that lives, without the numbers of its owner', () => {
    const part = cardFromLog(log);
    expect(part).toMatchObject({ model: 'AC875', maker: 'Sierra Wireless, Inc.', family: 'sierra-gsm' });
    expect(JSON.stringify(part)).not.toMatch(/355123456789012|310410123456789/);
    const t = terminal(new CardShelf().read('log', JSON.stringify(part)));
    t.say('ATE0');
    expect(t.say('ATI')).toEqual(expect.arrayContaining(['Revision: H1_1_8_3AP C:/WS/FW/H1_1_8_3AP/MSM6280/SRC 2006/11/22', 'IMEI: 352000000000018', 'FSN: D1234']));
    t.card.dbm = -83;
    expect(t.say('AT+CSQ')).toEqual(['+CSQ: 15,99', 'OK']);
    expect(t.say('AT+CIMI')).toEqual([t.rack.sim(1).imsi, 'OK']);
    expect(t.say('AT!CUSTOM?')).toEqual(['!CUSTOM: 1,?2?', 'OK']);
    t.say('AT+CGDCONT=1,"IP","internet"');
    expect(t.say('ATDT*99***1#').join(' ')).toContain('CONNECT');
  });

  it('of each family of records becomes a card', () => {
    for (const name of ['sierra-gsm', 'huawei-gsm', 'option', 'quectel', 'telit', 'simcom']) {
      const text = readFileSync(new URL(`../../../fixtures/at/${name}.json`, import.meta.url), 'utf8');
      const part = cardFromLog(text, 'Log');
      expect(new CardShelf().read(name, JSON.stringify(part)).answers.length, name).toBeGreaterThan(20);
    }
  });

  it('is written beside the log', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'card-log-'));
    try {
      writeFileSync(join(folder, 'a.log'), log);
      const { cardVerbs } = await import('../../../../lab/carrier/verbs.ts');
      const t = terminal('e620');
      const shelf = new CardShelf();
      // biome-ignore lint/suspicious/noExplicitAny: arguments of any verb
      const verbs = new Map<string, any>();
      cardVerbs({ carrier: t.carrier, rack: t.rack, shelf }, spec => { verbs.set(spec.path, spec); return { dispose: () => {} }; });
      expect(verbs.get('lab card import').run({ log: join(folder, 'a.log'), name: 'Mine' })).toContain('"lab card insert mine"');
      expect(shelf.models()).toContain('mine');
      expect(verbs.get('lab card insert').run({ model: 'mine' })).toBe('Mine is in slot 2');
      expect(verbs.get('lab card insert').run({ model: join(folder, 'a.log.card.json'), slot: 3 })).toBe('Mine is in slot 3');
      expect(() => verbs.get('lab card import').run({ log: join(folder, 'b.log') })).toThrow(/ENOENT/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
