import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, must, pause, run, type Running, start } from './processes.ts';
import { at, LAN, namespace, type Place, SERVER, WAN } from './wires.ts';

/** Somebody who does NAT between the wires. Only one of them is started at a time. */
export interface Contestant {
  readonly name: 'lancell' | 'kernel' | 'kernel, GRO' | 'slirp4netns' | 'pasta';
  /** Where its client is. */
  readonly client: Place;
  /** The client's device, for its counters. */
  readonly device: string;
  /** With `big` false, one that brings its own device gives it an MTU of 1500. Rejects when no packet comes through. */
  start(big: boolean): Promise<void>;
  stop(): Promise<void>;
}

export const main = fileURLToPath(new URL('../kernel/main.js', import.meta.url));
const READY_MS = 15_000;

async function comesThrough(client: Place, who: () => string): Promise<void> {
  const end = Date.now() + READY_MS;
  while (Date.now() < end) {
    if ((await run(at(client, 'ping', '-n', '-q', '-c', '1', '-W', '1', SERVER))).code === 0) return;
    await pause(50);
  }
  throw new Error(`no packet comes through: ${who().trim().slice(-500)}`);
}

/** The address, with a token, that a router prints when its console is open. */
export async function spokenAddress(router: Running): Promise<string> {
  for (const end = Date.now() + READY_MS; Date.now() < end; await pause(50)) {
    const address = /live console: (\S+)/.exec(router.output())?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`the router has no console: ${router.output().trim().slice(-500)}`);
}

/** As package.json and bin/lancell.mjs start it. */
const AS_STARTED = ['--max-semi-space-size=8'];

/** A router of its own state directory on lan0 and wan0, as `lancell up` starts it. */
export class Lancell implements Contestant {
  readonly name = 'lancell';
  readonly client = 'client';
  readonly device = 'eth0';
  readonly state = mkdtempSync(join(tmpdir(), 'lancell-bench-'));
  #router: Running | undefined;
  readonly #nodeOptions: readonly string[];
  readonly #listen: string;
  readonly #environment: readonly string[];

  /** `nodeOptions` are for node itself, such as --cpu-prof; `listen` is where the console listens in the router's namespace; `environment` is NAME=value. */
  constructor(nodeOptions: readonly string[] = [], listen = 'off', environment: readonly string[] = []) {
    this.#nodeOptions = nodeOptions;
    this.#listen = listen;
    this.#environment = environment;
    process.once('exit', () => this.forget());
    writeFileSync(join(this.state, 'config.json'), JSON.stringify({ format: 1, sections: {
      lan: { version: 1, settings: { ports: { port1: 'lan' }, lan: { ip: LAN } } },
      wan: { version: 1, settings: { mode: 'static', ip: WAN, gateway: SERVER } },
      // One host makes all the connections, more than a single one usually may.
      nat: { version: 1, settings: { maxSessionsPerHost: 65_535 } },
    } }));
  }

  get pid(): number { return this.#router?.pid ?? -1; }

  /** Only starts the process. */
  spawn(): void {
    this.#router = start(at('router', 'env', ...this.#environment, process.execPath, ...AS_STARTED, ...this.#nodeOptions, main, 'up', '--lan', 'lan0', '--wan', 'wan0', '--state', this.state, '--listen', this.#listen, '--no-terminal'));
  }

  async start(): Promise<void> {
    this.spawn();
    await comesThrough(this.client, () => this.#router?.output() ?? '');
  }

  async stop(): Promise<void> {
    await this.#router?.stop();
    this.#router = undefined;
  }

  /** The address of its console, with a token; it must listen. */
  console(): Promise<string> {
    if (this.#router === undefined) throw new Error('the router does not run');
    return spokenAddress(this.#router);
  }

  /** How many flows it has now. */
  async flows(): Promise<number> {
    const { output } = await run([process.execPath, main, 'exec', 'sys status', '--state', this.state]);
    return Number(/flows\s+:?\s*(\d+) of/.exec(output)?.[1] ?? Number.NaN);
  }

  /** Removes its state; done at the process's end. */
  forget(): void { rmSync(this.state, { recursive: true, force: true }); }
}

/** Linux itself: forwarding and an nftables masquerade with connection tracking. With `gro` its devices join segments, as lancell has them do. */
const kernel = (gro: boolean): Contestant => ({
  name: gro ? 'kernel, GRO' : 'kernel', client: 'client', device: 'eth0',
  async start() {
    if (gro) for (const device of ['lan0', 'wan0']) await must(at('router', 'ethtool', '-K', device, 'gro', 'on'));
    for (const [device, address] of [['lan0', LAN], ['wan0', WAN]] as const) await must(['ip', '-n', namespace('router'), 'addr', 'add', `${address}/24`, 'dev', device]);
    await must(at('router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1'));
    await must(at('router', 'nft', 'add table ip bench; add chain ip bench out { type nat hook postrouting priority 100; }; add rule ip bench out oifname "wan0" masquerade'));
    await comesThrough('client', () => 'the kernel does not forward');
  },
  async stop() {
    await run(at('router', 'nft', 'delete table ip bench'));
    await run(at('router', 'sysctl', '-qw', 'net.ipv4.ip_forward=0'));
    for (const device of ['lan0', 'wan0']) {
      await run(['ip', '-n', namespace('router'), 'addr', 'flush', 'dev', device]);
      await run(at('router', 'ethtool', '-K', device, 'gro', 'off'));
    }
  },
});

/** User-space NAT on sockets: its client has a TAP device instead of a wire, its sockets cross the veth to the server. */
function onSockets(name: 'slirp4netns' | 'pasta', command: (mtu: string, inner: string) => string[]): Contestant {
  let program: Running | undefined;
  return {
    name, client: 'inner', device: 'tap0',
    async start(big) {
      await must(['ip', '-n', namespace('router'), 'addr', 'replace', `${WAN}/24`, 'dev', 'wan0']);
      await must(['ip', '-n', namespace('router'), 'route', 'replace', 'default', 'via', SERVER]);
      program = start(at('router', ...command(big ? '65520' : '1500', `/run/netns/${namespace('inner')}`)));
      await comesThrough('inner', () => program?.output() ?? '');
    },
    async stop() {
      await program?.stop();
      await run(['ip', '-n', namespace('inner'), 'link', 'del', 'tap0']);
      await run(['ip', '-n', namespace('router'), 'addr', 'flush', 'dev', 'wan0']);
    },
  };
}

const slirp4netns = onSockets('slirp4netns', (mtu, inner) => ['slirp4netns', '-c', `--mtu=${mtu}`, '--netns-type=path', inner, 'tap0']);
const pasta = onSockets('pasta', (mtu, inner) =>
  ['pasta', '-f', '-q', '-4', '--no-map-gw', '--runas', '0:0', '--netns-only', '--config-net', '-m', mtu, '-I', 'tap0', '-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none', '--netns', inner]);

/** All that can run here; what cannot is said. */
export async function contestants(lancell: Lancell, missing: (text: string) => void): Promise<Contestant[]> {
  const here: Contestant[] = [lancell, kernel(false), kernel(true)];
  for (const peer of [slirp4netns, pasta]) {
    if (await installed(peer.name)) here.push(peer);
    else missing(`${peer.name} is not installed: left out`);
  }
  return here;
}
