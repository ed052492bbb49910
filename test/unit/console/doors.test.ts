import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admits } from '../../../kernel/console/admission.ts';
import { Doors, type DoorsOptions, type ListenAt } from '../../../kernel/console/doors.ts';
import { type Remote, remoteSchema, wellKnownPorts } from '../../../kernel/console/remote.ts';
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
    await expect(doors.apply(settings({ ssh: { port: 2222 } }))).rejects.toThrow('EADDRINUSE');
    expect(open).toEqual([2022]);
  });

  it('are open on the router’s own addresses also when a port of the machine is taken, whatever the settings become', async () => {
    const doors = rig({ outside: { ...free, ssh: 8422 }, inside: { listen: () => 99, zoneOf: () => undefined } });
    const { open, door } = fake([8422]);
    await doors.apply(settings());
    await expect(doors.add(door)).rejects.toThrow('EADDRINUSE');
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
    const far = { remoteAddress: '198.51.100.1' } as Socket;
    zones.set(far, 'WAN');
    expect(doors.admits('ssh', far)).toBe(false);
    zones.set(far, 'LAN');
    expect(doors.admits('ssh', far)).toBe(true);
  });
});
