import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admits } from '../../../kernel/console/admission.ts';
import { Doors, type DoorsOptions, type ListenAt } from '../../../kernel/console/doors.ts';
import { holderOf, whyNoPort } from '../../../kernel/console/port-holder.ts';
import { type Remote, remoteSchema, serviceNames, type Side, sideOfZone, sides, wellKnownPorts } from '../../../kernel/console/remote.ts';
import { socketDoor } from '../../../kernel/console/socket-door.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const free = { http: 0, https: 0, ssh: 0, telnet: 0 };
const settings = (change: object = {}): Remote => remoteSchema(wellKnownPorts).parse(change);

describe('rules of remote management', () => {
  const lan = { from: '192.168.1.33', side: 'lan' } as const;
  it('let the LAN in and nobody else by default; Telnet is off', () => {
    expect(admits(settings(), 'ssh', lan)).toBe(true);
    expect(admits(settings(), 'telnet', lan)).toBe(false);
    for (const side of ['wan', 'dmz', 'wlan', 'cell'] as const) expect(admits(settings(), 'ssh', { from: '198.51.100.1', side })).toBe(false);
  });
  it('know one secure client, or a subnet of them', () => {
    for (const [secureClientIp, there] of [['192.168.1.33', true], ['192.168.1.34', false], ['192.168.1.0/24', true], ['10.0.0.0/8', false]] as const) {
      expect(admits(settings({ ssh: { secureClientIp } }), 'ssh', lan)).toBe(there);
    }
  });
  it('hold for each service alone, and each side alone', () => {
    for (const name of serviceNames) {
      for (const side of sides) {
        const only = settings({ [name]: { active: true, access: [side] } });
        for (const other of sides) expect(admits(only, name, { from: '192.0.2.1', side: other })).toBe(other === side);
      }
      expect(admits(settings({ [name]: { active: false, access: [...sides] } }), name, lan)).toBe(false);
      expect(admits(settings({ [name]: { active: true, secureClientIp: '192.168.1.34' } }), name, lan)).toBe(false);
      expect(admits(settings({ [name]: { active: true, access: [] } }), name, lan)).toBe(false);
    }
  });
  it('ask for side and client both', () => {
    const both = settings({ ssh: { access: ['wan'], secureClientIp: '198.51.100.7' } });
    expect(admits(both, 'ssh', { from: '198.51.100.7', side: 'wan' })).toBe(true);
    expect(admits(both, 'ssh', { from: '198.51.100.8', side: 'wan' })).toBe(false);
    expect(admits(both, 'ssh', { from: '198.51.100.7', side: 'lan' })).toBe(false);
  });
  it('take a prefix whatever its host bits are, and no IPv6 address for an IPv4 client', () => {
    expect(admits(settings({ ssh: { secureClientIp: '192.168.1.77/24' } }), 'ssh', lan)).toBe(true);
    expect(admits(settings({ ssh: { secureClientIp: '0.0.0.0/0' } }), 'ssh', lan)).toBe(true);
    expect(admits(settings({ ssh: { secureClientIp: '192.168.1.33' } }), 'ssh', { from: 'fe80::1', side: 'lan' })).toBe(false);
    expect(admits(settings({ ssh: { secureClientIp: '192.168.1.33' } }), 'ssh', { from: '', side: 'lan' })).toBe(false);
    for (const secureClientIp of ['', '1.2.3', '1.2.3.4/33', 'router', '::1']) expect(remoteSchema(wellKnownPorts).safeParse({ ssh: { secureClientIp } }).success).toBe(false);
  });
  it('let nobody in through an interface that no rule can name', () => {
    expect(['LAN', 'WAN', 'CELL', 'Cellular', 'DMZ', 'WLAN', 'VPN', 'WAN2', 'constructor', '', undefined].map(sideOfZone)).toEqual(['lan', 'wan', 'cell', 'cell', 'dmz', 'wlan', 'none', 'none', 'none', 'none', 'none']);
    const open = settings({ ssh: { access: [...sides] } });
    expect(admits(open, 'ssh', { from: '10.0.0.1', side: 'none' })).toBe(false);
    expect(admits(open, 'ssh', { from: '127.0.0.1', side: 'none' })).toBe(false);
  });
  it('never shut out whoever is on the machine itself, but nobody who only says so', () => {
    const none = settings({ ssh: { access: [], secureClientIp: '10.1.1.1' } });
    expect(admits(none, 'ssh', { from: '127.0.0.1', side: undefined })).toBe(true);
    expect(admits(none, 'ssh', { from: '127.0.0.1', side: 'wan' })).toBe(false);
    expect(admits(settings({ ssh: { active: false } }), 'ssh', { from: '127.0.0.1', side: undefined })).toBe(false);
  });
});

describe('doors', () => {
  function rig(more: Partial<DoorsOptions> = {}) {
    const doors = new Doors({ host: '127.0.0.1', log, side: () => undefined, ...more });
    onTestFinished(() => doors.close());
    return doors;
  }
  const greeting = (port: number): Promise<string> => new Promise((resolve, reject) => {
    let said = '';
    connect(port, '127.0.0.1').on('data', (d) => { said += String(d); }).on('error', reject).on('close', () => resolve(said));
  });
  const hello = (socket: Socket): void => { socket.end('hello'); };

  it('open where they are told, close when they are told, and cut off who is not admitted', async () => {
    const doors = rig({ outside: free });
    await doors.apply(settings());
    await doors.add(socketDoor('ssh', doors, hello));
    await doors.add(socketDoor('telnet', doors, hello));
    const port = doors.at('ssh')!.port;
    expect(await greeting(port)).toBe('hello');
    expect(doors.at('telnet')).toBeUndefined();
    await doors.apply(settings({ telnet: { active: true }, ssh: { active: false } }));
    expect(doors.at('ssh')).toBeUndefined();
    expect(await greeting(doors.at('telnet')!.port)).toBe('hello');
    await expect(greeting(port)).rejects.toThrow();
  });

  it('shut for sides that may not come in', async () => {
    const doors = rig({ outside: free, side: () => 'wan' });
    await doors.apply(settings());
    await doors.add(socketDoor('ssh', doors, hello));
    expect(await greeting(doors.at('ssh')!.port)).toBe('');
  });

  /** Notes where it is told to listen. */
  function fake(taken: readonly number[] = []) {
    const open: number[] = [];
    return { open, door: { name: 'ssh' as const, listen: async (at: ListenAt) => {
      if (taken.includes(at.port)) throw new Error('EADDRINUSE');
      at.fd?.();
      open.push(at.port);
      return { host: at.host, port: at.port, close: async () => { open.splice(open.indexOf(at.port), 1); } };
    } } };
  }

  it('move to a new port before they leave the old one, and stay where they were when it is taken', async () => {
    const doors = rig();
    const { open, door } = fake([2222]);
    await doors.apply(settings());
    await doors.add(door);
    await doors.apply(settings({ ssh: { port: 2022 } }));
    expect(open).toEqual([2022]);
    await expect(doors.apply(settings({ ssh: { port: 2222 } }))).rejects.toThrow('remote.ssh.port: 2222 is taken by ');
    expect(open).toEqual([2022]);
    expect(doors.problems).toEqual([]);
  });

  it('are open on the router’s own addresses also when a port of the machine is taken, whatever the settings become', async () => {
    const doors = rig({ outside: { ...free, ssh: 8422 }, inside: { listen: () => 99, zoneOf: () => undefined } });
    const { open, door } = fake([8422]);
    await doors.apply(settings());
    await expect(doors.add(door)).rejects.toThrow('ssh: 8422 is taken by ');
    expect(open).toEqual([22]);
    await doors.apply(settings({ ssh: { port: 2022 } }));
    expect(open).toEqual([2022]);
    expect(doors.rules.listens(22)).toBe(false);
    expect(doors.rules.listens(2022)).toBe(true);
  });

  it('ask for packets by the same rules, on the router’s own addresses', async () => {
    const zones = new Map<Socket, string>();
    const inside: number[] = [];
    const doors = rig({ outside: { ...free, ssh: 8422 }, inside: { listen: (port) => { inside.push(port); return 99; }, zoneOf: (s) => zones.get(s) } });
    const { open, door } = fake();
    await doors.apply(settings());
    await doors.add(door);
    expect(open).toEqual([22, 8422]);
    expect(inside).toEqual([22]);
    const { rules } = doors;
    expect([rules.listens(22), rules.listens(80), rules.listens(8422)]).toEqual([true, false, false]);
    expect(rules.admits(22, '192.168.1.33', 'LAN')).toBe(true);
    expect(rules.admits(22, '198.51.100.1', 'WAN')).toBe(false);
    expect(rules.admits(22, '192.168.1.33', undefined)).toBe(false);
    expect(rules.admits(22, '127.0.0.1', 'LAN')).toBe(false);
    expect(rules.admits(80, '192.168.1.33', 'LAN')).toBe(false);
    const far = Object.assign(new Socket(), {});
    Object.defineProperty(far, 'remoteAddress', { value: '198.51.100.1' });
    zones.set(far, 'WAN');
    expect(doors.admits('ssh', far)).toBe(false);
    zones.set(far, 'LAN');
    expect(doors.admits('ssh', far)).toBe(true);
    // A zone that no rule can name lets nobody in, by packet or by socket.
    zones.set(far, 'MOON');
    expect(doors.admits('ssh', far)).toBe(false);
    expect(rules.admits(22, '192.168.1.33', 'MOON')).toBe(false);
  });

  it('refuse a commit that asks for a port of the router’s own addresses that cannot be had, by field and reason', async () => {
    const taken = new Set([443]);
    const listen = (port: number): number => { if (taken.has(port)) throw new Error(`EADDRINUSE: port ${port}`); return 99; };
    const doors = rig({ outside: free, inside: { listen, zoneOf: () => undefined } });
    const { open, door } = fake();
    await doors.apply(settings());
    await doors.add(door);
    await expect(doors.apply(settings({ ssh: { port: 443 } }))).rejects.toMatchObject({
      name: 'CliError', fields: [{ section: 'remote', path: 'remote.ssh.port', message: '443 is taken by another service of this router' }],
    });
    expect(open).toEqual([22, 0]);
    expect([doors.rules.listens(22), doors.rules.listens(443), doors.problems.length]).toEqual([true, false, 0]);
    taken.clear();
    await doors.apply(settings({ ssh: { port: 443 } }));
    expect(doors.inside).toEqual([{ name: 'ssh', port: 443 }]);
  });

  it('tell at the start what cannot be had, go on with the rest, and try again with the next settings', async () => {
    const lines: string[] = [];
    const taken = new Set([22]);
    const listen = (port: number): number => { if (taken.has(port)) throw new Error(`EACCES: port ${port}`); return 99; };
    const doors = rig({ outside: free, log: { ...log, error: (_fields, msg) => { lines.push(msg); } }, inside: { listen, zoneOf: () => undefined } });
    const { door } = fake();
    await doors.apply(settings());
    await doors.add(door);
    expect(doors.problems).toEqual([{ service: 'ssh', place: 'inside', port: 22, why: 'no permission to listen on 22; ports below 1024 are for root' }]);
    expect(lines).toEqual(["remote.ssh.port: no permission to listen on 22; ports below 1024 are for root; ssh is not offered on the router's own addresses"]);
    // Other settings are not refused for it, and it is not told twice.
    await doors.apply(settings({ idleMinutes: 7 }));
    expect([doors.problems.length, lines.length]).toEqual([1, 1]);
    taken.clear();
    await doors.apply(settings({ idleMinutes: 8 }));
    expect(doors.problems).toEqual([]);
    expect(doors.rules.listens(22)).toBe(true);
    // Switched off it is no problem either.
    taken.add(22);
    await doors.apply(settings({ ssh: { active: false } }));
    expect(doors.problems).toEqual([]);
  });

  it('cut off who came in by other rules and may not stay by these', async () => {
    let side: Side = 'lan';
    const doors = rig({ outside: free, side: () => side });
    await doors.apply(settings({ ssh: { access: ['lan', 'host'] } }));
    await doors.add(socketDoor('ssh', doors, (socket) => { socket.write('stay'); }));
    // From loopback only the sides 'host' and none are believed.
    side = 'host';
    const client = connect(doors.at('ssh')!.port, '127.0.0.1');
    await new Promise((resolve) => client.once('data', resolve));
    await doors.apply(settings({ ssh: { access: ['lan', 'host'] }, idleMinutes: 9 }));
    expect(client.destroyed).toBe(false);
    const gone = new Promise((resolve) => client.once('close', resolve));
    side = 'wan';
    await doors.apply(settings({ ssh: { access: ['lan'] } }));
    await gone;
  });

  it('name the program that has a port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => { server.close(); });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await whyNoPort(Object.assign(new Error('x'), { code: 'EADDRINUSE' }), port, '127.0.0.1')).toBe(`${port} is taken by another service of this router`);
    const other = spawn(process.execPath, ['-e', "const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))"], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => { other.kill(); });
    const taken = Number(await new Promise((resolve) => other.stdout.once('data', resolve)));
    expect(await holderOf(taken)).toMatch(new RegExp(`\\(process ${other.pid}\\)$`));
    const error = (code: string) => Object.assign(new Error(code), { code });
    expect(await whyNoPort(error('EADDRNOTAVAIL'), 80, '192.0.2.1')).toBe('192.0.2.1 is no address of this machine');
    expect(await whyNoPort(error('EACCES'), 8080, '127.0.0.1')).toBe('no permission to listen on 8080');
    expect(await whyNoPort('strange', 80, '127.0.0.1')).toBe('80 cannot be had: strange');
  });
});
