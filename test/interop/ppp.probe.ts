/**
 * The program that ppp-slirp.test.ts starts, on Node from the compiled output and on Deno from the source:
 *
 *     ppp.probe {"netns":"/run/netns/x","device":"ppp0","slirp":["ppp","mtu 1500"],"options":{…}}
 *
 * It puts slirp behind a PTY, dials, and joins the PPP session to a TUN device of the namespace. Every output of the session but
 * packets is printed as JSON. Commands on its standard input: `dial`, `kill` (slirp dies), `hang-up`, `stats`, `end`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { RealClock } from '../../kernel/clock.ts';
import { Readiness } from '../../kernel/links/readiness.ts';
import { tunDevice } from '../../kernel/links/tun.ts';
import { PacketPool } from '../../kernel/packet/pool.ts';
import { createScope } from '../../kernel/scope.ts';
import { createArena } from '../../kernel/links/arena.ts';
import { TtyPorts } from '../../kernel/tty/ttys.ts';
import { drive } from '../../sdk/machine.ts';
import { Batch } from '../../sdk/packet.ts';
import { AsyncLine, type PppOptions, type PppOut, PppSession } from '../../sdk/ppp/index.ts';
import type { Tty } from '../../sdk/tty.ts';

interface Argument { readonly netns: string; readonly device: string; readonly slirp: readonly string[]; readonly options: Partial<PppOptions> }

const { netns, device, slirp, options } = JSON.parse(process.argv[2] ?? '{}') as Argument;
const say = (what: object): void => { process.stdout.write(`${JSON.stringify(what)}\n`); };

const clock = new RealClock();
const scope = createScope('probe');
const ports = new TtyPorts(clock);
const readiness = new Readiness();
const tun = tunDevice({ kind: 'tun', device, netns })({ wake: () => {}, changed: () => {} });
const watch = readiness.watch(tun.fd);
const pool = new PacketPool(8, createArena(8));
const [fromTun, toTun] = [new Batch(), new Batch()];
const session = new PppSession({ line: 'async', random: Math.random, ip: { askDns: true }, ...options });
let tty: Tty | undefined;
let child: ChildProcess | undefined;

const line = new AsyncLine({
  write: (buf, from, to) => tty?.write(buf, from, to) === true,
  packet(buf, start, end) {
    const p = pool.take();
    if (p === undefined) return;
    p.fill(buf.subarray(start, end));
    toTun.push(p);
    tun.tx(toTun);
    toTun.clear();
    pool.free(p);
  },
  control: input => feed(input),
});
const feed = drive(clock, scope, session, (out: PppOut) => {
  line.apply(out);
  if (out.kind !== 'send') say(out);
});

readiness.onReady = () => {
  for (let n = 1; n > 0;) {
    fromTun.clear();
    n = tun.rx(fromTun);
    for (let i = 0; i < n; i++) {
      const p = fromTun.at(i);
      line.send(p.buf, p.off, p.off + p.len);
    }
    line.flush();
  }
  readiness.arm();
};
readiness.arm();

function dial(): void {
  const port = tty = ports.pty();
  const slave = openSync(port.path, constants.O_RDWR | constants.O_NOCTTY);
  child = spawn('slirp-fullbolt', slirp, { stdio: [slave, slave, 'ignore'] });
  closeSync(slave);
  port.onData = (buf, from, to) => line.receive(buf, from, to);
  port.onGone = why => feed({ kind: 'down', why });
  feed({ kind: 'up' });
}

function end(): void {
  child?.kill('SIGKILL');
  ports.close();
  void watch.dispose();
  readiness.close();
  tun.close();
  void scope.dispose();
  clock.close();
  process.stdin.destroy();
}

createInterface(process.stdin).on('line', (command) => {
  if (command === 'dial') dial();
  else if (command === 'kill') child?.kill('SIGKILL');
  else if (command === 'hang-up') feed({ kind: 'close', why: 'asked to' });
  else if (command === 'stats') say({ kind: 'stats', line: line.stats, frames: line.frames, session: session.stats, queued: tty?.queued });
  else if (command === 'end') end();
});
say({ kind: 'ready' });
