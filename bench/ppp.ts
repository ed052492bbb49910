/**
 * What PPP on a serial line costs: frames alone (ns of CPU per octet of packet), two sessions over a cable in memory, and two sessions over a
 * PTY of the system with the kernel's line buffers between them; both ends in one thread, so each is the sum of both.
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
import { sample } from './median.ts';
import type { OwnRow } from './report.ts';

const PACKET = 1500;
const BATCH = 64;
/** Octets that may wait in a tty before the sender holds back. */
const AHEAD = 64 * 1024;

/** Mbit/s that a line must carry: a dozen times what the original's best card did. */
const ENOUGH = 100;

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

/** What each measurement gave, run by run. */
type Put = (what: string, unit: string, value: number, atLeast?: number) => void;

function frames(seconds: number, put: Put): void {
  for (const [name, accm, list] of contents) {
    const encoder = new FrameEncoder();
    encoder.framing = { ...INITIAL_FRAMING, sendAccm: accm, pfc: true, acfc: true };
    const wire = new Uint8Array(BATCH * worstCase(PACKET));
    let end = 0;
    const encode = (): void => {
      end = 0;
      for (const p of list) end = encoder.encode(wire, end, PROTO_IPV4, p, 0, PACKET, end === 0);
    };
    put(`PPP frames, ${name}: encode`, 'ns/octet', time(seconds, BATCH * PACKET, encode));
    const decoder = new FrameDecoder();
    decoder.accm = accm;
    decoder.into(new Uint8Array(1600), 0, 1600);
    put(`PPP frames, ${name}: decode`, 'ns/octet', time(seconds, BATCH * PACKET, () => {
      for (let at = 0; at < end;) at = decoder.feed(wire, at, end);
    }));
    const { fcs, long, short } = decoder.counters;
    if (fcs + long + short > 0) throw new Error(`${name}: frames were lost`);
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
async function through(name: string, seconds: number, clock: RealClock, a: Tty, b: Tty, put: Put): Promise<void> {
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
    put(`PPP over ${name}, ${what}`, 'Mbit/s', (far.line.stats.rxBytes - before) * 8 / 1000 / (performance.now() - begin), ENOUGH);
    const { txDropped } = near.line.stats;
    if (txDropped + far.line.frames.fcs > 0) throw new Error(`${name}: ${txDropped} packets lost, ${far.line.frames.fcs} damaged`);
    while (a.queued > 0) await turn();
  }
  near.close();
  far.close();
}

/** All of it, so many times. */
export async function benchPpp(runs: number, seconds: number, progress: (text: string) => void): Promise<OwnRow[]> {
  const found = new Map<string, { readonly unit: string; readonly atLeast: number | undefined; readonly values: number[] }>();
  const put: Put = (what, unit, value, atLeast) => {
    if (!found.has(what)) found.set(what, { unit, atLeast, values: [] });
    found.get(what)!.values.push(value);
  };
  const clock = new RealClock();
  const ports = new TtyPorts(clock);
  for (let run = 1; run <= runs; run++) {
    progress(`PPP, run ${run} of ${runs}`);
    frames(seconds / 4, put);
    await through('a cable in memory', seconds, clock, ...memoryTty(clock, ['a', 'b']), put);
    const master = ports.pty();
    await through('a PTY', seconds, clock, master, ports.open(master.path), put);
  }
  ports.close();
  clock.close();
  return [...found].map(([what, { unit, atLeast, values }]) => ({ what, unit, value: sample(values)!, ...(atLeast === undefined ? {} : { atLeast }) }));
}
