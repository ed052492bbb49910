import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse4 } from '../../../sdk/wire/address.ts';
import { labelsOf, readName } from '../../../sdk/wire/dns-name.ts';
import * as dns from '../../../sdk/wire/dns.ts';
import { hex, toHex } from './bytes.ts';

const parse = (bytes: Uint8Array) => dns.parse(bytes, 0, bytes.length);

describe('domain names', () => {
  // RFC 1035 §4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
  const message = new Uint8Array(93);
  message.set(hex('01 46 03 495349 04 41525041 00'), 20);
  message.set(hex('03 464f4f c014'), 40);
  message.set(hex('c01a'), 64);

  it('are read as RFC 1035 §4.1.4 shows', () => {
    expect(readName(message, 0, 20, 93)).toEqual({ name: 'F.ISI.ARPA', next: 32 });
    expect(readName(message, 0, 40, 93)).toEqual({ name: 'FOO.F.ISI.ARPA', next: 46 });
    expect(readName(message, 0, 64, 93)).toEqual({ name: 'ARPA', next: 66 });
    expect(readName(message, 0, 92, 93)).toEqual({ name: '', next: 93 });
  });

  it('pointers go back only, and nothing is read past the end', () => {
    for (const bad of ['c000', '0161c000', 'c002', 'c0', '0161c004', '4161', '80', '', '0361', '026161']) expect(readName(hex(bad), 0, 0, hex(bad).length)).toBeUndefined();
    // Two names that point at each other.
    const loop = hex('0161 c004 0162 c000');
    expect(readName(loop, 0, 0, 8)).toBeUndefined();
    expect(readName(loop, 0, 4, 8)).toBeUndefined();
  });

  it('have at most 255 octets, pointers or not', () => {
    const label = `3f${'61'.repeat(63)}`;
    expect(readName(hex(`${label.repeat(3)}3d${'61'.repeat(61)}00`), 0, 0, 255)?.name.length).toBe(253);
    expect(readName(hex(`${label.repeat(3)}3e${'61'.repeat(62)}00`), 0, 0, 256)).toBeUndefined();
    expect([dns.isName(`${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(61)}`), dns.isName(`${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(62)}`)]).toEqual([true, false]);
  });

  it('as text: dots and strange octets are escaped', () => {
    expect(readName(hex('04 61 2e 5c 00 02 c3a4 00'), 0, 0, 9)?.name).toBe('a\\.\\\\\\000.\\195\\164');
    expect(labelsOf('a\\.\\\\\\000.\\195\\164')?.map(toHex)).toEqual(['612e5c00', 'c3a4']);
    for (const bad of ['a..b', '.a', 'a'.repeat(64), 'a\\', '\\999', '..']) expect(dns.isName(bad)).toBe(false);
    for (const good of ['', '.', 'a', 'a.', 'a.b.c.', '_sip._udp.x', '*']) expect(dns.isName(good)).toBe(true);
  });

  it('compare without case; reverse names', () => {
    expect(dns.canonical('WWW.Example.COM.')).toBe('www.example.com');
    expect(dns.reverseName(parse4('192.168.2.1')!)).toBe('1.2.168.192.in-addr.arpa');
  });
});

describe('DNS message', () => {
  // A? example.com → CNAME, A; with an EDNS record of 1232 octets.
  const reply = hex(`beef 8180 0001 0002 0000 0001  07 6578616d706c65 03 636f6d 00 0001 0001
    c00c 0005 0001 0000003c 0006 03 777777 c00c  c029 0001 0001 80000000 0004 5db8d822  00 0029 04d0 00008000 0000`);

  it('is read', () => {
    expect(parse(reply)).toEqual({
      id: 0xbeef, response: true, opcode: 0, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: true, authentic: false, checkingDisabled: false, rcode: 0,
      questions: [{ name: 'example.com', type: dns.TYPE_A, class: 1 }],
      answers: [
        { name: 'example.com', type: dns.TYPE_CNAME, class: 1, ttl: 60, data: { kind: 'name', name: 'www.example.com' } },
        { name: 'www.example.com', type: dns.TYPE_A, class: 1, ttl: 0x8000_0000, data: { kind: 'address', address: parse4('93.184.216.34') } },
      ],
      authorities: [],
      additionals: [{ name: '', type: dns.TYPE_OPT, class: 1232, ttl: 0x8000, data: { kind: 'raw', bytes: new Uint8Array(0) } }],
    });
    expect([dns.id(reply, 0), dns.isResponse(reply, 0), dns.isTruncated(reply, 0), dns.rcode(reply, 0), dns.questionCount(reply, 0)]).toEqual([0xbeef, true, false, 0, 1]);
    expect(dns.question(reply, 0, reply.length)).toEqual({ name: 'example.com', type: 1, class: 1 });
  });

  it('is written back to the same octets, compressed', () => {
    expect(toHex(dns.emit(parse(reply)!))).toBe(toHex(reply));
  });

  it('cut anywhere it is nothing', () => {
    for (let end = 0; end < reply.length; end++) expect(dns.parse(reply, 0, end)).toBeUndefined();
  });

  it('lies anywhere in the buffer: pointers count from its start', () => {
    const buf = new Uint8Array(reply.length + 9).fill(0xa5);
    buf.set(reply, 7);
    expect(dns.parse(buf, 7, 7 + reply.length)).toEqual(parse(reply));
  });

  it('data of a wrong length is refused, no data is taken as it is (RFC 2136)', () => {
    const record = (type: string, data: string) => parse(hex(`0001 8000 0000 0001 0000 0000 00 ${type} 0001 00000000 ${(hex(data).length).toString(16).padStart(4, '0')} ${data}`))?.answers[0]?.data;
    for (const [type, data] of [['0001', '010203'], ['001c', '01020304'], ['0010', '0561'], ['000f', '0001'], ['000f', '0001 0061'], ['0021', '000100020003'], ['0006', '0000 01'], ['0005', '0061']] as const) {
      expect(record(type, data)).toBeUndefined();
    }
    expect(record('0001', '')).toEqual({ kind: 'raw', bytes: new Uint8Array(0) });
    expect(record('0010', '0161 00')).toEqual({ kind: 'text', parts: [Uint8Array.of(0x61), new Uint8Array(0)] });
    expect(record('0021', '0001 0002 13c4 0161 00')).toEqual({ kind: 'srv', priority: 1, weight: 2, port: 5060, target: 'a' });
    expect(record('ff00', 'c000')).toEqual({ kind: 'raw', bytes: Uint8Array.of(0xc0, 0) });
  });

  it('SRV targets are not compressed (RFC 2782), names of RFC 1035 are', () => {
    const bytes = dns.emit(dns.answer(dns.query(1, 'a.b', dns.TYPE_SRV), 0, [{ name: 'a.b', type: dns.TYPE_SRV, class: 1, ttl: 1, data: { kind: 'srv', priority: 1, weight: 1, port: 1, target: 'a.b' } }]));
    expect(toHex(bytes.subarray(12))).toBe('016101620000210001' + 'c00c00210001000000010' + '00b' + '000100010001' + '0161016200');
    expect(dns.emit(parse(bytes)!, false).length).toBe(bytes.length + 3);
  });

  it('an answer keeps id and question, and EDNS only where it was asked', () => {
    const asked = dns.query(7, 'lan.host', dns.TYPE_A);
    expect(dns.answer(asked, dns.NXDOMAIN, [])).toMatchObject({ id: 7, response: true, rcode: 3, recursionAvailable: true, questions: asked.questions, additionals: [] });
    const edns = { ...asked, additionals: [{ name: '', type: dns.TYPE_OPT, class: 4096, ttl: 0x8000, data: { kind: 'raw', bytes: Uint8Array.of(1) } as const }] };
    expect(dns.answer(edns, 0, []).additionals).toMatchObject([{ class: 512, ttl: 0 }]);
  });

  it('a name that is none is refused before it is written', () => {
    expect(() => dns.emit(dns.query(1, 'a..b', 1))).toThrow(RangeError);
  });

  it('whatever is written is read again, compressed or not', () => {
    const u16 = fc.integer({ min: 0, max: 0xffff });
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const label = fc.uint8Array({ minLength: 1, maxLength: 12 });
    const name = fc.oneof(
      fc.constantFrom('', 'a', 'A', 'b.a', 'c.b.a', 'x.B.a', 'example.com'),
      fc.array(label, { maxLength: 4 }).map((labels) => {
        const bytes = Uint8Array.from([...labels.flatMap((l) => [l.length, ...l]), 0]);
        return readName(bytes, 0, 0, bytes.length)!.name;
      }),
    );
    const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
    const record = fc.oneof(
      u32.map((address) => [dns.TYPE_A, { kind: 'address', address }] as const),
      bytes(16, 16).map((b) => [dns.TYPE_AAAA, { kind: 'address6', bytes: b }] as const),
      fc.tuple(fc.constantFrom(dns.TYPE_NS, dns.TYPE_CNAME, dns.TYPE_PTR), name).map(([type, n]) => [type, { kind: 'name', name: n }] as const),
      fc.tuple(name, name, u32, u32).map(([mname, rname, serial, refresh]) => [dns.TYPE_SOA, { kind: 'soa', mname, rname, serial, refresh, retry: 1, expire: 2, minimum: 3 }] as const),
      fc.array(bytes(0, 255), { minLength: 1, maxLength: 3 }).map((parts) => [dns.TYPE_TXT, { kind: 'text', parts }] as const),
      fc.tuple(u16, name).map(([preference, exchange]) => [dns.TYPE_MX, { kind: 'mx', preference, exchange }] as const),
      fc.tuple(u16, u16, u16, name).map(([priority, weight, port, target]) => [dns.TYPE_SRV, { kind: 'srv', priority, weight, port, target }] as const),
      bytes(0, 30).map((b) => [dns.TYPE_OPT, { kind: 'raw', bytes: b }] as const),
    );
    const records = fc.array(fc.tuple(name, u32, record).map(([n, ttl, [type, data]]): dns.ResourceRecord => ({ name: n, type, class: 1, ttl, data })), { maxLength: 5 });
    fc.assert(fc.property(u16, fc.integer({ min: 0, max: 15 }), fc.boolean(), name, records, records, records, fc.boolean(), (id, rcode, flag, n, answers, authorities, additionals, compress) => {
      const msg: dns.Message = {
        ...dns.query(id, n, dns.TYPE_ANY), rcode, opcode: 15 - rcode, response: flag, authoritative: !flag, truncated: flag, recursionAvailable: !flag, authentic: flag, checkingDisabled: !flag,
        answers, authorities, additionals,
      };
      expect(parse(dns.emit(msg, compress))).toEqual(msg);
    }), { numRuns: 1000 });
  });
});
