import { describe, expect, it } from 'vitest';
import { definePlugin, type Tty } from '../../../sdk/index.ts';
import { fakeKernel } from './fake-kernel.ts';

const line = Uint8Array.of(65, 84, 13);

async function opened(k: ReturnType<typeof fakeKernel>, path = '/dev/ttyUSB0'): Promise<Tty> {
  let tty: Tty | undefined;
  await k.load(definePlugin({ id: 'x', setup(ctx) { tty = ctx.tty.open(path); } }));
  return tty as unknown as Tty;
}

describe('serial ports of a plugin', () => {
  it('belong to its scope, and are closed with it', async () => {
    const k = fakeKernel();
    const tty = await opened(k);
    const far = k.cables.get('/dev/ttyUSB0');
    let seen = 0;
    if (far) far.onData = (_buf, from, to) => { seen += to - from; };
    expect(tty.write(line)).toBe(true);
    k.clock.advance(1);
    expect([seen, tty.path, tty.open, tty.lines()?.dcd]).toEqual([3, '/dev/ttyUSB0', true, true]);
    expect(k.host.info('x')?.holds).toEqual(['tty /dev/ttyUSB0']);
    await k.host.unload('x');
    expect([tty.open, far?.open, k.residue()]).toEqual([false, false, []]);
  });

  it('are struck out when closed early, and when the device is gone', async () => {
    const k = fakeKernel();
    let gone = '';
    const tty = await opened(k);
    tty.onGone = why => { gone = why; };
    k.cables.get('/dev/ttyUSB0')?.close();
    expect([gone, tty.open, k.host.info('x')?.holds]).toEqual(['/dev/ttyUSB0: gone', false, []]);
    await k.host.unload('x');
    const next = await opened(k, '/dev/ttyUSB1');
    next.close();
    expect([next.open, k.host.info('x')?.holds]).toEqual([false, []]);
    await k.host.unload('x');
    expect(k.residue()).toEqual([]);
  });

  it('turn what a callback throws into a fault of the plugin, at once or later', async () => {
    const k = fakeKernel();
    const tty = await opened(k);
    const far = k.cables.get('/dev/ttyUSB0');
    tty.onData = () => { throw new Error('no idea'); };
    far?.write(line);
    k.clock.advance(1);
    tty.onData = (async () => { throw new Error('later'); }) as unknown as Tty['onData'];
    far?.write(line);
    k.clock.advance(1);
    await k.settle();
    tty.onGone = () => { throw new Error('so soon'); };
    far?.close();
    expect(k.faults('x').sort()).toEqual(['x: tty /dev/ttyUSB0: data: later', 'x: tty /dev/ttyUSB0: data: no idea', 'x: tty /dev/ttyUSB0: gone: so soon']);
    expect(k.host.info('x')?.holds).toEqual([]);
  });

  it('claim nothing when the port cannot be opened', async () => {
    const k = fakeKernel();
    await k.load(definePlugin({
      id: 'x',
      setup(ctx) {
        ctx.tty.open('/dev/ttyS0');
        expect(() => ctx.tty.open('/dev/ttyS0')).toThrow('another program has it');
      },
    }));
    expect(k.host.info('x')?.holds).toEqual(['tty /dev/ttyS0']);
  });
});
