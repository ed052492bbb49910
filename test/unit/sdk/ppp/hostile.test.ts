import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsyncLine, type PppIn, type PppOptions, type PppOut, PppSession } from '../../../../sdk/ppp/index.ts';
import type { Tick } from '../../../../sdk/machine.ts';
import { seeded } from '../../../../sdk/testing/random.ts';
import * as ppp from '../../../../sdk/wire/ppp.ts';
import { hex } from '../../wire/bytes.ts';
import { carrierOptions, clientOptions, twoEnds } from './two-ends.ts';

const login = { user: 'alice', password: 'sesame', allow: ['ms-chap-v2', 'chap-md5', 'pap'] } as const;
const door = { require: ['chap-md5'], name: 'carrier', passwordOf: () => 'sesame' } as const;

/** Lets two sessions talk until nothing more is to say, both at the same time. */
function talk(a: PppSession, b: PppSession, now: number, first: readonly PppOut[], outs: PppOut[] = []): void {
  const queue: { to: PppSession; input: PppIn }[] = [];
  const put = (from: PppSession, list: readonly PppOut[]): void => {
    for (const out of list) {
      if (from === a) outs.push(out);
      if (out.kind === 'send') queue.push({ to: from === a ? b : a, input: { kind: 'packet', protocol: out.protocol, data: out.data } });
    }
  };
  put(b, b.step({ kind: 'up' }, now));
  put(a, first);
  for (let i = 0; i < 200 && queue.length > 0; i++) {
    const { to, input } = queue.shift()!;
    put(to, to.step(input, now));
  }
}

/** After whatever was done to it: hangs up, dials again at a good network, and is online. */
function comesBack(session: PppSession, options: Partial<PppOptions>, now: number): void {
  session.step({ kind: 'down', why: 'pulled' }, now);
  expect(session.phase).toBe('dead');
  expect(session.deadline()).toBeUndefined();
  const carrier = new PppSession(carrierOptions({ ...(options.login ? { door } : {}), ...(options.door ? { login } : {}) }));
  talk(session, carrier, now, session.step({ kind: 'up' }, now));
  expect([session.phase, session.networkUp]).toEqual(['network', true]);
}

const protocols = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(ppp.PROTO_LCP, ppp.PROTO_LCP, ppp.PROTO_LCP, ppp.PROTO_PAP, ppp.PROTO_CHAP, ppp.PROTO_IPCP, ppp.PROTO_IPV6CP, ppp.PROTO_CCP) }, { weight: 1, arbitrary: fc.nat(0xffff) });
const option = fc.tuple(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constantFrom(129, 130, 131, 132), fc.nat(255)), fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.constantFrom(hex('c023'), hex('c22305'), hex('c22381'), hex('c227'))));
const optionList = fc.array(option, { maxLength: 8 }).map(list => ppp.emitOptions(list.map(([type, data]) => ({ type, data }))));
const anyPacket = fc.record({ protocol: protocols, code: fc.oneof(fc.integer({ min: 1, max: 13 }), fc.nat(255)), id: fc.integer({ min: 0, max: 4 }), data: fc.oneof(optionList, fc.uint8Array({ maxLength: 40 })) })
  .map(({ protocol, code, id, data }): PppIn => ({ kind: 'packet', protocol, data: ppp.emit({ code, id, data }) }));
const control = (protocol: number, code: number, data: Uint8Array, id = 1): PppIn => ({ kind: 'packet', protocol, data: ppp.emit({ code, id, data }) });
/** What a good peer would say, at a bad moment. */
const good = fc.constantFrom(
  control(ppp.PROTO_LCP, ppp.CONFIGURE_REQUEST, hex('')), control(ppp.PROTO_LCP, ppp.CONFIGURE_REQUEST, hex('0305c22305')), control(ppp.PROTO_LCP, ppp.CONFIGURE_REQUEST, hex('0304c023')),
  control(ppp.PROTO_IPCP, ppp.CONFIGURE_REQUEST, hex('03060a000001')), control(ppp.PROTO_IPCP, ppp.CONFIGURE_NAK, hex('03060a000002')),
  control(ppp.PROTO_PAP, 2, hex('')), control(ppp.PROTO_CHAP, 1, hex('0401020304')), control(ppp.PROTO_CHAP, 3, hex('')), control(ppp.PROTO_LCP, ppp.TERMINATE_ACK, hex('')),
);
const anyInput: fc.Arbitrary<PppIn | Tick | 'answer'> = fc.oneof(
  { weight: 10, arbitrary: anyPacket },
  { weight: 6, arbitrary: good },
  { weight: 6, arbitrary: fc.constant('answer' as const) },
  { weight: 2, arbitrary: fc.tuple(protocols, fc.uint8Array({ maxLength: 30 })).map(([protocol, data]): PppIn => ({ kind: 'packet', protocol, data })) },
  { weight: 3, arbitrary: fc.constant<Tick>({ kind: 'tick' }) },
  { weight: 1, arbitrary: fc.constantFrom<PppIn>({ kind: 'up' }, { kind: 'down', why: 'x' }, { kind: 'close', why: 'y' }) },
);

/** A yes to the session's last request, so that random packets meet every phase. */
function agreeable(outs: readonly PppOut[]): PppIn | undefined {
  const asked = outs.findLast((o): o is Extract<PppOut, { kind: 'send' }> => o.kind === 'send' && o.data[0] === ppp.CONFIGURE_REQUEST);
  return asked && { kind: 'packet', protocol: asked.protocol, data: Uint8Array.of(ppp.CONFIGURE_ACK, ...asked.data.subarray(1)) };
}

/** Time passes with nobody at the other end; until the session is over, or stands. */
function alone(session: PppSession, now: number): number {
  let steps = 0;
  for (let due = session.deadline(); due !== undefined && session.phase !== 'dead' && !session.networkUp; due = session.deadline()) {
    now = Math.max(now, due);
    session.step({ kind: 'tick' }, now);
    if (++steps > 1000) throw new Error('the session does not end');
  }
  return now;
}

const kinds: readonly (readonly [string, Partial<PppOptions>])[] = [
  ['plain', {}], ['with a login', { login }], ['that asks back', { login, door, ipv6: true, echo: { intervalMs: 5000, failures: 2 } }],
];

describe('hostile peers', () => {
  it.each(kinds)('random packets in every phase, %s: no throw, bounded answers, an end in time, and it comes back', (_name, extra) => {
    const phases = new Set<string>();
    fc.assert(fc.property(fc.integer(), fc.array(anyInput, { maxLength: 80 }), (seed, inputs) => {
      const session = new PppSession(clientOptions({ ...extra, random: seeded(seed) }));
      let now = 0;
      const all = [...session.step({ kind: 'up' }, now)];
      for (const input of inputs) {
        const real = input === 'answer' ? agreeable(all) : input;
        if (real === undefined) continue;
        if (real.kind === 'tick') now = Math.max(now, session.deadline() ?? now + 1000);
        const outs = session.step(real, now);
        all.push(...outs);
        phases.add(session.phase);
        expect(outs.filter(o => o.kind === 'send').length).toBeLessThanOrEqual(6);
        if (session.phase === 'dead') expect(session.deadline()).toBeUndefined();
        else if (!session.networkUp) expect(session.deadline()).toBeDefined();
      }
      const since = now;
      now = alone(session, now);
      expect(now - since).toBeLessThan(120_000);
      comesBack(session, extra, now);
    }), { numRuns: 400 });
    expect([...phases]).toEqual(expect.arrayContaining(['dead', 'establish', 'terminate', extra.login ? 'authenticate' : 'network']));
  });

  it('random octets on the line, in chunks, at any time: no throw, and it comes back', () => {
    fc.assert(fc.property(fc.integer(), fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (seed, chunks) => {
      const session = new PppSession(clientOptions({ random: seeded(seed) }));
      const line: AsyncLine = new AsyncLine({ write: () => true, packet: () => {}, control: (input) => { for (const out of session.step(input, 0)) line.apply(out); } });
      for (const out of session.step({ kind: 'up' }, 0)) line.apply(out);
      for (const chunk of chunks) line.receive(chunk, 0, chunk.length);
      comesBack(session, {}, alone(session, 0));
    }), { numRuns: 200 });
  });

  it('a line that echoes is found out', () => {
    for (const extra of kinds.map(([, o]) => o)) {
      const session = new PppSession(clientOptions(extra));
      const outs: PppOut[] = [];
      const queue = [...session.step({ kind: 'up' }, 0)];
      for (let i = 0; i < 100 && queue.length > 0; i++) {
        const out = queue.shift()!;
        outs.push(out);
        if (out.kind === 'send') queue.push(...session.step({ kind: 'packet', protocol: out.protocol, data: out.data }, 0));
      }
      expect(outs.at(-1)).toMatchObject({ kind: 'closed', cause: 'loop', why: expect.stringContaining('the line sends back what we say') });
      comesBack(session, extra, 1);
    }
  });

  /** A peer that answers each of our Configure-Requests so. */
  const answering = (answer: (asked: ppp.Control, n: number) => ppp.Control) => {
    const session = new PppSession(clientOptions());
    const outs: PppOut[] = [];
    let now = 0;
    let asked = 0;
    let pending = [...session.step({ kind: 'up' }, now)];
    for (let i = 0; i < 500 && session.phase !== 'dead'; i++) {
      outs.push(...pending);
      const requests = pending.filter(o => o.kind === 'send' && o.data[0] === ppp.CONFIGURE_REQUEST) as { protocol: number; data: Uint8Array }[];
      pending = [];
      for (const { protocol, data } of requests) pending.push(...session.step({ kind: 'packet', protocol, data: ppp.emit(answer(ppp.parse(data, 0, data.length)!, asked++)) }, now));
      if (requests.length > 0) continue;
      now = Math.max(now, session.deadline() ?? now);
      pending.push(...session.step({ kind: 'tick' }, now));
    }
    outs.push(...pending);
    return { session, outs, now, asked };
  };

  it('endless naks, always different or always the same, end in words', () => {
    const different = answering((asked, n) => ({ code: ppp.CONFIGURE_NAK, id: asked.id, data: ppp.emitOptions([{ type: 2, data: Uint8Array.of(0, 0, 0, 1 << (n % 8)) }, { type: 5, data: Uint8Array.of(1, 2, 3, n) }]) }));
    expect(different.outs.at(-1)).toEqual({ kind: 'closed', cause: 'terms', why: 'the other end refuses LCP over and over' });
    expect(different.asked).toBeLessThan(40);
    const same = answering(asked => ({ code: ppp.CONFIGURE_NAK, id: asked.id, data: asked.data.subarray(0, 6) }));
    expect(same.outs.at(-1)).toMatchObject({ kind: 'closed', cause: 'silence' });
    expect(same.asked).toBeLessThan(40);
  });

  it('rejects of everything leave a session without options, not without end', () => {
    const { outs } = answering(asked => ({ code: asked.data.length > 0 ? ppp.CONFIGURE_REJECT : ppp.CONFIGURE_ACK, id: asked.id, data: asked.data }));
    expect(outs.at(-1)).toMatchObject({ kind: 'closed', cause: 'silence' });
  });

  it('giant option lists cost one bounded answer', () => {
    const session = new PppSession(clientOptions());
    session.step({ kind: 'up' }, 0);
    for (const type of [2, 5, 99]) {
      const list = ppp.emitOptions(Array.from({ length: 250 }, (_, i) => ({ type, data: Uint8Array.of(0, 0, i, 7) })));
      const outs = session.step({ kind: 'packet', protocol: ppp.PROTO_LCP, data: ppp.emit({ code: ppp.CONFIGURE_REQUEST, id: 1, data: list }) }, 1);
      const sent = outs.filter(o => o.kind === 'send');
      expect(sent).toHaveLength(1);
      expect(sent[0]!.data[0]).toBe(ppp.CONFIGURE_REJECT);
      expect(sent[0]!.data.length).toBeLessThanOrEqual(4 + list.length);
    }
    comesBack(session, {}, 2);
  });

  it('a peer that negotiates anew for ever is hung up on', () => {
    const session = new PppSession(clientOptions());
    let now = 0;
    let last: readonly PppOut[] = session.step({ kind: 'up' }, now);
    const all: PppOut[] = [...last];
    for (let i = 0; i < 5000 && session.phase !== 'dead'; i++) {
      now += 50;
      const yes = i % 2 === 0 ? agreeable(all) : undefined;
      last = session.step(yes ?? { kind: 'packet', protocol: ppp.PROTO_LCP, data: ppp.emit({ code: ppp.CONFIGURE_REQUEST, id: i & 0xff, data: new Uint8Array(0) }) }, now);
      all.push(...last, ...((session.deadline() ?? Infinity) <= now ? session.step({ kind: 'tick' }, now) : []));
    }
    expect(session.phase).toBe('dead');
    expect(now).toBeLessThan(90_000);
    expect(all.findLast(o => o.kind === 'closed')).toMatchObject({ cause: 'silence', why: 'the other end did not come to terms in time' });
    comesBack(session, {}, now);
  });

  it('our own challenge sent back proves nothing', () => {
    const t = twoEnds({ login, door }, { login: { ...login, password: 'unknown' }, door });
    const step = t.client.step.bind(t.client);
    let own: Uint8Array | undefined;
    t.client.step = (input, now) => {
      const outs = step(own !== undefined && input.kind === 'packet' && input.protocol === ppp.PROTO_CHAP && input.data[0] === 1 ? { ...input, data: own } : input, now);
      own ??= outs.find(o => o.kind === 'send' && o.protocol === ppp.PROTO_CHAP && o.data[0] === 1) as never;
      if (own !== undefined && 'data' in own) own = (own as { data: Uint8Array }).data;
      return outs;
    };
    t.up();
    t.until(() => t.client.phase === 'dead');
    expect(t.last('a', 'closed')).toMatchObject({ cause: 'loop', why: 'the other end sends our own question back' });
  });
});
