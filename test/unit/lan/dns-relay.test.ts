import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localNames } from '../../../plugins/lan/dns-local.ts';
import { DnsRelay, type RelayOut } from '../../../plugins/lan/dns-relay.ts';
import { shapeOf } from '../../../plugins/lan/dns-shape.ts';
import * as dns from '../../../sdk/wire/dns.ts';
import { ip, seeded } from './dhcp-bench.ts';

const FIRST = ip('9.9.9.9');
const SECOND = ip('8.8.8.8');

const make = (entries = 100) => {
  const relay = new DnsRelay<string>({
    random: seeded(3), limits: { entries, positiveSec: 3600, negativeSec: 60 },
    local: localNames({
      domain: () => 'home.example', inside: a => a >>> 8 === ip('192.168.1.0') >>> 8,
      hosts: () => [{ name: 'lancell', ip: ip('192.168.1.1') }, { name: 'PC1', ip: ip('192.168.1.33') }, { name: 'no name at all', ip: ip('192.168.1.34') }],
    }),
  });
  relay.step({ kind: 'servers', servers: [FIRST, SECOND] }, 0);
  return relay;
};
const query = (name: string, type = dns.TYPE_A, id = 0x1234) => dns.emit(dns.query(id, name, type));
const ask = (relay: DnsRelay<string>, name: string, now = 0, client = 'a', type = dns.TYPE_A) => relay.step({ kind: 'query', client, data: query(name, type) }, now);
const asked = (outs: readonly RelayOut<string>[]) => outs.find(o => o.kind === 'ask') as Extract<RelayOut<string>, { kind: 'ask' }>;
const replied = (outs: readonly RelayOut<string>[]) => outs.flatMap(o => (o.kind === 'reply' ? [{ client: o.client, message: dns.parse(o.data, 0, o.data.length)! }] : []));

const answer = (data: Uint8Array, more: Partial<dns.Message> = {}, ttl = 300): Uint8Array => {
  const q = dns.parse(data, 0, data.length)!;
  return dns.emit({
    ...dns.answer(q, dns.NOERROR, [{ name: q.questions[0]!.name, type: dns.TYPE_A, class: 1, ttl, data: { kind: 'address', address: ip('203.0.113.7') } }]), ...more,
  });
};
const give = (relay: DnsRelay<string>, to: { socket: number; server: number }, data: Uint8Array, now = 0, more: { src?: number; sport?: number } = {}) =>
  relay.step({ kind: 'answer', socket: to.socket, src: to.server, sport: 53, data, ...more }, now);

describe('DNS relay', () => {
  it('asks with an id of its own and answers with the client\'s', () => {
    const relay = make();
    const out = asked(ask(relay, 'inet1.example'));
    expect(out.server).toBe(FIRST);
    expect(dns.id(out.data, 0)).not.toBe(0x1234);
    const outs = give(relay, out, answer(out.data));
    expect(outs[0]).toEqual({ kind: 'close', socket: out.socket });
    expect(replied(outs)).toMatchObject([{ client: 'a', message: { id: 0x1234, response: true, answers: [{ ttl: 300 }] } }]);
  });

  it('uses another id and another socket for every asking', () => {
    const relay = make();
    const outs = [1, 2, 3, 4].map(n => asked(ask(relay, `h${n}.example`)));
    expect(new Set(outs.map(o => o.socket)).size).toBe(4);
    expect(new Set(outs.map(o => dns.id(o.data, 0))).size).toBe(4);
  });

  it('ignores and counts answers with a wrong id, server, port, question or socket', () => {
    const relay = make();
    const out = asked(ask(relay, 'inet1.example'));
    const good = answer(out.data);
    const wrongId = good.slice();
    wrongId[0]! ^= 1;
    const why = (outs: readonly RelayOut<string>[]) => outs.map(o => (o.kind === 'ignored' ? o.why : o.kind));
    expect(why(give(relay, out, wrongId))).toEqual(['wrong id']);
    expect(why(give(relay, out, good, 0, { src: SECOND }))).toEqual(['wrong server']);
    expect(why(give(relay, out, good, 0, { sport: 5353 }))).toEqual(['wrong server']);
    expect(why(give(relay, { ...out, socket: 99 }, good))).toEqual(['unknown socket']);
    expect(why(give(relay, out, answer(dns.emit(dns.query(dns.id(out.data, 0), 'evil.example', dns.TYPE_A)))))).toEqual(['wrong question']);
    expect(why(give(relay, out, answer(dns.emit(dns.query(dns.id(out.data, 0), 'inet1.example', dns.TYPE_AAAA)))))).toEqual(['wrong question']);
    expect(why(give(relay, out, out.data))).toEqual(['not an answer']);
    expect(why(give(relay, out, new Uint8Array(3)))).toEqual(['not an answer']);
    expect(replied(give(relay, out, good))).toHaveLength(1);
  });

  it('takes type 65 and type 97 for different questions, though one is the other in lower case', () => {
    const relay = make();
    const out = asked(ask(relay, 'inet1.example', 0, 'a', 65));
    expect(give(relay, out, answer(dns.emit(dns.query(dns.id(out.data, 0), 'inet1.example', 97))))).toEqual([{ kind: 'ignored', why: 'wrong question' }]);
  });

  it('asks the second server when the first is silent or refuses, and gives up in the end', () => {
    const relay = make();
    ask(relay, 'inet1.example');
    expect(relay.deadline()).toBe(2000);
    const outs = relay.step({ kind: 'tick' }, 2000);
    expect(asked(outs).server).toBe(SECOND);
    expect(asked(relay.step({ kind: 'tick' }, 4000)).server).toBe(FIRST);
    relay.step({ kind: 'tick' }, 6000);
    expect(replied(relay.step({ kind: 'tick' }, 8000))).toMatchObject([{ message: { rcode: dns.SERVFAIL } }]);
    expect(relay.deadline()).toBeUndefined();

    const first = asked(ask(relay, 'inet2.example'));
    const second = asked(give(relay, first, answer(first.data, { rcode: dns.SERVFAIL, answers: [] })));
    expect(second.server).toBe(SECOND);
    expect(replied(give(relay, second, answer(second.data, { rcode: dns.REFUSED, answers: [] })))).toMatchObject([{ message: { rcode: dns.REFUSED } }]);
  });

  it('lets equal questions share one asking', () => {
    const relay = make();
    const out = asked(ask(relay, 'inet1.example', 0, 'a'));
    expect(ask(relay, 'INET1.example', 0, 'b')).toEqual([]);
    expect(replied(give(relay, out, answer(out.data))).map(r => [r.client, r.message.questions[0]!.name])).toEqual([['a', 'inet1.example'], ['b', 'INET1.example']]);
  });

  it('keeps an answer for its time, which runs down', () => {
    const relay = make();
    const out = asked(ask(relay, 'inet1.example'));
    give(relay, out, answer(out.data));
    expect(replied(ask(relay, 'inet1.example', 100_000))).toMatchObject([{ message: { id: 0x1234, answers: [{ ttl: 200 }] } }]);
    expect(relay.cache.rows(100_000)).toMatchObject([{ name: 'inet1.example', hits: 1, ttl: 200 }]);
    expect(asked(ask(relay, 'inet1.example', 300_000))).toBeDefined();
  });

  it('keeps a refusal for as long as its SOA says, and not without one (RFC 2308)', () => {
    const relay = make();
    const soa = { name: 'example', type: dns.TYPE_SOA, class: 1, ttl: 30, data: { kind: 'soa', mname: 'ns.example', rname: 'x.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 900 } } as const;
    const a = asked(ask(relay, 'gone.example'));
    give(relay, a, answer(a.data, { rcode: dns.NXDOMAIN, answers: [], authorities: [soa] }));
    expect(replied(ask(relay, 'gone.example', 29_000))).toMatchObject([{ message: { rcode: dns.NXDOMAIN, authorities: [{ ttl: 1 }] } }]);
    expect(asked(ask(relay, 'gone.example', 30_000))).toBeDefined();
    const b = asked(ask(relay, 'lost.example'));
    give(relay, b, answer(b.data, { rcode: dns.NXDOMAIN, answers: [] }));
    expect(asked(ask(relay, 'lost.example'))).toBeDefined();
  });

  it('passes a truncated answer on and does not keep it', () => {
    const relay = make();
    const out = asked(ask(relay, 'big.example'));
    expect(replied(give(relay, out, answer(out.data, { truncated: true })))).toMatchObject([{ message: { truncated: true } }]);
    expect(relay.cache.size).toBe(0);
  });

  it('is bounded: the answer that was used longest ago leaves first', () => {
    const relay = make(3);
    for (const n of [1, 2, 3, 1, 4]) {
      const out = asked(ask(relay, `h${n}.example`));
      if (out) give(relay, out, answer(out.data));
    }
    expect(relay.cache.rows(0).map(r => r.name)).toEqual(['h3.example', 'h1.example', 'h4.example']);
    for (let n = 0; n < 600; n++) ask(relay, `flood${n}.example`);
    expect(relay.pending).toBe(512);
    expect(ask(relay, 'more.example')).toEqual([{ kind: 'ignored', why: 'too many questions' }]);
  });

  it('answers for the router and for DHCP clients, with and without the domain, and backwards', () => {
    const relay = make();
    for (const name of ['lancell', 'LanCell.home.example']) {
      expect(replied(ask(relay, name))).toMatchObject([{ message: { answers: [{ data: { kind: 'address', address: ip('192.168.1.1') } }] } }]);
    }
    expect(replied(ask(relay, 'pc1.home.example', 0, 'a', dns.TYPE_AAAA))).toMatchObject([{ message: { rcode: dns.NOERROR, answers: [] } }]);
    expect(replied(ask(relay, dns.reverseName(ip('192.168.1.33')), 0, 'a', dns.TYPE_PTR))).toMatchObject([{ message: { answers: [{ data: { kind: 'name', name: 'pc1.home.example' } }] } }]);
    for (const unknown of ['192.168.1.34', '192.168.1.99']) {
      expect(replied(ask(relay, dns.reverseName(ip(unknown)), 0, 'a', dns.TYPE_PTR))).toMatchObject([{ message: { rcode: dns.NXDOMAIN } }]);
    }
    expect(asked(ask(relay, dns.reverseName(FIRST), 0, 'a', dns.TYPE_PTR))).toBeDefined();
  });

  it('says that it cannot when there is no server', () => {
    const relay = make();
    relay.step({ kind: 'servers', servers: [] }, 0);
    expect(replied(ask(relay, 'inet1.example'))).toMatchObject([{ message: { rcode: dns.SERVFAIL } }]);
  });

  it('never throws for bytes from outside', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 40 }), (junk, tail) => {
      const relay = make();
      relay.step({ kind: 'query', client: 'a', data: junk }, 0);
      const headed = new Uint8Array([...query('inet1.example'), ...tail]);
      headed[7] = tail.length;
      shapeOf(headed);
      relay.step({ kind: 'query', client: 'a', data: headed }, 0);
      const out = asked(ask(relay, 'other.example'));
      const bad = new Uint8Array([...out.data, ...tail]);
      bad[2]! |= 0x80;
      bad[7] = tail.length;
      give(relay, out, bad);
    }), { numRuns: 1000 });
  });
});

describe('DNS relay, clients that came by TCP', () => {
  const askStream = (relay: DnsRelay<string>, name: string, now = 0, client = 't') => relay.step({ kind: 'query', client, data: query(name), stream: true }, now);
  const cut = (data: Uint8Array) => answer(data, { truncated: true, answers: [] });

  it('a cut answer is asked again by TCP, of the same server, and all of it given to the client', () => {
    const relay = make();
    const first = asked(askStream(relay, 'big.example'));
    expect(first.by).toBe('udp');
    const second = asked(give(relay, first, cut(first.data)));
    expect([second.by, second.server]).toEqual(['tcp', FIRST]);
    expect(second.socket).not.toBe(first.socket);
    expect(dns.id(second.data, 0)).not.toBe(0x1234);
    expect(replied(give(relay, second, answer(second.data)))).toMatchObject([{ client: 't', message: { id: 0x1234, truncated: false, answers: [{ ttl: 300 }] } }]);
    expect(relay.pending).toBe(0);
  });

  it('a cut answer goes on to a client that came by UDP, as it is', () => {
    const relay = make();
    const out = asked(ask(relay, 'big.example'));
    expect(replied(give(relay, out, cut(out.data)))).toMatchObject([{ client: 'a', message: { truncated: true } }]);
  });

  it('when TCP fails the next server is asked, and at last the client is told', () => {
    const relay = make();
    const first = asked(askStream(relay, 'big.example'));
    const second = asked(give(relay, first, cut(first.data)));
    const third = asked(relay.step({ kind: 'failed', socket: second.socket }, 10));
    expect(third.by).toBe('udp');
    const fourth = asked(give(relay, third, cut(third.data)));
    expect([fourth.by, fourth.server]).toEqual(['tcp', third.server]);
    expect(replied(relay.step({ kind: 'failed', socket: fourth.socket }, 20))).toMatchObject([{ client: 't', message: { rcode: dns.SERVFAIL } }]);
    expect(relay.step({ kind: 'failed', socket: fourth.socket }, 30)).toEqual([]);
  });

  it('long answers of theirs never go to clients that came by UDP, from the cache either', () => {
    const relay = make();
    const first = asked(askStream(relay, 'big.example'));
    give(relay, first, answer(first.data));
    expect(replied(askStream(relay, 'big.example', 1000))).toHaveLength(1);
    expect(asked(ask(relay, 'big.example', 1000))).toBeDefined();
  });
});
