import { onTestFinished } from 'vitest';
import { draw } from '../../../../kernel/cli/draw.ts';
import { Session } from '../../../../kernel/cli/session.ts';
import { Gate } from '../../../../kernel/console/auth.ts';
import { startConsole } from '../../../../kernel/console/server.ts';
import { Loader } from '../../../../kernel/plugins/loader.ts';
import { PluginStore } from '../../../../kernel/plugins/store.ts';
import { pluginVerbs } from '../../../../kernel/plugins/verbs.ts';
import { openRest } from '../../../../kernel/router/rest.ts';
import type { AnyPlugin } from '../../../../sdk/plugin.ts';
import type { VirtualClock } from '../../../../kernel/clock.ts';
import { bed, own } from '../../../sim/bed.ts';
import { temporary } from '../rig.ts';

export interface Reply { readonly status: number; readonly headers: Headers; readonly text: string; readonly octets: Uint8Array; readonly json: never }
export interface Ask { readonly method?: string; readonly body?: unknown; readonly token?: string | undefined; readonly headers?: Readonly<Record<string, string>> }

/** A router in the memory lab, and its REST interface on loopback. Virtual time goes on while an answer is awaited. */
export async function served(opts: { plugins?: readonly AnyPlugin[] } = {}) {
  const state = temporary();
  const lab = await bed({ plugins: opts.plugins ?? own });
  const { router, clock } = lab;
  const rest = await openRest(router, state);
  const loader = new Loader({ state });
  pluginVerbs({ host: router.plugins, loader, store: new PluginStore(state, loader), clock, command: (spec) => router.tree.register(spec, 'kernel') });
  const faults: unknown[] = [];
  const gate = new Gate([], clock, (token) => rest.tokens.find(token));
  const server = await startConsole({ services: router.services(gate), listen: { host: '127.0.0.1', port: 0 }, rest: rest.app, metrics: (identity) => rest.metrics(identity), report: (error) => { faults.push(error); } });
  onTestFinished(async () => {
    await server.close();
    await lab.stop();
    loader.close();
  });
  const key = (name: string, role: 'admin' | 'operator' | 'viewer', areas?: readonly string[]) => rest.tokens.add({ name, role, areas, by: 'test' });
  const admin = await key('admin', 'admin');
  const url = server.url!.replace(/\/$/, '');

  const ask = async (path: string, { method = 'GET', body, token = admin, headers = {} }: Ask = {}): Promise<Reply> => {
    const raw = body instanceof Uint8Array;
    const type = body === undefined ? {} : { 'content-type': raw ? 'application/octet-stream' : 'application/json' };
    const done = (async () => {
      const response = await fetch(`${url}${path}`, {
        method, headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...type, ...headers },
        ...(body === undefined ? {} : { body: raw ? (body as Uint8Array<ArrayBuffer>) : typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const octets = new Uint8Array(await response.arrayBuffer());
      const text = new TextDecoder().decode(octets);
      return { status: response.status, headers: response.headers, text, octets, json: (text !== '' && /json/.test(response.headers.get('content-type') ?? '') && !/ndjson/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined) as never };
    })();
    return passing(clock, done);
  };
  const session = new Session({ tree: router.tree, clock, author: 'test' });
  /** Runs a verb that waits for files or ciphers; gives what a person would read. */
  const verb = async (line: string) => {
    let text = '';
    const { code, error } = await passing(clock, session.start(line, (part) => { text += draw(part, { width: undefined, ansi: false }); }).done);
    return { code, text: text + (error ?? '') };
  };
  return { ...lab, verb, state, faults, rest, server, url, ask, key, admin, wait: <T>(p: Promise<T>) => passing(clock, p) };
}

/** Virtual time goes on, slowly enough for sockets and files, until `p` settles. */
async function passing<T>(clock: VirtualClock, p: Promise<T>): Promise<T> {
  let done = false;
  const mark = () => { done = true; };
  p.then(mark, mark);
  while (!done) {
    await new Promise<void>((resolve) => { setImmediate(resolve); });
    clock.advance(1);
  }
  return p;
}
