import { readdirSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Part } from '../../../kernel/cli/draw.ts';
import { ConsoleClient } from '../../../kernel/console/client.ts';
import type { Answer } from '../../../kernel/console/protocol.ts';
import { startConsole } from '../../../kernel/console/server.ts';
import { connectUnix } from '../../../kernel/console/unix.ts';
import { connectWebSocket } from '../../../kernel/console/websocket.ts';
import { admin, served } from './rig.ts';

const closed = (ws: WebSocket): Promise<[number, string]> => new Promise((resolve) => { ws.once('close', (code, reason) => resolve([code, reason.toString()])); ws.on('error', () => {}); });
const opened = (ws: WebSocket): Promise<void> => new Promise((resolve, reject) => { ws.once('open', resolve); ws.once('error', reject); });
const fetched = (url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string; csp: string }> => new Promise((resolve, reject) => {
  get(url, { headers, agent: false }, (r) => {
    let body = '';
    r.on('data', (d: Buffer) => { body += d.toString(); });
    r.on('end', () => resolve({ status: r.statusCode ?? 0, body, csp: String(r.headers['content-security-policy']) }));
  }).on('error', reject);
});

describe('over a real loopback WebSocket', () => {
  it('runs, completes, helps and streams', async () => {
    const { ws, streams } = await served();
    let push: (item: unknown) => void = () => {};
    const source = streams.source('s', (_f, p) => { push = p; return { dispose: () => {} }; });
    const client = await ConsoleClient.open(await connectWebSocket(ws), admin.token);
    expect(client.welcome).toMatchObject({ author: 'ws admin', version: '1.2.3' });
    const parts: Part[] = [];
    expect(await client.start('count', (p) => parts.push(p)).done).toEqual({ code: 0 });
    expect(parts).toEqual(['1', { text: '2' }, '3']);
    expect(await client.start('sys x', () => {}).done).toMatchObject({ code: 2, at: 4 });
    expect((await client.complete('sys v', 5)).candidates).toEqual([{ word: 'version', help: 'version' }]);
    expect(await client.help('sys ?')).toHaveLength(1);
    const hanging = client.start('hang', () => {});
    hanging.cancel();
    expect((await hanging.done).code).toBe(130);
    const items: unknown[] = [];
    const over = new Promise<string>((resolve) => {
      void client.subscribe('s', {}, { onItems: (i) => items.push(...i), onClosed: resolve }).then(() => {
        push({ bytes: new Uint8Array([1, 2, 3]), big: 2n ** 60n });
        queueMicrotask(() => queueMicrotask(() => void source.dispose()));
      });
    });
    expect(await over).toBe("the source of 's' went away");
    expect(items).toEqual([{ bytes: 'AQID', big: '1152921504606846976' }]);
    await expect(client.subscribe('none', {}, { onItems: () => {}, onClosed: () => {} })).rejects.toThrow('there is no stream');
    client.close();
  });

  it('refuses a wrong token', async () => {
    const { ws } = await served();
    await expect(ConsoleClient.open(await connectWebSocket(ws), 'wrong')).rejects.toThrow('the token is wrong');
  });

  it('says goodbye when the router stops, and ends what waits', async () => {
    const { ws, server } = await served();
    const client = await ConsoleClient.open(await connectWebSocket(ws), admin.token);
    const running = client.start('hang', () => {});
    const gone = new Promise<string>((resolve) => client.onGone(resolve));
    // One answer back: the verb is running on the other side.
    await client.help('');
    await server.close();
    expect(await gone).toBe('the router stops');
    expect((await running.done).code).not.toBe(0);
    expect((await client.start('count', () => {}).done).error).toBe('the router stops');
  });

  it('closes politely: junk, binary, too big, silent', async () => {
    const { ws: url, clock, server } = await served();
    const junk = new WebSocket(url);
    await opened(junk);
    junk.send('what?');
    expect(await closed(junk)).toEqual([1008, 'not JSON']);
    const binary = new WebSocket(url);
    await opened(binary);
    binary.send(Buffer.from([1, 2]));
    expect(await closed(binary)).toEqual([1003, 'this protocol has only text messages']);
    const big = new WebSocket(url);
    await opened(big);
    big.send('x'.repeat(1_000_000));
    expect((await closed(big))[0]).toBe(1009);
    const silent = new WebSocket(url);
    const bye = new Promise<Answer>((resolve) => silent.once('message', (d) => resolve(JSON.parse(d.toString()) as Answer)));
    await opened(silent);
    const end = closed(silent);
    clock.advance(10_000);
    expect(await bye).toEqual({ type: 'bye', reason: 'no authentication within 10 s' });
    expect(await end).toEqual([4401, 'no authentication within 10 s']);
    expect(server.clients.all).toBe(0);
  });

  it('loses a client that does not answer pings', async () => {
    const { ws, clock, server } = await served();
    const client = await ConsoleClient.open(await connectWebSocket(ws), admin.token);
    const dead = new WebSocket(ws, { autoPong: false });
    await opened(dead);
    dead.send(JSON.stringify({ type: 'hello', token: admin.token }));
    await new Promise((resolve) => dead.once('message', resolve));
    expect(server.clients).toEqual({ all: 2, authenticated: 2 });
    const end = closed(dead);
    clock.advance(20_000);
    // The living one's pong is on its way before this answer.
    await client.help('');
    clock.advance(20_000);
    expect((await end)[0]).toBe(1006);
    expect((await client.start('count', () => {}).done).code).toBe(0);
    client.close();
  });

  it('does not slow down for a reader that stopped, and tells it what it missed', async () => {
    const { ws: url, streams, server } = await served();
    let push: (item: unknown) => void = () => {};
    streams.source('s', (_f, p) => { push = p; return { dispose: () => {} }; });
    const ws = new WebSocket(url);
    await opened(ws);
    let seen = 0;
    let missed = 0;
    let last: unknown;
    const got = new Promise<void>((resolve) => ws.on('message', (data) => {
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.type === 'subscribed') ws.pause();
      if (answer.type === 'subscribed') resolve();
      if (answer.type !== 'items') return;
      seen += answer.items.length;
      missed += answer.missed;
      last = answer.items.at(-1);
    }));
    ws.send(JSON.stringify({ type: 'hello', token: admin.token }));
    ws.send(JSON.stringify({ type: 'subscribe', id: 1, stream: 's' }));
    await got;
    const item = 'z'.repeat(1000);
    for (let i = 0; i < 30_000; i++) {
      push(item);
      if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    }
    push('last');
    expect(server.clients.all).toBe(1);
    ws.resume();
    while (last !== 'last') await new Promise((resolve) => ws.once('message', resolve));
    expect(missed).toBeGreaterThan(0);
    expect(seen + missed).toBe(30_001);
    ws.terminate();
  });

  it.each([[{ origin: 'http://evil.example' }], [{ host: 'evil.example' }]])('refuses the upgrade with %j', async (headers) => {
    const { ws } = await served();
    await expect(opened(new WebSocket(ws, { headers: headers as Record<string, string> }))).rejects.toThrow('403');
  });

  it('knows one address', async () => {
    const { ws } = await served();
    await expect(connectWebSocket(`${ws}/elsewhere`)).rejects.toThrow('the router answered 404: the console is at /ws');
  });

  it('is not hurt by hundreds that connect and say nothing', async () => {
    const { ws, server } = await served();
    const { port, hostname } = new URL(ws);
    const strangers: WebSocket[] = [];
    const ends: Promise<[number, string]>[] = [];
    for (let i = 0; i < 300; i++) {
      const s = new WebSocket(ws);
      ends.push(closed(s));
      await opened(s);
      strangers.push(s);
    }
    const raw: Socket[] = Array.from({ length: 100 }, () => connect(Number(port), hostname).on('error', () => {}));
    expect((await ends[0])?.[0]).toBe(4429);
    const client = await ConsoleClient.open(await connectWebSocket(ws), admin.token);
    expect((await client.start('count', () => {}).done).code).toBe(0);
    expect(server.clients.all).toBeLessThanOrEqual(257);
    for (const s of strangers) s.terminate();
    for (const s of raw) s.destroy();
    client.close();
  });
});

describe('over HTTP', () => {
  it('serves one plain page', async () => {
    const { server } = await served();
    const page = await fetched(server.url!);
    expect([page.status, page.csp.includes('unsafe-inline')]).toEqual([200, false]);
    expect(page.body).not.toMatch(/<style|<script/);
    expect(page.body).toContain('lancell 1.2.3');
    expect((await fetched(`${server.url}elsewhere`)).status).toBe(404);
    expect((await fetched(server.url!, { host: 'router.example' })).status).toBe(200);
    expect((await fetched(server.url!, { host: 'evil.example' })).status).toBe(403);
  });
});

describe('over the unix socket', () => {
  it('needs no token, for only the owner can open it', async () => {
    const { server, directory } = await served();
    expect(statSync(server.socket!).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['console.sock']);
    const client = await ConsoleClient.open(await connectUnix(directory));
    expect(client.welcome?.author).toMatch(/^unix /);
    const parts: Part[] = [];
    expect(await client.start('sys hostname "a\\nb"', (p) => parts.push(p)).done).toEqual({ code: 0 });
    expect(parts).toEqual(['now a\nb']);
    client.close();
  });

  it('puts messages together however they are cut, and refuses endless ones', async () => {
    const { server } = await served();
    const socket = connect(server.socket!);
    let text = '';
    socket.on('data', (d: Buffer) => { text += d.toString(); });
    socket.on('error', () => {});
    for (const c of '{"type":"run","id":1,"line":"count"}\n\n{"type":"run","id":2,"li') socket.write(c);
    socket.write('ne":"count"}\n');
    socket.write('x'.repeat(300_000));
    await new Promise((resolve) => socket.once('close', resolve));
    const answers = text.trim().split('\n').map((l) => JSON.parse(l) as Answer);
    expect(answers.filter((a) => a.type === 'part')).toHaveLength(6);
    expect(answers.at(-1)).toEqual({ type: 'bye', reason: 'a message is longer than 262144 characters' });
  });

  it('refuses a second router, and takes over from a dead one', async () => {
    const { services, server, directory } = await served();
    await expect(startConsole({ services, directory })).rejects.toThrow(`another router listens on ${server.socket}`);
    await server.close();
    expect(readdirSync(directory)).toEqual([]);
    await expect(connectUnix(directory)).rejects.toThrow('no router answers');
    const next = await startConsole({ services, directory });
    expect([next.url, next.socket]).toEqual([undefined, server.socket]);
    await next.close();
  });

  it('says so when the path is too long', async () => {
    const { services, directory } = await served();
    const long = `${directory}/${'x'.repeat(100)}`;
    await expect(startConsole({ services, directory: long })).rejects.toThrow('too long for a unix socket');
    expect(readdirSync(long)).toEqual([]);
  });
});
