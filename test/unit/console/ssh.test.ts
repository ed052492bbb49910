import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Client as ClientType, type ClientChannel } from 'ssh2';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { accountsInMemory } from '../../../kernel/console/account-file.ts';
import { Accounts } from '../../../kernel/console/accounts.ts';
import { PasswordHasher } from '../../../kernel/console/password-hash.ts';
import { startSsh } from '../../../kernel/console/ssh.ts';
import { AuthorizedKeys } from '../../../kernel/console/ssh-keys.ts';
import { rig } from './rig.ts';

const { Client, utils } = ssh2;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const PASSWORD = 'correct horse';
/** Host keys, made once. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-'));
const key = utils.generateKeyPairSync('ed25519', { comment: 'test' });
const rsa = utils.generateKeyPairSync('rsa', { bits: 2048 });

async function service() {
  const { tree, clock } = rig();
  const accounts = await Accounts.open({ file: accountsInMemory(), clock, hasher: new PasswordHasher({ cost: { n: 16, r: 1, p: 1 } }) });
  await accounts.create('admin', PASSWORD, 'admin');
  await accounts.create('guest', PASSWORD, 'viewer');
  const keys = new AuthorizedKeys(undefined);
  let idle = 300_000;
  const ssh = await startSsh({ tree, clock, log, accounts, keys, idleMs: () => idle, folder });
  const server = createServer((socket) => ssh.accept(socket, '127.0.0.1'));
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => { ssh.close(); server.close(); });
  return { ssh, accounts, keys, clock, port, tree, setIdle: (ms: number) => { idle = ms; } };
}

/** A client that is logged in. Rejects when it is refused. */
const login = (port: number, how: object): Promise<ClientType> => new Promise((resolve, reject) => {
  const client = new Client();
  onTestFinished(() => { client.end(); });
  client.on('ready', () => resolve(client)).on('error', reject).on('close', () => reject(new Error('closed')));
  client.connect({ host: '127.0.0.1', port, username: 'admin', ...how } as Parameters<ClientType['connect']>[0]);
});

interface Ran { out: string; err: string; code: number | null }
const exec = (client: ClientType, line: string): Promise<Ran> => new Promise((resolve, reject) => {
  client.exec(line, (error, channel) => {
    if (error) return reject(error);
    const ran: Ran = { out: '', err: '', code: null };
    channel.on('data', (d: Buffer) => { ran.out += String(d); });
    channel.stderr.on('data', (d: Buffer) => { ran.err += String(d); });
    channel.on('exit', (code: number) => { ran.code = code; });
    channel.on('close', () => resolve(ran));
  });
});

/** A shell on a terminal, and what it has shown so far. */
const shell = (client: ClientType): Promise<{ channel: ClientChannel; shows(text: string): Promise<void>; all(): string; closed: Promise<void> }> => new Promise((resolve, reject) => {
  client.shell({ cols: 100, rows: 30, term: 'xterm' }, (error, channel) => {
    if (error) return reject(error);
    let out = '';
    let seen: () => void = () => {};
    channel.on('data', (d: Buffer) => { out += String(d); seen(); });
    const closed = new Promise<void>((done) => { channel.on('close', () => { done(); seen(); }); });
    resolve({
      channel, closed, all: () => out,
      shows: async (text) => { while (!out.includes(text)) await new Promise<void>((done) => { seen = done; }); },
    });
  });
});

describe('ssh', () => {
  let s: Awaited<ReturnType<typeof service>>;
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has an Ed25519 and an RSA key', async () => {
    s = await service();
    expect(s.ssh.fingerprints.map((f) => f.split(' ')[0])).toEqual(['ssh-ed25519', 'ssh-rsa']);
    for (const serverHostKey of ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256']) await login(s.port, { password: PASSWORD, algorithms: { serverHostKey: [serverHostKey] } });
    await expect(login(s.port, { password: PASSWORD, algorithms: { cipher: ['aes128-cbc'] } })).rejects.toThrow();
  });

  it('runs one line, with its exit code, errors apart, and JSON on request', async () => {
    s = await service();
    const client = await login(s.port, { password: PASSWORD });
    expect(await exec(client, 'sys hostname gate')).toEqual({ out: 'now gate\n', err: '', code: 0 });
    expect(await exec(client, 'sys version --json')).toEqual({ out: '{"version":"1"}\n', err: '', code: 0 });
    const wrong = await exec(client, 'nonsense');
    expect(wrong).toMatchObject({ out: '', code: 2 });
    expect(wrong.err).toContain("unknown word 'nonsense'");
    expect(JSON.parse((await exec(client, 'nonsense --json')).err)).toMatchObject({ code: 2 });
    expect((await exec(client, 'bug')).code).toBe(1);
  });

  it('gives a terminal with editing, completion, help and ^C', async () => {
    s = await service();
    const term = await shell(await login(s.port, { password: PASSWORD }));
    await term.shows('lancell> ');
    term.channel.write('sys ho\t');
    await term.shows('hostname');
    term.channel.write('gatX\x7fe\r');
    await term.shows('now gate\r\n');
    term.channel.write('sys ?');
    await term.shows('version');
    term.channel.write('\x15hang\r');
    await term.shows('hang\r\n');
    term.channel.write('\x03');
    await term.shows('cancelled');
    term.channel.write('exit\r');
    await term.closed;
    expect(term.all()).not.toMatch(/[^\r]\n/);
  });

  it('lets a viewer look only', async () => {
    s = await service();
    const client = await login(s.port, { username: 'guest', password: PASSWORD });
    expect((await exec(client, 'sys version')).code).toBe(0);
    const refused = await exec(client, 'sys hostname x');
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/viewer/);
  });

  it.each([['Ed25519', key], ['RSA', rsa]] as const)('knows people by their %s key', async (_name, pair) => {
    s = await service();
    await expect(login(s.port, { privateKey: pair.private })).rejects.toThrow();
    s.keys.add('guest', pair.public);
    await expect(login(s.port, { privateKey: pair.private })).rejects.toThrow();
    s.keys.add('admin', pair.public);
    expect((await exec(await login(s.port, { privateKey: pair.private }), 'sys version')).code).toBe(0);
    await s.accounts.remove('guest');
    await expect(login(s.port, { username: 'guest', privateKey: pair.private })).rejects.toThrow();
    expect(s.keys.names).toEqual(['admin']);
  });

  it('refuses wrong passwords, strangers, and whoever tries too often', async () => {
    s = await service();
    await expect(login(s.port, { password: 'wrong' })).rejects.toThrow();
    await expect(login(s.port, { username: 'root', password: PASSWORD })).rejects.toThrow();
    await expect(login(s.port, { username: '', password: PASSWORD })).rejects.toThrow();
    let tries = 0;
    const authHandler = (_left: unknown, _partial: unknown, next: (how: object) => void): void => {
      tries++;
      next({ type: 'publickey', username: 'admin', key: key.private });
    };
    await expect(login(s.port, { authHandler })).rejects.toThrow();
    expect(tries).toBeLessThanOrEqual(7);
  });

  it('forwards nothing and has no files', async () => {
    s = await service();
    const client = await login(s.port, { password: PASSWORD });
    const refused = (call: (done: (error: Error | undefined) => void) => void): Promise<void> => new Promise((resolve, reject) => { call((error) => (error ? resolve() : reject(new Error('it was allowed')))); });
    await refused((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', s.port, done));
    await refused((done) => client.forwardIn('127.0.0.1', 0, done));
    await refused((done) => client.sftp(done));
    await refused((done) => client.openssh_forwardOutStreamLocal('/tmp/x', done));
    await refused((done) => client.subsys('netconf', done));
    expect((await exec(client, 'sys version')).code).toBe(0);
  });

  it('logs out who does nothing, and who lost the account', async () => {
    s = await service();
    const client = await login(s.port, { password: PASSWORD });
    const term = await shell(client);
    await term.shows('lancell> ');
    s.clock.advance(299_000);
    term.channel.write('sys hostname gate\r');
    await term.shows('now gate');
    s.clock.advance(299_000);
    await expect(Promise.race([term.closed, exec(client, 'sys version')])).resolves.toMatchObject({ code: 0 });
    s.clock.advance(2000);
    await term.closed;
    const guest = await login(s.port, { username: 'guest', password: PASSWORD });
    const gone = new Promise<void>((done) => { guest.on('close', () => done()); });
    await s.accounts.remove('guest');
    await gone;
  });

  it('keeps open for people while strangers fill it, and sends them away in time', async () => {
    s = await service();
    const strangers: Socket[] = [];
    const closed: Promise<unknown>[] = [];
    for (let i = 0; i < 40; i++) {
      const socket = connect(s.port, '127.0.0.1').on('error', () => {});
      closed.push(new Promise((done) => { socket.on('close', done); }));
      strangers.push(socket);
      socket.write(i % 2 === 0 ? 'GET / HTTP/1.1\r\n\r\n' : '\x00\xff'.repeat(100));
      socket.resume();
    }
    await Promise.all(strangers.map((socket) => (socket.connecting ? new Promise((done) => { socket.once('connect', done); socket.once('close', done); }) : undefined)));
    expect((await exec(await login(s.port, { password: PASSWORD }), 'sys version')).code).toBe(0);
    s.clock.advance(61_000);
    await Promise.all(closed);
  });
});
