import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { must, run, type Running, start } from './processes.ts';

/**
 * Three real network stacks on two veth pairs, the same for each contestant:
 *
 *     client .33 ── 192.168.1.0/24 ── .1 lan0 router wan0 .2 ── 198.51.100.0/24 ── .1 server
 *
 * and `inner`, a client without a wire for those who bring their own device.
 */
export const CLIENT = '192.168.1.33';
export const LAN = '192.168.1.1';
export const WAN = '198.51.100.2';
export const SERVER = '198.51.100.1';
const mac = { client: '02:00:00:00:01:33', lan: '02:00:00:00:01:01', wan: '02:00:00:00:02:02', server: '02:00:00:00:02:01' };

export type Place = 'client' | 'router' | 'server' | 'inner';
const places: readonly Place[] = ['client', 'router', 'server', 'inner'];
const PREFIX = 'lancell-bench';
export const namespace = (place: Place): string => `${PREFIX}-${process.pid}-${place}`;
/** A command as it runs in one of the namespaces. */
export const at = (place: Place, ...argv: string[]): string[] => ['ip', 'netns', 'exec', namespace(place), ...argv];

/** A process per namespace, so that its counters can be read as files. */
const keepers = new Map<Place, Running>();

export async function wire(): Promise<void> {
  removeStale();
  for (const place of places) {
    await must(['ip', 'netns', 'add', namespace(place)]);
    await must(['ip', '-n', namespace(place), 'link', 'set', 'lo', 'up']);
    await run(at(place, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv4.ip_local_port_range=10000 65000', 'net.ipv4.ping_group_range=0 2147483647'));
    keepers.set(place, start(at(place, 'sleep', '86400')));
  }
  await pair('client', 'eth0', mac.client, 'lan0', mac.lan);
  await pair('server', 'eth0', mac.server, 'wan0', mac.wan);
  await host('client', `${CLIENT}/24`, LAN, mac.lan);
  await host('server', `${SERVER}/24`, WAN, mac.wan);
}

async function pair(place: Place, device: string, itsMac: string, routers: string, routersMac: string): Promise<void> {
  await must(['ip', '-n', namespace('router'), 'link', 'add', routers, 'address', routersMac, 'type', 'veth', 'peer', 'name', device, 'address', itsMac, 'netns', namespace(place)]);
  await must(['ip', '-n', namespace('router'), 'link', 'set', routers, 'up']);
  await must(['ip', '-n', namespace(place), 'link', 'set', device, 'up']);
}

/** The neighbour entry is permanent, so that no contestant pays for what the one before it left unanswered. */
async function host(place: Place, prefix: string, router: string, routerMac: string): Promise<void> {
  await must(['ip', '-n', namespace(place), 'addr', 'add', prefix, 'dev', 'eth0']);
  await must(['ip', '-n', namespace(place), 'route', 'add', 'default', 'via', router]);
  await must(['ip', '-n', namespace(place), 'neigh', 'replace', router, 'lladdr', routerMac, 'dev', 'eth0', 'nud', 'permanent']);
}

/** Segmentation offload of the two end hosts: off, every frame on the wires has at most 1514 octets. */
export async function offload(on: boolean): Promise<void> {
  const state = on ? 'on' : 'off';
  for (const place of ['client', 'server'] as const) await must(at(place, 'ethtool', '-K', 'eth0', 'tso', state, 'gso', state));
}

/** Packets a device has received and sent, read without starting a program. */
export function packets(place: Place, device: string): { received: number; sent: number } {
  const line = readFileSync(`/proc/${keepers.get(place)!.pid}/net/dev`, 'utf8').split('\n').find(l => l.trim().startsWith(`${device}:`));
  const numbers = (line ?? '').trim().split(/[:\s]+/).slice(1).map(Number);
  return { received: numbers[1] ?? Number.NaN, sent: numbers[9] ?? Number.NaN };
}

/** Removes the namespaces, and with them all devices. Synchronous: it also runs on the way out. */
export function unwire(): void {
  for (const place of places) if (existsSync(`/run/netns/${namespace(place)}`)) spawnSync('ip', ['netns', 'del', namespace(place)]);
}

/** What a run that was killed left behind. */
function removeStale(): void {
  if (!existsSync('/run/netns')) return;
  for (const name of readdirSync('/run/netns')) {
    const pid = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) spawnSync('ip', ['netns', 'del', name]);
  }
}
