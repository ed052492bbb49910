import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Session } from '../../../kernel/cli/session.ts';
import { draw } from '../../../kernel/cli/draw.ts';
import { portClash, remoteSchema, unprivilegedPorts } from '../../../kernel/console/remote.ts';
import { startManagement } from '../../../kernel/router/management.ts';
import { bed } from '../../sim/bed.ts';
import { stateWithKeys } from './rig.ts';
import { ask } from './web-rig.ts';

const token = 't'.repeat(32);
const free = { http: 0, https: 0, ssh: 0, telnet: 0 };

/** A router with remote management on loopback; verbs are those of somebody at the router. */
async function managed(password?: string) {
  const b = await bed();
  const management = await startManagement({ router: b.router, state: stateWithKeys(), keys: [{ name: 'form', token, access: 'write' }], host: '127.0.0.1', ports: free, gui: '/nowhere', ...(password === undefined ? {} : { password }) });
  onTestFinished(async () => { await management.close(); await b.stop(); });
  const session = new Session({ tree: b.router.tree, clock: b.clock, identity: { name: 'terminal', role: 'admin', via: 'terminal' } });
  const verb = async (line: string): Promise<string> => {
    let text = '';
    const { error } = await session.start(line, (part) => { text += draw(part, { width: undefined, ansi: false }); }).done;
    return (error ?? text).trim();
  };
  return { ...b, management, verb };
}

/** A port that somebody has. */
const taken = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  onTestFinished(() => { server.close(); });
});
/** A port that nobody has, as far as one can know. */
const unused = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address() as AddressInfo; server.close(() => resolve(port)); });
});
const refused = (port: number): Promise<boolean> => new Promise((resolve) => { const s = connect(port, '127.0.0.1', () => { s.destroy(); resolve(false); }); s.on('error', () => resolve(true)); });

describe('remote management', () => {
  it('has working defaults', () => {
    const remote = remoteSchema(unprivilegedPorts).parse({});
    expect(remote).toMatchObject({ idleMinutes: 5, lockoutMinutes: 0, http: { active: true, port: 8411, access: ['lan', 'host'], redirect: false }, https: { port: 8443, clientCertificates: 'off' }, ssh: { active: true }, telnet: { active: false } });
    expect(portClash(remote)).toBeUndefined();
    expect(portClash({ ...remote, ssh: { ...remote.ssh, port: 8411 } })?.message).toBe('8411 is the port of http already');
    for (const bad of [{ http: { port: 0 } }, { http: { port: 65_536 } }, { http: { secureClientIp: 'x' } }, { http: { access: ['moon'] } }, { idleMinutes: -1 }]) expect(remoteSchema(unprivilegedPorts).safeParse(bad).success).toBe(false);
  });

  it('moves a service when its port is saved', async () => {
    const { verb, management } = await managed();
    const old = management.doors!.at('http')!.port;
    const port = await unused();
    expect(await verb(`sys server port web ${port}`)).toBe('in force after sys server save');
    expect(management.doors!.at('http')!.port).toBe(old);
    expect(await verb('sys server disp')).toContain('not saved');
    expect(await verb('sys server save')).toBe('saved');
    expect(management.doors!.at('http')!.port).toBe(port);
    expect((await ask(management.console.url!, '/')).status).toBe(200);
    expect(await refused(old)).toBe(true);
    expect(await verb('sys server save')).toBe('there is nothing to save');
  });

  it('changes nothing when the port cannot be had', async () => {
    const { verb, management, router } = await managed();
    const before = management.doors!.at('http')!.port;
    const document = router.config.document;
    await verb(`sys server port www ${await taken()}`);
    expect(await verb('sys server save')).toMatch(/remote did not take its settings: remote\.http\.port: \d+ is taken by another service of this router/);
    expect(router.config.document).toBe(document);
    expect(management.doors!.at('http')!.port).toBe(before);
    expect((await ask(management.console.url!, '/')).status).toBe(200);
    await verb('sys server load');
    expect(await verb('sys server disp')).not.toContain('not saved');
  });

  it('tells a form which field asks for a port that is taken', async () => {
    const { management } = await managed();
    const port = await taken();
    const socket = new WebSocket(`${management.console.url!.replace('http', 'ws')}ws`);
    onTestFinished(() => { socket.terminate(); });
    const refused = new Promise<unknown>((resolve) => { socket.on('message', (data) => { const m = JSON.parse(String(data)) as { type: string; id?: number }; if (m.id === 2) resolve(m); }); });
    await new Promise((resolve) => { socket.once('open', resolve); });
    for (const m of [{ type: 'hello', token }, { type: 'config.set', id: 1, path: 'remote.https.port', value: port }, { type: 'config.commit', id: 2 }]) socket.send(JSON.stringify(m));
    expect(await refused).toMatchObject({ type: 'error', problems: [{ section: 'remote', path: 'remote.https.port', keys: ['https', 'port'], message: `${port} is taken by another service of this router` }] });
  });

  it('starts without a service whose port is taken, and says so where people look', async () => {
    const port = await taken();
    const b = await bed();
    const management = await startManagement({ router: b.router, state: undefined, keys: [], host: '127.0.0.1', ports: { ...free, https: port }, gui: '/nowhere' });
    onTestFinished(async () => { await management.close(); await b.stop(); });
    expect(management.console.secureUrl).toBeUndefined();
    expect(management.doors!.problems).toEqual([{ service: 'https', place: 'outside', port, why: `${port} is taken by another service of this router` }]);
    expect((await b.verb('sys server disp')).text).toContain(`${port} is taken by another service of this router`);
    // The alerts of the home page are warnings and errors of the log.
    expect(b.log.ring.lines({ level: 'warn' }).map((l) => l.msg)).toContain(`remote.https.port: ${port} is taken by another service of this router; https is not offered on this machine's own address`);
  });

  it('starts without HTTP only where nobody asked for that port', async () => {
    const port = await taken();
    const b = await bed();
    onTestFinished(() => b.stop());
    const options = { router: b.router, state: undefined, keys: [], host: '127.0.0.1', ports: { ...free, http: port }, gui: '/nowhere' };
    await expect(startManagement(options)).rejects.toThrow(`http: ${port} is taken by another service of this router`);
  });

  it('answers to the name that the DNS of the lab gives it', async () => {
    const { management } = await managed();
    const asked = (host: string) => ask(management.console.url!, '/', { headers: { host } });
    for (const host of ['router', 'router.lab', 'router:8411', 'localhost']) expect((await asked(host)).status).toBe(200);
    expect((await asked('evil.example')).status).toBe(403);
  });

  it('requires client certificates only where somebody could have one', async () => {
    const { verb, router } = await managed();
    await verb('sys server auth_client https required');
    expect(await verb('sys server save')).toContain('remote.https.clientCertificates: no authority is believed');
    expect(router.config.running<{ https: { clientCertificates: string } }>('remote').https.clientCertificates).toBe('off');
  });

  it('refuses two services on one port', async () => {
    const { verb } = await managed();
    await verb('sys server port web 9001');
    await verb('sys server port https 9001');
    expect(await verb('sys server save')).toContain('9001 is the port of http already');
  });

  it('takes access and the secure client in the original spelling', async () => {
    const { verb, router } = await managed();
    for (const line of ['sys server access telnet 3', 'sys server access ssh lan,dmz', 'sys server access https none', 'sys server secureip web 192.168.1.33', 'sys server save']) await verb(line);
    expect(router.config.running('remote')).toMatchObject({ telnet: { access: ['lan', 'wan'] }, ssh: { access: ['lan', 'dmz'] }, https: { access: [] }, http: { secureClientIp: '192.168.1.33' } });
    expect(await verb('sys server access web moon')).toContain('no side of the router');
    await verb('sys server secureip web 1.2.3');
    expect(await verb('sys server save')).toContain('an IPv4 address or prefix');
  });

  it('switches a service off and on', async () => {
    const { verb, management } = await managed();
    const { port } = management.doors!.at('https')!;
    await verb('sys server active https off');
    await verb('sys server save');
    expect(await refused(port)).toBe(true);
    expect(management.console.secureUrl).toBeUndefined();
    await verb('sys server active https on');
    await verb('sys server save');
    expect((await ask(management.console.secureUrl!, '/', { tls: { ca: 'x' } }).catch((e: Error) => e.message))).toMatch(/certificate|PEM/i);
  });

  it('has an idle time and a wait after wrong passwords', async () => {
    const { verb, clock, management } = await managed('long enough');
    expect(await verb('sys stdio')).toContain('5 minutes');
    expect(await verb('sys stdio 1')).toContain('1 minutes');
    expect(await verb('sys pwderrtm 2')).toContain('2 minutes');
    const login = (password: string) => ask(management.console.url!, '/api/v1/login', { method: 'POST', body: JSON.stringify({ name: 'admin', password }) });
    expect((await login('long enough')).json.expiresIn).toBe(60);
    for (let i = 0; i < 3; i++) expect((await login('wrong')).status).toBe(401);
    expect((await login('long enough')).headers['retry-after']).toBe('120');
    clock.advance(120_000);
    expect((await login('long enough')).status).toBe(200);
    expect(await verb('sys stdio 0')).toContain('do not end');
  });

  it('makes accounts from the command line', async () => {
    const { verb, management } = await managed();
    expect(management.accounts.setupCode).toBeDefined();
    expect(await verb('sys password "long enough"')).toBe('the account admin is made');
    expect(management.accounts.setupCode).toBeUndefined();
    expect(await verb('sys accounts add bob operator')).toMatch(/password\s+: ?\S{16}|password.*\S{16}/);
    expect(await verb('sys accounts add eve viewer short')).toContain('at least 8');
    expect(await verb('sys accounts list')).toMatch(/admin\s+admin[\s\S]*bob\s+operator/);
    expect(await verb('sys accounts role admin viewer')).toContain('only administrator');
    expect(await verb('sys accounts remove bob')).toBe('bob is removed');
    expect(await verb('sys password "another one"')).toBe('the password of admin is changed');
    expect((await management.accounts.verify('admin', 'another one', 'x')).ok).toBe(true);
  });

  it('redirects to the HTTPS of this moment', async () => {
    const { verb, management } = await managed();
    await verb('config set remote.http.redirect true');
    await verb('config commit');
    const { port } = management.doors!.at('https')!;
    const answer = await ask(management.console.url!, '/');
    expect([answer.status, answer.headers.location]).toEqual([307, `https://127.0.0.1:${port}/`]);
  });

  it('shows and replaces certificates', async () => {
    const { verb } = await managed();
    const first = await verb('certificates my_cert view');
    expect(first).toMatch(/CN=lancell[\s\S]*self-signed/);
    expect(await verb('certificates my_cert replace_factory')).not.toBe(first);
    const shown = await verb('sys server certificate disp');
    expect(shown).toMatch(/subject[\s\S]*names[\s\S]*IP Address:127\.0\.0\.1[\s\S]*valid from[\s\S]*valid until[\s\S]*sha256:([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    expect(shown).toBe(await verb('certificates my_cert view'));
    const renewed = await verb('sys server certificate renew');
    expect(renewed).toContain('self-signed');
    expect(renewed).not.toBe(shown);
    expect(await verb('certificates my_cert import /etc/hostname /etc/hostname')).toContain('no certificate');
    expect(await verb('certificates my_cert import /nowhere /nowhere')).toBe('/nowhere cannot be read');
    expect(await verb('certificates my_cert import /dev/zero /dev/zero')).toBe('/dev/zero is no PEM file');
  });
});
