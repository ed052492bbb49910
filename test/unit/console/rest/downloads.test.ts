import { describe, expect, it } from 'vitest';
import { CliError, definePlugin, z } from '../../../../sdk/index.ts';
import { own } from '../../../sim/bed.ts';
import { served } from './rig.ts';

const at = '/api/v1/panels/test%2Ffiles/downloads';
const PIECE = 64 * 1024;

/** A panel that gives files out, and counts what is taken of them. */
function files() {
  let begun = (): void => {};
  let goOn = (): void => {};
  const opening = new Promise<void>((done) => { begun = done; });
  const opened = new Promise<void>((done) => { goOn = done; });
  /** `opening`: the file called 'slow' was asked for; `goOn` opens it. */
  const seen = { pieces: 0, open: 0, opening, goOn: () => goOn() };
  async function* octets(from: number, to: number, fails: boolean): AsyncGenerator<Uint8Array> {
    seen.open++;
    try {
      for (let done = from; done < to;) {
        const part = Uint8Array.from({ length: Math.min(PIECE, to - done) }, (_, i) => (done + i) % 251);
        done += part.length;
        seen.pieces++;
        yield part;
        if (fails && done > to / 2) throw new Error('the card went away');
      }
    } finally {
      seen.open--;
    }
  }
  const plugin = definePlugin({
    id: 'test.files', title: 'Files',
    setup: (ctx) => {
      ctx.panel({
        path: 'test/files', title: 'Files', view: () => ({ kind: 'facts', facts: { facts: {} } }), actions: { look: () => 'seen', press: () => 'pressed' }, reads: ['look'],
        downloads: {
          file: {
            help: 'A file', args: { name: { schema: z.string().min(1), help: 'its name' }, bytes: { schema: z.int().default(1000), help: 'how long' }, fails: { schema: z.boolean().default(false), help: 'whether it breaks off' } },
            open: async ({ name, bytes, fails }) => {
              if (name === 'none') throw new CliError('there is no such file');
              if (name === 'slow') {
                begun();
                await opened;
              }
              return { name: String(name), bytes: Number(bytes), octets: (from, to) => octets(from, to, fails === true) };
            },
          },
        },
      });
    },
  });
  return { seen, plugin };
}

describe('downloads of panels', () => {
  it('come whole, with a name that does no harm and octets that no browser runs', async () => {
    const { plugin, seen } = files();
    const { ask } = await served({ plugins: [...own, plugin] });
    const reply = await ask(`${at}/file?name=${encodeURIComponent('../a "b"\r\n.html')}&bytes=200000`);
    expect(reply.status).toBe(200);
    expect(Object.fromEntries(['content-type', 'content-length', 'content-disposition', 'x-content-type-options', 'cache-control', 'accept-ranges'].map(h => [h, reply.headers.get(h)]))).toEqual({
      'content-type': 'application/octet-stream', 'content-length': '200000', 'content-disposition': 'attachment; filename="__a _b___.html"', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'accept-ranges': 'bytes',
    });
    expect(reply.octets).toEqual(Uint8Array.from({ length: 200_000 }, (_, i) => i % 251));
    expect(await ask(`${at}/file?name=empty&bytes=0`)).toMatchObject({ status: 200, text: '' });
    expect(seen.open).toBe(0);
  });

  it('come in parts to whoever goes on with one', async () => {
    const { plugin } = files();
    const { ask } = await served({ plugins: [...own, plugin] });
    const part = async (range: string, more: Record<string, string> = {}) => {
      const { status, headers, octets } = await ask(`${at}/file?name=x&bytes=1000`, { headers: { range, ...more } });
      return [status, headers.get('content-range'), octets.length, octets[0]];
    };
    expect(await part('bytes=300-')).toEqual([206, 'bytes 300-999/1000', 700, 49]);
    expect(await part('bytes=0-0')).toEqual([206, 'bytes 0-0/1000', 1, 0]);
    expect(await part('bytes=-10')).toEqual([206, 'bytes 990-999/1000', 10, 990 % 251]);
    expect(await part('bytes=990-5000')).toEqual([206, 'bytes 990-999/1000', 10, 990 % 251]);
    // Several, none that makes sense, or a condition that nothing here can meet: all of it.
    for (const all of ['bytes=0-1,5-6', 'bytes=5-1', 'bytes=-', 'lines=1-2']) expect(await part(all)).toEqual([200, null, 1000, 0]);
    expect(await part('bytes=300-', { 'if-range': '"x"' })).toEqual([200, null, 1000, 0]);
    const beyond = await ask(`${at}/file?name=x&bytes=1000`, { headers: { range: 'bytes=1000-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */1000']);
  });

  it('are for whoever may see the page, and say what is wrong', async () => {
    const { plugin } = files();
    const { ask, key } = await served({ plugins: [...own, plugin] });
    const file = `${at}/file?name=x`;
    expect(await ask(file, { token: '' })).toMatchObject({ status: 401 });
    expect(await ask(file, { token: await key('looks', 'viewer') })).toMatchObject({ status: 200 });
    expect(await ask(file, { token: await key('mine', 'viewer', ['test']) })).toMatchObject({ status: 200 });
    expect(await ask(file, { token: await key('other', 'operator', ['lan']) })).toMatchObject({ status: 403, json: { error: expect.stringContaining('this token is for lan') } });
    expect(await ask(`${at}/file?name=none`)).toMatchObject({ status: 409, json: { error: 'there is no such file' } });
    expect(await ask(`${at}/file`)).toMatchObject({ status: 400 });
    expect(await ask(`${at}/file?name=x&colour=red`)).toMatchObject({ status: 400 });
    expect(await ask(`${at}/toString?name=x`)).toMatchObject({ status: 404 });
    expect(await ask('/api/v1/panels/none/downloads/file')).toMatchObject({ status: 404 });
    expect(await ask(file, { method: 'HEAD' })).toMatchObject({ status: 405 });
    expect((await ask('/api/v1/openapi.json')).json).toMatchObject({ paths: { [`/panels/test%2Ffiles/downloads/file`]: { get: { summary: 'A file' } } } });
  });

  it('say what every answer says, as captures and backups do: a response of its own lacked it', async () => {
    const { plugin } = files();
    const { ask } = await served({ plugins: [...own, plugin] });
    for (const path of [`${at}/file?name=x`, '/api/v1/backup', '/api/v1/capture?packets=1&seconds=1']) {
      const { status, headers } = await ask(path);
      expect([status, headers.get('x-content-type-options'), headers.get('cross-origin-resource-policy'), headers.get('cache-control')]).toEqual([200, 'nosniff', 'same-origin', 'no-store']);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    }
  });

  it('break off when the file does, so that nobody takes half of it for the whole', async () => {
    const { plugin, seen } = files();
    const { ask, faults } = await served({ plugins: [...own, plugin] });
    await expect(ask(`${at}/file?name=x&bytes=1000000&fails=1`)).rejects.toThrow();
    expect([seen.open, faults]).toEqual([0, []]);
    expect(await ask(`${at}/file?name=x`)).toMatchObject({ status: 200 });
  });

  it('are read no faster than they are taken, and no further than somebody is there', async () => {
    const { plugin, seen } = files();
    const { url, admin, wait, clock } = await served({ plugins: [...own, plugin] });
    const abort = new AbortController();
    const whole = 1024 * 1024 * 1024;
    const response = await wait(fetch(`${url}${at}/file?name=x&bytes=${whole}`, { headers: { authorization: `Bearer ${admin}` }, signal: abort.signal }));
    const reader = response.body!.getReader();
    for (let taken = 0; taken < PIECE * 20;) taken += (await wait(reader.read())).value!.length;
    const turns = async (n: number) => { for (let i = 0; i < n; i++) { await new Promise<void>(r => { setImmediate(r); }); clock.advance(1); } };
    await turns(2000);
    const before = seen.pieces;
    await turns(2000);
    // What sockets hold is a few MiB; the file has 1024.
    expect(seen.pieces).toBe(before);
    expect(seen.pieces * PIECE).toBeLessThan(32 * 1024 * 1024);
    abort.abort();
    await reader.read().catch(() => {});
    await turns(200);
    expect(seen.open).toBe(0);
  });

  it('end with the token that asked for them', async () => {
    const { plugin, seen } = files();
    const r = await served({ plugins: [...own, plugin] });
    const response = await r.wait(fetch(`${r.url}${at}/file?name=x&bytes=${1024 * 1024 * 1024}`, { headers: { authorization: `Bearer ${await r.key('ci', 'viewer')}` } }));
    const reader = response.body!.getReader();
    await r.wait(reader.read());
    expect(seen.open).toBe(1);
    expect(await r.verb('sys token remove ci')).toMatchObject({ code: 0 });
    const rest = async (): Promise<void> => { while (!(await reader.read()).done); };
    await expect(r.wait(rest())).rejects.toThrow();
    expect([seen.open, r.faults]).toEqual([0, []]);
  });

  it('do not begin for a token that was taken back while the file was being opened', async () => {
    const { plugin, seen } = files();
    const r = await served({ plugins: [...own, plugin] });
    const asked = fetch(`${r.url}${at}/file?name=slow`, { headers: { authorization: `Bearer ${await r.key('ci', 'viewer')}` } });
    await r.wait(seen.opening);
    expect(await r.verb('sys token remove ci')).toMatchObject({ code: 0 });
    seen.goOn();
    expect([(await r.wait(asked)).status, seen.open]).toEqual([401, 0]);
  });

  it('reads that a page offers are for viewers by REST as well', async () => {
    const { plugin } = files();
    const { ask, key } = await served({ plugins: [...own, plugin] });
    const viewer = await key('looks', 'viewer');
    const act = (name: string) => ask(`/api/v1/panels/test%2Ffiles/actions/${name}`, { method: 'POST', body: {}, token: viewer });
    expect(await act('look')).toMatchObject({ status: 200, json: { parts: ['seen'] } });
    expect(await act('press')).toMatchObject({ status: 403 });
  });
});
