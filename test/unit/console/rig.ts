import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { VerbFault } from '../../../kernel/cli/errors.ts';
import { VerbTree } from '../../../kernel/cli/tree.ts';
import { VirtualClock } from '../../../kernel/clock.ts';
import { Gate, type Key } from '../../../kernel/console/auth.ts';
import type { Channel, ChannelListener } from '../../../kernel/console/channel.ts';
import type { Known, Services } from '../../../kernel/console/connection.ts';
import { LabDoor } from '../../../kernel/console/lab-door.ts';
import { PanelRegistry } from '../../../kernel/console/panels.ts';
import type { Answer } from '../../../kernel/console/protocol.ts';
import { startConsole } from '../../../kernel/console/server.ts';
import { StreamRegistry } from '../../../kernel/console/streams.ts';
import { z } from '../../../sdk/index.ts';

export const admin: Key = { name: 'admin', token: 'a'.repeat(32), access: 'write' };
export const viewer: Key = { name: 'viewer', token: 'v'.repeat(32), access: 'read' };
export const owner: Known = { identity: { name: 'test', role: 'admin', via: 'unix' } };

/** A router's services with a few verbs, on a virtual clock. */
export function rig() {
  const clock = new VirtualClock();
  const streams = new StreamRegistry();
  const tree = new VerbTree();
  const faults: VerbFault[] = [];
  tree.register({ path: 'sys version', help: 'version', access: 'read', run: () => ({ facts: { version: '1' } }) }, 't');
  tree.register({ path: 'sys hostname', help: 'name', args: { name: { schema: z.string(), help: 'name' } }, run: ({ name }) => `now ${name}` }, 't');
  tree.register({ path: 'count', help: 'to three', access: 'read', run: async (_a, io) => { io.write('1'); await Promise.resolve(); io.write({ text: '2' }); return '3'; } }, 't');
  tree.register({ path: 'hang', help: 'waits', access: 'read', run: () => new Promise<void>(() => {}) }, 't');
  tree.register({ path: 'flood', help: 'much', access: 'read', run: (_a, io) => { for (let i = 0; i < 100; i++) io.write('x'.repeat(200_000)); } }, 't');
  tree.register({ path: 'bug', help: 'breaks', access: 'read', run: () => { throw new Error('oops'); } }, 't');
  const services: Services = {
    tree, clock, streams, panels: new PanelRegistry(streams, clock), lab: new LabDoor(), gate: new Gate([admin, viewer], clock),
    version: '1.2.3', onFault: (f) => faults.push(f),
  };
  return { services, clock, streams, tree, faults };
}

export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lancell-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The SSH host keys of the first router in this process: to make an RSA key takes longer than most tests. */
const hostKeys = new Map<string, string>();

/** A temporary state directory of a router that was there before: it has its host keys already, but for the first one, which makes them. */
export function stateWithKeys(): string {
  const directory = temporary();
  const folder = join(directory, 'ssh');
  if (hostKeys.size === 0) {
    onTestFinished(() => { if (existsSync(folder)) for (const name of readdirSync(folder).filter(n => n.endsWith('_key'))) hostKeys.set(name, readFileSync(join(folder, name), 'utf8')); });
    return directory;
  }
  mkdirSync(folder, { mode: 0o700 });
  for (const [name, text] of hostKeys) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return directory;
}

/** The same behind real doors: loopback with a free port, and a unix socket. */
export async function served() {
  const all = rig();
  const directory = temporary();
  const server = await startConsole({ services: all.services, listen: { host: '127.0.0.1', port: 0 }, directory, hosts: () => ['router.example'] });
  onTestFinished(() => server.close());
  return { ...all, server, directory, ws: `${server.url!.replace('http', 'ws')}ws` };
}

/** A client's end in memory; `buffered` is whatever the test says. */
export class FakeChannel implements Channel {
  readonly from: string;
  readonly sent: Answer[] = [];
  buffered = 0;
  /** Octets that stay unread; when true, everything sent counts. */
  stuck = false;
  ended: { code: number; reason: string } | undefined;
  #listener: ChannelListener | undefined;
  #arrived: (() => void)[] = [];

  constructor(from = '10.0.0.1') { this.from = from; }

  listen(listener: ChannelListener): void { this.#listener = listener; }
  send(text: string): void {
    if (this.stuck) this.buffered += text.length;
    this.sent.push(JSON.parse(text) as Answer);
    for (const fn of this.#arrived.splice(0)) fn();
  }
  close(code: number, reason: string): void { this.ended ??= { code, reason }; }

  say(message: unknown): void { this.#listener?.text(typeof message === 'string' ? message : JSON.stringify(message)); }
  drain(): void { this.buffered = 0; this.#listener?.drained(); }
  hangUp(): void { this.#listener?.closed('gone'); }
  types(): string[] { return this.sent.map((a) => a.type); }
  of<T extends Answer['type']>(type: T): Extract<Answer, { type: T }>[] { return this.sent.filter((a): a is Extract<Answer, { type: T }> => a.type === type); }

  /** Waits for the n-th answer of a type. */
  async next<T extends Answer['type']>(type: T, n = 1): Promise<Extract<Answer, { type: T }>> {
    while (this.of(type).length < n) await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.of(type)[n - 1]!;
  }
}
