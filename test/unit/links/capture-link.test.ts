import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { captureLink } from '../../../kernel/links/capture-link.ts';
import { PcapWriter, readCapture } from '../../../kernel/links/pcap.ts';
import { Batch } from '../../../sdk/packet.ts';

const dir = mkdtempSync(join(tmpdir(), 'lancell-capture-'));
afterAll(() => rmSync(dir, { recursive: true }));
const ms = 1_000_000n;

function recording(name: string, frames: readonly (readonly [length: number, time: bigint, wire?: number])[]): string {
  const path = join(dir, name);
  writeFileSync(path, Buffer.concat([PcapWriter.header(1), ...frames.map(([n, t, wire]) => PcapWriter.frame(new Uint8Array(n).fill(n), t, wire))]));
  return path;
}

describe('capture link', () => {
  it('replays at the distances of the recording, then goes down', () => {
    const clock = new VirtualClock();
    const source = recording('paced.pcap', [[60, 5000n * ms], [61, 5010n * ms], [62, 5000n * ms], [63, 5030n * ms]]);
    const b = new Batch();
    const changes: string[] = [];
    const lengths: number[] = [];
    const take = () => {
      b.clear();
      link.rx(b);
      for (let i = 0; i < b.n; i++) lengths.push(b.at(i).len);
    };
    const link = captureLink({ name: 'p', clock, source })({ changed: (why) => { changes.push(why); }, wake: take });
    clock.advance(9);
    expect(lengths).toEqual([60]);
    clock.advance(1);
    expect(lengths).toEqual([60, 61, 62]);
    clock.advance(29);
    expect(lengths).toHaveLength(3);
    clock.advance(1);
    expect(lengths).toHaveLength(4);
    expect(link.up).toBe(false);
    expect(changes).toEqual(['end of the capture']);
    link.close();
  });

  it('replays at once, batch by batch, leaving out what the recording cut', () => {
    const clock = new VirtualClock();
    const source = recording('many.pcap', Array.from({ length: 100 }, (_, i) => [60, BigInt(i) * 1000n * ms, i === 3 ? 1500 : 60] as const));
    const link = captureLink({ name: 'p', clock, source, pace: 'at once' })({ changed() {}, wake() {} });
    const b = new Batch();
    expect(link.rx(b)).toBe(64);
    b.clear();
    expect(link.rx(b)).toBe(35);
    expect(b.at(34).bytes()).toEqual(new Uint8Array(60).fill(60));
    expect(link.stats).toMatchObject({ rxPackets: 99, rxDropped: 1 });
    link.close();
  });

  it('writes what is sent', () => {
    const clock = new VirtualClock(1_700_000_000_000);
    const source = recording('echo.pcap', [[60, 0n], [61, 0n]]);
    const sink = join(dir, 'out.pcapng');
    const link = captureLink({ name: 'p0', clock, source, pace: 'at once', sink })({ changed() {}, wake() {} });
    const b = new Batch();
    link.rx(b);
    link.tx(b);
    expect(link.up).toBe(true);
    link.close();
    link.tx(b);
    const r = readCapture(new Uint8Array(readFileSync(sink)));
    expect(r.next()).toMatchObject({ time: 1_700_000_000_000n * ms, length: 60 });
    expect(r.next()).toMatchObject({ data: new Uint8Array(61).fill(61) });
    expect(r.next()).toBeUndefined();
    expect(r.interfaces[0]?.name).toBe('p0');
  });

  it('refuses what is no capture, in words', () => {
    const path = join(dir, 'no.pcap');
    writeFileSync(path, 'hello world');
    const open = (source: string) => () => captureLink({ name: 'p', clock: new VirtualClock(), source })({ changed() {}, wake() {} });
    expect(open(path)).toThrow(/not a capture file/);
    expect(open(recording('empty.pcap', []))).toThrow(/no frames/);
  });
});
