import { type ClientRequestArgs, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { onTestFinished } from 'vitest';
import { accountsInMemory } from '../../../kernel/console/account-file.ts';
import { Accounts } from '../../../kernel/console/accounts.ts';
import { PasswordHasher } from '../../../kernel/console/password-hash.ts';
import { type ConsoleOptions, startConsole } from '../../../kernel/console/server.ts';
import { Sessions } from '../../../kernel/console/sessions.ts';
import { rig } from './rig.ts';

export interface Answer { readonly status: number; readonly headers: Record<string, string>; readonly body: string; readonly json: Record<string, unknown> }
export interface Ask { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string | Buffer; readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } }

/** One request on a connection of its own; the path goes out exactly as it is given. */
export const ask = (base: string, path: string, { method = 'GET', headers = {}, body, tls = {} }: Ask = {}): Promise<Answer> => new Promise((resolve, reject) => {
  const { hostname, port, protocol } = new URL(base);
  const options: ClientRequestArgs = { hostname, port, path, method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }), ...headers }, agent: false };
  const request = (protocol === 'https:' ? secureRequest({ ...options, ...tls }) : plainRequest(options));
  request.on('response', (r) => {
    const chunks: Buffer[] = [];
    r.on('data', (d: Buffer) => chunks.push(d));
    r.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      let json = {};
      try { json = JSON.parse(text) as Record<string, unknown>; } catch { /* not JSON */ }
      resolve({ status: r.statusCode ?? 0, headers: Object.fromEntries(Object.entries(r.headers).map(([k, v]) => [k, String(v)])), body: text, json });
    });
    r.on('error', reject);
  });
  request.on('error', reject);
  request.end(body);
});

/** A console on loopback with an account ann, and a session of hers on demand. */
export async function web(more: Partial<ConsoleOptions> = {}) {
  const all = rig();
  const accounts = await Accounts.open({ file: accountsInMemory(), clock: all.clock, hasher: new PasswordHasher({ cost: { n: 16, r: 1, p: 1 } }) });
  const sessions = new Sessions({ clock: all.clock, idleMs: () => 300_000 });
  const wrong: unknown[] = [];
  const server = await startConsole({ services: all.services, listen: { host: '127.0.0.1', port: 0 }, accounts, sessions, report: (e) => wrong.push(e), ...more });
  onTestFinished(() => server.close());
  const url = server.url!;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}, base = url) => ask(base, path, { method: 'POST', body: JSON.stringify(body), headers });
  const login = async (): Promise<string> => {
    if (accounts.setupNeeded) await accounts.create('ann', 'long enough', 'admin');
    return (await post('/api/v1/login', { name: 'ann', password: 'long enough' })).headers['set-cookie']!.split(';')[0]!;
  };
  return { ...all, accounts, sessions, server, url, ws: `${url.replace('http', 'ws')}ws`, wrong, post, login, get: (path: string, headers: Record<string, string> = {}) => ask(url, path, { headers }) };
}
