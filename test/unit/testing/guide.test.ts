import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scaffold } from '../../../kernel/plugins/scaffold.ts';
import { harness, tcpFrame, udpFrame } from '../../../sdk/testing/index.ts';
import tour, { GreeterToken, WordsToken } from './tour.ts';
import { definePlugin } from '../../../sdk/index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Without the indentation that all lines share, so that a snippet may be cut out of a function. */
const flat = (text: string): string => text.split('\n').map(line => line.trim()).filter(line => line !== '').join('\n');

describe('the guide', () => {
  const guide = readFileSync(join(root, 'docs/plugins.md'), 'utf8');
  // <!-- from FILE --> stands before each snippet.
  const snippets = [...guide.matchAll(/(?:<!-- from (\S+) -->\n)?```(?:ts|js)\n([\s\S]*?)```/g)].map(([, file, text]) => ({ file, text: text ?? '' }));

  it('shows code that is compiled and run, word for word', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lancell-guide-'));
    await scaffold(join(folder, 'hello'));
    for (const { file, text } of snippets) {
      expect(file, text).toBeDefined();
      const path = file!.startsWith('hello/') ? join(folder, file!) : join(root, file!);
      const source = flat(await readFile(path, 'utf8'));
      // … stands for lines that are left out.
      for (const part of text.split(/^\s*…\s*$/m)) expect(source).toContain(flat(part));
    }
    expect(snippets.length).toBeGreaterThan(10);
    await rm(folder, { recursive: true });
  });
});

describe('the tour', () => {
  it('does what the guide says, and leaves nothing behind', async () => {
    const state = await mkdtemp(join(tmpdir(), 'lancell-tour-'));
    const other = definePlugin({ id: 'other', setup: ctx => { ctx.contribute(WordsToken, 'servus'); } });
    const h = await harness(tour, { with: [other], state, settings: { tour: { blocked: ['198.51.100.66'] } } });
    const { port1, wan } = h.wires;

    port1.send(tcpFrame({ src: '192.168.1.33', sport: 4000, dst: '198.51.100.66', dport: 80 }));
    expect(wan.lines).toEqual([]);
    expect(h.counter('tour: blocked host')).toBe(1);
    await h.configure({ blocked: [] });
    port1.send(tcpFrame({ src: '192.168.1.33', sport: 4001, dst: '198.51.100.66', dport: 80 }));
    expect(wan.packets).toMatchObject([{ dst: '198.51.100.66', dport: 80 }]);
    expect(await h.table('tour flows 192.168.1.33')).toMatchObject({ rows: [[4001, '198.51.100.66', 'syn-sent']] });
    await expect(h.run('tour flows nobody')).rejects.toThrow("'nobody' is no IPv4 address");

    port1.sent.length = 0;
    port1.send(udpFrame({ src: '192.168.1.33', sport: 5000, dst: '192.168.1.1', dport: 7007, data: 'echo' }));
    expect(port1.packets).toMatchObject([{ src: '192.168.1.1', sport: 7007, dport: 5000 }]);
    await h.run('tour probe 192.168.1.40');
    expect(port1.packets.at(-1)).toMatchObject({ src: '192.168.1.1', dst: '192.168.1.40', proto: 253, checksumsOk: true });

    expect(h.service(GreeterToken)?.greet('you')).toBe('hello, you');
    expect(await h.run('tour name')).toBe('world');
    expect(await h.run('tour name moon')).toBe('from now on: moon');
    expect(await h.run('tour name')).toBe('moon');
    expect(await h.run('tour count')).toEqual(['1', '2', '3']);
    await expect(h.configure({ blocked: ['192.168.1.1'] })).rejects.toThrow('that is the router itself');
    await expect(h.configure({ port: 9 })).rejects.toThrow('the port changes with the next reload');

    await h.advance(120_000);
    await h.reload();
    expect(h.panel('test/tour')).toMatchObject({ views: [{ facts: { facts: { calls: 4, words: expect.stringContaining('servus') } } }, { kind: 'form' }] });
    expect(await h.act('test/tour', 'reset')).toBe('no calls any more');
    expect(h.events).toContainEqual({ topic: 'tour/mood', event: { name: 'tour', mood: 'warm' } });
    wan.setUp(false);
    expect(h.log()).toContain('warn: a link went down');
    await h.close();
    expect(await readFile(join(state, 'data/tour/starts.log'), 'utf8')).toMatch(/^2008-01-01T.*\n2008-01-01T.*\n$/);
    await rm(state, { recursive: true });
  });
});
