import { describe, expect, it } from 'vitest';
import { memoryLink } from '../../../kernel/links/memory.ts';
import { type DeviceLink, LinkRegistry } from '../../../kernel/links/registry.ts';
import { emptyStats } from '../../../kernel/links/stats.ts';
import type { Clock } from '../../../sdk/clock.ts';
import type { Link, LinkHost } from '../../../sdk/link.ts';
import { Batch } from '../../../sdk/packet.ts';

/** A clock as small as this test needs. */
class Time implements Clock {
  #now = 0;
  readonly #due = new Set<{ at: number; fn: () => void; every?: number }>();
  now() { return this.#now; }
  wall() { return this.#now; }
  after(ms: number, fn: () => void) { return this.#add({ at: this.#now + ms, fn }); }
  every(ms: number, fn: () => void) { return this.#add({ at: this.#now + ms, fn, every: ms }); }
  #add(t: { at: number; fn: () => void; every?: number }) { this.#due.add(t); return { dispose: () => void this.#due.delete(t) }; }
  get timers() { return this.#due.size; }
  advance(ms: number) {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#due].filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = next.at;
      if (next.every) next.at += next.every; else this.#due.delete(next);
      next.fn();
    }
    this.#now = end;
  }
}

class Device implements DeviceLink {
  readonly name = 'dev';
  readonly kind = 'packet';
  readonly framing = 'ether';
  readonly mac = new Uint8Array(6).fill(2);
  readonly stats = emptyStats();
  readonly offload = { csum: true, gso: true };
  readonly fd = 7;
  mtu = 1500;
  up = true;
  dead = false;
  closed = 0;
  probes = 0;
  readonly host: LinkHost;
  constructor(host: LinkHost) { this.host = host; }
  rx() { return 0; }
  tx() {}
  probe() { this.probes++; }
  close() { this.closed++; }
}

function setup() {
  const events: string[] = [];
  const clock = new Time();
  const watched = new Set<number>();
  const emit = (topic: string, e: object) => { events.push([topic, ...Object.values(e)].join(' ')); };
  const links = new LinkRegistry({ emit }, clock, { watch: (fd) => { watched.add(fd); return { dispose: () => void watched.delete(fd) }; } });
  const take = () => events.splice(0);
  return { take, clock, links, watched };
}

describe('link registry', () => {
  it('numbers names for good and tells of up, down and MTU once each', () => {
    const { links, take } = setup();
    const a = memoryLink({ name: 'lan0' });
    const b = memoryLink({ name: 'wan0' });
    const lan = links.open('lan0', a.open);
    expect(links.open('wan0', b.open).id).toBe(1);
    expect(take()).toEqual(['link/up 0 lan0', 'link/up 1 wan0']);
    a.far.setUp(false); a.far.setUp(true); a.far.setMtu(1280);
    expect(take()).toEqual(['link/down 0 lan0 no carrier', 'link/up 0 lan0', 'link/mtu 0 lan0 1280']);
    lan.dispose(); lan.dispose();
    expect(take()).toEqual(['link/down 0 lan0 closed']);
    expect(links.get(0)).toBeUndefined();
    expect(links.list().map((l) => l.name)).toEqual(['wan0']);
    expect(links.byName('lan0')).toBeUndefined();
    expect(links.byId(0)).toMatchObject({ name: 'lan0', up: false, why: 'closed', mtu: 1280 });
    expect(links.open('lan0', a.open).id).toBe(0);
    expect(links.get(0)?.name).toBe('lan0');
    expect(() => links.open('lan0', a.open)).toThrow(/in use/);
  });

  it('wakes the engine for links without a descriptor, and watches the others', () => {
    const { links, watched } = setup();
    let wakes = 0;
    const waker = links.onWake(() => { wakes++; });
    const a = memoryLink({ name: 'lan0' });
    links.open('lan0', a.open);
    wakes = 0;
    a.far.send(new Uint8Array(60));
    expect(wakes).toBe(1);
    const dev = links.open('dev', (h) => new Device(h));
    expect([...watched]).toEqual([7]);
    dev.dispose();
    expect(watched.size).toBe(0);
    waker.dispose();
    links.get(0)?.rx(new Batch());
    wakes = 0;
    a.far.send(new Uint8Array(60));
    expect(wakes).toBe(0);
  });

  it('closes a dead link and tries again after 1, 2, 4 … 30 s while the rest goes on', () => {
    const { links, clock, take } = setup();
    let absent = false;
    const made: Device[] = [];
    const tries: number[] = [];
    links.open('dev', (h) => {
      tries.push(clock.now());
      if (absent) throw new Error('dev: no such interface');
      const d = new Device(h);
      made.push(d);
      return d;
    });
    const other = memoryLink({ name: 'lan0' });
    links.open('lan0', other.open);
    take();
    absent = true;
    const first = made[0] as Device;
    first.stats.rxPackets = 5;
    first.dead = true;
    first.host.changed('dev is gone');
    expect(first.closed).toBe(1);
    expect(links.get(0)).toBeUndefined();
    expect(take()).toEqual(['link/down 0 dev dev is gone']);
    clock.advance(100_000);
    expect(tries).toEqual([0, 1000, 3000, 7000, 15000, 31000, 61000, 91000]);
    expect(links.byId(0)?.why).toBe('dev: no such interface');
    expect(take()).toEqual([]);
    expect(other.far.send(new Uint8Array(60))).toBe(true);
    absent = false;
    clock.advance(30_000);
    expect(take()).toEqual(['link/up 0 dev']);
    (made[1] as Device).stats.rxPackets = 2;
    expect(links.byId(0)?.stats.rxPackets).toBe(7);
    first.host.changed('late word of the one before');
    expect(links.byId(0)?.up).toBe(true);
  });

  it('probes devices each second, and only while there are some', () => {
    const { links, clock, take } = setup();
    links.open('m', memoryLink({ name: 'm' }).open);
    expect(clock.timers).toBe(0);
    let dev: Device | undefined;
    const held = links.open('dev', (h) => dev = new Device(h));
    clock.advance(3000);
    expect(dev?.probes).toBe(3);
    take();
    if (dev) { dev.up = false; dev.host.changed('no carrier'); }
    expect(take()).toEqual(['link/down 1 dev no carrier']);
    held.dispose();
    expect(take()).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('fails a misbehaving link, re-opens on demand, and stops retrying when given back', () => {
    const { links, clock, take } = setup();
    let opened = 0;
    const held = links.open('dev', (h): Link => { opened++; return new Device(h); });
    links.fail(0, 'rx threw');
    expect(take()).toEqual(['link/up 0 dev', 'link/down 0 dev rx threw']);
    links.reopen(0);
    expect(opened).toBe(2);
    clock.advance(60_000);
    expect(opened).toBe(2);
    links.fail(0, 'rx threw');
    held.dispose();
    clock.advance(60_000);
    expect(opened).toBe(2);
    expect(clock.timers).toBe(0);
    expect(links.byId(0)?.why).toBe('closed');
  });

  it('close ends everything', () => {
    const { links, clock, take } = setup();
    links.open('dev', (h) => new Device(h));
    links.open('absent', () => { throw new Error('EPERM: packet socket: needs root or CAP_NET_RAW'); });
    expect(take()).toEqual(['link/up 0 dev', 'link/down 1 absent EPERM: packet socket: needs root or CAP_NET_RAW']);
    links.close();
    expect(clock.timers).toBe(0);
    expect(links.list()).toEqual([]);
  });
});
