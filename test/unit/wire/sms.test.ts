import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as gsm7 from '../../../sdk/wire/gsm7.ts';
import * as sms from '../../../sdk/wire/sms.ts';

const received = (hex: string) => sms.parseReceived(sms.fromHex(hex)!);

describe('short messages', () => {
  it('are read as cards give them', () => {
    // A widely printed example; its zone octet of 80 is eight quarters of an hour.
    expect(received('07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37')).toMatchObject({
      kind: 'deliver', from: '27838890001', text: 'hellohello', coding: 'gsm7', part: undefined, flash: false, atMs: Date.UTC(2099, 2, 29, 15, 16, 59) - 8 * 15 * 60_000,
    });
  });

  it('without a service centre date or text are none', () => {
    for (const hex of ['00', '0004', '000401', '07917283010010F5040BC87238880900F1000099309251619580', '0003']) expect(received(hex), hex).toBeUndefined();
  });

  it('are written as +CMGS wants them', () => {
    // Widely printed: 'hellohello' to +46708251358.
    const [piece] = sms.split('hellohello');
    expect(sms.emitSubmit({ to: '+46708251358', piece: piece! })).toEqual({ hex: '0001000B916407281553F800000AE8329BFD4697D9EC37', length: 22 });
  });

  it('refuse to go to what is no number', () => {
    const [piece] = sms.split('x');
    for (const to of ['', 'Bob', '+', '12 34', '1;ATD911', '123456789012345678901', '+1+2']) expect(sms.emitSubmit({ to, piece: piece! }), to).toBeUndefined();
  });

  it('come from letters, too', () => {
    const pdu = sms.emitDeliver({ from: 'Carrier', piece: sms.split('hi')[0]!, atMs: Date.UTC(2026, 10, 24) })!;
    expect(received(pdu.hex)).toMatchObject({ from: 'Carrier', text: 'hi', atMs: Date.UTC(2026, 10, 24) });
  });

  it('use the extension table, the euro costs two', () => {
    const [piece] = sms.split('{€}');
    expect(piece).toEqual({ coding: 'gsm7', septets: [0x1b, 0x28, 0x1b, 0x65, 0x1b, 0x29] });
  });

  it('go as UCS-2 when a letter is not in the alphabet', () => {
    const [piece] = sms.split('Жар €');
    expect(piece!.coding).toBe('ucs2');
    expect(sms.parseSubmit(sms.fromHex(sms.emitSubmit({ to: '5', piece: piece! })!.hex)!)).toMatchObject({ to: '5', text: 'Жар €', coding: 'ucs2' });
  });

  it.each([
    ['160 letters', 'a'.repeat(160), 1], ['161 letters', 'a'.repeat(161), 2], ['306 letters', 'a'.repeat(306), 2], ['307 letters', 'a'.repeat(307), 3],
    ['80 euros', '€'.repeat(80), 1], ['81 euros', '€'.repeat(81), 2], ['70 of UCS-2', 'Ж'.repeat(70), 1], ['71 of UCS-2', 'Ж'.repeat(71), 2], ['35 pairs', '😀'.repeat(35), 1], ['67 pairs', '😀'.repeat(67), 3],
    ['nothing', '', 1],
  ])('%s take as few messages as they need', (_what, text, parts) => { expect(sms.split(text)).toHaveLength(parts); });

  it('never cut a character in two', () => {
    // 152 letters, then a euro of two septets at the end of the first part.
    const [first] = sms.split(`${'a'.repeat(152)}€${'b'.repeat(100)}`);
    expect(first).toMatchObject({ coding: 'gsm7', septets: { length: 152 } });
    for (const piece of sms.split('😀'.repeat(100))) expect(piece.coding === 'ucs2' && piece.text.length % 2).toBe(0);
  });

  it('come back from their parts', () => {
    fc.assert(fc.property(fc.boolean(), fc.oneof(fc.string({ maxLength: 700 }), fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ unit: fc.constantFrom(...'aé€{}|Ω\n @'), maxLength: 900 })), (wide, text) => {
      const pieces = sms.split(text, wide);
      const back = pieces.map((piece, i) => {
        const part = pieces.length === 1 ? undefined : { reference: wide ? 0x1234 : 200, total: pieces.length, number: i + 1, ...(wide ? { wide: true as const } : {}) };
        const pdu = sms.emitDeliver({ from: '+4912', piece, atMs: 0, part })!;
        expect(pdu.hex.length).toBeLessThanOrEqual(2 * (1 + 1 + 5 + 2 + 7 + 1 + 140));
        const read = received(pdu.hex);
        expect(read).toMatchObject({ kind: 'deliver', part });
        return read?.kind === 'deliver' ? read.text : '';
      });
      expect(back.join('')).toBe(text);
    }), { numRuns: 200 });
  });

  it('with a 16-bit reference, and national letters in their header', () => {
    // UDH: 08 04 1234 02 01, 24 01 01 (Turkish single shift): 'ş' is escape, 0x73.
    const body = [0x1b, 0x73, 0x61];
    const head = [9, 0x08, 4, 0x12, 0x34, 2, 1, 0x24, 1, 1];
    const before = Math.ceil(head.length * 8 / 7);
    const data = gsm7.pack(body, before * 7);
    data.set(head);
    const pdu = sms.toHex(Uint8Array.of(0, 0x44, 2, 0x81, 0x21, 0, 0, 0x62, 0x11, 0x42, 0, 0, 0, 0, before + body.length, ...data));
    expect(received(pdu)).toMatchObject({ text: 'şa', part: { reference: 0x1234, total: 2, number: 1 } });
  });

  it('in Portuguese and Turkish by their tables', () => {
    expect(gsm7.text([0x5b, 0x7b, 0x0c, 0x18], gsm7.PORTUGUESE, 0)).toBe('Ããô€');
    expect(gsm7.text([0x1c, 0x1d, 0x40, 0x07, 0x0b], gsm7.TURKISH, 0)).toBe('ŞşİıĞ');
    expect(gsm7.text([0x1b, 0x09, 0x1b, 0x4f, 0x1b, 0x65], 0, gsm7.SPANISH)).toBe('çÓ€');
  });

  it('ignore a part that cannot be', () => {
    for (const [total, number] of [[0, 1], [2, 0], [2, 3]]) {
      const pdu = sms.toHex(Uint8Array.of(0, 0x44, 2, 0x81, 0x21, 0, 4, 0x62, 0x11, 0x42, 0, 0, 0, 0, 7, 5, 0, 3, 9, total!, number!, 0xab));
      expect(received(pdu)).toMatchObject({ part: undefined, coding: 'octets', text: 'ab' });
    }
  });

  it('are read as other networks sent them', () => {
    // Bytes from the tests of ModemManager.
    expect(received('07912104442961F4040B916171957291F8000011208211050 50A6AC8B2BC7C9A83C220F6DB7D2ECB41EDF27C1E3E97411BDE06754FD3D1A0F9BB5D0695F1F4B29B5C2683C6E8B03C3CA697E5F34D6AE303D1D1F2F7DD0D4ABB59A0797D8C0685E7A00028EC26832A960B28EC2683BE6050780EBA97D96C17'.replace(' ', ''))).toMatchObject({
      from: '+16175927198', text: "Here's a longer message [{with some extended characters}] thrown in, such as £ and ΩΠΨ and §¿ as well.", atMs: Date.UTC(2011, 1, 28, 16, 50, 50),
    });
    expect(received('07919730071111F10414D04937BD2C7797E9D3E614000811309291024061080442043504410442')).toMatchObject({ from: 'InternetSMS', text: 'тест', atMs: Date.UTC(2011, 2, 29, 15, 20, 4) });
    // Parts with a reference of two octets, from a network's greeting.
    expect(received('07911356131313F64004850120390011609232239180A006080400100201D7327BFD6EB340E2321BF46E83EA7790F59D1E97DBE1341B442F83C465763D3DA797E56537C81D0ECB41AB59CC1693C16031D96C064241E5656838AF03A96230982A269BCD462917C8FA4E8FCBED709A0D7ABBE9F6B0FB5C7683D27350984D4FABC9A0B33C4C4FCF5D20EBFB2D079DCB62793DBD06D9C36E50FB2D4E97D9A0B49B5E96BBCB')).toMatchObject({
      from: '1002', part: { reference: 0x10, total: 2, number: 1, wide: true }, text: expect.stringMatching(/^Welkom, bel om uw Voicemail .* gratis\. Voor gebruik van mobiel interne$/),
    });
    expect(received('07914356060013F1065A098136397339F7219011700463802190117004638030')).toMatchObject({ kind: 'status', reference: 0x5a, to: '639337937', status: 0x30, atMs: Date.UTC(2012, 8, 11, 5, 40, 36) });
    expect(sms.parseSubmit(sms.fromHex('002100098136397339F70008224F60597D4F60597D4F60597D4F60597D4F60597D4F60597D4F60597D4F60597D4F60')!)).toMatchObject({ to: '639337937', text: '你好你好你好你好你好你好你好你好你', report: true });
  });

  it('go through the centre that is named, and are reported where that is wished', () => {
    const [piece] = sms.split('hellohello');
    // The address of a centre as in ModemManager's tests: +19037029920.
    expect(sms.emitSubmit({ to: '+46708251358', piece: piece!, centre: '+19037029920', report: true })).toEqual({ hex: '07919130079229F021000B916407281553F800000AE8329BFD4697D9EC37', length: 22 });
    expect(sms.emitSubmit({ to: '5', piece: piece!, centre: 'x' })).toBeUndefined();
  });

  it('tell what became of them', () => {
    expect(received('000605' + '0291' + '21' + '62114200000000' + '62114210000000' + '00')).toMatchObject({ kind: 'status', reference: 5, to: '+12', status: 0 });
  });

  it('never throw, whatever the card says', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), octets => {
      sms.parseReceived(octets);
      sms.parseSubmit(octets);
    }), { numRuns: 10_000 });
    fc.assert(fc.property(fc.nat({ max: 40 }), fc.nat({ max: 255 }), (at, value) => {
      const octets = sms.fromHex('07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37')!;
      octets[at] = value;
      sms.parseReceived(octets);
    }));
  });
});
