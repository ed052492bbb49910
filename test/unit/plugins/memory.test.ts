import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PluginInfo } from '../../../kernel/plugins/host.ts';
import { PluginMemory, providersOf } from '../../../kernel/plugins/memory.ts';

const plugin = (id: string, o: Partial<PluginInfo> = {}): PluginInfo => ({
  id, title: '', version: '', state: 'active', why: '', generation: 1, folder: undefined, needs: [], provides: [], failClosed: false, holds: [], faults: [], counters: {}, memory: undefined, ...o,
});

function rig(octets: readonly number[], list: PluginInfo[]) {
  const asked: string[] = [];
  const left = [...octets];
  const memory = new PluginMemory({ list: () => list, info: (id) => list.find((p) => p.id === id) }, async (needs, _folder, id) => {
    asked.push([...needs, id].join(' '));
    return left.shift()!;
  });
  return { memory, asked };
}

function folder(text: string): string {
  const made = mkdtempSync(join(tmpdir(), 'lancell-memory-test-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  writeFileSync(join(made, 'plugin.ts'), text);
  return made;
}

describe('memory of plugins', () => {
  it('is the median of three processes that load what the plugin needs, and what that needs', async () => {
    const list = [plugin('a', { provides: ['x'], folder: '/a' }), plugin('b', { provides: ['y'], needs: ['x', 'kernel'], folder: '/b' }), plugin('c', { needs: ['y', 'own'], provides: ['own'], folder: folder('c') }), plugin('d', { needs: ['y'] })];
    const { memory, asked } = rig([900, 100.4, 300], list);
    expect(memory.known('c', 1)).toBeUndefined();
    expect(await memory.measure('c')).toEqual({ bytes: 300, how: 'measured in a process of its own' });
    expect(asked).toEqual(Array(3).fill('/b /a c'));
    expect(memory.known('c', 1)?.bytes).toBe(300);
    await expect(memory.measure('d')).rejects.toThrow('d has no folder');
    await expect(memory.measure('e')).rejects.toThrow('no plugin e is loaded');
  });

  it('is not measured again before the files change; after a reload it is unknown until asked for', async () => {
    const at = folder('one');
    const list = [plugin('a', { folder: at })];
    const { memory, asked } = rig([1, 1, 1, 2, 2, 2], list);
    await memory.measure('a');
    list[0] = plugin('a', { folder: at, generation: 2 });
    expect(memory.known('a', 2)).toBeUndefined();
    expect((await memory.measure('a')).bytes).toBe(1);
    expect(asked).toHaveLength(3);
    writeFileSync(join(at, 'plugin.ts'), 'two');
    expect((await memory.measure('a')).bytes).toBe(2);
  });

  it('never says less than nothing, and one that fails holds up nobody', async () => {
    const list = [plugin('a', { folder: folder('a') })];
    const { memory } = rig([-5, -5, -5], list);
    const first = memory.measure('x');
    const second = memory.measure('a');
    await expect(first).rejects.toThrow();
    expect((await second).bytes).toBe(0);
  });

  it('stops at a circle of needs', () => {
    const list = [plugin('a', { needs: ['y'], provides: ['x'] }), plugin('b', { needs: ['x'], provides: ['y'] })];
    expect(providersOf(list[0]!, list).map((p) => p.id)).toEqual(['b']);
  });
});
