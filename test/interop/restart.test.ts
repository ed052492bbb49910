/** The router restarts itself when a plugin asks for it: `lancell up` between two veths, with something that starts it again. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './bed.ts';
import { Namespaces, until } from './namespaces.ts';
import { RouterProcess } from './router-process.ts';

const plugin = `import { definePlugin, RestartsToken } from 'lancell/sdk';
export default definePlugin({
  id: 'asker', needs: { restarts: RestartsToken },
  setup(ctx) {
    ctx.command({ path: 'asker ask', help: 'asks',
      run: async () => (await ctx.use.restarts.ask({ how: 'process', why: 'a test wants it', by: 'asker', tag: 0 })) ?? 'it comes' });
    ctx.command({ path: 'asker from', help: 'what this run came from', run: () => ctx.use.restarts.cameFrom?.why ?? 'nothing' });
  },
});
`;

describe.skipIf(!root)("the router's own restart", () => {
  const net = new Namespaces('lcres');
  const folder = root ? mkdtempSync(join(tmpdir(), 'lcres-')) : tmpdir();
  const state = join(folder, 'state');
  let router: RouterProcess;
  const start = async (...environment: string[]) => {
    router = await RouterProcess.start(['up', '--lan', 'p1', '--wan', 'w0'], { state, before: ['env', ...environment, ...net.inside('router')] });
    await router.exec(`plugin load ${join(folder, 'asker')}`);
  };

  beforeAll(() => {
    for (const name of ['router', 'lan1', 'inet']) net.add(name);
    net.wire('router', 'p1', 'lan1', 'eth0');
    net.wire('router', 'w0', 'inet', 'eth0');
    mkdirSync(join(folder, 'asker'));
    writeFileSync(join(folder, 'asker', 'plugin.ts'), plugin);
  });
  afterAll(async () => {
    await router?.kill();
    await net.close();
    if (root) rmSync(folder, { recursive: true, force: true });
  });

  it('is refused where nobody would start it again', async () => {
    await start('LANCELL_SUPERVISED=', 'SYSTEMD_EXEC_PID=');
    expect(await router.exec('asker ask')).toContain('nobody would start the router again');
    expect(router.alive).toBe(true);
    await router.kill('SIGTERM');
  });

  it('ends with exit code 75, in order; the next run says why, and there is no second one', async () => {
    await start('LANCELL_SUPERVISED=1');
    expect(await router.exec('asker from')).toContain('nothing');
    expect(await router.exec('asker ask')).toContain('it comes');
    await until('it has ended', () => !router.alive, 20_000);
    expect(router.child.exitCode).toBe(75);
    expect(readFileSync(join(state, 'router.log'), 'utf8')).toContain('restarts the router: a test wants it');
    await start('LANCELL_SUPERVISED=1');
    expect(await router.exec('asker from')).toContain('a test wants it');
    expect(await router.exec('log show warn')).toMatch(/restarted the router at 20\S+ because a test wants it/);
    expect(await router.exec('asker ask')).toContain('one in 24 hours is the most');
    await router.kill('SIGTERM');
    expect(router.child.exitCode).toBe(0);
  });
});
