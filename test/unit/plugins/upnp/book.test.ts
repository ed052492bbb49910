import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST, OTHER, ip, rig, rules, wish } from './rig.ts';

const refused = (o: object) => ('refused' in o ? o.refused : 'none');

describe('the book of mappings', () => {
  it('makes, prolongs and ends a mapping', () => {
    const { book, nat, log } = rig();
    expect(book.wish(wish(), 0)).toMatchObject({ entry: { extPort: 8000, until: 100_000 } });
    expect([...nat.held]).toMatchObject([{ uplink: 'wan', proto: 6, extPort: 8000, intIp: HOST, intPort: 80, remote: 0, why: 'igd: x', pinhole: true }]);
    book.wish(wish({ lifetime: 200, description: 'y\n\x1b[1m' }), 50_000);
    expect(book.list()).toMatchObject([{ until: 250_000, description: 'y[1m' }]);
    expect(book.deadline()).toBe(250_000);
    book.expire(249_999);
    expect(nat.held.size).toBe(1);
    book.expire(250_000);
    expect([nat.held.size, book.size, book.deadline()]).toEqual([0, 0, undefined]);
    expect(log).toEqual(['8000 made', '8000 expired']);
  });

  it('refuses what a host may not have', () => {
    const { book, nat } = rig({ permissions: [{ action: 'deny', outsidePorts: '7000-7999' }, { action: 'allow', inside: '192.168.1.33', insidePorts: '1-100' }, { action: 'deny' }] });
    nat.forwarded = [9000];
    expect(refused(book.wish(wish({ extPort: 80 }), 0))).toBe('not-authorized');
    expect(refused(book.wish(wish({ extPort: 7500 }), 0))).toBe('not-authorized');
    expect(refused(book.wish(wish({ intPort: 101 }), 0))).toBe('not-authorized');
    expect(refused(book.wish(wish({ intIp: OTHER }), 0))).toBe('not-authorized');
    expect(refused(book.wish(wish({ by: OTHER, intIp: OTHER }), 0))).toBe('not-authorized');
    expect(refused(book.wish(wish({ by: ip('10.0.0.1'), intIp: ip('10.0.0.1') }), 0))).toBe('not-authorized');
    expect(refused(book.wish(wish({ extPort: 9000 }), 0))).toBe('elsewhere');
    book.rules = rules({ configure: false });
    expect(refused(book.wish(wish(), 0))).toBe('not-authorized');
    book.rules = rules();
    book.settle('');
    expect(refused(book.wish(wish(), 0))).toBe('no-uplink');
    expect(book.size).toBe(0);
  });

  it('keeps ports apart: of other hosts, of other protocols, of the same host', () => {
    const { book } = rig();
    book.wish(wish(), 0);
    expect(refused(book.wish(wish({ by: OTHER, intIp: OTHER }), 0))).toBe('conflict');
    expect(refused(book.wish(wish({ remote: 5 }), 0))).toBe('none'); // made anew for that sender
    expect(book.list()).toMatchObject([{ remote: 5 }]);
    expect(book.wish(wish({ by: OTHER, intIp: OTHER, otherwise: true }), 0)).toMatchObject({ entry: { intIp: OTHER, extPort: 40_000 } });
    // RFC 6886 §3.3: the companion of a port goes to nobody else.
    expect(book.wish(wish({ via: 'nat-pmp', by: OTHER, intIp: OTHER, proto: 17, otherwise: true }), 0)).toMatchObject({ entry: { proto: 17, extPort: 13_022 } });
    expect(book.wish(wish({ via: 'nat-pmp', proto: 17, otherwise: true }), 0)).toMatchObject({ entry: { proto: 17, extPort: 8000 } });
  });

  it('finds a port that the rules allow', () => {
    const { book } = rig({ permissions: [{ action: 'allow', outsidePorts: '20000-20001' }, { action: 'deny' }] });
    expect(book.wish(wish({ otherwise: true }), 0)).toMatchObject({ entry: { extPort: 20_000 } });
    expect(book.wish(wish({ otherwise: true, intPort: 81 }), 0)).toMatchObject({ entry: { extPort: 20_001 } });
    expect(refused(book.wish(wish({ otherwise: true, intPort: 82 }), 0))).toBe('no-port');
  });

  it('gives one host so many, and all of them so many', () => {
    const { book } = rig();
    for (let i = 0; i < 3; i++) expect(refused(book.wish(wish({ extPort: 8000 + i }), 0))).toBe('none');
    expect(refused(book.wish(wish({ extPort: 8003 }), 0))).toBe('host-quota');
    expect(refused(book.wish(wish({ extPort: 8002 }), 0))).toBe('none');
    for (let i = 0; i < 2; i++) expect(refused(book.wish(wish({ extPort: 8010 + i, by: OTHER, intIp: OTHER }), 0))).toBe('none');
    expect(refused(book.wish(wish({ extPort: 8012, by: OTHER, intIp: OTHER }), 0))).toBe('quota');
  });

  it('follows the uplink, waits while there is none, and obeys new rules', () => {
    const { book, nat } = rig();
    book.wish(wish(), 0);
    book.wish(wish({ extPort: 7000 }), 0);
    nat.forwarded = [7000];
    book.settle('cellular');
    expect([...nat.held].map(m => `${m.uplink} ${m.extPort}`)).toEqual(['cellular 8000']);
    expect(book.list().map(e => e.waiting)).toEqual(['', 'port 7000 is forwarded by rule 1']);
    nat.forwarded = [];
    book.settle('cellular');
    expect(book.list().map(e => e.waiting)).toEqual(['', '']);
    book.reform(rules({ firewall: false, permissions: [{ action: 'deny', outsidePorts: '7000' }] }));
    expect([...nat.held]).toMatchObject([{ extPort: 8000, pinhole: false }]);
    book.settle('');
    expect([nat.held.size, book.size]).toEqual([0, 1]);
  });

  it('is within its bounds, and NAT has what it says, whatever hosts wish', () => {
    const any = fc.record({
      via: fc.constantFrom('igd', 'nat-pmp', 'pcp'), by: fc.constantFrom(HOST, OTHER), intIp: fc.constantFrom(HOST, OTHER, 1), proto: fc.constantFrom(6, 17), extPort: fc.constantFrom(0, 80, 8000, 8001), intPort: fc.constantFrom(80, 81),
      remote: fc.constantFrom(0, 5), otherwise: fc.boolean(), lifetime: fc.option(fc.nat(3), { nil: undefined }), nonce: fc.constantFrom('', 'aa'),
    });
    fc.assert(fc.property(fc.array(any, { maxLength: 30 }), wishes => {
      const { book, nat } = rig();
      wishes.forEach((w, i) => {
        book.expire(i * 1000);
        book.wish(wish(w as never), i * 1000);
        expect(book.size).toBeLessThanOrEqual(5);
        expect([...nat.held].map(m => `${m.proto} ${m.extPort} ${m.intIp}`).sort()).toEqual(book.list().map(e => `${e.proto} ${e.extPort} ${e.intIp}`).sort());
        for (const e of book.list()) expect([e.intIp === e.by, e.extPort >= 1024, book.list().filter(o => o.intIp === e.intIp).length <= 3]).toEqual([true, true, true]);
      });
    }), { numRuns: 500 });
  });
});
