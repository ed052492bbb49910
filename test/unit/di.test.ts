import { describe, expect, it } from 'vitest';
import { ServiceDirectory } from '../../kernel/di.ts';
import { token } from '../../sdk/token.ts';

const Clock = token<{ tick: number }>('test.clock');
const List = token<readonly string[]>('test.list');

describe('service directory', () => {
  it('hands out what lives now, through one registration for good', () => {
    const directory = new ServiceDirectory();
    const child = directory.child();
    expect(() => child.resolve({ clock: Clock })).toThrow('nobody provides test.clock');
    for (let tick = 1; tick <= 3; tick++) {
      const held = directory.provide(Clock, { tick }, 'ip');
      expect(directory.owner(Clock)).toBe('ip');
      expect(child.resolve({ clock: Clock })).toEqual({ clock: { tick } });
      void held.dispose();
      void held.dispose();
    }
    expect(directory.lives(Clock)).toBe(false);
    expect(() => child.resolve({ clock: Clock })).toThrow('nobody provides test.clock');
  });

  it('refuses a second provider by name, and an old disposer does not touch a new provider', () => {
    const directory = new ServiceDirectory();
    const first = directory.provide(Clock, { tick: 1 }, 'ip');
    expect(() => directory.provide(Clock, { tick: 2 }, 'lan')).toThrow('lan cannot provide test.clock: ip provides it already');
    void first.dispose();
    directory.provide(Clock, { tick: 2 }, 'lan');
    void first.dispose();
    expect(directory.list()).toEqual(['test.clock by lan']);
  });

  it('shows contributions as one living list', () => {
    const directory = new ServiceDirectory();
    directory.point(List);
    const { list } = directory.child().resolve({ list: List }) as { list: readonly string[] };
    expect(list).toEqual([]);
    const a = directory.contribute(List, 'same', 'a');
    const b = directory.contribute(List, 'same', 'b');
    directory.contribute(List, 'other', 'b');
    void a.dispose();
    void a.dispose();
    expect(list).toEqual(['same', 'other']);
    expect(directory.list()).toEqual(['test.list by b', 'test.list by b']);
    void b.dispose();
    expect(list).toEqual(['other']);
    expect(() => directory.provide(List, [], 'c')).toThrow('a list that many contribute to');
    directory.provide(Clock, { tick: 1 }, 'ip');
    expect(() => directory.contribute(Clock as never, 'x' as never, 'c')).toThrow('ip provides it as a service');
  });

  it('keeps two routers apart, and a dropped container shut', () => {
    const one = new ServiceDirectory();
    const two = new ServiceDirectory();
    one.provide(Clock, { tick: 1 }, 'one');
    two.provide(Clock, { tick: 2 }, 'two');
    const child = one.child();
    expect(child.resolve({ clock: Clock })).toEqual({ clock: { tick: 1 } });
    expect(two.child().resolve({ clock: Clock })).toEqual({ clock: { tick: 2 } });
    child.drop();
    child.drop();
    expect(() => child.resolve({})).toThrow('gone with its plugin');
  });
});
