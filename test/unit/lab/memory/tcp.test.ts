import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../../sdk/testing/random.ts';
import { Tcp } from '../../../../lab/memory/tcp.ts';
import type { Segment, TcpIn, TcpOut } from '../../../../lab/memory/tcp-messages.ts';
import { ACK, RST, SYN } from '../../../../sdk/wire/tcp.ts';

const bytes = (n: number) => new Uint8Array(n).map((_, i) => (i * 7) & 255);
const segmentsOf = (outs: readonly TcpOut[]): Segment[] => outs.flatMap(o => o.kind === 'segment' ? [o.segment] : []);

/** Two machines and the segments between them; time goes on only where it says so. */
class Two {
  now = 0;
  readonly a = new Tcp({ iss: 0xffff_ff00, mss: 1000 });
  readonly b = new Tcp({ iss: 5, mss: 600 });
  readonly told: { readonly a: TcpOut[]; readonly b: TcpOut[] } = { a: [], b: [] };
  /** On their way: arrival time and segment. */
  flying: { readonly at: number; readonly to: 'a' | 'b'; readonly segment: Segment }[] = [];
  fate: () => { readonly lost: boolean; readonly delay: number; readonly twice?: boolean } = () => ({ lost: false, delay: 10 });

  feed(who: 'a' | 'b', input: TcpIn): void {
    for (const out of this[who].step(input, this.now)) {
      if (out.kind !== 'segment') { this.told[who].push(out); continue; }
      const { lost, delay, twice } = this.fate();
      const to = who === 'a' ? 'b' : 'a';
      if (!lost) this.flying.push({ at: this.now + delay, to, segment: out.segment });
      if (twice) this.flying.push({ at: this.now + 2 * delay, to, segment: out.segment });
    }
  }

  /** Runs to the end or the limit. */
  run(limit = 1_000_000): void {
    for (;;) {
      this.flying.sort((x, y) => x.at - y.at);
      const times = [this.flying[0]?.at, this.a.deadline(), this.b.deadline()].filter(t => t !== undefined);
      const next = Math.min(...times);
      if (times.length === 0 || next > limit) return;
      this.now = Math.max(this.now, next);
      const first = this.flying[0];
      if (first && first.at <= this.now) {
        this.flying.shift();
        this.feed(first.to, { kind: 'segment', segment: first.segment });
      } else for (const who of ['a', 'b'] as const) this.feed(who, { kind: 'tick' });
    }
  }

  received(who: 'a' | 'b'): Uint8Array {
    return Uint8Array.from(this.told[who].flatMap(o => o.kind === 'data' ? [...o.data] : []));
  }

  kinds(who: 'a' | 'b'): string[] { return this.told[who].map(o => o.kind).filter(k => k !== 'data' && k !== 'room'); }
}

describe('tcp', () => {
  it('shakes hands, keeps to the smaller MSS, and closes in order', () => {
    const t = new Two();
    const sizes: number[] = [];
    const feed = t.feed.bind(t);
    t.feed = (who, input) => { if (input.kind === 'segment') sizes.push(input.segment.data.length); feed(who, input); };
    t.feed('a', { kind: 'connect' });
    t.run(100);
    t.feed('a', { kind: 'send', data: bytes(5000) });
    t.feed('a', { kind: 'close' });
    t.run(900);
    expect(t.received('b')).toEqual(bytes(5000));
    expect(Math.max(...sizes)).toBe(600);
    t.feed('b', { kind: 'close' });
    t.run();
    expect(t.kinds('a')).toEqual(['connected', 'eof', 'closed']);
    expect(t.kinds('b')).toEqual(['connected', 'eof', 'closed']);
  });

  it('repeats a SYN that is not answered, ever more slowly, and gives up', () => {
    const a = new Tcp({ iss: 1, mss: 1460 });
    const times: number[] = [];
    let now = 0;
    let outs = a.step({ kind: 'connect' }, now);
    for (;;) {
      if (segmentsOf(outs).some(s => s.flags === SYN)) times.push(now);
      const due = a.deadline();
      if (due === undefined) break;
      outs = a.step({ kind: 'tick' }, now = due);
    }
    expect(times.slice(0, 4)).toEqual([0, 1000, 3000, 7000]);
    expect(outs).toEqual([{ kind: 'closed', why: 'connection timed out' }]);
  });

  it('takes RST only where it belongs', () => {
    const a = new Tcp({ iss: 1, mss: 1460 });
    a.step({ kind: 'connect' }, 0);
    const nothing = new Uint8Array(0);
    expect(a.step({ kind: 'segment', segment: { seq: 0, ack: 99, flags: RST | ACK, window: 0, data: nothing } }, 1)).toEqual([]);
    expect(a.step({ kind: 'segment', segment: { seq: 0, ack: 2, flags: RST | ACK, window: 0, data: nothing } }, 1)).toEqual([{ kind: 'closed', why: 'connection refused' }]);
  });

  it('sends a lost segment again after three duplicate acknowledgements, without waiting for the timer', () => {
    const t = new Two();
    t.feed('a', { kind: 'connect' });
    t.run(100);
    let n = 0;
    t.fate = () => ({ lost: n++ === 2, delay: 10 });
    t.now = 100;
    t.feed('a', { kind: 'send', data: bytes(6000) });
    t.run(160);
    expect(t.received('b')).toEqual(bytes(6000));
  });

  it('sends smaller pieces when a router asks for them', () => {
    const t = new Two();
    t.feed('a', { kind: 'connect' });
    t.run(100);
    const small: boolean[] = [];
    t.now = 100;
    const outs = [...t.a.step({ kind: 'send', data: bytes(3000) }, t.now), ...t.a.step({ kind: 'mss', mss: 500 }, t.now)];
    for (const s of segmentsOf(outs).slice(5)) small.push(s.data.length <= 500);
    expect(small.length).toBeGreaterThan(0);
    expect(small.every(Boolean)).toBe(true);
  });

  it('asks a closed window whether it has opened', () => {
    const a = new Tcp({ iss: 1, mss: 1460 });
    a.step({ kind: 'connect' }, 0);
    a.step({ kind: 'segment', segment: { seq: 9, ack: 2, flags: SYN | ACK, window: 0, data: new Uint8Array(0) } }, 1);
    expect(segmentsOf(a.step({ kind: 'send', data: bytes(10) }, 2))).toEqual([]);
    expect(segmentsOf(a.step({ kind: 'tick' }, a.deadline() ?? 0)).map(s => s.data.length)).toEqual([1]);
    const opened = a.step({ kind: 'segment', segment: { seq: 10, ack: 3, flags: ACK, window: 1000, data: new Uint8Array(0) } }, 5000);
    expect(segmentsOf(opened).map(s => s.data.length)).toEqual([9]);
  });

  it('brings everything over, once and in order, whatever is lost, late or doubled; and always ends', () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 15 }), (seed, forth, back, loss) => {
      const random = seeded(seed);
      const t = new Two();
      t.fate = () => ({ lost: random() * 100 < loss, delay: 5 + random() * 40, twice: random() < 0.02 });
      t.feed('a', { kind: 'connect' });
      t.feed('a', { kind: 'send', data: bytes(forth) });
      t.feed('a', { kind: 'close' });
      let answered = false;
      const feed = t.feed.bind(t);
      t.feed = (who, input) => {
        feed(who, input);
        if (who !== 'b' || answered || t.told.b.at(-1)?.kind !== 'eof') return;
        answered = true;
        feed('b', { kind: 'send', data: bytes(back) });
        feed('b', { kind: 'close' });
      };
      t.run(3_000_000);
      expect(t.received('b')).toEqual(bytes(forth));
      expect(t.received('a')).toEqual(bytes(back));
      expect(t.a.place).toBe('closed');
      expect(t.b.place).toBe('closed');
    }), { numRuns: 30, seed: 1 });
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.array(fc.record({
      seq: fc.integer({ min: 0, max: 200 }), ack: fc.integer({ min: 0, max: 200 }), flags: fc.integer({ min: 0, max: 255 }), window: fc.integer({ min: 0, max: 65_535 }),
      data: fc.uint8Array({ maxLength: 30 }),
    })), fc.boolean(), (segments, active) => {
      const m = new Tcp({ iss: 1, mss: 10 });
      if (active) m.step({ kind: 'connect' }, 0);
      for (const [i, segment] of segments.entries()) {
        m.step({ kind: 'segment', segment }, i);
        if (i % 3 === 0) m.step({ kind: 'send', data: bytes(i) }, i);
      }
      expect(m.deadline() ?? 0).toBeGreaterThanOrEqual(0);
    }), { numRuns: 300 });
  });
});
