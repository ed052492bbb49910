import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse4 } from '../../../sdk/wire/address.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import { hex, toHex } from './bytes.ts';

const a = (text: string) => parse4(text)!;

function message(over: Partial<dhcp.Message> = {}): dhcp.Message {
  return {
    op: dhcp.OP_REQUEST, htype: 1, hops: 0, xid: 0x3d1d_0001, secs: 0, broadcast: false, ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: 0,
    chaddr: hex('000b8201fc42'), sname: '', file: '', type: dhcp.DISCOVER, options: {}, ...over,
  };
}

function parse(bytes: Uint8Array) {
  return dhcp.parse(bytes, 0, bytes.length);
}

/** The fixed part and cookie, with options behind; the places in between by offset. */
function raw(options: string, places: Readonly<Record<number, string>> = {}): Uint8Array {
  const out = new Uint8Array(240 + hex(options).length);
  out.set([2, 1, 6, 0], 0);
  out.set(hex('63825363'), 236);
  for (const [at, text] of Object.entries(places)) out.set(hex(text), Number(at));
  out.set(hex(options), 240);
  return out;
}

describe('DHCP message', () => {
  it('is written octet for octet, 300 octets at least', () => {
    const bytes = dhcp.emit(message({ broadcast: true, options: { [dhcp.OPTION_PARAMETER_REQUEST]: Uint8Array.of(1, 3, 6, 42), [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(0) } }));
    expect(bytes.length).toBe(dhcp.MIN_LENGTH);
    expect(toHex(bytes.subarray(0, 34))).toBe(`010106003d1d000100008000${'00'.repeat(16)}000b8201fc42`);
    expect(toHex(bytes.subarray(34, 236))).toBe('00'.repeat(202));
    expect(toHex(bytes.subarray(236))).toBe(`6382536335010132040000000037040103062aff${'00'.repeat(44)}`);
  });

  it('is read at its offsets', () => {
    const msg = parse(raw('35 01 02  01 04 ffffff00  03 08 c0a80101 c0a80102  33 04 00000e10  0f 07 6c616e2e6f7267 0c 03 686f00 1a 02 0578 ff', {
      4: '11223344 0009 8000 0a000001 c0a80123 c0a80101 0a000002 00a0c501234f', 44: '626f6f74', 108: '2f78',
    }))!;
    expect(msg).toMatchObject({
      op: 2, htype: 1, xid: 0x1122_3344, secs: 9, broadcast: true, ciaddr: a('10.0.0.1'), yiaddr: a('192.168.1.35'), siaddr: a('192.168.1.1'), giaddr: a('10.0.0.2'),
      sname: 'boot', file: '/x', type: dhcp.OFFER,
    });
    expect(toHex(msg.chaddr)).toBe('00a0c501234f');
    expect(dhcp.address(msg.options, dhcp.OPTION_SUBNET_MASK)).toBe(0xffff_ff00);
    expect(dhcp.addresses(msg.options, dhcp.OPTION_ROUTER)).toEqual([a('192.168.1.1'), a('192.168.1.2')]);
    expect(dhcp.seconds(msg.options, dhcp.OPTION_LEASE_TIME)).toBe(3600);
    expect(dhcp.number16(msg.options, dhcp.OPTION_MTU)).toBe(1400);
    expect([dhcp.text(msg.options, dhcp.OPTION_DOMAIN_NAME), dhcp.text(msg.options, dhcp.OPTION_HOST_NAME), dhcp.text(msg.options, 99)]).toEqual(['lan.org', 'ho', undefined]);
    expect([dhcp.address(msg.options, dhcp.OPTION_ROUTER), dhcp.number16(msg.options, 1), dhcp.addresses(msg.options, dhcp.OPTION_HOST_NAME)]).toEqual([undefined, undefined, []]);
  });

  it('without cookie it is plain BOOTP; cut or strange ones are nothing', () => {
    expect(parse(raw('').fill(0, 236))).toMatchObject({ type: undefined, options: {} });
    expect(dhcp.parse(raw('ff'), 0, 235)).toBeUndefined();
    const strange = (at: number, v: number) => { const b = raw('350101ff'); b[at] = v; return parse(b); };
    expect([strange(0, 0), strange(0, 3), strange(2, 17)]).toEqual([undefined, undefined, undefined]);
  });

  it('options must lie in their place; a missing end mark is forgiven', () => {
    expect(parse(raw('35'))).toBeUndefined();
    expect(parse(raw('3502 05'))).toBeUndefined();
    expect(parse(raw('350105'))?.type).toBe(dhcp.ACK);
    expect(parse(raw('000000 350105 ff 35ff'))?.type).toBe(dhcp.ACK);
    expect(parse(raw('340101 ff', { 108: '0cff' }))).toBeUndefined();
  });

  it('option overload: file first, then sname (RFC 2132 §9.3, RFC 3396 §5)', () => {
    const msg = parse(raw('350105 340103 0c0161 ff', { 44: '0c0163 0304c0a80101 ff', 108: '0c0162 ff' }))!;
    expect(dhcp.text(msg.options, dhcp.OPTION_HOST_NAME)).toBe('abc');
    expect(dhcp.addresses(msg.options, dhcp.OPTION_ROUTER)).toEqual([a('192.168.1.1')]);
    expect([msg.sname, msg.file, msg.options[dhcp.OPTION_OVERLOAD]]).toEqual(['', '', undefined]);
    expect(parse(raw('340101 ff', { 44: '626f', 108: 'ff' }))).toMatchObject({ sname: 'bo', file: '' });
  });

  it('long options go out in parts and come back whole (RFC 3396)', () => {
    const long = Uint8Array.from({ length: 600 }, (_, i) => i & 255);
    const bytes = dhcp.emit(message({ options: { 43: long, 12: new Uint8Array(0) } }));
    expect(parse(bytes)?.options).toEqual({ 43: long, 12: new Uint8Array(0) });
  });

  it('what does not fit goes to file and sname, then nowhere', () => {
    const part = (n: number) => new Uint8Array(n).fill(n);
    const msg = message({ type: dhcp.OFFER, options: { 200: part(40), 201: part(120), 202: part(60), 203: part(100) } });
    const bytes = dhcp.emit(msg, dhcp.MIN_LENGTH);
    expect(bytes.length).toBe(300);
    expect(parse(bytes)?.options).toEqual({ 200: part(40), 201: part(120), 202: part(60) });
    const full = dhcp.emit({ ...msg, file: 'x', sname: 'y' }, dhcp.MIN_LENGTH);
    expect(parse(full)).toMatchObject({ options: { 200: part(40) }, file: 'x', sname: 'y' });
    expect(parse(dhcp.emit(msg, dhcp.MAX_LENGTH))?.options).toEqual(msg.options);
    expect(dhcp.emit(msg, dhcp.MAX_LENGTH).length).toBeLessThanOrEqual(dhcp.MAX_LENGTH);
  });

  it('relay agent information stands last', () => {
    const relay = dhcp.emitRelayAgent({ [dhcp.RELAY_CIRCUIT_ID]: Uint8Array.of(7), [dhcp.RELAY_REMOTE_ID]: Uint8Array.of(8, 9) });
    expect(toHex(relay)).toBe('01010702020809');
    const bytes = dhcp.emit(message({ options: { 82: relay, 121: Uint8Array.of(0, 1, 1, 1, 1) } }));
    expect(toHex(bytes.subarray(243, 243 + 17))).toBe('79050001010101' + '520701010702020809' + 'ff');
    expect(dhcp.parseRelayAgent(relay)).toEqual({ 1: Uint8Array.of(7), 2: Uint8Array.of(8, 9) });
    expect([dhcp.parseRelayAgent(hex('01')), dhcp.parseRelayAgent(hex('0102ff')), dhcp.parseRelayAgent(hex(''))]).toEqual([undefined, undefined, {}]);
  });

  it('classless routes: the examples of RFC 3442', () => {
    const router = a('10.0.0.1');
    const examples: [string, number, string][] = [
      ['0.0.0.0', 0, '00'], ['10.0.0.0', 8, '080a'], ['10.0.0.0', 24, '180a0000'], ['10.17.0.0', 16, '100a11'], ['10.27.129.0', 24, '180a1b81'],
      ['10.229.0.128', 25, '190a e5 00 80'], ['10.198.122.47', 32, '200ac67a2f'],
    ];
    for (const [network, bits, text] of examples) {
      const route = { network: a(network), bits, router };
      expect(toHex(dhcp.emitClasslessRoutes([route]))).toBe(`${text.replaceAll(' ', '')}0a000001`);
      expect(dhcp.parseClasslessRoutes(hex(`${text}0a000001`))).toEqual([route]);
    }
    expect(dhcp.parseClasslessRoutes(hex('080b00000102 10ff'))).toBeUndefined();
    expect(dhcp.parseClasslessRoutes(hex('210a0000010a000001'))).toBeUndefined();
    expect(dhcp.parseClasslessRoutes(hex('090aff 0a000001'))).toEqual([{ network: a('10.128.0.0'), bits: 9, router }]);
  });

  it('comes back as it went', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const word = fc.string({ maxLength: 20, unit: fc.constantFrom(...'abcxyz./-') });
    const options = fc.dictionary(fc.integer({ min: 1, max: 254 }).filter((c) => c !== 52 && c !== 53).map(String), fc.uint8Array({ maxLength: 60 }), { maxKeys: 12 })
      .map((o) => Object.fromEntries(Object.entries(o)) as dhcp.Options);
    fc.assert(fc.property(u32, u32, u32, word, word, options, fc.integer({ min: 1, max: 8 }), fc.boolean(), (xid, yiaddr, giaddr, sname, file, opts, type, broadcast) => {
      const msg = message({ xid, yiaddr, giaddr, sname, file, options: opts, type, broadcast });
      expect(parse(dhcp.emit(msg))).toEqual(msg);
    }), { numRuns: 500 });
  });

  it('names its types', () => {
    expect([dhcp.typeName(1), dhcp.typeName(8), dhcp.typeName(undefined), dhcp.typeName(13), dhcp.typeName(0)]).toEqual(['Discover', 'Inform', 'BOOTP', 'type 13', 'type 0']);
    expect([1, 2, 3, 4, 5, 6, 7, 8].filter(dhcp.fromClient)).toEqual([1, 3, 4, 7, 8]);
  });
});
