import { BehaviorSubject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { PanelRegistry } from '../../../kernel/console/panels.ts';
import { StreamRegistry } from '../../../kernel/console/streams.ts';
import type { View } from '../../../sdk/panel.ts';

const log = (...lines: string[]): View => ({ kind: 'log', lines });

function open() {
  const clock = new VirtualClock();
  const streams = new StreamRegistry();
  const panels = new PanelRegistry(streams, clock);
  const watch = (name: string) => {
    const views: unknown[] = [];
    const ends: string[] = [];
    const held = streams.open(name, {}, (v) => views.push(v), (why) => ends.push(why));
    return { views, ends, held };
  };
  return { clock, streams, panels, watch };
}

describe('panels', () => {
  it('are listed, and the list is a stream', () => {
    const { panels, watch } = open();
    const { views } = watch('panels');
    const held = panels.register({ path: 'network/lan', title: 'LAN', view: () => log(), actions: { clear: () => {} } }, 'lan');
    held.dispose();
    held.dispose();
    expect(views).toEqual([[], [{ path: 'network/lan', title: 'LAN', owner: 'lan', actions: ['clear'] }], []]);
  });

  it('stand by page, and on it in the order that they ask for', () => {
    const { panels } = open();
    for (const [path, order] of [['z/fire/b', 2], ['z/fire/x'], ['z/fire/c', 1], ['a/nat'], ['z/fire/a']] as const) panels.register({ path, title: path, view: () => log(), ...(order === undefined ? {} : { order }) }, 't');
    expect(panels.list().map((p) => p.path)).toEqual(['a/nat', 'z/fire/c', 'z/fire/b', 'z/fire/a', 'z/fire/x']);
  });

  it('tell nobody of actions that only look', async () => {
    const { panels } = open();
    const told: string[] = [];
    panels.onAct = (act) => told.push(act.action);
    panels.register({ path: 'p', title: 'P', view: () => log(), actions: { look: () => 'seen', change: () => {} }, reads: ['look'] }, 't');
    expect([panels.reads('p', 'look'), panels.reads('p', 'change'), await panels.act('p', 'look', null)]).toEqual([true, false, 'seen']);
    await panels.act('p', 'change', null);
    expect(told).toEqual(['change']);
  });

  it('push what an observable gives, and let go of it', () => {
    const { panels, watch } = open();
    const subject = new BehaviorSubject<View>(log('a'));
    panels.register({ path: 'p', title: 'P', view: () => subject }, 't');
    const { views, held } = watch('panel:p');
    subject.next(log('b'));
    subject.next(log('b'));
    held.dispose();
    subject.next(log('c'));
    expect(views).toEqual([log('a'), log('b')]);
    expect(subject.observed).toBe(false);
  });

  it('push snapshots when they change, by time and after an action', async () => {
    const { panels, watch, clock } = open();
    let n = 0;
    panels.register({ path: 'p', title: 'P', view: () => log(String(n)), actions: { add: (by) => { n += Number(by); return 'done'; } } }, 't');
    const { views, held } = watch('panel:p');
    clock.advance(5000);
    n = 1;
    clock.advance(1000);
    expect(await panels.act('p', 'add', 4)).toBe('done');
    held.dispose();
    expect(views).toEqual([log('0'), log('1'), log('5')]);
    expect(clock.next()).toBeUndefined();
  });

  it('say why they end', () => {
    const { panels, watch, clock } = open();
    const held = panels.register({ path: 'p', title: 'P', view: () => log() }, 't');
    panels.register({ path: 'broken', title: 'B', view: () => { throw new Error('oops'); } }, 't');
    panels.register({ path: 'failing', title: 'F', view: () => throwError(() => new Error('oops')) }, 't');
    const p = watch('panel:p');
    held.dispose();
    expect(p.ends).toEqual(["the panel 'p' went away"]);
    expect(watch('panel:broken').ends).toEqual(["the panel 'broken' of plugin t failed: oops"]);
    expect(watch('panel:failing').ends).toEqual(["the panel 'failing' of plugin t failed: oops"]);
    expect(clock.next()).toBeUndefined();
  });

  it('refuse what there is not', async () => {
    const { panels, watch } = open();
    panels.register({ path: 'p', title: 'P', view: () => log() }, 't');
    expect(() => panels.register({ path: 'p', title: 'P', view: () => log() }, 'u')).toThrow("the panel 'p' (plugin u) exists already: it belongs to t");
    expect(() => watch('panel:q')).toThrow("there is no panel 'q'; there are: p");
    await expect(panels.act('p', 'toString', 0)).rejects.toThrow("the panel 'p' has no action 'toString'; it has: none");
  });
});
