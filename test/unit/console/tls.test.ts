import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { examine, selfSigned } from '../../../kernel/console/certificate.ts';
import { Certificates } from '../../../kernel/console/tls.ts';
import { remoteSchema } from '../../../kernel/console/remote.ts';
import { Doors } from '../../../kernel/console/doors.ts';
import type { WebEnv } from '../../../kernel/console/web.ts';
import { notes } from '../config/rig.ts';
import { temporary } from './rig.ts';
import { ask, web } from './web-rig.ts';

const day = 86_400_000;
/** A minute on: what openssl signs while a test runs is valid by then. */
const SOON = 60_000;
const names = () => ['localhost', '127.0.0.1', 'router.example'];
async function open(directory: string | undefined = temporary(), clock = new VirtualClock(Date.now() + SOON)) {
  const log = notes();
  const certificates = await Certificates.open({ directory, clock, log, names });
  onTestFinished(() => certificates.close());
  return { certificates, clock, log, directory };
}
const rest = () => new Hono<WebEnv>().get('/me', (c) => c.json(c.get('identity')));

/** An authority, and certificates that it signed, made by another implementation. */
function authority() {
  const folder = temporary();
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=test CA', '-addext', 'basicConstraints=critical,CA:TRUE');
  const sign = (cn: string, days = '20', algorithm: readonly string[] = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']) => {
    openssl('req', '-newkey', ...algorithm, '-nodes', '-keyout', `${cn}.key`, '-out', `${cn}.csr`, '-subj', `/CN=${cn}`);
    writeFileSync(at('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl('x509', '-req', '-in', `${cn}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${cn}.pem`, '-days', days, '-extfile', 'ext');
    return { cert: readFileSync(at(`${cn}.pem`), 'utf8'), key: readFileSync(at(`${cn}.key`), 'utf8') };
  };
  return { ca: readFileSync(at('ca.pem'), 'utf8'), sign };
}

describe('the self-signed certificate', () => {
  it('is made once, for the owner only, and verified against itself', async () => {
    const { certificates, directory, clock } = await open();
    const view = certificates.view();
    expect(view).toMatchObject({ selfSigned: true, imported: false, state: 'valid', chain: 1 });
    expect(view.names).toBe('DNS:localhost, IP Address:127.0.0.1, DNS:router.example');
    for (const name of ['factory.pem', 'factory-key.pem']) expect(statSync(join(directory!, 'tls', name)).mode & 0o777).toBe(0o600);
    expect((await open(directory, clock)).certificates.current).toEqual(certificates.current);
    const { server } = await web({ certificates });
    const ca = certificates.current.cert;
    expect((await ask(server.secureUrl!, '/', { tls: { ca } })).status).toBe(200);
    await expect(ask(server.secureUrl!, '/')).rejects.toThrow(/self-signed|certificate/i);
  });

  it('is accepted by openssl as P-256 with SHA-256', async () => {
    const { directory } = await open();
    const text = execFileSync('openssl', ['x509', '-in', join(directory!, 'tls', 'factory.pem'), '-noout', '-text']).toString();
    expect(text).toMatch(/ecdsa-with-SHA256[\s\S]*prime256v1[\s\S]*CA:FALSE[\s\S]*TLS Web Server Authentication/);
  });

  it('is renewed a month before its end, and connections then see the new one', async () => {
    const { certificates, clock, log } = await open();
    const { server } = await web({ certificates });
    const first = certificates.current.cert;
    const { port } = new URL(server.secureUrl!);
    const shown = (): Promise<string> => new Promise((resolve) => { const s = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false }, () => { resolve(s.getPeerCertificate().fingerprint256); s.destroy(); }); });
    expect(await shown()).toBe(certificates.view().fingerprint);
    const changed = new Promise<void>((resolve) => { certificates.onChange(resolve); });
    clock.advance(368 * day);
    await changed;
    expect(certificates.current.cert).not.toBe(first);
    expect(await shown()).toBe(certificates.view().fingerprint);
    expect(certificates.view().notAfter - clock.wall()).toBeGreaterThan(360 * day);
    await certificates.renew();
    expect(log.lines.join()).toContain('renewed');
  });

  it('is made anew when the stored one is broken', async () => {
    const { directory, certificates } = await open();
    writeFileSync(join(directory!, 'tls', 'factory.pem'), 'junk');
    const again = await open(directory);
    expect(again.certificates.current.cert).not.toBe(certificates.current.cert);
    expect(again.log.lines.join()).toContain('cannot be used');
  });
});

describe('an uploaded certificate', () => {
  it('replaces it, chain and all, and can be taken away', async () => {
    const { certificates, directory, clock } = await open();
    const { ca, sign } = authority();
    const pair = sign('router');
    const { server } = await web({ certificates });
    const view = await certificates.import({ cert: pair.cert + ca, key: pair.key });
    expect(view).toMatchObject({ imported: true, selfSigned: false, chain: 2, subject: 'CN=router' });
    expect((await ask(server.secureUrl!, '/', { tls: { ca } })).status).toBe(200);
    expect(statSync(join(directory!, 'tls', 'imported-key.pem')).mode & 0o777).toBe(0o600);
    expect((await open(directory, clock)).certificates.view().imported).toBe(true);
    expect((await certificates.drop()).imported).toBe(false);
    await expect(certificates.drop()).rejects.toThrow('no certificate was imported');
  });

  it('is refused when it could not serve, and the old one stays', async () => {
    const { certificates } = await open();
    const { ca, sign } = authority();
    const [a, b, rsa] = [sign('a'), sign('b'), sign('rsa', '20', ['rsa:1024'])];
    const now = Date.now();
    const old = await selfSigned(['localhost'], now - 500 * day);
    const future = await selfSigned(['localhost'], now + 10 * day);
    const before = certificates.current;
    const wrong: [string, string, RegExp][] = [
      [a.cert, b.key, /does not belong/], ['', a.key, /no certificate/], [a.cert, '', /no private key/], [a.key, a.cert, /no certificate/],
      [a.cert + b.cert, a.key, /did not sign/], [ca + a.cert, a.key, /does not belong/], [old.cert, old.key, /expired/], [future.cert, future.key, /not valid before/],
      [rsa.cert, rsa.key, /too short/], ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', a.key, /cannot be read/],
      [a.cert, '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----', /passphrase/], [a.cert, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', /cannot be read/],
      [a.cert.repeat(11), a.key, /at most 10/], ['x'.repeat(200_000), a.key, /larger/],
    ];
    for (const [cert, key, why] of wrong) await expect(certificates.import({ cert, key })).rejects.toThrow(why);
    expect(certificates.current).toBe(before);
    expect(examine({ cert: a.cert + ca, key: a.key }, now).chain).toBe(2);
    await expect(certificates.trust(a.cert)).rejects.toThrow('not one of an authority');
  });
});

describe('HTTPS', () => {
  it('has its own cookie, Secure, which plain HTTP does not take', async () => {
    const { certificates } = await open();
    const { server, accounts, url } = await web({ certificates, rest: rest() });
    await accounts.create('ann', 'long enough', 'admin');
    const tls = { ca: certificates.current.cert };
    const answer = await ask(server.secureUrl!, '/api/v1/login', { method: 'POST', body: '{"name":"ann","password":"long enough"}', tls });
    expect(answer.headers['set-cookie']).toMatch(/^__Host-lancell_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    const cookie = answer.headers['set-cookie']!.split(';')[0]!;
    expect((await ask(server.secureUrl!, '/api/v1/me', { headers: { cookie }, tls })).status).toBe(200);
    expect((await ask(url, '/api/v1/me', { headers: { cookie } })).status).toBe(401);
    expect((await ask(url, '/api/v1/me', { headers: { cookie: cookie.replace('__Host-', '') } })).status).toBe(200);
  });

  it('is where HTTP sends browsers when asked to; bodies are not taken in the clear', async () => {
    const { certificates } = await open();
    const { url, post, server } = await web({ certificates, redirect: () => 'https://localhost:8443/' });
    const page = await ask(url, '/x');
    expect([page.status, page.headers.location]).toEqual([307, 'https://localhost:8443/']);
    const refused = await post('/api/v1/login', { name: 'a', password: 'b' });
    expect([refused.status, refused.json.error]).toEqual([403, 'this router wants HTTPS: https://localhost:8443/']);
    expect((await ask(server.secureUrl!, '/', { tls: { ca: certificates.current.cert } })).status).toBe(200);
  });

  it('logs in whoever has a certificate of a trusted authority, if there is such an account', async () => {
    const { certificates } = await open();
    const { ca, sign } = authority();
    const doors = new Doors({ host: '127.0.0.1', log: notes(), side: () => undefined });
    const settings = remoteSchema({ http: 0, https: 0, ssh: 0, telnet: 0 }).parse({});
    const mode = (clientCertificates: 'off' | 'optional' | 'required') => doors.apply({ ...settings, https: { ...settings.https, clientCertificates } });
    await mode('off');
    const { server, accounts } = await web({ certificates, doors, rest: rest() });
    await accounts.create('ann', 'long enough', 'operator');
    await certificates.trust(ca);
    const [ann, eve, stranger] = [sign('ann'), sign('eve'), await selfSigned(['ann'], Date.now())];
    const me = (pair: { cert: string; key: string } | undefined) => ask(server.secureUrl!, '/api/v1/me', { tls: { ca: certificates.current.cert, ...pair } });
    expect((await me(ann)).status).toBe(401);
    await mode('optional');
    expect((await me(ann)).json).toEqual({ name: 'ann', role: 'operator', via: 'session' });
    expect((await me(eve)).status).toBe(401);
    expect((await me(stranger)).status).toBe(401);
    expect((await me(undefined)).status).toBe(401);
    await mode('required');
    expect((await me(ann)).status).toBe(200);
    await expect(me(undefined)).rejects.toThrow();
    // Required of everybody and believed of nobody: closed, not open.
    await certificates.trust(undefined);
    await expect(me(undefined)).rejects.toThrow();
    await expect(me(ann)).rejects.toThrow();
    await mode('off');
    expect((await me(ann)).status).toBe(401);
  });
});
