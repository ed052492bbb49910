/**
 * Remote management over the router's own addresses, with the OpenSSH client, the telnet client, curl, and real kernels around:
 *
 *     lan1, lan2 ──┐
 *                  ├─ router (192.168.1.1, 192.168.2.1, 198.51.100.2) ── inet1
 *     dmz1 ────────┘
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './bed.ts';
import { Dialogue } from './dialogue.ts';
import { type Ran, run, until } from './namespaces.ts';
import { program, RouterProcess } from './router-process.ts';

const ROUTER = '192.168.1.1';
const PASSWORD = 'correct horse';

describe.skipIf(!root)('SSH, Telnet and the web on the addresses of the router', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lancell-ssh-'));
  const state = join(folder, 'state');
  const keyFile = join(folder, 'key');
  const askPass = join(folder, 'askpass');
  const secrets = { SSH_ASKPASS: askPass, SSH_ASKPASS_REQUIRE: 'force' };
  const options = ['-F', 'none', '-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${join(folder, 'known')}`, '-o', 'NumberOfPasswordPrompts=1', '-o', 'ConnectTimeout=5', '-o', 'LogLevel=ERROR', '-o', 'IdentitiesOnly=yes'];
  let router: RouterProcess;

  const start = (): Promise<RouterProcess> => RouterProcess.start(['start', '--lab', 'namespace', '--password-file', join(folder, 'password')], { state });
  const on = (host: string, argv: readonly string[]): string[] => [process.execPath, program, 'lab', 'exec', '--state', state, host, '--', ...argv];
  const at = (host: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    run(['env', ...Object.entries(env).map(([k, v]) => `${k}=${v}`), ...on(host, argv)]);
  const ssh = (words: readonly string[], host = 'lan1'): Promise<Ran> => at(host, ['ssh', ...options, ...words], secrets);
  const web = async (host: string, url: string): Promise<string> => (await at(host, ['curl', '-sk', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', url])).out;

  beforeAll(async () => {
    writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
    writeFileSync(askPass, `#!/bin/sh\necho '${PASSWORD}'\n`, { mode: 0o755 });
    router = await start();
    await until('lan1 has an address', async () => (await at('lan1', ['ip', '-4', 'address', 'show', 'dev', 'eth0'])).out.includes('192.168.1.33'));
  });
  afterAll(async () => {
    await router?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows the page of the router to the LAN, on each of its addresses and by HTTPS', async () => {
    expect((await at('lan1', ['curl', '-s', '-m', '5', `http://${ROUTER}/`])).out).toMatch(/<!doctype html>/i);
    for (const url of ['http://198.51.100.2/', 'http://192.168.2.1/', `https://${ROUTER}/`]) expect(await web('lan2', url)).toBe('200');
  });

  it('is found by its name from the LAN', async () => {
    expect((await at('lan1', ['curl', '-s', '-m', '5', 'http://router/'])).out).toMatch(/<!doctype html>/i);
    expect(await web('lan1', 'https://router.lab/')).toBe('200');
  });

  it('is managed from a host of the LAN by a program that knows its certificate', async () => {
    const token = String((await router.facts('sys token add far operator'))['token']);
    const fingerprint = String((await router.facts('sys server certificate disp'))['fingerprint']);
    const far = (...words: string[]): Promise<Ran> => at('lan1', [process.execPath, program, 'exec', ...words, 'sys version'], { XDG_CONFIG_HOME: join(folder, 'config'), LANCELL_TOKEN: token });
    const refused = await far('--url', `https://${ROUTER}/`);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(`--fingerprint ${fingerprint}`);
    expect(await far('--url', `https://${ROUTER}/`, '--fingerprint', fingerprint)).toMatchObject({ code: 0, out: expect.stringContaining('runtime') as string });
    expect(await far('--url', `https://${ROUTER}/`)).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'config/lancell/known_routers'), 'utf8')).toBe(`${ROUTER}:443 ${fingerprint}\n`);
    await router.exec('sys server certificate renew');
    const changed = await far('--url', `https://${ROUTER}/`);
    expect(changed.code).toBe(1);
    expect(changed.out).toContain('HAS CHANGED');
  });

  it('is closed to WAN and DMZ', async () => {
    // Nothing answers, so each waits as long as it can: together.
    const tried = ([['inet1', '198.51.100.2'], ['dmz1', '192.168.2.1'], ['dmz1', ROUTER]] as const).flatMap(([host, address]) => [80, 443, 22, 23].map((port) => [host, `http://${address}:${port}/`] as const));
    expect(await Promise.all(tried.map(([host, url]) => web(host, url)))).toEqual(tried.map(() => '000'));
    // The firewall comes first; remote management has its say about what that lets through.
    expect((await router.counters())['firewall: dropped by the default of the direction']).toBeGreaterThan(0);
  });

  it('runs a line by SSH with a password, with JSON, errors apart and the exit code', async () => {
    expect(await ssh([`admin@${ROUTER}`, 'ip', 'self'])).toMatchObject({ code: 0, out: expect.stringContaining(ROUTER) as string });
    const json = await ssh([`admin@${ROUTER}`, 'plugin list --json']);
    expect((JSON.parse(json.out) as { id: string }[]).map((p) => p.id)).toContain('self');
    expect(await ssh([`admin@${ROUTER}`, 'nonsense'])).toMatchObject({ code: 2, out: expect.stringContaining("unknown word 'nonsense'") as string });
  });

  it('has host keys that stay: an Ed25519 and an RSA one', async () => {
    const scan = async (): Promise<string[]> => (await at('lan1', ['ssh-keyscan', '-t', 'ed25519,rsa', ROUTER])).out.split('\n').filter((l) => l.startsWith(ROUTER)).sort();
    const before = await scan();
    expect(before.map((l) => l.split(' ')[1])).toEqual(['ssh-ed25519', 'ssh-rsa']);
    const shown = (await router.table('sys ssh fingerprint')).rows.map((r) => String(r[1]));
    for (const line of before) {
      writeFileSync(join(folder, 'host.pub'), line.slice(ROUTER.length + 1));
      expect(shown).toContain((await run(['ssh-keygen', '-lf', join(folder, 'host.pub')])).out.split(' ')[1]);
    }
    for (const kind of ['ed25519', 'rsa']) expect(statSync(join(state, 'ssh', `host_${kind}_key`)).mode & 0o777).toBe(0o600);
    await router.kill('SIGTERM');
    router = await start();
    await until('lan1 is back', async () => await web('lan1', `http://${ROUTER}/`) === '200', 20_000);
    expect(await scan()).toEqual(before);
  });

  it.each(['ed25519', 'rsa', 'ecdsa'])('knows people by a key of ssh-keygen -t %s', async (kind) => {
    const file = `${keyFile}-${kind}`;
    await run(['ssh-keygen', '-q', '-t', kind, '-N', '', '-C', 'test key', '-f', file]);
    const how = ['-o', 'PasswordAuthentication=no', '-i', file, `admin@${ROUTER}`, 'ip self'];
    expect((await ssh(how)).code).toBe(255);
    await router.exec(`sys ssh keys add admin ${readFileSync(`${file}.pub`, 'utf8').trim()}`);
    expect(await ssh(how)).toMatchObject({ code: 0, out: expect.stringContaining('running') as string });
    const [row] = (await router.table('sys ssh keys list admin')).rows;
    expect(row).toMatchObject(['admin', expect.stringContaining(kind), expect.stringMatching(/^SHA256:/), 'test key']);
    await router.exec(`sys ssh keys remove admin ${String(row?.[2])}`);
    expect((await ssh(how)).code).toBe(255);
  });

  it('forwards nothing and has no files', async () => {
    expect((await ssh(['-o', 'ExitOnForwardFailure=yes', '-N', '-R', '9999:127.0.0.1:80', `admin@${ROUTER}`])).out).toMatch(/remote port forwarding failed/);
    expect((await ssh(['-W', '192.168.1.33:80', `admin@${ROUTER}`])).out).toMatch(/forwarding failed/);
    expect((await at('lan1', ['sftp', ...options, `admin@${ROUTER}`], secrets)).out).toMatch(/subsystem request failed/);
  });

  it('gives a terminal: editing, completion, help, ^C; and a session outlives a reload of what carries its packets', async () => {
    const term = new Dialogue(['env', ...Object.entries(secrets).map(([k, v]) => `${k}=${v}`), ...on('lan1', ['ssh', '-tt', ...options, `admin@${ROUTER}`])]);
    try {
      await term.sees('lancell> ');
      term.types('ip sel\t');
      await term.sees('self ');
      term.types('\r');
      await term.sees(/addresses.*192\.168\.1\.1/);
      term.types('plugin reload self\r');
      await term.sees('generation 2');
      term.types('plugin reload ip\r');
      await term.sees('generation 2');
      term.types('trace packet icmp\r');
      await term.sees('trace packet icmp\r\n');
      term.types('\x03');
      await term.sees('lancell> ');
      term.types('exit\r');
      expect(await term.ends()).toBeGreaterThanOrEqual(0);
    } finally {
      await term.close();
    }
  });

  it.each([['with', 'on'], ['without', 'off']])('carries much both ways whole, %s offloads', async (_name, to) => {
    await at('lan1', ['ethtool', '-K', 'eth0', 'tx', to, 'tso', to, 'gso', to, 'gro', to]);
    // SSH tells of every octet that is not as it was sent: the connection would end.
    const lines = Array.from({ length: 1000 }, (_, i) => `ip self${' '.repeat(1000 + i)}`).join('\n');
    const pipe = new Dialogue(['env', ...Object.entries(secrets).map(([k, v]) => `${k}=${v}`), ...on('lan1', ['ssh', '-T', ...options, `admin@${ROUTER}`])]);
    try {
      pipe.types(`${lines}\nexit\n`);
      expect(await pipe.ends(40_000)).toBe(0);
      expect(pipe.shown.match(/addresses {2}/g)).toHaveLength(1000);
    } finally {
      await pipe.close();
      await at('lan1', ['ethtool', '-K', 'eth0', 'tx', 'on', 'tso', 'on', 'gso', 'on', 'gro', 'on']);
    }
  });

  it('lets in the secure client only, and cuts off others that are there', async () => {
    const term = new Dialogue(['env', ...Object.entries(secrets).map(([k, v]) => `${k}=${v}`), ...on('lan1', ['ssh', '-tt', ...options, `admin@${ROUTER}`])]);
    try {
      await term.sees('lancell> ');
      await router.exec('config set remote.ssh.secureClientIp 192.168.1.34');
      await router.exec('config commit');
      expect((await ssh([`admin@${ROUTER}`, 'ip self'])).out).toMatch(/refused/);
      expect((await ssh([`admin@${ROUTER}`, 'ip self'], 'lan2')).code).toBe(0);
      term.types('ip self\r');
      expect(await term.ends()).not.toBe(0);
    } finally {
      await term.close();
      await router.exec('config set remote.ssh.secureClientIp 0.0.0.0');
      await router.exec('config commit');
    }
  });

  describe('Telnet', () => {
    const telnet = (): Dialogue => new Dialogue(on('lan1', ['script', '-qfec', `stty rows 30 cols 100; exec telnet ${ROUTER}`, '/dev/null']));

    it('is off until somebody turns it on', async () => {
      const term = telnet();
      await term.sees(/refused/);
      await term.close();
      await router.exec('config set remote.telnet.active yes');
      await router.exec('config commit');
    });

    it('asks who it is without showing the password, and gives the CLI', async () => {
      const term = telnet();
      try {
        await term.sees('login: ');
        term.types('admin\r');
        await term.sees('Password: ');
        term.types('wrong\r');
        await term.sees('is wrong');
        await term.sees('login: ');
        term.types('adminX\x7f\r');
        await term.sees('Password: ');
        term.types(`${PASSWORD}\r`);
        await term.sees('lancell> ');
        expect(term.shown).not.toContain(PASSWORD);
        term.types('ip sel\t\r');
        await term.sees(/addresses.*192\.168\.1\.1/);
        await term.sees('lancell> ');
        term.types('exit\r');
        await term.sees('good-bye');
        await term.sees('closed by foreign host');
      } finally {
        await term.close();
      }
    });
  });
});
