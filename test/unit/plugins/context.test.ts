import { describe, expect, it } from 'vitest';
import { type Clock, definePlugin } from '../../../sdk/index.ts';
import { fakeKernel } from './fake-kernel.ts';

describe('context', () => {
  it('aborts first, gives back in reverse order, and ends what was derived from events', async () => {
    const k = fakeKernel();
    const seen: string[] = [];
    await k.load(definePlugin({
      id: 'x',
      setup(ctx) {
        ctx.scope.add(() => { seen.push('first'); }, 'first');
        ctx.events('link/up').subscribe({ next: e => seen.push(e.name), complete: () => seen.push('complete') });
        ctx.scope.add(() => { seen.push('last'); }, 'last');
        ctx.signal.addEventListener('abort', () => seen.push('abort'));
      },
    }));
    k.bus.emit('link/up', { link: 1, name: 'eth0' });
    await k.host.unload('x');
    k.bus.emit('link/up', { link: 2, name: 'eth1' });
    expect(seen).toEqual(['eth0', 'abort', 'last', 'complete', 'first']);
  });

  it('strikes out what is given back early, and timers that have fired', async () => {
    const k = fakeKernel();
    let clock: Clock | undefined;
    await k.load(definePlugin({
      id: 'x',
      setup(ctx) {
        clock = ctx.clock;
        void ctx.stage({ slot: 'forward.alg', name: 'x.stage', process() {} }).dispose();
        ctx.events('link/up').subscribe().unsubscribe();
        const socket = ctx.udp.bind({ port: 53 }, () => {});
        expect(socket.port).toBe(53);
        void socket.dispose();
        const link = ctx.link(() => { throw new Error('not opened here'); });
        expect(link.id).toBe(7);
        expect(ctx.mark('x')).toBe(1);
      },
    }));
    expect(k.host.info('x')?.holds).toEqual(['link', 'mark x']);
    let fired = 0;
    clock?.after(10, () => { fired++; });
    const beat = clock?.every(10, () => { fired++; });
    expect(k.host.info('x')?.holds).toHaveLength(4);
    k.clock.advance(10);
    expect([fired, k.host.info('x')?.holds]).toEqual([2, ['link', 'mark x', 'timer every 10 ms']]);
    void beat?.dispose();
    await k.host.unload('x');
    expect([k.held, k.marks]).toEqual([[], []]);
  });

  it('claims nothing when the registration itself is refused', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({
      id: 'x',
      setup(ctx) {
        k.services.bus.emit('link/up', { link: 1, name: 'eth0' });
        expect(() => ctx.clock.after(Number.NaN, () => {})).toThrow(TypeError);
      },
    }));
    expect(k.host.info('x')?.holds).toEqual([]);
  });
});
