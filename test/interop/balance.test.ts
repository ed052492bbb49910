/**
 * Two real uplinks at once: the same address lies behind both, at two different servers, so that each answer says which way it came.
 *
 *                                 ┌── w0 ── inet: 203.0.113.10, web
 *     lan1 ── p1 ── [router] ─────┤
 *                                 └── PTY ── simulated card ── PTY ── slirp in cell: 203.0.113.10, web
 *
 * Needs root, iproute2, curl, slirp. The program is compiled here unless LANCELL_DIST names a build with it.
 */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { note, root, SERVER } from './bed.ts';
import { compileProbe, Probe } from './cellular-probe.ts';
import { Namespaces, until, wait } from './namespaces.ts';
import { dist } from './router-process.ts';

const WAN_IP = '198.51.100.2';

describe.skipIf(!root)('load balancing over two real uplinks', () => {
  const net = new Namespaces('lcbal');
  let router: Probe;

  beforeAll(async () => {
    compileProbe();
    for (const name of ['router', 'lan1', 'inet', 'cell']) net.add(name);
    net.wire('router', 'p1', 'lan1', 'eth0');
    net.wire('router', 'w0', 'inet', 'eth0');
    await net.sh('lan1', 'ip addr add 192.168.1.201/24 dev eth0; ip route add default via 192.168.1.1');
    await net.sh('inet', `ip addr add 198.51.100.1/24 dev eth0; ip addr add ${SERVER}/32 dev lo`);
    await net.sh('cell', `ip addr add ${SERVER}/32 dev lo`);
    for (const name of ['inet', 'cell']) net.start(name, [process.execPath, resolve(dist, 'lab/namespace/servers.js'), 'http']);
    router = await Probe.start({
      netns: `/run/netns/${net.full('router')}`, device: 'p1', wan: 'w0', beyond: net.full('cell'),
      settings: { wan: { mode: 'static', ip: WAN_IP, mask: '255.255.255.0', gateway: '198.51.100.1' }, failover: { mode: 'active/active', balance: { stickiness: 'off' } } },
    });
    await router.verb('lab card insert ac881');
    await router.online();
    await until('both ways lead to a server', async () => { const w = await ways(4); return w.wan === 2 && w.cell === 2; }, 30_000);
  });
  afterAll(async () => {
    await router?.end();
    await net.close();
  });

  /** Which way each of n requests went. */
  const ways = async (n: number, path = '/') => {
    const out = await net.run('lan1', ['bash', '-c', `for i in $(seq ${n}); do curl -s -m 5 http://${SERVER}${path} || echo lost; echo; done`], 60_000);
    return { wan: out.out.split(`you are ${WAN_IP}`).length - 1, cell: [...out.out.matchAll(/you are (?!198)/g)].length, lost: out.out.split('lost').length - 1 };
  };
  const settings = async (...lines: string[]) => { for (const line of [...lines.map(l => `config set failover.${l}`), 'config commit']) expect(await router.verb(line)).toMatchObject({ code: 0 }); };

  it('shares sessions out by turns, by ratio, and host by host', async () => {
    expect(await ways(40)).toEqual({ wan: 20, cell: 20, lost: 0 });
    await settings('balance.wan.ratio 3');
    const three = await ways(40);
    expect(three).toEqual({ wan: 30, cell: 10, lost: 0 });
    await settings('balance.stickiness server');
    const sticky = await ways(10);
    expect([0, 10]).toContain(sticky.wan);
    await settings('balance.stickiness off', 'balance.wan.ratio 1');
    note(`of 40 sessions 20 : 20 with ratios 1 : 1, ${three.wan} : ${three.cell} with 3 : 1`);
  });

  it('keeps every session on its uplink to its end, whatever is changed meanwhile', { timeout: 90_000 }, async () => {
    const loads = Array.from({ length: 6 }, () => net.sh('lan1', `curl -sf -m 60 --limit-rate 700k http://${SERVER}/bytes/12000000 | sha256sum`, 70_000));
    await wait(1500);
    const outs = async () => new Map((await router.verb('flow list port 80')).text.split('\n').filter(l => !/time-wait|last-ack|close(?!-wait)/.test(l)).flatMap(l => {
      const [, port, way] = /192\.168\.1\.201:(\d+) .*→ (wan|cellular)/.exec(l) ?? [];
      return port === undefined || way === undefined ? [] : [[port, way] as const];
    }));
    const before = await outs();
    const again = Number(/flows decided again +(\d+)/.exec((await router.verb('sys status')).text)?.[1]);
    expect([...before.values()].sort()).toEqual(['cellular', 'cellular', 'cellular', 'wan', 'wan', 'wan']);
    for (const line of ['balance.algorithm spillover', 'balance.algorithm "least load first"', 'balance.wan.ratio 9', 'balance.algorithm "weighted round robin"', 'balance.wan.ratio 1']) {
      await settings(line);
      // NAT settings have every flow decided again.
      for (const loopback of ['off', 'on']) {
        await router.verb(`config set nat.loopback ${loopback}`);
        expect(await router.verb('config commit')).toMatchObject({ code: 0 });
      }
      const now = await outs();
      expect(now.size).toBeGreaterThan(3);
      for (const [port, way] of now) expect([port, way]).toEqual([port, before.get(port)]);
      await wait(500);
    }
    expect(Number(/flows decided again +(\d+)/.exec((await router.verb('sys status')).text)?.[1])).toBeGreaterThan(again + 20);
    const hashes = await Promise.all(loads);
    const right = (await net.sh('lan1', `curl -s http://${SERVER}/sha256/12000000`)).split(' ')[0]!;
    expect(hashes.map(h => h.split(' ')[0])).toEqual(new Array(6).fill(right));
  });

  it('goes on with the other one when a cable is pulled, and shares again when it is back', { timeout: 90_000 }, async () => {
    net.ip('inet', 'link', 'set', 'eth0', 'down');
    await until('the router sees it', async () => /wan.*\bdown\b/.test((await router.verb('wan failover status')).text));
    expect(await ways(10)).toEqual({ wan: 0, cell: 10, lost: 0 });
    net.ip('inet', 'link', 'set', 'eth0', 'up');
    await until('both are used again', async () => { const w = await ways(4); return w.wan === 2 && w.cell === 2; }, 30_000);
    // And the other way round.
    await router.verb('lab card remove');
    expect(await ways(10)).toEqual({ wan: 10, cell: 0, lost: 0 });
  });
});
