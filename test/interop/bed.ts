import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { end, Namespaces, until } from './namespaces.ts';
import { dist, RouterProcess } from './router-process.ts';

export const root = process.getuid?.() === 0;
if (!root) process.stderr.write('interop tests are skipped: they make network namespaces and need root\n');

/** On the far side of inet; reached through the provider's network only. */
export const SERVER = '203.0.113.10';
export const FAR = '10.99.0.2';
export const PROVIDER = '198.51.100.1';
/** lan1 and lan2 as they are without DHCP; outside the router's pool. */
export const LAN1 = '192.168.1.201';
export const LAN2 = '192.168.1.202';
export const GATEWAY = '192.168.1.1';
/** On the DMZ of a bed that has one. */
export const DMZ1 = '192.168.2.33';
const DMZ_GATEWAY = '192.168.2.1';

/**
 * `lancell up` between real kernels:
 *
 *     lan1 ── p1 ┐ router namespace                 inet: dnsmasq gives the router its address and names; web,
 *                ├ [lancell up --lan p1,p2 --wan w0] ── echo and iperf3 servers on 203.0.113.10
 *     lan2 ── p2 ┘                                    │
 *                                                    far: 10.99.0.2, web; its wire's MTU is 1300
 *
 * With `dmz` there is dmz1 as well, on p3.
 */
export class Bed {
  readonly net = new Namespaces('lci');
  /** For files of one test file; a skipped one makes none. */
  readonly folder = root ? mkdtempSync(join(tmpdir(), 'lci-')) : tmpdir();
  readonly state = join(this.folder, 'state');
  dnsmasq: ChildProcess | undefined;
  #router: RouterProcess | undefined;
  readonly #dmz: boolean;

  constructor(o: { readonly dmz?: boolean } = {}) { this.#dmz = o.dmz ?? false; }

  get router(): RouterProcess {
    if (!this.#router) throw new Error('the router does not run');
    return this.#router;
  }

  /** Builds the networks and starts the router; afterwards packets pass. */
  async start(): Promise<void> {
    const { net } = this;
    for (const name of ['lan1', 'lan2']) net.add(name, GATEWAY);
    for (const name of ['router', 'inet', 'far']) net.add(name);
    net.wire('router', 'p1', 'lan1', 'eth0');
    net.wire('router', 'p2', 'lan2', 'eth0');
    net.wire('router', 'w0', 'inet', 'eth0');
    net.wire('inet', 'eth1', 'far', 'eth0');
    await net.sh('lan1', `ip addr add ${LAN1}/24 dev eth0; ip route add default via ${GATEWAY}`);
    await net.sh('lan2', `ip addr add ${LAN2}/24 dev eth0; ip route add default via ${GATEWAY}`);
    if (this.#dmz) {
      net.add('dmz1', DMZ_GATEWAY);
      net.wire('router', 'p3', 'dmz1', 'eth0');
      await net.sh('dmz1', `ip addr add ${DMZ1}/24 dev eth0; ip route add default via ${DMZ_GATEWAY}`);
    }
    // inet's ICMP errors are what tests count: no limit on them.
    await net.sh('inet', `ip addr add ${PROVIDER}/24 dev eth0; ip addr add ${SERVER}/32 dev lo; ip addr add 10.99.0.1/24 dev eth1
      ip link set eth1 mtu 1300; sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0`);
    // advmss: or TCP would be told at once, and nothing were left to discover.
    await net.sh('far', `ip link set eth0 mtu 1300; ip addr add ${FAR}/24 dev eth0; ip route add default via 10.99.0.1 advmss 1460`);
    this.#serve();
    await this.startRouter();
    await until('a ping passes', async () => (await net.run('lan1', ['ping', '-c', '1', '-W', '1', SERVER])).code === 0, 15_000);
    await until('the web servers answer', async () => {
      const [a, b] = await Promise.all([SERVER, FAR].map((h) => net.run('lan1', ['curl', '-s', '-m', '2', `http://${h}/`])));
      return a?.code === 0 && b?.code === 0;
    });
  }

  async startRouter(): Promise<void> {
    this.#router = await RouterProcess.start(['up', '--lan', 'p1,p2', ...(this.#dmz ? ['--dmz', 'p3'] : []), '--wan', 'w0'], { state: this.state, before: this.net.inside('router') });
  }

  /** The router's address on the WAN, as dnsmasq gave it. */
  async outside(): Promise<string> { return String((await this.router.facts('wan status'))['IP address']).replace(/\/.*/, ''); }

  /** Settings by `config set`, together: `nat.loopback off`. */
  async configure(...settings: readonly string[]): Promise<void> {
    for (const s of settings) await this.router.exec(`config set ${s}`);
    await this.router.exec('config commit');
  }

  async killRouter(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#router?.kill(signal);
    this.#router = undefined;
  }

  /** Waits until the router has dealt with what was sent to it: a busy machine leaves frames in its sockets for a while. */
  async quiet(): Promise<void> {
    let before = -1;
    await until('the router is quiet', async () => {
      const came = (await this.router.table('link list')).rows.reduce((n, r) => n + Number(r[5]), 0);
      const few = before >= 0 && came - before < 20;
      before = came;
      return few;
    }, 30_000);
  }

  /** Another provider in the place of the one before; it serves when this returns. */
  async changeProvider(...of: Parameters<Bed['provider']>): Promise<void> {
    if (this.dnsmasq) await end(this.dnsmasq);
    this.dnsmasq = this.provider(...of);
    await until('the provider serves', async () => /:67\b/.test(await this.net.sh('inet', 'ss -Hluan')));
  }

  /** Pings every 10 ms until n came back, for at most 5 s. A slow moment has ping send, and get back, more than n: those do not count. */
  async ping(from: string, to: string, n: number, ...words: string[]): Promise<Pinged> {
    const seen = pinged((await this.net.run(from, ['ping', '-i', '0.01', '-w', '5', '-c', String(n), ...words, to])).out);
    return { ...seen, received: Math.min(seen.received, n) };
  }

  /** Sends and receives with all transmit offloads of every wire, or with none. */
  async offloads(on: boolean): Promise<void> {
    const to = on ? 'on' : 'off';
    const all = (name: string, ...devices: string[]) => this.net.sh(name, devices.map((d) => `ethtool -K ${d} tx ${to} tso ${to} gso ${to} gro ${to}`).join('\n'));
    await Promise.all([all('lan1', 'eth0'), all('lan2', 'eth0'), all('inet', 'eth0'), all('router', 'p1', 'p2', 'w0')]);
  }

  async close(): Promise<void> {
    await this.killRouter();
    await this.net.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The provider's DHCP and DNS server; it leases what lies between `prefix`.50 and .59. */
  provider(prefix = '198.51.100', gateway = PROVIDER, ...more: readonly string[]): ChildProcess {
    return this.net.start('inet', ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--no-resolv', '--no-hosts', '--no-ping', '--interface=eth0',
      '--bind-interfaces', '--pid-file=', `--dhcp-leasefile=${join(this.folder, `${prefix}.leases`)}`, `--dhcp-range=${prefix}.50,${prefix}.59,255.255.255.0,2m`,
      `--dhcp-option=3,${gateway}`, `--dhcp-option=6,${gateway}`, '--dhcp-authoritative', `--address=/inet1.example/${SERVER}`, `--ptr-record=10.113.0.203.in-addr.arpa,inet1.example`, ...more]);
  }

  #serve(): void {
    const { net } = this;
    this.dnsmasq = this.provider();
    const web = [process.execPath, resolve(dist, 'lab/namespace/servers.js'), 'http'];
    net.start('inet', web);
    net.start('far', web);
    net.start('inet', ['iperf3', '-s', '-B', SERVER]);
    net.start('inet', ['socat', '-b', '65000', `UDP4-RECVFROM:7,bind=${SERVER},fork`, 'PIPE']);
  }
}

export interface Pinged { readonly received: number; readonly lost: number; readonly duplicates: number }

/**
 * What ping (without -q) saw, by sequence numbers: lost is what is missing below the highest that came back. Its own sum counts as
 * lost what is on its way when it ends, for it waits only twice the longest round trip.
 */
export function pinged(out: string): Pinged {
  const seen = [...out.matchAll(/^\d+ bytes from .* icmp_seq=(\d+) .*$/gm)].map((m) => Number(m[1]));
  const distinct = new Set(seen);
  return { received: distinct.size, lost: Math.max(0, ...distinct) - distinct.size, duplicates: seen.length - distinct.size };
}
/** All n came back, each once. */
export const all = (n: number): Pinged => ({ received: n, lost: 0, duplicates: 0 });

/** A note that a reader of the test's output shall see. */
export const note = (text: string): void => { process.stdout.write(`  · ${text}\n`); };
