import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ConsoleClient } from '../../../kernel/console/client.ts';
import { askedBy, asker, authorOfChange, onBehalf } from '../../../kernel/console/acting.ts';
import { connectWebSocket } from '../../../kernel/console/websocket.ts';
import { startManagement } from '../../../kernel/router/management.ts';
import { definePlugin, z } from '../../../sdk/index.ts';
import { bed, own } from '../../sim/bed.ts';
import { stateWithKeys } from './rig.ts';
import { ask } from './web-rig.ts';

describe('on whose behalf a plugin acts', () => {
  it('is known while the action runs, and not to what it leaves behind', async () => {
    expect(asker()).toBeUndefined();
    await askedBy('web ann', async () => {
      expect(asker()).toBe('web ann');
      expect(authorOfChange('panel')).toBe('panel');
      let wake = (): void => {};
      let left: Promise<string> | undefined;
      const seen = await onBehalf(asker(), async () => {
        left = new Promise<void>((resolve) => { wake = resolve; }).then(() => authorOfChange('timer'));
        await Promise.resolve();
        return authorOfChange('panel');
      });
      expect(seen).toBe('web ann');
      wake();
      expect(await left).toBe('timer');
    });
    await onBehalf(undefined, () => { expect(authorOfChange('panel')).toBe('panel'); });
    await expect(onBehalf('web ann', () => { throw new Error('no'); })).rejects.toThrow('no');
  });
});

describe('a change through the web', () => {
  const knob = definePlugin({
    id: 'test.knob', config: z.object({ level: z.int().default(0) }),
    setup(ctx) {
      ctx.panel({ path: 'test/knob', title: 'Knob', view: () => ({ kind: 'facts', facts: { facts: {} } }), actions: {
        turn: async (input) => { await ctx.commit((draft) => { draft.level = Number(input); }, 'panel'); return 'turned'; },
        jam: () => { throw new Error('jammed'); },
      } });
      return { reconfigure() {} };
    },
  });

  it('carries who made it into history and log: panels by REST and WebSocket, verbs, settings', async () => {
    const b = await bed({ plugins: [...own, knob] });
    const management = await startManagement({ router: b.router, state: stateWithKeys(), keys: [{ name: 'tool', token: 't'.repeat(32), access: 'write' }], host: '127.0.0.1', ports: { http: 0, https: 0, ssh: 0, telnet: 0 }, gui: '/nowhere', password: 'long enough' });
    onTestFinished(async () => { await management.close(); await b.stop(); });
    const url = management.console.url!;
    const post = (path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') => ask(url, `/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    const cookie = (await post('/login', { name: 'admin', password: 'long enough' })).headers['set-cookie']!.split(';')[0]!;
    const newest = () => b.router.config.history()[0]?.author;
    const logged = () => b.log.ring.lines({ name: 'audit' }).map((l) => l.msg);

    expect((await post('/panels/test%2Fknob/actions/turn', 3, { cookie })).json).toEqual({ parts: ['turned'] });
    expect(newest()).toBe('web admin');
    expect(logged()).toContain("web admin: 'turn' of the page test/knob");

    const client = await ConsoleClient.open(await connectWebSocket(`${url.replace('http', 'ws')}ws`), 't'.repeat(32));
    onTestFinished(() => client.close());
    const { result } = await new Promise<{ result?: unknown }>((resolve, reject) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}ws`);
      socket.on('error', reject);
      socket.on('open', () => { for (const m of [{ type: 'hello', token: 't'.repeat(32) }, { type: 'panel.action', id: 1, path: 'test/knob', action: 'turn', input: 4 }]) socket.send(JSON.stringify(m)); });
      socket.on('message', (data) => { const m = JSON.parse(String(data)) as { type: string }; if (m.type === 'result' || m.type === 'error') { socket.close(); resolve(m as { result?: unknown }); } });
    });
    expect(result).toEqual({ parts: ['turned'] });
    expect(newest()).toBe('ws tool');

    await post('/panels/test%2Fknob/actions/jam', null, { cookie });
    expect(logged()).toContain("web admin: 'jam' of the page test/knob failed: jammed");

    await post('/config/set', { path: 'test.knob.level', value: 9 }, { cookie });
    expect((await post('/config/commit', {}, { cookie })).status).toBe(200);
    expect(newest()).toBe('web admin');
    expect(logged()).toContain('web admin: POST /api/v1/config/commit');

    expect((await client.start('sys accounts add eve viewer "a secret of hers"', () => {}).done).code).toBe(0);
    expect(logged()).toContain('ws tool: sys accounts add');
    expect(b.log.ring.lines({}).map((l) => JSON.stringify(l)).join()).not.toContain('a secret of hers');
    // Looking leaves no trace.
    const before = logged().length;
    await client.start('sys version', () => {}).done;
    expect(logged()).toHaveLength(before);
  });
});
