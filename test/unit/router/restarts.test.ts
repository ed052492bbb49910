import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { createLog } from '../../../kernel/log.ts';
import { noRestarts, RestartBook, supervised, systemReboot } from '../../../kernel/router/restarts.ts';

const HOUR = 60 * 60_000;
const NOON = Date.UTC(2026, 10, 24, 12);
const note = { how: 'process', why: 'the card does not answer', by: 'test', tag: 3 } as const;

describe("the router's own restart", () => {
  let state = '';
  let wall = NOON;
  const done: string[] = [];
  const log = createLog({ clock: new VirtualClock() });
  const said = () => log.ring.lines().map(l => l.msg);
  const open = (o: { supervised?: boolean; reboot?: () => Promise<void> } = {}) => RestartBook.open(state, log.logger('restart'), {
    wall: () => wall, supervised: o.supervised ?? true, leave: () => { done.push('leave'); }, reboot: o.reboot ?? (async () => { done.push('reboot'); }),
  });

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'restarts-'));
    wall = NOON;
    done.length = 0;
  });
  afterEach(() => { rmSync(state, { recursive: true, force: true }); });

  it('is written down first, then done; the next run knows why it was, once', async () => {
    const first = await open();
    expect(first.cameFrom).toBeUndefined();
    expect(await first.ask(note)).toBeUndefined();
    expect(done).toEqual(['leave']);
    expect(said().at(-1)).toBe('restarts the router: the card does not answer');
    wall += 5000;
    const second = await open();
    expect(second.cameFrom).toEqual({ ...note, atMs: NOON });
    expect(said().at(-1)).toBe('restarted the router at 2026-11-24T12:00:00.000Z because the card does not answer');
    expect((await open()).cameFrom).toBeUndefined();
  });

  it('is made once in 24 hours at most, over any number of restarts', async () => {
    for (let hour = 0; hour < 72; hour++, wall += HOUR) {
      const refused = await (await open()).ask({ ...note, how: hour % 2 === 0 ? 'process' : 'reboot' });
      expect([hour, refused]).toEqual([hour, hour % 24 === 0 ? undefined : expect.stringContaining('one in 24 hours is the most')]);
    }
    expect(done).toHaveLength(3);
  });

  it('is made once when two ask', async () => {
    const one = await open();
    expect(await Promise.all([one.ask(note), one.ask(note)])).toEqual([undefined, 'one is on its way']);
  });

  it('does not loop when the clock is lost with each reboot', async () => {
    expect(await (await open()).ask({ ...note, how: 'reboot' })).toBeUndefined();
    // 1970 again after each start.
    for (let round = 0; round < 5; round++) {
      wall = 2 * HOUR;
      expect(await (await open()).ask({ ...note, how: 'reboot' })).toContain('2026-11-24T12:00');
    }
    // One that was made in 1970 counts for the next 1970.
    writeFileSync(join(state, 'restarts.json'), JSON.stringify([{ ...note, atMs: 3 * HOUR, told: true }]));
    expect(await (await open()).ask(note)).toContain('1970');
    wall = 28 * HOUR;
    expect(await (await open()).ask(note)).toBeUndefined();
  });

  it('is possible again when the last one stands in a future that never comes', async () => {
    writeFileSync(join(state, 'restarts.json'), JSON.stringify([{ ...note, atMs: Date.UTC(2035, 0, 1), told: true }]));
    expect(await (await open()).ask(note)).toBeUndefined();
  });

  it('is not made when it cannot be written down', async () => {
    const one = await open();
    rmSync(state, { recursive: true });
    expect(await one.ask(note)).toContain('cannot be written down');
    expect(done).toEqual([]);
  });

  it('does not end a router that nobody would start again', async () => {
    expect(await (await open({ supervised: false })).ask(note)).toContain('Restart=on-failure');
    expect(done).toEqual([]);
    expect([supervised({}, 7), supervised({ SYSTEMD_EXEC_PID: '6' }, 7), supervised({ SYSTEMD_EXEC_PID: '7' }, 7), supervised({ LANCELL_SUPERVISED: '1' }, 7)]).toEqual([false, false, true, true]);
  });

  it('goes on when the system does not reboot, and the day is used up all the same', async () => {
    const one = await open({ reboot: () => Promise.reject(new Error('Operation not permitted')) });
    expect(await one.ask({ ...note, how: 'reboot' })).toBe('the system does not take it (Operation not permitted)');
    expect(await one.ask(note)).toContain('one in 24 hours');
    expect((await open()).cameFrom).toBeUndefined();
    await expect(systemReboot('/nowhere/reboot')).rejects.toThrow('ENOENT');
  });

  it('reads a torn file as none, and keeps the last twenty', async () => {
    writeFileSync(join(state, 'restarts.json'), '[{"atMs":');
    const one = await open();
    expect(one.cameFrom).toBeUndefined();
    for (let i = 0; i < 30; i++, wall += 25 * HOUR) await (await open()).ask(note);
    expect((JSON.parse(readFileSync(join(state, 'restarts.json'), 'utf8')) as unknown[]).length).toBe(20);
  });

  it('is refused in words where there is none', async () => {
    expect(await noRestarts('the lab does not restart itself').ask(note)).toBe('the lab does not restart itself');
  });
});
