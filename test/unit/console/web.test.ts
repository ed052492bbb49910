import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Assets } from '../../../kernel/console/static.ts';
import { POLL_HEADER, type WebEnv } from '../../../kernel/console/web.ts';
import { admin, temporary, viewer } from './rig.ts';
import { ask, web } from './web-rig.ts';

const minute = 60_000;
const rest = () => new Hono<WebEnv>().get('/me', (c) => c.json(c.get('identity'))).post('/do', (c) => c.json({})).get('/broken', () => { throw new Error('secret detail'); });
const socketEnd = (url: string, headers: Record<string, string>): Promise<string> => new Promise((resolve) => {
  const ws = new WebSocket(url, { headers });
  ws.on('message', (d) => { resolve(`${(JSON.parse(String(d)) as { type: string; author?: string }).type} ${(JSON.parse(String(d)) as { author?: string }).author ?? ''}`); ws.terminate(); });
  ws.on('open', () => ws.send('{"type":"run","id":1,"line":"x"}'));
  ws.on('error', (e) => resolve(e.message));
});

describe('set-up and log-in', () => {
  it('refuse a wrong token', async () => {
    const { post } = await web({ rest: rest() });
    expect((await post('/api/v1/login/token', { token: 'wrong-wrong-wrong-wrong' })).status).toBe(401);
  });
  it('give a session for a right token', async () => {
    const { get, post } = await web({ rest: rest() });
    const done = await post('/api/v1/login/token', { token: admin.token });
    expect(done.status).toBe(200);
    const cookie = String(done.headers['set-cookie']).split(';')[0]!;
    expect((await get('/api/v1/session', { cookie })).json).toMatchObject({ role: 'admin' });
  });

  it('go from nothing to a session', async () => {
    const { get, post, accounts } = await web({ rest: rest() });
    expect((await get('/api/v1/session')).json).toEqual({ name: null, role: null, expiresIn: 0, setupNeeded: true });
    expect((await post('/api/v1/login', { name: 'admin', password: '1234' })).status).toBe(409);
    expect((await post('/api/v1/setup', { code: 'AAAA', name: 'ann', password: 'long enough' })).status).toBe(401);
    const done = await post('/api/v1/setup', { code: accounts.setupCode, name: 'ann', password: 'long enough' });
    expect([done.status, done.json]).toEqual([200, { name: 'ann', role: 'admin', expiresIn: 300, setupNeeded: false }]);
    expect(done.headers['set-cookie']).toMatch(/^lancell_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(done.headers['cache-control']).toBe('no-store');
    const cookie = done.headers['set-cookie']!.split(';')[0]!;
    expect((await get('/api/v1/me', { cookie })).json).toEqual({ name: 'ann', role: 'admin', via: 'session' });
  });

  it('never adopt a session that the client brings, and end it', async () => {
    const { get, login, post } = await web({ rest: rest() });
    const planted = await login();
    const answer = await post('/api/v1/login', { name: 'ann', password: 'long enough' }, { cookie: planted });
    const mine = answer.headers['set-cookie']!.split(';')[0]!;
    expect(mine).not.toBe(planted);
    expect((await get('/api/v1/me', { cookie: planted })).status).toBe(401);
    expect((await get('/api/v1/me', { cookie: mine })).status).toBe(200);
    const chosen = `lancell_session=${'a'.repeat(43)}`;
    expect((await post('/api/v1/login', { name: 'ann', password: 'long enough' }, { cookie: chosen })).headers['set-cookie']).not.toContain('aaaa');
    expect((await get('/api/v1/me', { cookie: chosen })).status).toBe(401);
  });

  it('are over after log-out: the cookie is worth nothing', async () => {
    const { get, login, post } = await web({ rest: rest() });
    const cookie = await login();
    expect((await post('/api/v1/logout', {}, { cookie })).headers['set-cookie']).toContain('Max-Age=0');
    const replayed = await get('/api/v1/session', { cookie });
    expect([replayed.status, replayed.json.error]).toEqual([401, 'the session is over; log in again']);
    expect((await get('/api/v1/me', { cookie })).status).toBe(401);
  });

  it('do not count what a page asks by itself', async () => {
    const { get, login, clock } = await web({ rest: rest() });
    const cookie = await login();
    for (let i = 0; i < 4; i++) { clock.advance(minute); await get('/api/v1/me', { cookie, [POLL_HEADER]: '1' }); await get('/api/v1/session', { cookie }); }
    expect((await get('/api/v1/session', { cookie })).json.expiresIn).toBe(60);
    await get('/api/v1/me', { cookie });
    expect((await get('/api/v1/session', { cookie })).json.expiresIn).toBe(300);
    clock.advance(5 * minute);
    expect((await get('/api/v1/me', { cookie })).status).toBe(401);
  });

  it('are slowed down with 429 and Retry-After', async () => {
    const { post, login } = await web();
    await login();
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await post('/api/v1/login', { name: 'ann', password: 'x' })).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await post('/api/v1/login', { name: 'ann', password: 'long enough' })).headers['retry-after']).toBe('1');
  });

  it('take tokens as well', async () => {
    const { get } = await web({ rest: rest() });
    expect((await get('/api/v1/me', { authorization: `Bearer ${viewer.token}` })).json).toMatchObject({ role: 'viewer', via: 'token' });
    expect((await get('/api/v1/me', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await get('/api/v1/me', { authorization: 'Basic YWRtaW46MTIzNA==' })).status).toBe(401);
    expect((await get('/api/v1/me')).headers['www-authenticate']).toBe('Bearer');
  });
});

describe('bad requests get a clear 4xx and change nothing', () => {
  const bad: [string, number, string, string, Parameters<typeof ask>[2]][] = [
    ['malformed JSON', 400, 'the body is no JSON', '/api/v1/login', { method: 'POST', body: '{"name":' }],
    ['no body', 400, 'the body is no JSON', '/api/v1/login', { method: 'POST', body: '' }],
    ['deep nesting', 400, 'Invalid input', '/api/v1/login', { method: 'POST', body: '['.repeat(200_000) + ']'.repeat(200_000) }],
    ['an array', 400, 'Invalid input', '/api/v1/login', { method: 'POST', body: '[]' }],
    ['__proto__', 400, 'name:', '/api/v1/login', { method: 'POST', body: '{"__proto__":{"name":"ann","password":"long enough"}}' }],
    ['wrong types', 400, 'password:', '/api/v1/login', { method: 'POST', body: '{"name":"ann","password":{"$ne":1}}' }],
    ['another content type', 415, 'application/json', '/api/v1/login', { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }],
    ['a form', 415, 'application/json', '/api/v1/login', { method: 'POST', body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['a body that is too large', 413, '1 MiB', '/api/v1/login', { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) }],
    ['a body without length', 411, 'content-length', '/api/v1/login', { method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } }],
    ['a wrong method', 405, 'only POST', '/api/v1/login', { method: 'PUT', body: '{}' }],
    ['a wrong method on a page', 405, 'only GET', '/', { method: 'DELETE' }],
    ['a foreign Host', 403, 'evil.example', '/', { headers: { host: 'evil.example' } }],
    ['a foreign Origin', 403, 'evil.example', '/api/v1/login', { method: 'POST', body: '{}', headers: { origin: 'http://evil.example' } }],
    ['an Origin of another port', 403, 'may not', '/api/v1/login', { method: 'POST', body: '{}', headers: { origin: 'http://127.0.0.1:1' } }],
    ['another site', 403, 'cross-site', '/api/v1/login', { method: 'POST', body: '{}', headers: { 'sec-fetch-site': 'cross-site' } }],
    ['a place that is not there', 404, 'nothing here', '/nothing', {}],
    ['no session', 401, 'log in first', '/api/v1/nothing', {}],
    ['a URL that is none', 400, 'cannot be read', '/..\\secret.txt', {}],
    ['plain HTTP at the WebSocket door', 426, 'WebSockets', '/ws', {}],
    ...['/../../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/assets/../../secret.txt', '/%00', '/%', '//etc/passwd', '/assets/%2e%2e%2fsecret.txt']
      .map((path): [string, number, string, string, object] => [`the path ${path}`, 404, 'nothing here', path, {}]),
  ];
  it.each(bad)('%s: %i', async (_what, status, words, path, how) => {
    const directory = temporary();
    mkdirSync(join(directory, 'gui', 'assets'), { recursive: true });
    writeFileSync(join(directory, 'gui', 'index.html'), 'shell');
    writeFileSync(join(directory, 'secret.txt'), 'secret');
    const { url, accounts, sessions, login, wrong } = await web({ rest: rest(), assets: new Assets(join(directory, 'gui'), 'assets/') });
    await login();
    const before = JSON.stringify([accounts.users, sessions.size]);
    const answer = await ask(url, path, how);
    expect([answer.status, answer.json.error]).toEqual([status, expect.stringContaining(words)]);
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
    if (status === 405) expect(answer.headers.allow).toMatch(/POST|GET, HEAD/);
    expect(JSON.stringify([accounts.users, sessions.size])).toBe(before);
    expect(wrong).toEqual([]);
  });

  it('says nothing of what broke inside, and reports it', async () => {
    const { get, login, wrong } = await web({ rest: rest() });
    const answer = await get('/api/v1/broken', { cookie: await login() });
    expect([answer.status, answer.body.includes('secret')]).toEqual([500, false]);
    expect(wrong).toHaveLength(1);
  });

  it('cuts junk off', async () => {
    const { url, get } = await web();
    for (const junk of ['\0\0\0\0\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'GET /ws HTTP/1.1\r\nhost: localhost\r\nupgrade: junk\r\nconnection: upgrade\r\n\r\n', '\x16\x03\x01\x02\x00\x01']) {
      const answer = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(junk, 'latin1'));
        socket.on('data', (d) => { text += d.toString(); });
        socket.on('close', () => resolve(text));
        socket.on('error', () => {});
      });
      expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    }
    expect((await get('/')).status).toBe(200);
  });
});

describe('files', () => {
  async function shell() {
    const folder = temporary();
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html>'.padEnd(1000));
    writeFileSync(join(folder, 'assets', 'main-1a2b3c4d.js'), '// x'.padEnd(1000));
    writeFileSync(join(folder, 'assets', 'key.pem'), 'no');
    writeFileSync(join(folder, '.hidden.js'), 'no');
    return { folder, ...(await web({ assets: new Assets(folder, 'assets/'), pluginAssets: (id) => (id === 'demo' ? new Assets(folder) : undefined) })) };
  }

  it('are served with types, packed, and kept by the browser where their names say so', async () => {
    const { get, folder } = await shell();
    const index = await get('/');
    expect([index.headers['content-type'], index.headers['cache-control']]).toEqual(['text/html; charset=utf-8', 'no-store']);
    const script = await get('/assets/main-1a2b3c4d.js', { 'accept-encoding': 'gzip' });
    expect([script.status, script.headers['content-type'], script.headers['content-encoding'], script.headers['cache-control']]).toEqual([200, 'text/javascript; charset=utf-8', 'gzip', 'public, max-age=31536000, immutable']);
    expect((await get('/assets/main-1a2b3c4d.js', { 'if-none-match': script.headers.etag! })).status).toBe(304);
    expect(index.headers['content-security-policy']).not.toContain('unsafe-inline');
    for (const path of ['/assets/key.pem', '/.hidden.js', '/assets/', '/assets']) expect((await get(path)).status).toBe(404);
    writeFileSync(join(folder, 'index.html'), 'built anew');
    expect((await get('/')).body).toBe('built anew');
  });

  it('of plugins are for those who are logged in', async () => {
    const { get, login } = await shell();
    expect((await get('/plugin/demo/index.html')).status).toBe(401);
    const cookie = await login();
    expect((await get('/plugin/demo/assets/main-1a2b3c4d.js', { cookie })).headers['cache-control']).toBe('no-cache');
    for (const path of ['/plugin/none/index.html', '/plugin/demo/..%2findex.html', '/plugin/demo/../index.html', '/plugin/demo/assets/key.pem']) expect([404, 200]).toContain((await get(path, { cookie })).status);
    expect((await get('/plugin/demo/..%2f..%2fetc/passwd', { cookie })).status).toBe(404);
  });
});

describe('WebSockets', () => {
  it('know a browser by its cookie, from our own pages only', async () => {
    const { ws, url, login } = await web();
    const cookie = await login();
    const origin = url.slice(0, -1);
    expect(await socketEnd(ws, { cookie, origin })).toBe('welcome web ann');
    expect(await socketEnd(ws, { cookie, origin: 'http://127.0.0.1:1' })).toMatch(/^bye/);
    expect(await socketEnd(ws, { cookie, origin: 'http://evil.example' })).toContain('403');
    expect(await socketEnd(ws, { cookie: `lancell_session=${'a'.repeat(43)}`, origin })).toContain('401');
  });

  it('end with the session, and keep it alive only by what a person does', async () => {
    const { ws, url, login, clock, sessions } = await web();
    const socket = new WebSocket(ws, { headers: { cookie: await login(), origin: url.slice(0, -1) } });
    const end = new Promise<string>((resolve) => { socket.on('close', (code, reason) => resolve(`${code} ${reason.toString()}`)); });
    const answer = () => new Promise<void>((resolve) => { socket.once('message', () => resolve()); });
    await answer();
    /** Time passes while the page polls, in steps short enough for pings to be answered. */
    const polling = async (ms: number) => {
      for (let t = 0; t < ms; t += 15_000) {
        clock.advance(15_000);
        socket.send('{"type":"panels","id":1,"poll":true}');
        await answer();
      }
    };
    await polling(4 * minute);
    socket.send('{"type":"panels","id":2}');
    await answer();
    await polling(4 * minute);
    expect(sessions.size).toBe(1);
    await polling(45_000);
    expect(sessions.size).toBe(1);
    clock.advance(15_000);
    expect(await end).toBe('4401 nothing was done for too long');
  });

  it('of one account are bounded, and leave room for the others', async () => {
    const { ws, url, login, server } = await web();
    const headers = { cookie: await login(), origin: url.slice(0, -1) };
    const sockets: WebSocket[] = [];
    const refused: number[] = [];
    for (let i = 0; i < 140; i++) {
      const s = new WebSocket(ws, { headers });
      sockets.push(s);
      s.on('close', (code) => refused.push(code));
      await new Promise((resolve) => s.once('message', resolve));
    }
    expect(server.clients.all).toBe(128);
    expect(await socketEnd(ws, {})).toMatch(/^bye/);
    for (const s of sockets) s.terminate();
    expect(refused.every((code) => code === 4429 || code === 1005 || code === 1006)).toBe(true);
  });

  it('and tokens go on as before', async () => {
    const { ws } = await web();
    const socket = new WebSocket(ws);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ type: 'hello', token: admin.token }));
    expect(JSON.parse(String(await new Promise((resolve) => socket.once('message', resolve))))).toMatchObject({ type: 'welcome', author: 'ws admin' });
    socket.terminate();
  });
});
