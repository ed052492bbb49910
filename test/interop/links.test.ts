/**
 * Packet links against real kernels, in network namespaces of their own:
 *
 *     a (a0, 10.9.0.1) ── r0 [r: links.probe.ts hands frames across] r1 ── (b0, 10.9.0.2) b
 *
 * Needs root, iproute2, iputils-ping, iperf3, ethtool, tshark; the program is started from the compiled output
 * (LANCELL_DIST, default dist), for Node 20 runs no TypeScript.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PcapWriter } from '../../kernel/links/pcap.ts';
import { PcapngWriter } from '../../kernel/links/pcapng.ts';

const run = promisify(execFile);
const dist = resolve(process.env['LANCELL_DIST'] ?? 'dist');
const compiled = join(dist, 'test/interop/links.probe.js');
const ns = (which: string) => `lclink-${process.pid}-${which}`;
const path = (which: string) => `/run/netns/${ns(which)}`;
const ip = (...args: string[]) => { execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] }); };
const inside = async (which: string, ...argv: string[]) => (await run('ip', ['netns', 'exec', ns(which), ...argv], { timeout: 30_000 })).stdout;
const wait = (ms: number) => new Promise((done) => { setTimeout(done, ms); });
const runtimes = { node: ['node', compiled], deno: [...(process.env['LANCELL_DENO']?.split(' ') ?? ['npx', '--yes', 'deno@2.9.6']), 'run', '-A', '--no-check', 'test/interop/links.probe.ts'] };

type Line = Record<string, unknown>;
class Probe {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(what: string, argument: object, runtime: string[] = runtimes.node) {
    const [file = '', ...args] = [...runtime, what, JSON.stringify(argument)];
    // A group of its own: npx is two processes.
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    this.#ended = new Promise((done) => { this.#child.once('exit', done); });
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', (line) => { this.lines.push(JSON.parse(line) as Line); });
    started.push(this);
  }

  async line(match: Line, withinMs = 15_000): Promise<Line> {
    for (const end = Date.now() + withinMs; Date.now() < end; await wait(20)) {
      const at = this.lines.findIndex((l) => Object.entries(match).every(([k, v]) => l[k] === v));
      if (at >= 0) return this.lines.splice(0, at + 1).at(-1) as Line;
    }
    throw new Error(`no line ${JSON.stringify(match)} among ${JSON.stringify(this.lines)}`);
  }

  /** Ends it and says what it saw. */
  async end(): Promise<{ gso: number; needsCsum: number; longest: number; wakes: number; home: boolean; hushed: boolean[]; stats: Record<string, number>[] }> {
    this.#child.stdin?.write('\n');
    const seen = await this.line({ home: true });
    expect(await this.#ended).toBe(0);
    return seen as never;
  }

  async finished(): Promise<void> { expect(await this.#ended).toBe(0); }

  kill(): void {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    try { process.kill(-this.#child.pid, 'SIGKILL'); } catch { /* it ended meanwhile */ }
  }
}
const started: Probe[] = [];
const servers: ChildProcess[] = [];

const wire = (router: string, host: string, which: string) => {
  ip('-n', ns('r'), 'link', 'add', router, 'type', 'veth', 'peer', 'name', host, 'netns', ns(which));
  ip('-n', ns('r'), 'link', 'set', router, 'up');
  ip('-n', ns(which), 'addr', 'add', which === 'a' ? '10.9.0.1/24' : '10.9.0.2/24', 'dev', host);
  ip('-n', ns(which), 'link', 'set', host, 'up');
};
const ports = (more: object = {}) => ({ ports: ['r0', 'r1'].map((device) => ({ device, netns: path('r'), ...more })) });

async function forwarding(runtime = runtimes.node, argument: object = ports()): Promise<Probe> {
  const probe = new Probe('forward', argument, runtime);
  await probe.line({ ready: true });
  return probe;
}

async function transfer(megabytes: number): Promise<void> {
  const server = spawn('ip', ['netns', 'exec', ns('b'), 'iperf3', '-s', '-1'], { stdio: 'ignore' });
  servers.push(server);
  const over = new Promise((done) => { server.once('exit', done); });
  while (!(await inside('b', 'ss', '-Hltn', 'sport', '=', '5201')).includes('5201')) await wait(20);
  const said = JSON.parse(await inside('a', 'iperf3', '-c', '10.9.0.2', '-n', `${megabytes}M`, '-J')) as { end: { sum_received: { bytes: number } } };
  // What is under way when the sender has done its part does not count with iperf3.
  expect(said.end.sum_received.bytes).toBeGreaterThan(megabytes * 500_000);
  await over;
}

/** What fn does while a device has no transmit offloads. */
async function without(which: string, device: string, fn: () => Promise<void>): Promise<void> {
  const all = (to: string) => inside(which, 'ethtool', '-K', device, 'tx', to, 'tso', to, 'gso', to);
  await all('off');
  try {
    await fn();
  } finally {
    await all('on');
  }
}

const ping = (count: number, ...more: string[]) => inside('a', 'ping', '-i', '0.02', '-W', '5', '-c', String(count), ...more, '10.9.0.2');
/** Half of the round trips take less (ms). A mean tells of the machine's worst moments. */
const typical = (said: string): number => [...said.matchAll(/time=([\d.]+)/g)].map((m) => Number(m[1])).sort((a, b) => a - b).at(25) ?? Number.NaN;

describe.skipIf(process.getuid?.() !== 0)('packet links', { timeout: 60_000 }, () => {
  beforeAll(() => {
    if (!existsSync(compiled)) throw new Error(`${compiled} is missing: run tsc first`);
    for (const which of ['a', 'b', 'r']) {
      ip('netns', 'add', ns(which));
      execFileSync('ip', ['netns', 'exec', ns(which), 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']);
    }
    wire('r0', 'a0', 'a');
    wire('r1', 'b0', 'b');
  });
  afterEach(() => { for (const probe of started.splice(0)) probe.kill(); });
  afterAll(() => {
    for (const probe of started) probe.kill();
    for (const server of servers) if (server.exitCode === null) server.kill('SIGKILL');
    for (const which of ['a', 'b', 'r']) {
      try { ip('netns', 'del', ns(which)); } catch { /* was not made */ }
    }
  });

  for (const [name, runtime] of Object.entries(runtimes)) {
    it(`carries pings and TCP super-frames, sockets in another namespace, on ${name}`, async () => {
      const probe = await forwarding(runtime);
      await ping(1);
      const said = await ping(50);
      expect(said).toContain(' 0% packet loss');
      // Far above what is usual (0.1 ms), far below what a timer instead of poll() would give.
      expect(typical(said)).toBeLessThan(5);
      await transfer(200);
      const seen = await probe.end();
      expect(seen.gso).toBeGreaterThan(100);
      expect(seen.needsCsum).toBeGreaterThan(seen.gso);
      expect(seen.longest).toBeGreaterThan(30_000);
      expect(seen.wakes).toBeGreaterThan(50);
      expect(seen.stats.map((s) => s['txErrors'])).toEqual([0, 0]);
    });
  }

  it('carries TCP of a sender without offloads, and cuts super-frames for a device that cannot', async () => {
    const probe = await forwarding();
    await without('a', 'a0', () => transfer(20));
    await without('r', 'r1', () => transfer(20));
    expect((await probe.end()).stats.map((s) => s['txErrors'])).toEqual([0, 0]);
  });

  it('has the device join what a sender without offloads sends, as long as it is open', async () => {
    const gro = async () => /generic-receive-offload: (\w+)/.exec(await inside('r', 'ethtool', '-k', 'r0'))?.[1];
    const single = await forwarding(runtimes.node, ports({ gro: false }));
    // What iperf3's server says at the end is longer than one segment.
    await without('a', 'a0', () => without('b', 'b0', () => transfer(5)));
    expect((await single.end()).gso).toBe(0);
    const joined = await forwarding();
    expect(await gro()).toBe('on');
    await without('a', 'a0', () => transfer(20));
    expect((await joined.end()).gso).toBeGreaterThan(50);
    expect(await gro()).toBe('off');
  });

  it('carries frames octet for octet, from any memory, VLAN tags included', async () => {
    const probe = new Probe('frames', { from: { device: 'a0', netns: path('a') }, to: { device: 'r0', netns: path('r') } });
    const result = await probe.line({ same: 24 });
    expect(result['wrong']).toEqual([]);
    await probe.finished();
  });

  it('keeps the own IP of the host quiet as long as it is open', async () => {
    ip('-n', ns('r'), 'addr', 'add', '10.9.0.254/24', 'dev', 'r0');
    const toHost = () => inside('a', 'ping', '-q', '-c', '3', '-i', '0.1', '-W', '1', '10.9.0.254').then(() => 'answered', () => 'silent');
    const loud = await forwarding(runtimes.node, ports({ hush: false }));
    expect(await toHost()).toBe('answered');
    expect((await loud.end()).hushed).toEqual([false, false]);
    ip('-n', ns('a'), 'neigh', 'flush', 'dev', 'a0');
    const quiet = await forwarding();
    expect(await toHost()).toBe('silent');
    expect(await ping(5)).toContain(' 0% packet loss');
    expect((await quiet.end()).hushed).toEqual([true, true]);
    expect(await toHost()).toBe('answered');
    ip('-n', ns('r'), 'addr', 'del', '10.9.0.254/24', 'dev', 'r0');
  });

  it('tells of carrier and MTU; a device that vanishes is tried again while the rest goes on', async () => {
    const probe = await forwarding();
    ip('-n', ns('b'), 'link', 'set', 'b0', 'down');
    await probe.line({ topic: 'link/down', name: 'port1', why: 'no carrier' });
    ip('-n', ns('b'), 'link', 'set', 'b0', 'up');
    await probe.line({ topic: 'link/up', name: 'port1' });
    ip('-n', ns('r'), 'link', 'set', 'r1', 'down');
    await probe.line({ topic: 'link/down', name: 'port1', why: 'administratively down' });
    ip('-n', ns('r'), 'link', 'set', 'r1', 'up');
    await probe.line({ topic: 'link/up', name: 'port1' });
    ip('-n', ns('r'), 'link', 'set', 'r1', 'mtu', '1400');
    await probe.line({ topic: 'link/mtu', name: 'port1', mtu: 1400 });
    ip('-n', ns('r'), 'link', 'set', 'r1', 'mtu', '1500');
    expect(await ping(5)).toContain(' 0% packet loss');

    ip('-n', ns('r'), 'link', 'del', 'r1');
    await probe.line({ topic: 'link/down', name: 'port1', why: 'r1 is gone' });
    await wait(1200);
    wire('r1', 'b0', 'b');
    ip('-n', ns('a'), 'neigh', 'flush', 'dev', 'a0');
    await probe.line({ topic: 'link/up', name: 'port1' });
    await ping(1);
    expect(await ping(10)).toContain(' 0% packet loss');
    expect(probe.lines.some((l) => l['name'] === 'port0')).toBe(false);
    await probe.end();
  });

  it('carries TCP between a packet socket and a TAP', async () => {
    ip('-n', ns('b'), 'addr', 'flush', 'dev', 'b0');
    const probe = await forwarding(runtimes.node, { ports: [{ device: 'r0', netns: path('r') }, { tun: 'tap', device: 't0', netns: path('b'), mtu: 1500 }] });
    ip('-n', ns('b'), 'addr', 'add', '10.9.0.2/24', 'dev', 't0');
    ip('-n', ns('a'), 'neigh', 'flush', 'dev', 'a0');
    await ping(1);
    expect(await ping(10)).toContain(' 0% packet loss');
    await transfer(100);
    const seen = await probe.end();
    expect(seen.gso).toBeGreaterThan(50);
    expect(seen.stats[1]?.['txErrors']).toBe(0);
    ip('-n', ns('b'), 'addr', 'add', '10.9.0.2/24', 'dev', 'b0');
  });

  it('carries TCP between two TUNs, and notices when one is deleted', async () => {
    const probe = await forwarding(runtimes.node, { ports: [{ tun: 'tun', device: 'u0', netns: path('a') }, { tun: 'tun', device: 'u1', netns: path('b') }] });
    ip('-n', ns('a'), 'addr', 'add', '10.9.9.1', 'peer', '10.9.9.2', 'dev', 'u0');
    ip('-n', ns('b'), 'addr', 'add', '10.9.9.2', 'peer', '10.9.9.1', 'dev', 'u1');
    expect(await inside('a', 'ping', '-q', '-c', '5', '-i', '0.02', '-W', '5', '10.9.9.2')).toContain(' 0% packet loss');
    ip('-n', ns('b'), 'link', 'del', 'u1');
    await probe.line({ topic: 'link/down', name: 'port1', why: 'u1 is gone' });
    await probe.line({ topic: 'link/up', name: 'port1' });
    await probe.end();
  });
});

describe('readiness', () => {
  afterEach(() => { for (const probe of started.splice(0)) probe.kill(); });
  for (const [name, runtime] of Object.entries(runtimes)) {
    for (const exit of [false, true]) {
      it(`wakes at once, outlives closed descriptors, and lets ${name} end${exit ? ' by process.exit' : ''}`, { timeout: 30_000 }, async () => {
        const probe = new Probe('readiness', { exit }, runtime);
        const said = await probe.line({ woken: 100 });
        // Usually 0.01 ms. The fastest quarter: what a busy machine does to the others is not ours; a timer would not wake at once even then.
        expect(said['quarterMs']).toBeLessThan(1);
        await probe.finished();
        expect(probe.lines).toEqual([]);
      });
    }
  }
});

describe.skipIf(process.getuid?.() !== 0)('capture files', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lancell-links-'));
  afterAll(() => { rmSync(dir, { recursive: true }); });
  const frame = Uint8Array.from(Buffer.from('ffffffffffff0200000000010806000108000604000102000000000100000000000000000000c0a80101', 'hex'));
  const fields = async (file: string, ...names: string[]) =>
    (await run('tshark', ['-r', file, '-T', 'fields', ...names.flatMap((n) => ['-e', n])], { timeout: 30_000 })).stdout.trim().split('\t');

  it('tshark reads pcapng: interface, comment, nanoseconds, content', async () => {
    const w = new PcapngWriter();
    const file = join(dir, 'x.pcapng');
    const parts = [w.section('about'), w.interface('lan0', 1).bytes, w.interface('wan0', 1).bytes, w.frame(1, frame, 1_700_000_000_123_456_789n, 'dropped: ttl-expired')];
    writeFileSync(file, Buffer.concat(parts));
    expect(await fields(file, 'frame.interface_name', 'frame.comment', 'frame.time_epoch', 'arp.dst.proto_ipv4')).toEqual(
      ['wan0', 'dropped: ttl-expired', '1700000000.123456789', '192.168.1.1']);
  });

  it('tshark reads pcap', async () => {
    const file = join(dir, 'x.pcap');
    writeFileSync(file, Buffer.concat([PcapWriter.header(1), PcapWriter.frame(frame, 5_000_000_007n, 60)]));
    expect(await fields(file, 'frame.time_epoch', 'frame.len', 'arp.opcode')).toEqual(['5.000000007', '60', '1']);
  });
});
