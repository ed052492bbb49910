import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer } from '../../../lab/name-server.ts';
import * as address from '../../../sdk/wire/address.ts';
import * as dns from '../../../sdk/wire/dns.ts';

const ask = (name: string, type: number) => {
  const reply = answer(dns.emit(dns.query(77, name, type)));
  return reply && dns.parse(reply, 0, reply.length);
};

describe('the lab name server', () => {
  it('knows the hosts with and without .lab, in any case', () => {
    for (const name of ['inet1', 'INET1.lab', 'inet1.lab.']) {
      expect(ask(name, dns.TYPE_A)).toMatchObject({ id: 77, response: true, rcode: dns.NOERROR, answers: [{ data: { kind: 'address', address: address.parse4('203.0.113.10') } }] });
    }
  });

  it('knows the names of addresses', () => {
    expect(ask('33.1.168.192.in-addr.arpa', dns.TYPE_PTR)?.answers[0]?.data).toEqual({ kind: 'name', name: 'lan1.lab' });
  });

  it('tells "no such record" from "no such name"', () => {
    expect(ask('inet1', dns.TYPE_AAAA)).toMatchObject({ rcode: dns.NOERROR, answers: [] });
    for (const name of ['nobody.example', 'toString', '__proto__']) expect(ask(name, dns.TYPE_A)).toMatchObject({ rcode: dns.NXDOMAIN, answers: [] });
  });

  it('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), b => { answer(b); }), { numRuns: 500 });
  });
});
