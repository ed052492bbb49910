import { describe, expect, it } from 'vitest';
import type { CardDevice } from '../../../../plugins/cellular-cards/contract.ts';
import { choose } from '../../../../plugins/cellular-cards/core/modem/choose.ts';
import { storedPin } from '../../../../plugins/cellular-cards/core/modem/pin.ts';
import { dialString } from '../../../../plugins/cellular-cards/core/modem/scripts.ts';
import { dialFailure } from '../../../../plugins/cellular-cards/core/modem/words.ts';
import { smallSpec } from './small-modem.ts';

const device = (usb: string | undefined, product = ''): CardDevice => ({ key: 'k', slot: 1, bus: 'usb', usb, pcmcia: undefined, manufacturer: '', product, serial: '', ports: [], disk: undefined });
const spec = (model: string, usb: readonly string[], ident?: readonly string[]) => ({ ...smallSpec, model, match: { usb, ...(ident ? { ident } : {}) } });

describe('which card it is', () => {
  const e612 = spec('E612', ['12d1:1001'], ['E612']);
  const e620 = spec('E620', ['12d1:1001'], ['E620']);
  const any = spec('generic', []);
  const specs = [any, e612, e620, spec('AC881', ['1199:6855'])];

  it.each([
    ['12d1:1001', 'Manufacturer: huawei\nModel: E620\n', 'E620'], ['12d1:1001', 'model: e612', 'E612'], ['12d1:1001', 'nothing of use', 'E612'],
    ['1199:6855', '', 'AC881'], ['ffff:0001', 'Model: E 620', 'E620'], ['ffff:0001', 'who knows', 'generic'], [undefined, '', 'generic'],
  ])('%s that says %s is %s', (usb, said, model) => {
    expect(choose(device(usb), said, specs)?.model).toBe(model);
  });

  it('is none when nobody knows any', () => expect(choose(device('1:2'), '', [])).toBeUndefined());
});

describe('the stored PIN', () => {
  const refused = (list: readonly string[]) => (pin: string | undefined) => (pin === undefined ? list.length > 0 : list.includes(pin));
  it.each([
    [3, '1234', [], 'usable'], [1, '1234', [], 'last'], [0, '1234', [], 'last'], [undefined, '1234', [], 'usable'], [undefined, '1234', ['9999'], 'last'],
    [3, '1234', ['1234'], 'refused'], [3, '1234', ['9999'], 'usable'], [3, '', [], 'none'],
  ] as const)('%s attempts left, stored "%s", refused %j: %s', (attempts, stored, list, what) => {
    expect(storedPin({ state: 'pin', attempts }, stored, refused(list))).toBe(what);
  });
});

describe('dialling', () => {
  it.each([['*99#', 'ATD*99#'], ['#777', 'ATDT#777'], ['ATDP123', 'ATDP123']])('%s is %s', (phone, line) => expect(dialString(phone)).toBe(line));
  it.each([
    ['NO CARRIER', '3gpp', 'check the APN'], ['NO CARRIER', 'cdma', 'activated'], ['BUSY', '3gpp', 'no room'], ['NO DIALTONE', '3gpp', 'no service'], ['NO DIAL TONE', '3gpp', 'no service'],
    ['+CME ERROR: 149', '3gpp', 'user name or password'], ['+CME ERROR: 133', '3gpp', 'check the APN'], ['timeout', 'cdma', 'did not say'], ['ERROR', '3gpp', 'did not dial'],
  ] as const)('%s on %s says what to do', (final, system, words) => expect(dialFailure({ final, step: 'dial' }, system, 'internet').words).toContain(words));
});
