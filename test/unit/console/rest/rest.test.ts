import { describe, expect, it } from 'vitest';
import { PcapngReader } from '../../../../kernel/links/pcapng.ts';
import { definePlugin, z } from '../../../../sdk/index.ts';
import { own } from '../../../sim/bed.ts';
import { served } from './rig.ts';

const api = '/api/v1';

const probe = definePlugin({
  id: 'test.probe', title: 'Probe', config: z.object({ name: z.string().max(8).default('x'), psk: z.string().default('').meta({ secret: true }) }),
  setup: (ctx) => {
    let pressed = 0;
    ctx.command({ path: 'probe add', help: 'adds', args: { a: { schema: z.int(), help: 'one' }, b: { schema: z.int().default(1), help: 'other' }, how: { schema: z.enum(['plain', 'loud']).default('plain'), help: 'how' } }, access: 'read', run: ({ a, b, how }) => `${a + b}${how === 'loud' ? '!' : ''}` });
    ctx.command({ path: 'probe keep', help: 'writes', args: { what: { schema: z.string(), help: 'what', rest: true } }, run: ({ what }, io) => `${io.author}: ${what}` });
    ctx.command({ path: 'probe tell', help: 'goes on', access: 'read', run: (_a, io) => new Promise<void>((resolve) => { io.write('first'); io.write({ facts: { n: 2 } }); io.signal.addEventListener('abort', () => resolve(), { once: true }); }) });
    ctx.command({ path: 'probe bug', help: 'breaks', access: 'read', run: () => { throw new TypeError('oops'); } });
    ctx.panel({ path: 'test/probe', title: 'Probe', view: () => ({ kind: 'facts', facts: { facts: { pressed } } }), actions: { press: (input) => `pressed ${JSON.stringify(input)} ${++pressed}`, look: () => `pressed ${pressed} times` }, reads: ['look'] });
  },
});

describe('REST', () => {
  it('runs verbs: arguments by name, output as data', async () => {
    const { ask } = await served({ plugins: [...own, probe] });
    expect(await ask(`${api}/verbs/sys/version`)).toMatchObject({ status: 200, json: { parts: [{ facts: { program: 'lancell test' } }] } });
    expect((await ask(`${api}/verbs/probe/add?a=2&how=loud`)).json).toEqual({ parts: ['3!'] });
    expect(await ask(`${api}/verbs/probe/add?a=two`)).toMatchObject({ status: 400, json: { error: expect.stringContaining("a: 'two' does not fit") } });
    expect(await ask(`${api}/verbs/probe/add?a=1&c=2`)).toMatchObject({ status: 400, json: { error: expect.stringContaining('there are: a, b, how') } });
    expect(await ask(`${api}/verbs/probe/add`)).toMatchObject({ status: 400, json: { error: expect.stringContaining('a is missing') } });
    expect((await ask(`${api}/verbs/probe/keep`, { method: 'POST', body: { what: 'a "b" ? | json' } })).json).toEqual({ parts: ['ws admin: a "b" ? | json'] });
    expect(await ask(`${api}/verbs/probe/keep?what=x`)).toMatchObject({ status: 405 });
    expect(await ask(`${api}/verbs/probe/nothing`)).toMatchObject({ status: 404 });
    expect(await ask(`${api}/verbs/probe/bug`)).toMatchObject({ status: 500, json: { error: expect.stringContaining('test.probe') } });
    expect(await ask(`${api}/verbs/%ff`)).toMatchObject({ status: 400 });
  });

  it('ends a verb that goes on, or streams it', async () => {
    const { ask, url, admin, wait } = await served({ plugins: [...own, probe] });
    expect((await ask(`${api}/verbs/probe/tell`, { headers: { prefer: 'wait=1' } })).json).toEqual({ parts: ['first', { facts: { n: 2 } }], cancelled: true });
    const response = await wait(fetch(`${url}${api}/verbs/probe/tell`, { headers: { authorization: `Bearer ${admin}`, accept: 'application/x-ndjson' } }));
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (text.split('\n').length < 3) text += (await wait(reader.read())).value;
    expect(text.trim().split('\n').map((l) => JSON.parse(l))).toEqual([{ part: 'first' }, { part: { facts: { n: 2 } } }]);
    await reader.cancel();
    const done = await ask(`${api}/verbs/probe/add?a=1`, { headers: { accept: 'application/x-ndjson' } });
    expect(done.text).toBe('{"part":"2"}\n{"end":true}\n');
  });

  it('edits settings, commits with confirmation, and rolls back', async () => {
    const { ask, router } = await served({ plugins: [...own, probe] });
    const post = (path: string, body: unknown = {}) => ask(`${api}/config/${path}`, { method: 'POST', body });
    const patched = await ask(`${api}/config/test.probe`, { method: 'PATCH', body: { name: 'new', psk: 'geheim' } });
    expect(patched).toMatchObject({ status: 200, json: { changes: [{ words: 'test.probe.name: x → new' }, { secret: true }], problems: [] } });
    expect(await ask(`${api}/config/test.probe`)).toMatchObject({ json: { running: { name: 'x', psk: false }, candidate: { name: 'new', psk: true } } });
    expect(await ask(`${api}/config/test.probe`, { method: 'PATCH', body: { name: 'much too long', psk: 'lost' } })).toMatchObject({ status: 422, json: { problems: [{ section: 'test.probe', keys: ['name'] }] } });
    expect(await post('commit', { confirmMinutes: 1 })).toMatchObject({ status: 200, json: { confirmBy: expect.any(Number) } });
    expect(await post('confirm')).toMatchObject({ status: 204 });
    expect(router.config.running('test.probe')).toEqual({ name: 'new', psk: 'geheim' });
    await ask(`${api}/config/test.probe`, { method: 'PATCH', body: { name: null, psk: true } });
    expect((await ask(`${api}/config/diff`)).json).toMatchObject({ changes: [{ after: 'x' }], authors: ['ws admin'] });
    expect(await post('commit', { note: 'why' })).toMatchObject({ status: 200 });
    expect(router.config.running('test.probe')).toEqual({ name: 'x', psk: 'geheim' });
    expect(await ask(`${api}/config/history/0`)).toMatchObject({ json: { note: 'why', changes: [{ words: 'test.probe.name: new → x' }] } });
    expect(await post('rollback', { n: 1 })).toMatchObject({ json: { changes: [{ after: 'new' }] } });
    expect(await post('rollback', { n: 999 })).toMatchObject({ status: 409 });
    expect(await post('set', { path: 'test.probe.nothing', value: 1 })).toMatchObject({ status: 404 });
    expect(await post('reset', { to: 'factory' })).toMatchObject({ status: 200, json: { to: 'factory' } });
    const everything = JSON.stringify([(await ask(`${api}/config/history`)).json, (await ask(`${api}/openapi.json`)).json, (await ask(`${api}/log`)).json]);
    expect(everything).not.toContain('geheim');
  });

  it('refuses what makes no sense, and changes nothing', async () => {
    const { ask, router, url } = await served({ plugins: [...own, probe] });
    const before = JSON.stringify(router.config.document);
    const patch = (body: unknown, more = {}) => ask(`${api}/config/test.probe`, { method: 'PATCH', body, ...more });
    expect(await patch('{"name":')).toMatchObject({ status: 400 });
    expect(await patch('[1]')).toMatchObject({ status: 400 });
    expect(await patch('{"__proto__":{"name":"x"}}')).toMatchObject({ status: 409 });
    expect(await patch(`{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toMatchObject({ status: 400 });
    expect(await patch('{"name":1e999}')).toMatchObject({ status: 409 });
    expect(await patch({ name: 'x'.repeat(1_100_000) })).toMatchObject({ status: 413 });
    expect(await patch({ name: 'a' }, { headers: { 'content-type': 'text/plain' } })).toMatchObject({ status: 415 });
    expect(await ask(`${api}/config/nothing`)).toMatchObject({ status: 404 });
    expect(await ask(`${api}/flows?filter=${encodeURIComponent('colour red')}`)).toMatchObject({ status: 409 });
    expect(await ask(`${api}/flows?most=1&most=2`)).toMatchObject({ status: 400 });
    expect(await ask(`${api}/flows/99999999`, { method: 'DELETE' })).toMatchObject({ status: 404 });
    expect(await ask(`${api}/links`, { method: 'POST', body: {} })).toMatchObject({ status: 405 });
    expect(await ask(`${api}/nothing`)).toMatchObject({ status: 404 });
    expect(await ask(`${api}/links`, { token: '' })).toMatchObject({ status: 401 });
    expect(await ask(`${api}/links`, { token: 'lct_wrong' })).toMatchObject({ status: 401 });
    expect(await ask(`${api}/config/commit`, { method: 'POST', body: {}, headers: { origin: 'http://evil.example' } })).toMatchObject({ status: 403 });
    expect((await fetch(`${url}${api}/streams/log`, { method: 'HEAD' })).status).toBe(401);
    expect(await ask(`${api}/streams/log`, { method: 'HEAD' })).toMatchObject({ status: 405 });
    expect(router.config.diff()).toEqual([]);
    expect(JSON.stringify(router.config.document)).toBe(before);
  });

  it('shows panels and uses their actions', async () => {
    const { ask } = await served({ plugins: [...own, probe] });
    expect((await ask(`${api}/panels`)).json).toMatchObject({ panels: expect.arrayContaining([{ path: 'test/probe', title: 'Probe', owner: 'test.probe', actions: ['press', 'look'] }]) });
    expect((await ask(`${api}/panels/test%2Fprobe`)).json).toEqual({ kind: 'facts', facts: { facts: { pressed: 0 } } });
    expect((await ask(`${api}/panels/test%2Fprobe/actions/press`, { method: 'POST', body: { row: 3 } })).json).toEqual({ parts: ['pressed {"row":3} 1'] });
    expect(await ask(`${api}/panels/test%2Fprobe/actions/pull`, { method: 'POST', body: {} })).toMatchObject({ status: 404 });
    expect(await ask(`${api}/panels/none`)).toMatchObject({ status: 404 });
  });

  it('lists, reloads, unloads and installs plugins', async () => {
    const { ask, router } = await served({ plugins: [...own, probe] });
    expect((await ask(`${api}/plugins`)).json).toMatchObject({ plugins: expect.arrayContaining([expect.objectContaining({ id: 'nat', state: 'active' })]) });
    expect(await ask(`${api}/plugins/test.probe/reload`, { method: 'POST' })).toMatchObject({ status: 200, json: { parts: [expect.stringContaining('active')] } });
    expect(await ask(`${api}/plugins/test.probe/unload`, { method: 'POST' })).toMatchObject({ status: 200 });
    expect(await ask(`${api}/plugins/test.probe`)).toMatchObject({ status: 404 });
    const source = "export default { id: 'test.tiny', setup(ctx) { ctx.command({ path: 'tiny', help: 'tiny', access: 'read', run: () => 'here' }); } };\n";
    const made = await ask(`${api}/plugins`, { method: 'POST', body: { files: { 'plugin.js': source, 'package.json': '{"type":"module"}' } } });
    expect(made).toMatchObject({ status: 200, json: { parts: [expect.stringContaining('test.tiny active')] } });
    expect((await ask(`${api}/verbs/tiny`)).json).toEqual({ parts: ['here'] });
    expect(await ask(`${api}/plugins/test.tiny`, { method: 'DELETE' })).toMatchObject({ status: 200 });
    expect(await ask(`${api}/verbs/tiny`)).toMatchObject({ status: 404 });
    for (const name of ['../plugin.js', '/etc/x', 'a/../../b', '.hidden', 'a//b']) expect(await ask(`${api}/plugins`, { method: 'POST', body: { files: { [name]: 'x' } } })).toMatchObject({ status: 400 });
    expect(await ask(`${api}/plugins`, { method: 'POST', body: { files: { 'plugin.js': 'export default 1' } } })).toMatchObject({ status: 409 });
    expect(router.plugins.list().map((p) => p.id)).not.toContain('test.tiny');
  });

  it('shows links and flows, cuts one, and captures with bounds', async () => {
    const { ask, exec, wait, admin, url, advance } = await served();
    await advance(3000);
    const response = await wait(fetch(`${url}${api}/capture?filter=icmp&packets=6&snap=64`, { headers: { authorization: `Bearer ${admin}` } }));
    expect(response.headers.get('content-type')).toBe('application/x-pcapng');
    await exec('lan1', 'ping -c 3 inet1');
    const reader = new PcapngReader(new Uint8Array(await wait(response.arrayBuffer())));
    const frames = [];
    for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame);
    expect(reader.problem).toBeUndefined();
    expect(frames).toHaveLength(6);
    expect(frames.every((f) => f.data.length <= 64 && f.length >= f.data.length)).toBe(true);
    const { flows } = (await ask(`${api}/flows?filter=icmp`)).json as { flows: { id: number; from: { address: string }; inLink: string }[] };
    expect(flows[0]).toMatchObject({ protocol: 1, from: { address: expect.stringMatching(/^192\.168\.1\./) } });
    expect(await ask(`${api}/flows/${flows[0]!.id}`, { method: 'DELETE' })).toMatchObject({ status: 204 });
    expect((await ask(`${api}/links`)).json).toMatchObject({ links: expect.arrayContaining([expect.objectContaining({ up: true, stats: expect.objectContaining({ rxPackets: expect.any(Number) }) })]) });
    // A capture that sees nothing ends by itself.
    expect((await ask(`${api}/capture?filter=${encodeURIComponent('port 1')}&seconds=2`)).status).toBe(200);
  });

  it('streams items, one per line, until a bound', async () => {
    const { ask, router } = await served();
    router.log.logger('test').warn({}, 'a line\nof two');
    const lines = (await ask(`${api}/streams/log?count=1&text=${encodeURIComponent('of two')}`)).text.trim().split('\n').map((l) => JSON.parse(l));
    expect(lines).toEqual([{ item: expect.objectContaining({ name: 'test', msg: 'a line\nof two' }) }, { closed: '1 items were sent' }]);
    const metrics = (await ask(`${api}/streams/metrics?seconds=3`)).text.trim().split('\n').map((l) => JSON.parse(l));
    expect(metrics.length).toBeGreaterThanOrEqual(3);
    expect(metrics.at(-1)).toEqual({ closed: '3 s are over' });
    expect((await ask(`${api}/streams/plugins?count=1`)).text).toContain('"id":"nat"');
    expect((await ask(`${api}/streams/config?count=1`)).text).toContain('"changes":[]');
    expect(await ask(`${api}/streams/nothing`)).toMatchObject({ status: 404 });
  });
});

describe('roles and areas', () => {
  it('keeps viewers from changing, operators from what is for administrators, and areas apart', async () => {
    const { ask, key } = await served({ plugins: [...own, probe] });
    const [viewer, operator, lan, metrics] = await Promise.all([key('v', 'viewer'), key('o', 'operator'), key('l', 'operator', ['lan', 'flow']), key('m', 'viewer', ['metrics'])]);
    const status = async (token: string, path: string, method = 'GET', body?: unknown) => (await ask(path, { token, method, ...(body === undefined ? {} : { body }) })).status;
    expect(await status(viewer, `${api}/config/lan`)).toBe(200);
    expect(await status(viewer, `${api}/config/lan`, 'PATCH', { lan: { ip: '10.0.0.1' } })).toBe(403);
    expect(await status(viewer, `${api}/verbs/probe/keep`, 'POST', { what: 'x' })).toBe(403);
    expect(await status(viewer, `${api}/plugins/nat/reload`, 'POST')).toBe(403);
    expect(await status(viewer, `${api}/panels/test%2Fprobe/actions/press`, 'POST', {})).toBe(403);
    for (const [path, method, body] of [['/config/reset', 'POST', { to: 'factory' }], ['/backup', 'GET'], ['/backup', 'POST', { passphrase: 'x' }], ['/restore', 'POST', {}], ['/plugins', 'POST', { folder: '/x' }], ['/tokens', 'POST', { name: 'n', role: 'admin' }]] as const) {
      expect([path, await status(operator, `${api}${path}`, method, body)]).toEqual([path, 403]);
    }
    expect(await status(operator, `${api}/verbs/probe/keep`, 'POST', { what: 'x' })).toBe(200);
    expect(await status(lan, `${api}/config/lan`)).toBe(200);
    expect(await status(lan, `${api}/config/wan`)).toBe(403);
    expect(await status(lan, `${api}/flows`)).toBe(200);
    expect(await status(lan, `${api}/log`)).toBe(403);
    expect(await status(lan, `${api}/streams/flows?count=1`)).toBe(200);
    expect(await status(lan, `${api}/streams/log?count=1`)).toBe(403);
    expect(await status(lan, `${api}/config/lan`, 'PATCH', { dns: { name: 'gate' } })).toBe(200);
    // Somebody else's edit is not this token's to commit.
    await ask(`${api}/config/test.probe`, { method: 'PATCH', body: { name: 'y' } });
    expect(await status(lan, `${api}/config/commit`, 'POST', {})).toBe(403);
    expect(await status(metrics, '/metrics')).toBe(200);
    expect(await status(lan, '/metrics')).not.toBe(200);
    expect(await status(metrics, `${api}/links`)).toBe(403);
  });

  it('actions of pages that only look (reads) are for whoever may see the page', async () => {
    const { ask, key } = await served({ plugins: [...own, probe] });
    const [viewer, mine, mineToSee, other, panels] = await Promise.all([
      key('v', 'viewer'), key('a', 'operator', ['test.probe']), key('b', 'viewer', ['test.probe']), key('c', 'operator', ['lan']), key('d', 'viewer', ['panel']),
    ]);
    const use = async (token: string, action: string) => (await ask(`${api}/panels/test%2Fprobe/actions/${action}`, { token, method: 'POST', body: {} })).status;
    const both = async (token: string) => [await use(token, 'look'), await use(token, 'press')];
    expect(await both(viewer)).toEqual([200, 403]);
    expect(await both(mine)).toEqual([200, 200]);
    expect(await both(mineToSee)).toEqual([200, 403]);
    expect(await both(other)).toEqual([403, 403]);
    expect(await both(panels)).toEqual([200, 403]);
    expect(await use(viewer, 'nothing')).toBe(404);
    expect((await ask(`${api}/panels/test%2Fprobe/actions/look`, { token: viewer, method: 'POST', body: {} })).json).toEqual({ parts: ['pressed 1 times'] });
  });

  it('the list of pages has those that a token may see', async () => {
    const { ask, key } = await served({ plugins: [...own, probe] });
    const owners = async (token: string | undefined) => [...new Set(((await ask(`${api}/panels`, { token })).json as { panels: { owner: string }[] }).panels.map((p) => p.owner))];
    expect((await owners(undefined)).length).toBeGreaterThan(5);
    expect(await owners(await key('v', 'viewer'))).toEqual(await owners(undefined));
    expect(await owners(await key('p', 'viewer', ['panel']))).toEqual(await owners(undefined));
    expect(await owners(await key('a', 'viewer', ['test.probe', 'lan']))).toEqual(expect.arrayContaining(['test.probe', 'lan']));
    expect(await owners(await key('b', 'viewer', ['test.probe']))).toEqual(['test.probe']);
    expect((await ask(`${api}/panels`, { token: await key('m', 'viewer', ['metrics']) })).status).toBe(403);
  });

  it('the description says which actions only look', async () => {
    const { ask } = await served({ plugins: [...own, probe] });
    const { paths } = (await ask(`${api}/openapi.json`)).json as { paths: Record<string, { post?: { 'x-lancell-access': string } }> };
    const access = (action: string) => paths[`/panels/test%2Fprobe/actions/${action}`]?.post?.['x-lancell-access'];
    expect([access('look'), access('press')]).toEqual(['read', 'write']);
  });
});
