import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { createScope } from '../../../../kernel/scope.ts';
import { memoryTty, type MemoryTty } from '../../../../kernel/tty/memory.ts';
import { AsyncLine, type PppOptions, type PppOut, PppSession } from '../../../../sdk/ppp/index.ts';
import { drive } from '../../../../sdk/machine.ts';
import { hex, toHex } from '../../wire/bytes.ts';
import { carrierOptions, clientOptions } from './two-ends.ts';

/** Session, frames and tty of one end. */
function endOf(clock: VirtualClock, tty: MemoryTty, options: PppOptions) {
  const scope = createScope('end');
  const session = new PppSession(options);
  const packets: string[] = [];
  const outs: PppOut[] = [];
  const line = new AsyncLine({
    write: (buf, from, to) => tty.write(buf, from, to),
    packet: (buf, start, end, version) => packets.push(`${version} ${toHex(buf.subarray(start, end))}`),
    control: input => feed(input),
  });
  const feed = drive(clock, scope, session, (out: PppOut) => { outs.push(out); line.apply(out); });
  tty.onData = (buf, from, to) => line.receive(buf, from, to);
  tty.onGone = why => feed({ kind: 'down', why });
  return { session, line, feed, packets, outs, tty };
}

function cable(baud?: number) {
  const clock = new VirtualClock();
  const [ta, tb] = memoryTty(clock, ['card', 'carrier'], { ...(baud === undefined ? {} : { baud }) });
  const a = endOf(clock, ta, clientOptions());
  const b = endOf(clock, tb, carrierOptions());
  b.feed({ kind: 'up' });
  a.feed({ kind: 'up' });
  return { clock, a, b };
}

describe('a serial line', () => {
  it('carries packets both ways once the network is up, and not before', () => {
    const { clock, a, b } = cable();
    const packet = hex('45007e7d11137eff');
    expect(a.line.send(packet, 0, packet.length)).toBe(false);
    clock.advance(100);
    for (const end of [a, b]) {
      for (let i = 0; i < 3; i++) expect(end.line.send(packet, 0, packet.length)).toBe(true);
      end.line.send(hex('ff6000'), 1, 3);
      end.line.flush();
    }
    clock.advance(100);
    for (const end of [a, b]) {
      expect(end.packets).toEqual([...Array.from({ length: 3 }, () => `4 ${toHex(packet)}`), '6 6000']);
      expect(end.line.stats).toMatchObject({ rxPackets: 4, txPackets: 4, rxBytes: 26, txBytes: 26, txDropped: 0 });
    }
    expect(a.line.stats.early).toBe(1);
  });

  it('takes the time that its speed asks for', () => {
    const { clock, a, b } = cable(115_200);
    clock.advance(2000);
    expect(a.session.networkUp).toBe(true);
    const packet = new Uint8Array(1440).fill(0x45);
    for (let i = 0; i < 8; i++) a.line.send(packet, 0, packet.length);
    a.line.flush();
    clock.advance(500);
    expect(b.packets.length).toBeLessThan(5);
    clock.advance(520);
    expect(b.packets).toHaveLength(8);
  });

  it('counts what the wire does not take', () => {
    const { clock, a } = cable(9600);
    clock.advance(5000);
    const packet = new Uint8Array(1500).fill(0x45);
    for (let i = 0; i < 120; i++) {
      a.line.send(packet, 0, packet.length);
      a.line.flush();
    }
    expect(a.line.stats.txDropped).toBeGreaterThan(0);
    expect(a.line.stats.txDropped).toBeLessThan(40);
  });

  it('a card pulled out ends both sessions, and DTR is carrier at the other end', () => {
    const { clock, a, b } = cable();
    clock.advance(100);
    expect(a.tty.lines()).toEqual({ dtr: true, rts: true, cts: true, dsr: true, dcd: true, ring: false });
    b.tty.hangUp();
    expect(a.tty.lines()!.dcd).toBe(false);
    clock.advance(1000);
    expect(a.tty.lines()!.dcd).toBe(true);
    b.tty.close();
    expect(a.outs.at(-1)).toEqual({ kind: 'closed', cause: 'line', why: 'card: gone' });
    expect(a.tty.write(hex('00'))).toBe(false);
  });
});
