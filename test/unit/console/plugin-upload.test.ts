import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Loader } from '../../../kernel/plugins/loader.ts';
import { PluginStore } from '../../../kernel/plugins/store.ts';
import { pluginVerbs } from '../../../kernel/plugins/verbs.ts';
import { startManagement } from '../../../kernel/router/management.ts';
import { bed } from '../../sim/bed.ts';
import { tgz, zip } from '../plugins/archives.ts';
import { stateWithKeys } from './rig.ts';
import { ask } from './web-rig.ts';

const plugin = (version: string): string => `export default { id: 'test.meter', version: '${version}', setup() {} };`;

async function router() {
  const state = stateWithKeys();
  const b = await bed();
  const loader = new Loader({ state });
  pluginVerbs({ host: b.router.plugins, loader, store: new PluginStore(state, loader), clock: b.clock, command: (spec) => b.router.tree.register(spec, 'kernel') });
  const keys = [{ name: 'admin', token: 'a'.repeat(32), access: 'write' }, { name: 'bob', token: 'b'.repeat(32), access: 'write', role: 'operator' }] as const;
  const management = await startManagement({ router: b.router, state, keys, host: '127.0.0.1', ports: { http: 0, https: 0, ssh: 0, telnet: 0 }, gui: '/nowhere' });
  onTestFinished(async () => { await management.close(); await b.stop(); loader.close(); });
  const call = (path: string, token: string, method: string, body?: Buffer) => ask(management.console.url!, path, {
    method, headers: { authorization: `Bearer ${token.repeat(32)}`, 'content-type': 'application/octet-stream' }, ...(body === undefined ? {} : { body }),
  });
  return {
    ...b, state, upload: (body: Buffer, query = '', token = 'a') => call(`/api/v1/plugins/archive${query}`, token, 'POST', body), get: (path: string) => call(path, 'a', 'GET'),
    installed: () => b.router.plugins.info('test.meter')?.version,
  };
}

describe('a plugin that is uploaded', () => {
  it('is installed from .tgz, .zip or a single file, as octets', async () => {
    const r = await router();
    expect(await r.upload(tgz([{ path: 'package/plugin.js', data: plugin('1') }]))).toMatchObject({ status: 200, json: { parts: ['test.meter active (generation 1)'] } });
    expect((await r.upload(zip([{ path: 'plugin.js', data: plugin('2') }]), '?name=meter-2.zip')).json).toEqual({ parts: ['test.meter active (generation 2)'] });
    expect((await r.upload(Buffer.from(plugin('3')), '?name=meter.js')).json).toEqual({ parts: ['test.meter active (generation 3)'] });
    expect(r.installed()).toBe('3');
    expect(existsSync(join(r.state, 'plugins/test.meter/plugin.js'))).toBe(true);
    const document = (await r.get('/api/v1/openapi.json')).json as { paths: Record<string, { post?: { operationId: string } }> };
    expect(document.paths['/plugins/archive']?.post?.operationId).toBe('plugin_upload');
  });

  it('is refused with a sentence when it is hostile, and what was installed stays', async () => {
    const r = await router();
    await r.upload(tgz([{ path: 'plugin.js', data: plugin('1') }]));
    const boxes = () => readdirSync(tmpdir()).filter((n) => n.startsWith('lancell-upload-') || n.startsWith('lancell-plugin-')).length;
    const before = boxes();
    const evil = [{ path: 'plugin.js', data: plugin('2') }];
    for (const [body, query, status, why] of [
      [tgz([...evil, { path: '../../../evil.js', data: 'x' }]), '', 409, /leads out of the folder/],
      [zip([...evil, { path: '/etc/evil', data: 'x' }]), '', 409, /absolute path/],
      [tgz([...evil, { path: 'l', kind: '2', link: '/etc' }]), '', 409, /is a link/],
      [zip([...evil, { path: 'zeros', data: Buffer.alloc(33 * 2 ** 20), crc: 0 }]), '', 409, /more than 32 MiB/],
      [Buffer.from('nothing'), '', 409, /can be installed/],
      [Buffer.from('nothing'), '?name=../../x.sh', 409, /can be installed/],
      [Buffer.alloc(0), '', 400, /empty/],
      [Buffer.from(plugin('2')), '?nmae=x.js', 400, /nmae/],
    ] as const) {
      const answer = await r.upload(body, query);
      expect([answer.status, answer.json.error]).toEqual([status, expect.stringMatching(why)]);
    }
    // The answer comes while the client still sends: Deno's may see the closed connection first.
    const large = await r.upload(Buffer.alloc(8 * 2 ** 20 + 1)).then((a) => `${a.status} ${String(a.json.error)}`, (e: Error) => e.message);
    expect(large).toMatch(/^413 .*larger than 8 MiB|EPIPE|ECONNRESET/);
    expect(await r.upload(tgz([{ path: 'plugin.js', data: plugin('2') }]), '', 'b')).toMatchObject({ status: 403 });
    expect(r.installed()).toBe('1');
    expect(boxes()).toBe(before);
  });
});
