import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { openPty } from '../../../kernel/tty/pty.ts';
import { TtyPort } from '../../../kernel/tty/tty.ts';

const closers: (() => void)[] = [];
afterEach(() => { for (const close of closers.splice(0)) close(); });

/** A port on the master of a PTY, and the slave as a plain file. */
function pty() {
  const { master, path } = openPty();
  const facts = { wanted: false, released: 0, gone: '', room: 0 };
  const got: number[] = [];
  const port = new TtyPort(path, master, new VirtualClock(), { room: (wanted) => { facts.wanted = wanted; }, released: () => { facts.released++; } });
  port.onData = (buf, from, to) => { got.push(...buf.subarray(from, to)); };
  port.onGone = (why) => { facts.gone = why; };
  port.onRoom = () => { facts.room++; };
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const state = { open: true };
  const hangUp = (): void => { if (state.open) closeSync(slave); state.open = false; };
  closers.push(() => { port.close(); hangUp(); });
  return { port, slave, got, facts, hangUp };
}

/** What has arrived at the slave; 0 octets when there is nothing. */
function readAll(slave: number, most = 1 << 20): number[] {
  const out: number[] = [];
  const buf = Buffer.alloc(4096);
  for (let n = 1; n > 0 && out.length < most;) {
    try { n = readSync(slave, buf, 0, buf.length, null); } catch { n = 0; }
    out.push(...buf.subarray(0, n));
  }
  return out;
}

describe.skipIf(process.platform !== 'linux' || !existsSync('/dev/ptmx'))('a serial port', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);

  it('is raw: every octet goes both ways as it is', () => {
    const { port, slave, got } = pty();
    writeSync(slave, all);
    for (let i = 0; i < 1000 && got.length < 256; i++) port.pump();
    expect(got).toEqual([...all]);
    expect(port.write(all)).toBe(true);
    const back: number[] = [];
    for (let i = 0; i < 1000 && back.length < 256; i++) back.push(...readAll(slave));
    expect(back).toEqual([...all]);
    expect(port.pump()).toBe(false);
  });

  it('keeps what the system does not take yet, refuses what does not fit, and says when there is room', () => {
    const { port, slave, facts } = pty();
    const block = new Uint8Array(10_000).map((_, i) => i * 7);
    let taken = 0;
    while (port.write(block)) taken++;
    expect(facts.wanted).toBe(true);
    expect(port.queued).toBeGreaterThan(100_000);
    const arrived: number[] = [];
    for (let i = 0; i < 100_000 && arrived.length < taken * block.length; i++) {
      arrived.push(...readAll(slave, 4096));
      port.drain();
    }
    expect(arrived).toHaveLength(taken * block.length);
    expect(arrived.every((octet, i) => octet === block[i % block.length])).toBe(true);
    expect([facts.wanted, facts.room, port.queued]).toEqual([false, 1, 0]);
  });

  it('notices that the other end is gone, once', () => {
    const { port, facts, hangUp } = pty();
    hangUp();
    for (let i = 0; i < 1000 && port.open; i++) port.pump();
    expect(facts).toMatchObject({ gone: `${port.path}: gone`, released: 1 });
    expect([port.write(all), port.lines(), port.setLines({ dtr: true })]).toEqual([false, undefined, false]);
    port.close();
    expect(facts.released).toBe(1);
  });

  it('has no modem lines on a PTY, and takes any speed', () => {
    const { port } = pty();
    expect([port.lines(), port.setLines({ dtr: false })]).toEqual([undefined, false]);
    port.setSpeed(230_400);
    port.hangUp();
    port.discard();
  });
});
