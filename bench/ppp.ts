/**
 * What PPP on a serial line costs: `node dist/bench/ppp.js [seconds per measurement]`.
 *
 * Frames alone (ns of CPU per octet of packet, both directions), two sessions over a cable in memory, and two sessions over a PTY of the
 * system with the kernel's line buffers between them; both in one thread, so each is the sum of both ends.
 */
import { performance } from 'node:perf_hooks';
import { RealClock } from '../kernel/clock.ts';
import { createScope } from '../kernel/scope.ts';
import { memoryTty } from '../kernel/tty/memory.ts';
import { TtyPorts } from '../kernel/tty/ttys.ts';
import { drive } from '../sdk/machine.ts';
import { AsyncLine, type PppOptions, PppSession } from '../sdk/ppp/index.ts';
import type { Tty } from '../sdk/tty.ts';
import { ACCM_ALL, FrameDecoder, FrameEncoder, INITIAL_FRAMING, worstCase } from '../sdk/wire/ppp-frame.ts';
import { PROTO_IPV4 } from '../sdk/wire/ppp.ts';

const PACKET = 1500;
const BATCH = 64;
/** Octets that may wait in a tty before the sender holds back. */
const AHEAD = 64 * 1024;

/** Packets of one kind of content; the first octet is an IPv4 header's. */
function packets(octet: (i: number) => number): Uint8Array[] {
  return Array.from({ length: BATCH }, (_, n) => {
    const p = Uint8Array.from({ length: PACKET }, (_unused, i) => octet(n * PACKET + i));
    p[0] = 0x45;
    return p;
  });
}

const noise = (i: number): number => Math.imul(i + 1, 0x9e37_79b1) >>> 24;
const text = (i: number): number => 0x20 + noise(i) % 0x5d;

const contents: readonly (readonly [string, number, readonly Uint8Array[]])[] = [
  ['text, map 0', 0, packets(text)],
  ['random octets, map 0', 0, packets(noise)],
  ['random octets, map ffffffff', ACCM_ALL, packets(noise)],
  ['every octet escaped', 0, packets(i => 0x7d + (i & 1))],
];

/** ns of CPU per octet of packet: on a shared machine the clock on the wall would count the others as well. */
function time(seconds: number, octets: number, turn: () => void): number {
  for (let i = 0; i < 200; i++) turn();
  let turns = 0;
  const begin = performance.now();
  const used = process.cpuUsage();
  while (performance.now() - begin < seconds * 1000) {
    for (let i = 0; i < 20; i++) turn();
    turns += 20;
  }
  const { user, system } = process.cpuUsage(used);
  return (user + system) * 1000 / (turns * octets);
}

function frames(seconds: number): void {
  process.stdout.write('frames of 1500 octets               encode   decode   ns/octet\n');
  for (const [name, accm, list] of contents) {
    const encoder = new FrameEncoder();
    encoder.framing = { ...INITIAL_FRAMING, sendAccm: accm, pfc: true, acfc: true };
    const wire = new Uint8Array(BATCH * worstCase(PACKET));
    let end = 0;
    const encode = (): void => {
      end = 0;
      for (const p of list) end = encoder.encode(wire, end, PROTO_IPV4, p, 0, PACKET, end === 0);
    };
    const encoded = time(seconds, BATCH * PACKET, encode);
    const decoder = new FrameDecoder();
    decoder.accm = accm;
    decoder.into(new Uint8Array(1600), 0, 1600);
    const decoded = time(seconds, BATCH * PACKET, () => {
      for (let at = 0; at < end;) at = decoder.feed(wire, at, end);
    });
    const { fcs, long, short } = decoder.counters;
    if (fcs + long + short > 0) throw new Error(`${name}: frames were lost`);
    process.stdout.write(`${name.padEnd(33)} ${encoded.toFixed(2).padStart(8)} ${decoded.toFixed(2).padStart(8)}\n`);
  }
}

/** One end of a line: session, frames, tty. */
function endOf(tty: Tty, clock: RealClock, options: Partial<PppOptions>) {
  const scope = createScope('bench');
  const session = new PppSession({ line: 'async', random: Math.random, ...options });
  const line = new AsyncLine({ write: (buf, from, to) => tty.write(buf, from, to), packet: () => {}, control: input => feed(input) });
  const feed = drive(clock, scope, session, out => line.apply(out));
  tty.onData = (buf, from, to) => line.receive(buf, from, to);
  return { session, line, feed, close: () => { void scope.dispose(); } };
}

/** Packets from a to b for so long, in Mbit/s of IP. */
async function through(name: string, seconds: number, clock: RealClock, a: Tty, b: Tty): Promise<void> {
  const near = endOf(a, clock, {});
  const far = endOf(b, clock, { ip: { local: 0x0a00_0001, peer: 0x0a00_0002 } });
  far.feed({ kind: 'up' });
  near.feed({ kind: 'up' });
  const turn = () => new Promise<void>(done => { setImmediate(done); });
  while (!near.session.networkUp || !far.session.networkUp) await turn();
  for (const [what, , list] of contents.filter(([, accm]) => accm === 0)) {
    const before = far.line.stats.rxBytes;
    const begin = performance.now();
    while (performance.now() - begin < seconds * 1000) {
      while (a.queued < AHEAD) {
        for (let i = 0; i < 16; i++) near.line.send(list[i]!, 0, PACKET);
        near.line.flush();
      }
      await turn();
    }
    const mbit = (far.line.stats.rxBytes - before) * 8 / 1000 / (performance.now() - begin);
    process.stdout.write(`${`${name}: ${what}`.padEnd(40)} ${mbit.toFixed(0).padStart(6)} Mbit/s   lost ${near.line.stats.txDropped}, damaged ${far.line.frames.fcs}\n`);
    while (a.queued > 0) await turn();
  }
  near.close();
  far.close();
}

const seconds = Number(process.argv[2] ?? 2);
frames(seconds);
const clock = new RealClock();
const ports = new TtyPorts(clock);
await through('memory', seconds, clock, ...memoryTty(clock, ['a', 'b']));
const master = ports.pty();
await through('PTY', seconds, clock, master, ports.open(master.path));
ports.close();
clock.close();
