import { readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { Certificates } from '../../../kernel/console/tls.ts';
import { type Far, openFar } from '../../../kernel/cli/far.ts';
import { KnownRouters, knownRoutersFile, spellFingerprint, type UntrustedRouter } from '../../../kernel/cli/known-routers.ts';
import { notes } from '../config/rig.ts';
import { admin, temporary } from '../console/rig.ts';
import { web } from '../console/web-rig.ts';

/** A router with HTTPS on loopback, and a person elsewhere with a file of known routers. */
async function far() {
  const certificates = await Certificates.open({ directory: undefined, clock: new VirtualClock(Date.now()), log: notes(), names: () => ['localhost', '127.0.0.1'] });
  onTestFinished(() => certificates.close());
  const { server } = await web({ certificates });
  const known = new KnownRouters(join(temporary(), 'lancell', 'known_routers'));
  const url = new URL(server.secureUrl!);
  const asked: string[] = [];
  const open = async (more: Partial<Far> = {}, answer?: boolean): Promise<string> => {
    const client = await openFar({ url: url.href, token: admin.token, fingerprint: undefined, ...more }, {
      known, env: {}, ask: answer === undefined ? undefined : async (question) => { asked.push(question); return answer; },
    });
    const { author } = client.welcome!;
    const { code } = await client.start('sys version', () => {}).done;
    client.close();
    return `${author} ${code}`;
  };
  return { certificates, server, known, open, asked, place: `127.0.0.1:${url.port}`, url, print: () => `sha256:${certificates.view().fingerprint}` };
}

describe('a router elsewhere, over TLS', () => {
  it('is refused while its self-signed certificate is not known, with the fingerprint and what to do', async () => {
    const { open, print, known, server } = await far();
    const error = await open().catch((e: unknown) => e as UntrustedRouter);
    expect(error).toMatchObject({ name: 'UntrustedRouter', kind: 'unknown', fingerprint: print() });
    expect((error as Error).message).toContain(`--fingerprint ${print()}`);
    expect((error as Error).message).toContain('sys server certificate disp');
    expect(() => statSync(known.path)).toThrow();
    expect(server.clients.all).toBe(0);
  });

  it('is let in by --fingerprint, however that is written, and known from then on', async () => {
    const { open, print, known, place } = await far();
    expect(await open({ fingerprint: spellFingerprint(print().replaceAll(':', '').replace('sha256', '').toLowerCase())! })).toBe('ws admin 0');
    expect(await open()).toBe('ws admin 0');
    expect(statSync(known.path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(known.path)).mode & 0o777).toBe(0o700);
    expect(readFileSync(known.path, 'utf8')).toBe(`${place} ${print()}\n`);
  });

  it('is refused when it does not show what --fingerprint names, whatever is known', async () => {
    const { open, print, known, place } = await far();
    known.remember(place, print());
    const other = `sha256:${Array(32).fill('AB').join(':')}`;
    await expect(open({ fingerprint: other }, true)).rejects.toMatchObject({ kind: 'not-pinned' });
    expect(known.find(place)).toBe(print());
  });

  it('is accepted by a person who says yes, and nobody else is asked', async () => {
    const { open, print, known, place, asked } = await far();
    await expect(open({}, false)).rejects.toMatchObject({ kind: 'unknown' });
    expect(known.find(place)).toBeUndefined();
    expect(await open({}, true)).toBe('ws admin 0');
    expect(known.find(place)).toBe(print());
    expect(await open({}, false)).toBe('ws admin 0');
    expect(asked).toHaveLength(2);
    expect(asked[0]).toContain(print());
    expect(asked[0]).not.toContain('--fingerprint');
  });

  it('is refused loudly when its certificate has changed, and nobody is asked', async () => {
    const { open, certificates, print, known, place, asked } = await far();
    await open({}, true);
    const before = print();
    await certificates.replaceFactory();
    const error = await open({}, true).catch((e: unknown) => e as UntrustedRouter);
    expect(error).toMatchObject({ kind: 'changed', fingerprint: print() });
    expect((error as Error).message).toMatch(/THE CERTIFICATE OF 127\.0\.0\.1:\d+ HAS CHANGED/);
    expect((error as Error).message).toContain(before);
    expect(asked).toHaveLength(1);
    expect(known.find(place)).toBe(before);
    expect(await open({ fingerprint: print() })).toBe('ws admin 0');
    expect(await open()).toBe('ws admin 0');
  });

  it('gets no octet of the request, let alone the token, before its certificate is believed', async () => {
    const { open, url } = await far();
    let seen = 0;
    // In between: counts what goes to the router after the handshake of the client has begun.
    const between = createServer((socket) => {
      const on = connect(Number(url.port), '127.0.0.1');
      socket.on('data', (d) => { seen += d.length; on.write(d); });
      on.on('data', (d) => socket.write(d));
      for (const [a, b] of [[socket, on], [on, socket]] as const) a.on('close', () => b.destroy()).on('error', () => b.destroy());
    }).listen(0, '127.0.0.1');
    onTestFinished(() => { between.close(); });
    await new Promise((resolve) => between.once('listening', resolve));
    const through = `https://127.0.0.1:${(between.address() as AddressInfo).port}/`;
    await expect(open({ url: through })).rejects.toMatchObject({ kind: 'unknown' });
    const refused = seen;
    seen = 0;
    await open({ url: through }, true);
    // The second of these two connections carries a request and a hello more than the first; 200 octets of it at least.
    expect(seen - 2 * refused).toBeGreaterThan(200);
  });

  it('needs a token and an address; plain HTTP has no certificate', async () => {
    const { open, server } = await far();
    await expect(open({ token: '' })).rejects.toThrow('a token is needed');
    await expect(open({ url: 'http://[' })).rejects.toThrow('is no address of a router');
    await expect(open({ url: server.url!, fingerprint: spellFingerprint('0'.repeat(64)) })).rejects.toThrow('has no certificate');
    expect(await open({ url: server.url! })).toBe('ws admin 0');
    expect(await open({ url: `${server.url!}#${admin.token}`, token: undefined })).toBe('ws admin 0');
    await expect(open({ url: server.url!, token: 'wrong' })).rejects.toThrow('the token is wrong');
  });
});

describe('known routers', () => {
  it('spells fingerprints in one way', () => {
    const hex = 'ab'.repeat(32);
    const spelt = `sha256:${Array(32).fill('AB').join(':')}`;
    for (const text of [hex, `sha256:${hex}`, `SHA-256:${hex.toUpperCase()}`, spelt]) expect(spellFingerprint(text)).toBe(spelt);
    for (const text of ['', 'sha256:', hex.slice(1), `${hex}0`, `md5:${hex}`]) expect(spellFingerprint(text)).toBeUndefined();
  });

  it('keep one line for each, and go on when a line cannot be read', () => {
    const known = new KnownRouters(join(temporary(), 'a', 'known_routers'));
    expect(known.find('r:1')).toBeUndefined();
    const [one, two] = ['11', '22'].map((b) => spellFingerprint(b.repeat(32))!) as [string, string];
    mkdirSync(dirname(known.path));
    writeFileSync(known.path, 'r:1 nonsense\n\njunk\n', { mode: 0o644 });
    expect(known.find('r:1')).toBeUndefined();
    known.remember('R:1', one);
    known.remember('r:2', two);
    known.remember('r:1', two);
    expect([known.find('r:1'), known.find('R:2'), known.find('r:3')]).toEqual([two, two, undefined]);
    expect(readFileSync(known.path, 'utf8').match(/^r:1 /gm)).toHaveLength(1);
    expect(statSync(known.path).mode & 0o777).toBe(0o600);
    expect(knownRoutersFile({ XDG_CONFIG_HOME: '/c' })).toBe('/c/lancell/known_routers');
  });

  it('believe an authority where nothing else is said', () => {
    const known = new KnownRouters(join(temporary(), 'known_routers'));
    const [one, two] = ['11', '22'].map((b) => spellFingerprint(b.repeat(32))!) as [string, string];
    expect(known.judge('r:1', { fingerprint: one, vouched: true }, undefined)).toBeUndefined();
    expect(known.judge('r:1', { fingerprint: one, vouched: true }, two)?.kind).toBe('not-pinned');
    known.remember('r:1', one);
    expect(known.judge('r:1', { fingerprint: two, vouched: true }, undefined)).toBeUndefined();
    expect(known.judge('r:1', { fingerprint: two, vouched: false }, undefined)?.kind).toBe('changed');
  });
});
