import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { watchFolder } from '../../../kernel/plugins/watch.ts';

function watched() {
  const clock = new VirtualClock();
  const seen: string[] = [];
  let changed: (file: string) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  let finish: (() => void) | undefined;
  let closed = 0;
  const watching = watchFolder({
    folder: '/x', clock,
    reload: () => { seen.push(`reload at ${clock.now()}`); return new Promise(resolve => { finish = resolve; }); },
    failed: error => { seen.push(String(error)); },
    watcher: (_folder, onChange, onError) => { changed = onChange; fail = onError; return { dispose: () => { closed++; } }; },
  });
  return { clock, seen, watching, save: (file: string) => changed(file), fail: (e: unknown) => fail(e), finish: async () => { finish?.(); await Promise.resolve(); await Promise.resolve(); }, closed: () => closed };
}

describe('watching a folder', () => {
  it('takes several writes for one save', () => {
    const w = watched();
    w.save('plugin.ts');
    w.clock.advance(100);
    w.save('lib/a.ts');
    w.clock.advance(149);
    expect(w.seen).toEqual([]);
    w.clock.advance(1000);
    expect(w.seen).toEqual(['reload at 250']);
  });

  it('looks again when something was saved during a reload, and never reloads twice at once', async () => {
    const w = watched();
    w.save('plugin.ts');
    w.clock.advance(150);
    w.save('plugin.ts');
    w.clock.advance(1000);
    expect(w.seen).toEqual(['reload at 150']);
    await w.finish();
    w.clock.advance(150);
    expect(w.seen).toHaveLength(2);
  });

  it('does not mind noise, reports its end, and is quiet after dispose', () => {
    const w = watched();
    for (const file of ['.plugin.ts.swp', 'plugin.ts~', '.git/index', 'node_modules/x/index.js']) w.save(file);
    w.clock.advance(1000);
    w.fail('gone');
    w.save('plugin.ts');
    void w.watching.dispose();
    w.save('plugin.ts');
    w.fail('again');
    w.clock.advance(1000);
    expect(w.seen).toEqual(['gone']);
    expect([w.closed(), w.clock.next()]).toEqual([1, undefined]);
  });
});
