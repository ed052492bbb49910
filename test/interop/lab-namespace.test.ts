/**
 * The namespace lab by itself. Shows that hosts, wires, names and servers are there and that nothing is left behind. The
 * Linux kernel stands in for the router: its holder namespace gets the addresses and forwards.
 *
 *     lan1, lan2, dmz1 ── [router namespace, ip_forward 1] ── inet1
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseLab, type Lab } from '../../lab/lab.ts';
import { contentHash } from '../../lab/content.ts';
import type { NamespaceLabOptions } from '../../lab/namespace/lab.ts';
import { probe } from '../../lab/namespace/probe.ts';
import { installed } from '../../lab/namespace/run.ts';
import { serversProgram } from '../../lab/namespace/services.ts';
import { wait } from './namespaces.ts';

const run = promisify(execFile);
const found = await probe();
const program = process.env['LANCELL_LAB_SERVERS'] ?? serversProgram();

const routing = `
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link add lan type bridge; ip link set port1 master lan; ip link set port2 master lan; ip link set lan up
ip addr add 192.168.1.1/24 dev lan; ip addr add 192.168.2.1/24 dev port3; ip addr add 198.51.100.2/24 dev wan
ip route add 203.0.113.10 via 198.51.100.1`;

/** Busybox's DHCP server on the LAN bridge, in a /dev/shm of the router namespace's own. */
const udhcpd = `
mount -t tmpfs none /dev/shm; touch /dev/shm/leases
cat > /dev/shm/udhcpd.conf <<END
start 192.168.1.40
end 192.168.1.50
interface lan
lease_file /dev/shm/leases
pidfile /dev/shm/udhcpd.pid
option subnet 255.255.255.0
option router 192.168.1.1
option dns 203.0.113.10
static_lease 02:1a:b0:00:01:01 192.168.1.33
static_lease 02:1a:b0:00:01:02 192.168.1.34
END
busybox udhcpd /dev/shm/udhcpd.conf`;

async function start(addresses: 'static' | 'dhcp', dhcpClient: NamespaceLabOptions['dhcpClient'] = undefined): Promise<Lab> {
  const lab = await chooseLab('namespace', { namespace: { addresses, traffic: false, ...program ? { program } : {}, ...dhcpClient ? { dhcpClient } : {} } });
  await lab.start();
  return lab;
}

async function sh(lab: Lab, host: string, script: string): Promise<string> {
  const how = await lab.exec(host, ['sh', '-ec', script]);
  if (!('inside' in how)) throw new Error('a namespace lab spawns');
  const [file = '', ...args] = how.inside;
  return (await run(file, args, { timeout: 15_000 })).stdout;
}

/** Processes in a network namespace other than ours that have this mark in their environment: others on the machine have namespaces, too. */
function strangers(mark: string): number[] {
  const mine = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').filter(d => /^\d+$/.test(d)).map(Number).filter(pid => {
    try { return readlinkSync(`/proc/${pid}/ns/net`) !== mine && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark); } catch { return false; }
  });
}

/** Whether it runs; what has ended and was not waited for does not. */
const runs = (pid: number): boolean => {
  try { return !/^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')); } catch { return false; }
};

/** Those that still run when they have had time enough to end, even on a busy machine. */
const remaining = async (pids: readonly number[]): Promise<number[]> => {
  let left = [...pids];
  for (let i = 0; i < 300 && left.length > 0; i++) {
    await wait(50);
    left = left.filter(runs);
  }
  return left;
};

describe.skipIf(!found.ok)('namespace lab', () => {
  let lab: Lab;
  const before = { resolv: readFileSync('/etc/resolv.conf', 'utf8'), forward: '', links: '' };
  beforeAll(async () => {
    before.forward = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8');
    before.links = (await run('ip', ['-o', 'link'])).stdout;
    lab = await start('static');
    await sh(lab, 'router', routing);
    // Without NAT the server must know the way back.
    await sh(lab, 'inet1', 'ip route add 192.168.0.0/16 via 198.51.100.2');
  }, 30_000);
  afterAll(async () => { await lab?.stop(); });

  it('carries a ping from host to host through the router namespace', async () => {
    expect(await sh(lab, 'lan1', 'ping -c 2 -i 0.2 -W 5 203.0.113.10')).toContain('2 received');
    expect(await sh(lab, 'lan2', 'ping -c 1 -W 5 192.168.2.33')).toContain('1 received');
  });

  it('serves pages, and bytes with their hash', async ctx => {
    if (!program) ctx.skip();
    const until = 'for i in $(seq 50); do curl -s http://203.0.113.10/ && break; sleep 0.2; done';
    expect(await sh(lab, 'lan1', until)).toContain('you are 192.168.1.33');
    expect(await sh(lab, 'lan1', 'curl -s http://203.0.113.10/bytes/3000000 | sha256sum')).toContain(contentHash(3_000_000));
    expect(await sh(lab, 'lan1', 'head -c 100000 /dev/zero | curl -s -T - http://203.0.113.10/x')).toMatch(/^[0-9a-f]{64} 100000$/m);
    expect(await sh(lab, 'lan2', 'curl -s http://192.168.2.33/')).toContain('this is dmz1');
  });

  it('answers names and addresses', async ctx => {
    if (!program) ctx.skip();
    expect(await sh(lab, 'inet1', 'for i in $(seq 50); do getent hosts lan1.lab && break; sleep 0.2; done')).toContain('192.168.1.33');
    // The reply must come from the address that was asked.
    expect(await sh(lab, 'lan1', 'echo nameserver 203.0.113.10 > /etc/resolv.conf; getent hosts inet1')).toContain('203.0.113.10');
    expect(await sh(lab, 'inet1', 'getent hosts 203.0.113.10')).toContain('inet1.lab');
    expect(await sh(lab, 'inet1', 'getent hosts nobody || echo none')).toContain('none');
  });

  it('shows each host its own resolv.conf, and leaves the machine as it was', async () => {
    expect(await sh(lab, 'lan2', 'cat /etc/resolv.conf')).toContain('nameserver 192.168.1.1');
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(before.resolv);
    expect(readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')).toBe(before.forward);
    expect((await run('ip', ['-o', 'link'])).stdout).toBe(before.links);
  });

  it('refuses a host it does not have, naming those it has', () => {
    expect(() => lab.exec('lan9', ['true'])).toThrow('lan1, lan2, dmz1, inet1');
  });
});

const clients = await Promise.all((['udhcpc', 'busybox udhcpc', 'dhclient'] as const).map(async c => ({ c, there: await installed(c.split(' ')[0] ?? '') })));

describe.skipIf(!found.ok || !await installed('busybox'))('namespace lab with DHCP clients', () => {
  it.each(clients.filter(({ there }) => there).map(({ c }) => c))('%s takes a lease, and its gateway and name server', async client => {
    const lab = await start('dhcp', client);
    try {
      expect(await sh(lab, 'lan1', 'ip -4 -o address show dev eth0')).toBe('');
      await sh(lab, 'router', `${routing}\n${udhcpd}`);
      const until = 'for i in $(seq 130); do ip -4 -o address show dev eth0 | grep inet && break; sleep 0.1; done';
      expect(await sh(lab, 'lan1', until)).toContain('192.168.1.33/24');
      expect(await sh(lab, 'lan2', until)).toContain('192.168.1.34/24');
      // The script of the client goes on after the address.
      expect(await sh(lab, 'lan1', 'for i in $(seq 50); do ip route show default | grep via && break; sleep 0.1; done')).toContain('via 192.168.1.1');
      expect(await sh(lab, 'lan1', 'for i in $(seq 50); do grep 203.0.113.10 /etc/resolv.conf && break; sleep 0.1; done')).toContain('nameserver 203.0.113.10');
      expect(lab.notes.filter(n => n.includes('DHCP') || n.includes('ended'))).toEqual([]);
    } finally {
      await sh(lab, 'router', 'kill $(cat /dev/shm/udhcpd.pid)').catch(() => {});
      await lab.stop();
    }
  }, 40_000);
});

const dist = program?.replace(/namespace\/servers\.(js|ts)$/, 'lab.$1') ?? '';
const script = `const { chooseLab, needsUserNamespace, reexecInUserNamespace } = await import(${JSON.stringify(dist)});
  const argv = [process.execPath, '--input-type=module', '-e', process.env.SCRIPT];
  if (needsUserNamespace()) process.exit(await reexecInUserNamespace(argv));
  const lab = await chooseLab('namespace');
  await lab.start();
  const links = lab.links.map(l => l.open({ wake() {}, changed() {} }));
  console.log(lab.why + '; links up: ' + links.filter(l => l.up).map(l => l.name));
  setInterval(() => {}, 1000);`;
/** nobody: may read the build, or the test is pointless. */
const drop = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const mayDrop = process.getuid?.() === 0 && program !== undefined
  && await run('setpriv', [...drop.slice(1), 'unshare', '--user', '--map-root-user', 'test', '-r', dist]).then(() => true, () => false);

describe.skipIf(!found.ok || !program).each([
  { who: 'root', prefix: [], says: 'as root', may: process.getuid?.() === 0 },
  { who: 'an ordinary user', prefix: drop, says: 'in a user namespace of its own', may: mayDrop },
])('a router of $who', ({ prefix, says, may }) => {
  it.skipIf(!may)('opens its links, and takes all hosts with it when it is killed', async () => {
    const mark = `LANCELL_TEST_LAB=${process.pid}-${says}`;
    const [file = '', ...args] = [...prefix, process.execPath, '--input-type=module', '-e', script];
    const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, SCRIPT: script, LANCELL_TEST_LAB: mark.slice(mark.indexOf('=') + 1) } });
    const said = await new Promise<string>(up => { child.stdout?.once('data', d => up(String(d))); child.once('exit', () => up('it ended')); });
    expect(said).toContain(says);
    expect(said).toContain('links up: port1,port2,port3,wan');
    const made = strangers(mark);
    expect(made.length).toBeGreaterThanOrEqual(5);
    child.kill('SIGKILL');
    expect(await remaining(made)).toEqual([]);
  }, 30_000);
});
