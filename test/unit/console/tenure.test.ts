import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ConsoleClient } from '../../../kernel/console/client.ts';
import { connectWebSocket } from '../../../kernel/console/websocket.ts';
import { startManagement } from '../../../kernel/router/management.ts';
import { bed } from '../../sim/bed.ts';
import { served } from './rest/rig.ts';
import { stateWithKeys } from './rig.ts';

const MOST_TURNS = 60_000;

/** Whether it happens while the event loop turns. */
async function happens(thing: Promise<unknown>): Promise<boolean> {
  let done = false;
  void thing.then(() => { done = true; }, () => { done = true; });
  for (let i = 0; i < MOST_TURNS && !done; i++) await new Promise<void>((r) => { setImmediate(r); });
  return done;
}

describe('a token that is removed', () => {
  it('ends its WebSockets at once, and nobody else’s', async () => {
    const r = await served();
    const open = async (token: string) => {
      const client = await ConsoleClient.open(await connectWebSocket(`${r.url.replace('http', 'ws')}/ws`), token);
      const gone = new Promise<string>((resolve) => client.onGone(resolve));
      return { client, gone };
    };
    const [mine, other] = [await open(await r.key('ci', 'operator')), await open(r.admin)];
    await mine.client.subscribe('log', {}, { onItems: () => {}, onClosed: () => {} });
    expect((await r.ask('/api/v1/tokens/ci', { method: 'DELETE' })).status).toBeLessThan(300);
    expect(await mine.gone).toBe('the token ci was removed');
    expect((await other.client.start('sys version', () => {}).done).code).toBe(0);
    other.client.close();
    // Another one of the same name is another token.
    const again = await open(await r.key('ci', 'operator'));
    expect((await again.client.start('sys version', () => {}).done).code).toBe(0);
    again.client.close();
  });

  it('ends its streams and captures at once', async () => {
    const r = await served();
    const token = await r.key('ci', 'viewer');
    const get = (path: string) => fetch(`${r.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const [log, capture, mine] = [await get('/api/v1/streams/log'), await get('/api/v1/capture'), await fetch(`${r.url}/api/v1/streams/log`, { headers: { authorization: `Bearer ${r.admin}` } })];
    const read = log.text();
    const packets = capture.arrayBuffer();
    expect(await r.verb('sys token remove ci')).toMatchObject({ code: 0 });
    expect(await r.wait(read)).toContain('the token ci was removed');
    expect(await happens(packets)).toBe(true);
    expect((await get('/api/v1/session')).status).toBe(401);
    expect(mine.body!.locked).toBe(false);
    await mine.body!.cancel();
  });

  it('ends the sessions of browsers that it opened', async () => {
    const r = await served();
    const token = await r.key('ci', 'operator');
    const answer = await r.ask('/api/v1/login/token', { method: 'POST', body: { token }, token: '' });
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    const me = () => r.ask('/api/v1/session', { token: '', headers: { cookie } });
    expect((await me()).json).toMatchObject({ name: 'ci' });
    await r.rest.tokens.remove('ci');
    expect((await me()).status).toBe(401);
  });
});

describe('an account that is removed', () => {
  it('ends its WebSockets and streams at once', async () => {
    const b = await bed();
    const management = await startManagement({ router: b.router, state: stateWithKeys(), keys: [], host: '127.0.0.1', ports: { http: 0, https: 0, ssh: 0, telnet: 0 }, gui: '/nowhere', password: 'long enough' });
    onTestFinished(async () => { await management.close(); await b.stop(); });
    await management.accounts.create('bob', 'long enough', 'operator');
    const url = management.console.url!;
    const origin = url.replace(/\/$/, '');
    const login = async (name: string): Promise<string> => (await fetch(`${url}api/v1/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, password: 'long enough' }) })).headers.get('set-cookie')!.split(';')[0]!;
    const socket = async (cookie: string) => {
      const ws = new WebSocket(`${url.replace('http', 'ws')}ws`, { headers: { cookie, origin } });
      const closed = new Promise<number>((resolve) => ws.once('close', resolve));
      await new Promise((resolve, reject) => { ws.once('message', resolve); ws.once('error', reject); });
      return { ws, closed };
    };
    const [bob, admin] = [await login('bob'), await login('admin')];
    const [his, hers] = [await socket(bob), await socket(admin)];
    const stream = (await fetch(`${url}api/v1/streams/log`, { headers: { cookie: bob } })).text();
    await management.accounts.remove('bob');
    expect(await his.closed).toBe(4401);
    expect(await stream).toContain('the account was removed');
    expect(hers.ws.readyState).toBe(WebSocket.OPEN);
    hers.ws.terminate();
    // Who is known by a client certificate has no session; the account's own tenure ends.
    const tenure = management.accounts.tenure('Admin')!;
    const why = new Promise((resolve) => { tenure.onEnd(resolve); });
    expect(management.accounts.tenure('admin')).toBe(tenure);
    await management.accounts.changePassword('admin', 'another one');
    expect(await why).toBe('the password was changed');
    expect(tenure.ended).toBe(true);
    expect(management.accounts.tenure('admin')).not.toBe(tenure);
    expect(management.accounts.tenure('bob')).toBeUndefined();
  });
});
