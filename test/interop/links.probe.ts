/**
 * The program that links.test.ts starts, on Node from the compiled output and on Deno from the source:
 *
 *     forward {"ports":[{"device":"r0","netns":"/run/netns/x"}, {"tun":"tap","device":"t0"}]}
 *         hands every frame from one port to the other as it is. Prints `ready`, then each link event as JSON; after a line on
 *         its standard input what it has seen, and ends.
 *     frames {"from":{…},"to":{…}}
 *         sends made frames at one port and compares what arrives at the other; prints the result as JSON.
 *     readiness {"exit":false}
 *         wakes itself a hundred times through an eventfd, closes that while armed, goes on with a second, and ends: by itself, or
 *         by process.exit while the worker is inside poll().
 */
import { readlinkSync } from 'node:fs';
import { RealClock } from '../../kernel/clock.ts';
import { check, libc } from '../../kernel/links/ffi.ts';
import { type PacketSocketOptions, packetSocket } from '../../kernel/links/packet-socket.ts';
import { Readiness } from '../../kernel/links/readiness.ts';
import { LinkRegistry } from '../../kernel/links/registry.ts';
import { tunDevice } from '../../kernel/links/tun.ts';
import { Batch, HEADROOM, Packet } from '../../sdk/packet.ts';

interface Port extends PacketSocketOptions { readonly tun?: 'tun' | 'tap' }

const say = (what: object): void => { process.stdout.write(`${JSON.stringify(what)}\n`); };
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const opener = (port: Port) => port.tun ? tunDevice({ ...port, kind: port.tun }) : packetSocket(port);

function forward(ports: readonly Port[]): void {
  const home = here();
  const clock = new RealClock();
  const readiness = new Readiness();
  const links = new LinkRegistry({ emit: (topic, event) => say({ topic, ...event }) }, clock, readiness);
  const ids = ports.map((port, i) => links.open(`port${i}`, opener(port)).id);
  const batch = new Batch();
  const seen = { gso: 0, needsCsum: 0, longest: 0, wakes: 0, home: home === here() };

  const breath = (): boolean => {
    let any = false;
    for (const [i, id] of ids.entries()) {
      batch.clear();
      if (!links.get(id)?.rx(batch)) continue;
      any = true;
      for (let k = 0; k < batch.n; k++) {
        const p = batch.at(k);
        if (p.gsoType !== 0) seen.gso++;
        if (p.needsCsum) seen.needsCsum++;
        seen.longest = Math.max(seen.longest, p.len);
      }
      links.get(ids[1 - i] as number)?.tx(batch);
    }
    return any;
  };
  const loop = (): void => {
    for (let i = 0; i < 16; i++) {
      if (!breath()) {
        readiness.arm();
        return;
      }
    }
    setImmediate(loop);
  };
  readiness.onReady = () => { seen.wakes++; loop(); };
  readiness.arm();
  process.stdin.once('data', () => {
    const hushed = ids.map((id) => (links.get(id) as { hushed?: boolean } | undefined)?.hushed);
    say({ ...seen, hushed, stats: ids.map((id) => links.byId(id)?.stats) });
    links.close();
    readiness.close();
    clock.close();
    process.stdin.destroy();
  });
  say({ ready: true });
}

/** Frames of many lengths: from native memory in place, from ordinary memory, tagged and not. */
function frames({ from, to }: { from: Port; to: Port }): void {
  const host = { wake() {}, changed() {} };
  const a = packetSocket(from)(host);
  const b = packetSocket(to)(host);
  const out = new Batch();
  const got = new Batch();
  const wrong: string[] = [];
  let same = 0;
  for (const vlan of [false, true]) {
    for (const length of [60, 61, 64, 590, 1513, 1514]) {
      const frame = new Uint8Array(length + (vlan ? 4 : 0));
      for (let i = 0; i < frame.length; i++) frame[i] = i * 7 + length;
      frame.set(b.mac, 0);
      frame.set(a.mac, 6);
      frame.set(vlan ? [0x81, 0x00, 0x60, 0x2a, 0x88, 0xb5] : [0x88, 0xb5], 12); // 0x88b5: for local experiments
      const p = new Packet(new Uint8Array(4096), 0, 4096);
      p.fill(frame);
      out.clear();
      out.push(p);
      a.tx(out);
      const answer = receive(b, got);
      if (answer && Buffer.compare(answer.bytes(), frame) === 0) same++;
      else wrong.push(`${vlan ? 'tagged ' : ''}${length}: ${answer ? Buffer.from(answer.bytes().subarray(0, 24)).toString('hex') : 'nothing'}`);
      if (!answer) continue;
      // And back, from where it was received.
      b.tx(got);
      const back = receive(a, got);
      if (back && Buffer.compare(back.bytes(), frame) === 0 && (vlan || back.off === back.base + HEADROOM)) same++;
      else wrong.push(`back, ${vlan ? 'tagged ' : ''}${length}`);
    }
  }
  say({ same, wrong, stats: [a.stats, b.stats] });
  a.close();
  b.close();
}

const count = Int32Array.of(1, 0);

function readiness({ exit }: { exit?: boolean }): void {
  const c = libc();
  const at = c.addressOf(count);
  const eventfd = () => check(c.eventfd(0, 0o4000), 'eventfd');
  const first = eventfd();
  const ready = new Readiness();
  const delays: number[] = [];
  let sent = 0;
  const again = (): void => {
    ready.arm();
    setTimeout(() => { sent = performance.now(); c.write(first, at, 8); }, 1);
  };
  const watch = ready.watch(first);
  ready.onReady = () => {
    delays.push(performance.now() - sent);
    c.read(first, at, 8);
    count[0] = 1;
    if (delays.length < 100) {
      again();
      return;
    }
    c.close(first);
    ready.arm();
    const second = eventfd();
    ready.watch(second);
    ready.onReady = () => {
      say({ woken: delays.length, quarterMs: delays.sort((a, b) => a - b)[25] });
      ready.onReady = () => say({ woken: 'once too often' });
      c.read(second, at, 8);
      ready.arm();
      if (exit) process.exit(0);
      ready.close();
      watch.dispose();
      c.close(second);
    };
    c.write(second, at, 8);
  };
  again();
}

/** The one experimental frame among whatever the kernels say. */
function receive(link: { rx(into: Batch): number }, into: Batch): Packet | undefined {
  for (let i = 0; i < 1000; i++) {
    into.clear();
    link.rx(into);
    for (let k = 0; k < into.n; k++) {
      const p = into.at(k);
      const at = p.off + (p.buf[p.off + 12] === 0x81 ? 16 : 12);
      if (p.buf[at] !== 0x88 || p.buf[at + 1] !== 0xb5) continue;
      into.pkts[0] = p;
      into.n = 1;
      return p;
    }
  }
  return undefined;
}

const [what, argument = '{}'] = process.argv.slice(2);
if (what === 'forward') forward(JSON.parse(argument).ports);
if (what === 'readiness') readiness(JSON.parse(argument));
if (what === 'frames') frames(JSON.parse(argument));
