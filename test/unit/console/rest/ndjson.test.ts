import { describe, expect, it } from 'vitest';
import { CaptureStream } from '../../../../kernel/console/capture-stream.ts';
import { ndjson, type Source } from '../../../../kernel/console/rest/ndjson.ts';
import { PcapngReader } from '../../../../kernel/links/pcapng.ts';
import { ether, road } from './road.ts';

function lines(source: Source, keep = 4, signal = new AbortController().signal) {
  return ndjson({ keep, signal, session: undefined, wrap: (item) => ({ item }) }, source);
}
const read = async (response: Response) => (await response.text()).trim().split('\n').map((l) => JSON.parse(l) as object);

describe('an answer that grows', () => {
  it('gives items in order, then the last line', async () => {
    let held = true;
    const response = lines((push, end) => { push(1); push('a\nb'); push({ c: 3n }); end({ closed: 'done' }); push(4); return { dispose: () => { held = false; } }; });
    expect(await read(response)).toEqual([{ item: 1 }, { item: 'a\nb' }, { item: { c: '3' } }, { closed: 'done' }]);
    expect(held).toBe(false);
  });

  it('never makes the source wait: what a slow reader misses is counted', async () => {
    let finish = (): void => {};
    const response = lines((push, end) => { for (let i = 0; i < 1000; i++) push(i); finish = () => end({ end: true }); return { dispose() {} }; });
    finish();
    const all = await read(response) as { item?: number; missed?: number }[];
    const seen = all.filter((l) => l.item !== undefined).length;
    const missed = all.reduce((sum, l) => sum + (l.missed ?? 0), 0);
    expect(seen + missed).toBe(1000);
    expect(all.at(-2)).toEqual({ item: 999 });
    expect(missed).toBeGreaterThan(900);
  });

  it('gives the source back when the reader leaves', async () => {
    const given: string[] = [];
    const abort = new AbortController();
    const one = lines(() => ({ dispose: () => void given.push('cancelled') }));
    await one.body!.cancel();
    lines(() => ({ dispose: () => void given.push('aborted') }), 4, abort.signal);
    abort.abort();
    lines(() => ({ dispose: () => void given.push('gone before') }), 4, abort.signal);
    expect(() => lines(() => { throw new Error('no such'); })).toThrow('no such');
    expect(given).toEqual(['cancelled', 'aborted', 'gone before']);
  });
});

describe('a capture that nobody reads', () => {
  it('leaves packets out, says so, and ends in time', async () => {
    const { engine, links, clock, lan, settle } = road();
    const capture = new CaptureStream({}, { packets: 1_000_000, octets: 2 ** 28, seconds: 5, snap: 65_535 }, { clock, links, pipelines: engine.pipelines });
    let ended = 0;
    capture.onEnd = () => { ended++; };
    const frame = ether(1400);
    for (let i = 0; i < 4000; i++) {
      lan.send(frame);
      if (i % 32 === 31) settle();
    }
    clock.advance(5000);
    expect(ended).toBe(1);
    const file = new Uint8Array(await new Response(capture.body).arrayBuffer());
    expect(file.length).toBeLessThan(5 * 1024 * 1024);
    const reader = new PcapngReader(file);
    let n = 0;
    while (reader.next()) n++;
    expect(reader.problem).toBeUndefined();
    expect(n).toBeGreaterThan(2000);
    expect(n).toBeLessThan(4000);
    expect(engine.pipelines.order('ingress').some((s) => s.name.startsWith('capture.'))).toBe(false);
  });
});
