import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine, Tick } from '../../../sdk/machine.ts';
import { pair } from '../../../sdk/testing/index.ts';

type SenderIn = { kind: 'send'; text: string } | { kind: 'ack'; seq: number } | Tick;
type SenderOut = { kind: 'data'; seq: number; text: string } | { kind: 'delivered'; text: string };

/** Stop and wait: one message at a time, again every 100 ms until it is acknowledged. */
class Sender implements Machine<SenderIn, SenderOut> {
  #queue: string[] = [];
  #seq = 0;
  #due: number | undefined;
  deadline() { return this.#due; }
  step(input: SenderIn, now: number): SenderOut[] {
    if (input.kind === 'send') this.#queue.push(input.text);
    if (input.kind === 'ack' && input.seq === this.#seq && this.#queue.length > 0) {
      const text = this.#queue.shift() as string;
      this.#seq++;
      this.#due = undefined;
      return [{ kind: 'delivered', text }, ...this.#again(now)];
    }
    return this.#due === undefined || now >= this.#due ? this.#again(now) : [];
  }
  #again(now: number): SenderOut[] {
    const text = this.#queue[0];
    this.#due = text === undefined ? undefined : now + 100;
    return text === undefined ? [] : [{ kind: 'data', seq: this.#seq, text }];
  }
}

type ReceiverIn = { kind: 'data'; seq: number; text: string } | Tick;
type ReceiverOut = { kind: 'ack'; seq: number } | { kind: 'got'; text: string };

class Receiver implements Machine<ReceiverIn, ReceiverOut> {
  #want = 0;
  deadline() { return undefined; }
  step(input: ReceiverIn): ReceiverOut[] {
    if (input.kind === 'tick') return [];
    const fresh = input.seq === this.#want;
    if (fresh) this.#want++;
    return [{ kind: 'ack', seq: input.seq }, ...(fresh ? [{ kind: 'got' as const, text: input.text }] : [])];
  }
}

const talk = (opts: { loss?: number; reorder?: number; duplicate?: number; seed?: number; delayMs?: number; heldMs?: number }) => pair(new Sender(), new Receiver(), {
  ...opts, toB: out => (out.kind === 'data' ? out : undefined), toA: out => (out.kind === 'ack' ? out : undefined),
});

describe('pair', () => {
  it('carries messages after the delay, and keeps what does not go over the line', () => {
    const p = talk({ delayMs: 25 });
    p.a.feed({ kind: 'send', text: 'one' });
    p.advance(24);
    expect(p.b.outs).toEqual([]);
    p.advance(1);
    expect(p.b.outs).toEqual([{ at: 25, out: { kind: 'got', text: 'one' } }]);
    p.advance(25);
    expect(p.a.outs).toEqual([{ at: 50, out: { kind: 'delivered', text: 'one' } }]);
    expect(p.count).toEqual({ sent: 2, lost: 0 });
    p.close();
  });

  it('brings everything over a bad line, once and in order', () => {
    fc.assert(fc.property(fc.integer(), fc.double({ min: 0, max: 0.6, noNaN: true }), (seed, loss) => {
      const p = talk({ seed, loss, duplicate: 0.2, reorder: 0.3, heldMs: 500 });
      const words = Array.from({ length: 20 }, (_, i) => `word ${i}`);
      for (const text of words) p.a.feed({ kind: 'send', text });
      p.until(() => p.a.outs.length === words.length);
      expect(p.b.outs.map(o => (o.out.kind === 'got' ? o.out.text : ''))).toEqual(words);
      p.close();
    }), { numRuns: 50 });
  });

  it('does the same again for the same seed, and says when nothing comes of it', () => {
    const run = (seed: number) => {
      const p = talk({ seed, loss: 0.5 });
      p.a.feed({ kind: 'send', text: 'x' });
      p.until(() => p.a.outs.length > 0);
      return p.a.outs[0]!.at;
    };
    expect(run(3)).toBe(run(3));
    const p = talk({ loss: 1 });
    p.a.feed({ kind: 'send', text: 'x' });
    expect(() => p.until(() => p.a.outs.length > 0, 10_000)).toThrow('not so after 10000 ms');
    p.line.loss = 0;
    p.until(() => p.a.outs.length > 0);
    expect(() => p.until(() => false)).toThrow('nothing is under way any more');
  });
});
