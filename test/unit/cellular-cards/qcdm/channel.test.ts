import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QcdmChannel, type QcdmOut } from '../../../../plugins/cellular-cards/core/qcdm/channel.ts';
import { encode } from '../../../../plugins/cellular-cards/core/qcdm/frame.ts';
import { askHdr } from '../../../../plugins/cellular-cards/core/qcdm/radio.ts';
import { askEsn, askStatus } from '../../../../plugins/cellular-cards/core/qcdm/station.ts';
import { answer } from './bytes.ts';

const esn = answer(5, [0, 1], [1, 0x5b90000b, 4]);
const hears = (channel: QcdmChannel, now: number, ...frames: readonly Uint8Array[]): readonly QcdmOut[] => {
  const line = Uint8Array.from(frames.flatMap(f => [...encode(f)]));
  return channel.step({ kind: 'octets', buf: line, from: 0, to: line.length }, now);
};

describe('a diagnostic channel', () => {
  it('asks one thing at a time and passes over logs between', () => {
    const channel = new QcdmChannel();
    expect(channel.step({ kind: 'ask', id: 1, request: askEsn, timeoutMs: 1000 }, 0)).toEqual([{ kind: 'write', octets: encode(askEsn) }]);
    expect(channel.step({ kind: 'ask', id: 2, request: askHdr, timeoutMs: 1000 }, 0)).toEqual([]);
    expect(hears(channel, 5, answer(40, [0, 16]), answer(9, [0, 96]))).toEqual([]);
    expect(hears(channel, 10, esn)).toEqual([{ kind: 'answer', id: 1, answer: esn }, { kind: 'write', octets: encode(askHdr) }]);
    expect(channel.passedOver).toBe(2);
  });

  it('goes on after silence, and a late answer is not taken for the next', () => {
    const channel = new QcdmChannel();
    channel.step({ kind: 'ask', id: 1, request: askEsn, timeoutMs: 1000 }, 0);
    channel.step({ kind: 'ask', id: 2, request: askStatus, timeoutMs: 1000 }, 0);
    expect(channel.deadline()).toBe(1000);
    expect(channel.step({ kind: 'tick' }, 1000)).toEqual([{ kind: 'answer', id: 1, answer: undefined }, { kind: 'write', octets: encode(askStatus) }]);
    expect(hears(channel, 1100, esn)).toEqual([]);
    const status = answer(48, [0, 12]);
    expect(hears(channel, 1200, status)).toEqual([{ kind: 'answer', id: 2, answer: status }]);
    expect(channel.deadline()).toBeUndefined();
  });

  it('sends nothing that writes', () => {
    expect(new QcdmChannel().step({ kind: 'ask', id: 1, request: Uint8Array.of(39, 10, 0, 0, 4), timeoutMs: 1000 }, 0)).toEqual([{ kind: 'answer', id: 1, answer: undefined }]);
  });

  it('ends what waits when the card is pulled', () => {
    const channel = new QcdmChannel();
    channel.step({ kind: 'ask', id: 1, request: askEsn, timeoutMs: 1000 }, 0);
    channel.step({ kind: 'ask', id: 2, request: askEsn, timeoutMs: 1000 }, 0);
    expect(channel.step({ kind: 'gone' }, 1)).toEqual([1, 2].map(id => ({ kind: 'answer', id, answer: undefined })));
    expect(channel.step({ kind: 'ask', id: 3, request: askEsn, timeoutMs: 1000 }, 2)).toEqual([{ kind: 'answer', id: 3, answer: undefined }]);
    expect(channel.deadline()).toBeUndefined();
  });

  it('answers every request once, whatever the line brings', () => {
    const event = fc.oneof(fc.constant('ask' as const), fc.constant('tick' as const), fc.uint8Array({ maxLength: 40 }), fc.constant('esn' as const));
    fc.assert(fc.property(fc.array(event, { maxLength: 60 }), events => {
      const channel = new QcdmChannel();
      const open = new Set<number>();
      let now = 0;
      let id = 0;
      const take = (outs: readonly QcdmOut[]): void => { for (const out of outs) if (out.kind === 'answer') expect(open.delete(out.id)).toBe(true); };
      for (const e of events) {
        now += 300;
        if (e === 'ask') { open.add(++id); take(channel.step({ kind: 'ask', id, request: askEsn, timeoutMs: 1000 }, now)); }
        else if (e === 'tick') take(channel.step({ kind: 'tick' }, now));
        else if (e === 'esn') take(hears(channel, now, esn));
        else take(channel.step({ kind: 'octets', buf: e, from: 0, to: e.length }, now));
      }
      for (let due = channel.deadline(); due !== undefined; due = channel.deadline()) take(channel.step({ kind: 'tick' }, due));
      expect(open.size).toBe(0);
    }), { numRuns: 200 });
  });
});
