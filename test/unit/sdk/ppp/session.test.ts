import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Login, PppOut } from '../../../../sdk/ppp/index.ts';
import type { AuthMethod } from '../../../../sdk/wire/lcp.ts';
import { ADDRESS, DNS, GATEWAY, twoEnds } from './two-ends.ts';

const login = (over: Partial<Login> = {}): Login => ({ user: 'alice', password: 'sesame', allow: ['ms-chap-v2', 'chap-md5', 'pap'], ...over });
const door = (...require: AuthMethod[]) => ({ require, name: 'carrier', passwordOf: (user: string) => (user === 'alice' ? 'sesame' : undefined) });

describe('a PPP session', () => {
  it('comes up: addresses, name servers, sizes', () => {
    const t = twoEnds();
    t.up();
    t.until(t.online);
    expect(t.last('a', 'network-up')).toEqual({ kind: 'network-up', local: ADDRESS, peer: GATEWAY, dns: DNS, mtu: 1500, mru: 1500 });
    expect(t.last('b', 'network-up')).toMatchObject({ local: GATEWAY, peer: ADDRESS, dns: [] });
    expect(t.last('a', 'framing')).toEqual({ kind: 'framing', framing: { sendAccm: 0, receiveAccm: 0, pfc: true, acfc: true }, mru: 1500 });
    expect(t.of('a', 'phase').map(o => o.phase)).toEqual(['establish', 'network']);
    expect(t.client.deadline()).toBeUndefined();
  });

  it('agrees on smaller packets than usual', () => {
    const t = twoEnds({ line: 'packets', mru: 1492 }, { line: 'packets', mru: 1400 });
    t.up();
    t.until(t.online);
    expect(t.last('a', 'network-up')).toMatchObject({ mtu: 1400, mru: 1492 });
    expect(t.last('b', 'network-up')).toMatchObject({ mtu: 1400, mru: 1400 });
  });

  it.each(['pap', 'chap-md5', 'ms-chap-v2'] as const)('proves who it is by %s', (method) => {
    const t = twoEnds({ login: login() }, { door: door(method) });
    t.up();
    t.until(t.online);
    expect(t.of('a', 'auth')).toEqual([{ kind: 'auth', ok: true, who: 'we', user: 'alice' }]);
    expect(t.of('b', 'auth')).toEqual([{ kind: 'auth', ok: true, who: 'peer', user: 'alice' }]);
  });

  it.each(['pap', 'chap-md5', 'ms-chap-v2'] as const)('is told when %s fails, and says it', (method) => {
    const t = twoEnds({ login: login({ password: 'wrong' }) }, { door: door(method) });
    t.up();
    t.until(() => t.client.phase === 'dead' && t.carrier.phase === 'dead');
    expect(t.last('a', 'closed')).toEqual({ kind: 'closed', cause: 'auth', why: 'the network refused user name or password: wrong user name or password' });
    expect(t.last('b', 'closed')).toEqual({ kind: 'closed', cause: 'auth', why: 'alice: wrong user name or password' });
    expect(t.of('a', 'network-up')).toEqual([]);
  });

  it.each([
    [['pap'], ['ms-chap-v2', 'chap-md5', 'pap']], [['chap-md5'], ['pap', 'chap-md5']], [['ms-chap-v2', 'pap'], ['chap-md5', 'pap']],
  ] as const)('who allows %s finds a way among %s', (allow, require) => {
    const t = twoEnds({ login: login({ allow }) }, { door: door(...require) });
    t.up();
    t.until(t.online);
    expect(t.of('a', 'auth')).toMatchObject([{ ok: true }]);
  });

  it.each([
    [['pap'], ['chap-md5'], 'CHAP-MD5'], [[], ['pap'], 'PAP'], [['chap-md5'], ['ms-chap-v2'], 'MS-CHAPv2'],
  ] as const)('who allows %s and meets %s says what is missing', (allow, require, name) => {
    const t = twoEnds({ login: login({ allow }) }, { door: door(...require) });
    t.up();
    t.until(() => t.client.phase === 'dead' && t.carrier.phase === 'dead');
    expect(t.last('a', 'closed')).toMatchObject({ cause: 'auth', why: `the network wants to know who we are by ${name}, which is not allowed here` });
    expect(t.last('b', 'closed')).toMatchObject({ cause: 'auth' });
  });

  it('both sides may ask, by different ways', () => {
    const t = twoEnds({ login: login(), door: { ...door('pap'), passwordOf: () => 'x' } }, { door: door('chap-md5'), login: login({ user: 'carrier', password: 'x' }) });
    t.up();
    t.until(t.online);
    expect(t.of('a', 'auth').map(o => o.who).sort()).toEqual(['peer', 'we']);
  });

  it('a network that does not know the password is found out by MS-CHAPv2', () => {
    const t = twoEnds({ login: login() }, { door: { ...door('ms-chap-v2'), passwordOf: () => 'sesame' } });
    t.up();
    // The proof in the success message is spoilt on its way.
    const step = t.client.step.bind(t.client);
    t.client.step = (input, now) => {
      if (input.kind === 'packet' && input.protocol === 0xc223 && input.data[0] === 3) input.data[10]! ^= 1;
      return step(input, now);
    };
    t.until(() => t.client.phase === 'dead');
    expect(t.last('a', 'closed')).toMatchObject({ cause: 'auth', why: 'the network could not prove that it knows the password' });
  });

  it('is asked again during the call, and thrown out when the password has changed', () => {
    let password = 'sesame';
    const t = twoEnds({ login: login() }, { door: { ...door('chap-md5'), passwordOf: () => password, againMs: 60_000 } });
    t.up();
    t.until(t.online);
    t.advance(600_000);
    expect(t.online()).toBe(true);
    password = 'other';
    t.advance(120_000);
    expect(t.last('a', 'network-down')).toMatchObject({ why: 'the network refused user name or password: wrong user name or password' });
    expect(t.last('a', 'closed')).toMatchObject({ cause: 'auth' });
  });

  it('hangs up and comes again', () => {
    const t = twoEnds();
    for (let i = 0; i < 3; i++) {
      t.up();
      t.until(t.online);
      t[i === 1 ? 'b' : 'a'].feed({ kind: 'close', why: 'enough' });
      t.until(() => t.client.phase === 'dead' && t.carrier.phase === 'dead');
      expect(t.last('a', 'closed')).toMatchObject(i === 1 ? { cause: 'peer' } : { cause: 'asked', why: 'enough' });
    }
    expect(t.of('a', 'network-down')).toHaveLength(3);
  });

  it('a line that goes away ends it at once', () => {
    const t = twoEnds();
    t.up();
    t.until(t.online);
    t.a.feed({ kind: 'down', why: 'the card was pulled out' });
    expect(t.client.phase).toBe('dead');
    expect(t.client.deadline()).toBeUndefined();
    expect(t.a.outs.slice(-4).map(o => o.out.kind)).toEqual(['framing', 'phase', 'phase', 'closed']);
    expect(t.last('a', 'closed')).toEqual({ kind: 'closed', cause: 'line', why: 'the card was pulled out' });
  });

  it('gives up when nobody answers, after ten tries', () => {
    const t = twoEnds();
    t.line.loss = 1;
    t.up();
    t.until(() => t.client.phase === 'dead');
    expect(t.last('a', 'closed')).toEqual({ kind: 'closed', cause: 'silence', why: 'no answer to LCP' });
    expect(t.clock.now()).toBe(30_000);
    expect(t.client.stats.sent).toBe(10);
  });

  it('asks for echoes only when told to, and notices silence then', () => {
    const quiet = twoEnds();
    quiet.up();
    quiet.until(quiet.online);
    const sent = quiet.count.sent;
    quiet.advance(3_600_000);
    expect(quiet.count.sent).toBe(sent);
    const t = twoEnds({ echo: { intervalMs: 20_000, failures: 3 } });
    t.up();
    t.until(t.online);
    t.advance(600_000);
    expect(t.online()).toBe(true);
    t.line.loss = 1;
    t.advance(90_000);
    expect(t.last('a', 'closed')).toMatchObject({ cause: 'silence', why: 'the other end has fallen silent' });
  });

  it('speaks IPv6 if both do, and IP goes on if one does not', () => {
    const both = twoEnds({ ipv6: true }, { ipv6: true });
    both.up();
    both.advance(5_000);
    expect(both.last('a', 'network6-up')!.local).toEqual(both.last('b', 'network6-up')!.peer);
    const one = twoEnds({ ipv6: true });
    one.up();
    one.advance(60_000);
    expect(one.online()).toBe(true);
    expect(one.of('a', 'network6-up')).toEqual([]);
    expect(one.carrier.stats.unknown).toBe(1);
  });

  it('the peer may negotiate anew at any time: down, and up again', () => {
    const t = twoEnds();
    t.up();
    t.until(t.online);
    t.b.feed({ kind: 'down', why: 'restart' });
    t.b.feed({ kind: 'up' });
    t.until(() => t.of('a', 'network-up').length === 2);
    expect(t.last('a', 'network-down')).toMatchObject({ why: 'the other end negotiates anew' });
    t.until(t.online);
  });

  it('a fixed address that the network will not have ends in words', () => {
    const t = twoEnds({ ip: { local: 0x01020304 } });
    t.up();
    t.until(() => t.client.phase === 'dead');
    expect(t.last('a', 'closed')).toEqual({ kind: 'closed', cause: 'terms', why: 'the network does not let us have the address 1.2.3.4, but would give us 10.20.30.40' });
  });

  it('comes up on a bad line, whatever it does', () => {
    fc.assert(fc.property(fc.integer(), fc.double({ min: 0, max: 0.25, noNaN: true }), fc.double({ min: 0, max: 0.3, noNaN: true }), fc.constantFrom<AuthMethod>('pap', 'chap-md5', 'ms-chap-v2'), (seed, loss, reorder, method) => {
      const t = twoEnds({ login: login(), ipv6: true }, { door: door(method), ipv6: true }, { seed, loss, reorder, duplicate: reorder, delayMs: 200 });
      const redial = (): void => {
        if (t.client.phase === 'dead' || t.carrier.phase === 'dead') {
          t.a.feed({ kind: 'down', why: 'again' });
          t.b.feed({ kind: 'down', why: 'again' });
          t.up();
        }
      };
      t.until(() => { redial(); return t.online(); });
      expect(t.last('a', 'network-up')!.local).toBe(ADDRESS);
      t.a.feed({ kind: 'close', why: 'done' });
      t.until(() => t.client.phase === 'dead');
    }), { numRuns: 60 });
  });

  it('every output of a dead session is nothing', () => {
    const t = twoEnds();
    const outs: PppOut[] = [];
    for (const input of [{ kind: 'tick' }, { kind: 'close', why: '' }, { kind: 'down', why: '' }, { kind: 'packet', protocol: 0xc021, data: Uint8Array.of(1, 1, 0, 4) }] as const) outs.push(...t.client.step(input, 5));
    expect(outs).toEqual([]);
  });
});
