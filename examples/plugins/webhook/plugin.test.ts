import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { harness } from 'lancell/sdk/testing';
import { type Answer, outcomeOf, post, type Request } from './post.ts';
import { webhook } from './plugin.ts';

const URL = 'https://hooks.example/router?key=hidden';
const SETTINGS = { webhook: { url: URL, secret: 's3cret', topics: ['link/down', 'link/up'] } };
const OK: Answer = { outcome: 'taken', words: 'HTTP 200' };
const DOWN: Answer = { outcome: 'later', words: 'connect ECONNREFUSED' };

/** A server that answers as told, and remembers. */
function fake(...answers: Answer[]) {
  const asked: Request[] = [];
  return { asked, plugin: webhook(async request => { asked.push(request); return answers.shift() ?? OK; }, () => 0) };
}

describe('webhook', () => {
  it('posts what is new, and not what was so when it was loaded', async () => {
    const { asked, plugin } = fake();
    const h = await harness(plugin, { settings: SETTINGS });
    await h.advance(10_000);
    expect(asked).toEqual([]);
    h.wires.wan.setUp(false);
    await h.advance(0);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ url: URL, secret: 's3cret', timeoutMs: 10_000 });
    expect(JSON.parse(asked[0]!.body)).toMatchObject({ topic: 'link/down', at: expect.stringMatching(/^2008-01-01T00:00:\d\d/), event: { name: 'wan', why: 'no carrier' } });
    await h.close();
  });

  it('tries again with a pause that doubles, in order, and gives up after so many tries', async () => {
    const { asked, plugin } = fake(DOWN, DOWN, DOWN);
    const h = await harness(plugin, { settings: { webhook: { ...SETTINGS.webhook, tries: 3 } } });
    h.wires.wan.setUp(false);
    h.wires.wan.setUp(true);
    await h.advance(0);
    expect(await h.run('webhook status')).toMatchObject({ facts: { waiting: 2, 'failed tries of the first': 1 } });
    await h.advance(1999);
    expect(asked).toHaveLength(1);
    await h.advance(1);
    expect(asked).toHaveLength(2);
    await h.advance(3999);
    expect(asked).toHaveLength(2);
    await h.advance(1);
    // The third failure was the last; the other event went through.
    expect(asked.map(r => JSON.parse(r.body).topic)).toEqual(['link/down', 'link/down', 'link/down', 'link/up']);
    expect(await h.run('webhook status')).toMatchObject({ facts: { waiting: 0, posted: 1, lost: 1 } });
    expect(h.log()).toContain('warn: an event was not posted: too many tries');
    await h.close();
  });

  it('keeps a bounded queue over a reload', async () => {
    const { asked, plugin } = fake(DOWN);
    const h = await harness(plugin, { settings: { webhook: { ...SETTINGS.webhook, maxQueue: 2 } } });
    for (const up of [false, true, false]) { h.wires.wan.setUp(up); await h.advance(0); }
    // The first was under way and has failed; then the queue was full, and lost it as the oldest.
    expect((await h.table('webhook queue')).rows.map(r => r.slice(0, 2))).toEqual([[2, 'link/up'], [3, 'link/down']]);
    await h.reload();
    await h.advance(0);
    expect(asked.slice(1).map(r => JSON.parse(r.body).topic)).toEqual(['link/up', 'link/down']);
    await h.close();
  });

  it('tests on demand, and shows no secret', async () => {
    const { asked, plugin } = fake(OK, { outcome: 'refused', words: 'HTTP 403' });
    const h = await harness(plugin);
    await expect(h.run('webhook test')).rejects.toThrow('no URL is set');
    await expect(h.configure({ url: 'ftp://x' })).rejects.toThrow('must begin with http');
    await h.configure({ url: URL, secret: 's3cret' });
    expect(await h.run('webhook test')).toBe('https://hooks.example/router: HTTP 200');
    await expect(h.run('webhook test')).rejects.toThrow('did not take it: HTTP 403');
    expect(JSON.parse(asked[0]!.body)).toMatchObject({ topic: 'webhook/test', event: { author: 'test' } });
    for (const said of [await h.cli('webhook status'), await h.cli('config show webhook'), h.log().join('\n')]) expect(said).not.toContain('s3cret');
    await h.close();
  });
});

describe('post', () => {
  it('speaks HTTP to a real server', async () => {
    const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => { body += chunk; }).on('end', () => {
        seen.push({ headers: request.headers, body });
        response.writeHead(request.url === '/busy' ? 503 : 204).end();
      });
    });
    await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve); });
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { signal } = new AbortController();
    expect(await post({ url: `${base}/`, secret: 'k', body: '{"a":1}', timeoutMs: 5000 }, signal)).toEqual({ outcome: 'taken', words: 'HTTP 204' });
    expect(await post({ url: `${base}/busy`, secret: '', body: '{}', timeoutMs: 5000 }, signal)).toEqual({ outcome: 'later', words: 'HTTP 503' });
    expect(seen[0]).toMatchObject({ body: '{"a":1}', headers: { authorization: 'Bearer k', 'content-type': 'application/json' } });
    expect(seen[1]!.headers.authorization).toBeUndefined();
    server.closeAllConnections();
    await new Promise(resolve => { server.close(resolve); });
    expect((await post({ url: base, secret: '', body: '{}', timeoutMs: 5000 }, signal)).outcome).toBe('later');
  });

  it('knows which answers are final', () => {
    expect([200, 204, 301, 400, 404, 408, 429, 500, 503].map(outcomeOf)).toEqual(['taken', 'taken', 'refused', 'refused', 'refused', 'later', 'later', 'later', 'later']);
  });
});
