import { config, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Bus, catchObserverErrors } from '../../kernel/events.ts';

const up = (name: string, link = 1) => ({ link, name });

describe('bus', () => {
  it('fences a throwing listener: the others hear, the log names the owner', async () => {
    const lines: string[] = [];
    const bus = new Bus({ error: (_fields, msg) => { lines.push(msg); } });
    const heard: string[] = [];
    bus.on('link/up', () => { throw new Error('oops'); }, 'bad.one');
    bus.on('link/up', async () => { throw new Error('oops'); }, 'bad.two');
    bus.on('link/up', e => heard.push(e.name), 'good');
    bus.emit('link/up', up('eth0'));
    await Promise.resolve();
    expect(heard).toEqual(['eth0']);
    expect(lines).toEqual(['bad.one: its listener for link/up failed', 'bad.two: its listener for link/up failed']);
  });

  it('does not call a listener that was taken off by an earlier one', () => {
    const bus = new Bus();
    const heard: string[] = [];
    bus.on('config/committed', () => void second.dispose(), 'a');
    const second = bus.on('config/committed', () => heard.push('second'), 'b');
    bus.emit('config/committed', { author: 'test', changed: [] });
    void second.dispose();
    expect(heard).toEqual([]);
    expect(bus.count()).toBe(1);
    expect(bus.count('config/committed')).toBe(1);
  });

  it('replays states to late listeners, newest per key; a link that is down is no longer up', () => {
    const bus = new Bus();
    bus.emit('link/up', up('eth0'));
    bus.emit('link/up', up('eth1', 2));
    bus.emit('link/down', { ...up('eth0'), why: 'cable' });
    bus.emit('config/committed', { author: 'not sticky', changed: [] });
    const heard: string[] = [];
    bus.on('link/up', e => heard.push(`up ${e.name}`), 'late');
    bus.on('link/down', e => heard.push(`down ${e.name} ${e.why}`), 'late');
    bus.on('config/committed', () => heard.push('flow'), 'late');
    expect(heard).toEqual(['up eth1', 'down eth0 cable']);
  });

  it('does not replay what changed during the replay', () => {
    const bus = new Bus();
    bus.emit('link/up', up('a'));
    bus.emit('link/up', up('b'));
    const heard: string[] = [];
    bus.on('link/up', e => {
      heard.push(e.name);
      if (e.name === 'a') bus.emit('link/down', { ...up('b'), why: 'test' });
    }, 'late');
    expect(heard).toEqual(['a']);
  });

  it('has an RxJS view that leaves nothing behind', () => {
    const bus = new Bus();
    bus.emit('link/mtu', { link: 1, name: 'eth0', mtu: 1500 });
    const heard: number[][] = [];
    bus.observe('link/mtu').pipe(take(2), toArray()).subscribe(all => heard.push(all.map(e => e.mtu)));
    bus.emit('link/mtu', { link: 1, name: 'eth0', mtu: 1400 });
    bus.emit('link/mtu', { link: 1, name: 'eth0', mtu: 1300 });
    expect(heard).toEqual([[1500, 1400]]);
    expect(bus.count()).toBe(0);
  });

  it('keeps errors of observers from ending the process', async () => {
    const before = config.onUnhandledError;
    const told = new Promise<unknown>(resolve => {
      const held = catchObserverErrors(error => { void held.dispose(); resolve(error); });
    });
    const bus = new Bus();
    bus.observe('link/up').subscribe(() => { throw new Error('in a subscriber'); });
    bus.emit('link/up', up('eth0'));
    expect(String(await told)).toBe('Error: in a subscriber');
    expect(config.onUnhandledError).toBe(before);
  });
});
