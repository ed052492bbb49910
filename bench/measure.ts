import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestants.ts';
import { median, quantile } from './median.ts';
import { must, pause, run, start } from './processes.ts';
import { at, packets, SERVER } from './wires.ts';

const blaster = fileURLToPath(new URL('./blast.js', import.meta.url));
/** A 60-octet frame: 64 with its checksum. */
const SMALLEST = 18;
const DISCARD = 9;

/** TCP bulk, one stream, in Mbit/s; the first second is not counted. `reverse`: from the server to the client. */
export async function tcp(c: Contestant, seconds: number, reverse: boolean): Promise<number> {
  const server = start(at('server', 'iperf3', '-s', '-1', '--forceflush', '-B', SERVER));
  try {
    for (let i = 0; i < 100 && !server.output().includes('listening'); i++) await pause(20);
    const { output } = await run(at(c.client, 'iperf3', '-c', SERVER, '-t', String(seconds), '-O', '1', '-J', ...(reverse ? ['-R'] : [])), (seconds + 10) * 1000, false);
    const report = JSON.parse(output) as { error?: string; end?: { sum_received?: { bits_per_second: number } } };
    const bits = report.end?.sum_received?.bits_per_second;
    if (!bits) throw new Error(`iperf3: ${report.error ?? 'no result'}`);
    return bits / 1e6;
  } finally {
    await server.stop();
  }
}

/** What arrives at the server's discard port is counted by the device and goes no further. */
export async function sink(): Promise<void> {
  await must(at('server', 'nft', 'add table netdev bench; add chain netdev bench in { type filter hook ingress device "eth0" priority 0; }; add rule netdev bench in udp dport 9 drop'));
}

/** 64-octet UDP packets of one flow: packets per second that the sender offers, and that arrive. The sender is bound to CPU 0. */
export async function udp(c: Contestant, seconds: number): Promise<{ offered: number; delivered: number }> {
  const sender = start(at(c.client, 'taskset', '-c', '0', process.execPath, blaster, SERVER, String(DISCARD), String(SMALLEST), String(seconds + 2)));
  try {
    await pause(1000);
    const begin = performance.now();
    const before = { sent: packets(c.client, c.device).sent, received: packets('server', 'eth0').received };
    await pause(seconds * 1000);
    const spent = (performance.now() - begin) / 1000;
    const offered = (packets(c.client, c.device).sent - before.sent) / spent;
    const delivered = (packets('server', 'eth0').received - before.received) / spent;
    await sender.ended;
    if (offered < 1) throw new Error(`the sender sent nothing: ${sender.output().trim()}`);
    if (delivered < 1) throw new Error('nothing arrived');
    return { offered, delivered };
  } finally {
    await sender.stop();
  }
}

/** One packet of each of so many flows, slowly enough that none is lost. */
export async function openFlows(c: Contestant, flows: number): Promise<void> {
  await must(at(c.client, process.execPath, blaster, SERVER, '20000', String(SMALLEST), '10', '20000', String(flows)));
}

/** Round trips of `count` pings, 2 ms apart, in µs. */
export async function ping(c: Contestant, count: number): Promise<{ median: number; p99: number }> {
  const { output } = await run(at(c.client, 'ping', '-n', '-i', '0.002', '-c', String(count), '-W', '1', SERVER), count * 10 + 10_000);
  const times = [...output.matchAll(/time=([\d.]+) ms/g)].map(m => Number(m[1]) * 1000);
  if (times.length < count / 2) throw new Error(`${times.length} of ${count} pings were answered`);
  return { median: median(times), p99: quantile(times, 0.99) };
}
