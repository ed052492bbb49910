/** The router ends, comes back, and refuses what cannot work. Topology: bed.ts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, Bed, GATEWAY, LAN2, note, root, SERVER } from './bed.ts';
import { run, until } from './namespaces.ts';
import { program } from './router-process.ts';

describe.skipIf(!root)('the life of a router', () => {
  const bed = new Bed();
  const { net } = bed;
  const script = join(bed.folder, 'dhcp-script');
  beforeAll(async () => {
    writeFileSync(script, '#!/bin/sh\n[ "$1" = bound ] && echo "lease $ip"\nexit 0\n', { mode: 0o755 });
    await bed.start();
  });
  afterAll(() => bed.close());

  const passes = async () => (await net.run('lan1', ['ping', '-c', '1', '-W', '1', SERVER])).code === 0;
  const lease = async () => /lease (\S+)/.exec(await net.sh('lan2', `udhcpc -f -q -n -i eth0 -s ${script} -t 5 -T 1`))?.[1] ?? 'none';

  it('is killed: nothing passes; started again: all is as before, and the leases are kept', async () => {
    const first = await lease();
    expect(first).toMatch(/^192\.168\.1\.\d+$/);
    const outside = await bed.outside();
    // Written a second after the lease.
    const file = join(bed.state, 'plugins', 'lan', 'leases.json');
    const written = async () => (await run(['grep', '-rl', 'hardware\\|mac', bed.state, '--include=leases.json'])).out.trim() !== '';
    await until(`the lease is in a file such as ${file}`, written);
    await bed.killRouter();
    expect(await passes()).toBe(false);
    expect((await net.run('lan1', ['curl', '-s', '-m', '1', `http://${SERVER}/`])).code).not.toBe(0);
    const began = Date.now();
    await bed.startRouter();
    await until('a ping passes', passes);
    note(`killed and started again: the first ping passed after ${Date.now() - began} ms`);
    expect(await bed.router.exec('ip dhcp lan status')).toContain(first);
    expect(await lease()).toBe(first);
    expect(await bed.outside()).toBe(outside);
    expect(await net.sh('lan1', `curl -s http://${SERVER}/`)).toContain(`you are ${outside}`);
  });

  it('ends in order on SIGTERM: exit code 0, no socket and no lock left', async () => {
    const { child } = bed.router;
    await bed.killRouter('SIGTERM');
    expect(child.exitCode).toBe(0);
    expect(existsSync(join(bed.state, 'console.sock'))).toBe(false);
    expect(existsSync(join(bed.state, 'lock'))).toBe(false);
    await bed.startRouter();
    await until('a ping passes', passes);
  });

  it('a second router on the same state directory is refused, and the first goes on', async () => {
    const second = await run([...net.inside('router'), process.execPath, program, 'up', '--lan', 'p1', '--wan', 'w0', '--state', bed.state, '--listen', 'off', '--no-terminal']);
    expect(second.code).toBe(1);
    expect(second.out).toMatch(new RegExp(`in use by another router \\(pid ${bed.router.child.pid}\\)`));
    expect(await passes()).toBe(true);
    expect((await bed.router.cli('exec', 'sys version')).out).toContain('lancell');
  });

  it("refuses an interface that carries the host's own address", async () => {
    const up = (lan: string, wan: string) => run([...net.inside('router'), process.execPath, program, 'up', '--lan', lan, '--wan', wan, '--state', join(bed.folder, 'other'), '--listen', 'off', '--no-terminal']);
    await net.sh('router', 'ip link add d0 type veth peer name d1; ip addr add 10.1.1.1/24 dev d0; ip link set d0 up');
    // Without carrier first, for the other end is down.
    for (const carrier of ['down', 'up']) {
      net.ip('router', 'link', 'set', 'd1', carrier);
      for (const own of [await up('d0', 'w0'), await up('p1', 'd0')]) {
        expect(own.code).toBe(1);
        expect(own.out).toContain("d0 carries this host's own address 10.1.1.1");
      }
    }
    net.ip('router', 'link', 'del', 'd0');
  });

  it('WAN and LAN in the same subnet: refused by the settings, with both named', async () => {
    for (const line of ['config set wan.mode static', 'config set wan.ip 192.168.1.77', 'config set wan.mask 255.255.255.0', 'config set wan.gateway 192.168.1.78']) await bed.router.exec(line);
    const { out, code } = await bed.router.cli('exec', 'config commit');
    expect(code).toBe(1);
    expect(out).toMatch(/wan \(192\.168\.1\.77\/24\) and lan \(192\.168\.1\.1\/24\) share a subnet/);
    await bed.router.exec('config discard');
    expect(await passes()).toBe(true);
  });

  it('WAN and LAN in the same subnet: an offer by DHCP is refused, with a clear line in the log', async () => {
    await bed.router.exec('ip dhcp wan client release');
    net.ip('inet', 'addr', 'add', '192.168.1.254/24', 'dev', 'eth0');
    await bed.changeProvider('192.168.1', '192.168.1.254');
    await bed.router.exec('ip dhcp wan client renew');
    const line = await until('the log tells of it', async () => /.*share a subnet.*/.exec(await bed.router.exec('log show warn'))?.[0], 15_000);
    note(line.trim());
    expect(await bed.outside()).not.toContain('192.168.1.');
    expect(await bed.ping('lan1', GATEWAY, 3)).toEqual(all(3));
    net.ip('inet', 'addr', 'del', '192.168.1.254/24', 'dev', 'eth0');
    await bed.changeProvider();
    await bed.router.exec('ip dhcp wan client renew');
    await until('a ping passes', passes, 15_000);
  });

  it('a cable is pulled and put back', async () => {
    net.ip('inet', 'link', 'set', 'eth0', 'down');
    await until('the router sees it', async () => (await bed.router.table('link list')).rows.some((r) => r[0] === 'wan' && String(r[2]).startsWith('down')));
    expect(await passes()).toBe(false);
    for (const host of [LAN2, GATEWAY]) expect(await bed.ping('lan1', host, 3)).toEqual(all(3));
    net.ip('inet', 'link', 'set', 'eth0', 'up');
    await until('a ping passes', passes, 20_000);
  });

  it('the device of a port vanishes and comes back', async () => {
    net.ip('router', 'link', 'del', 'p2');
    await until('the router sees it', async () => (await bed.router.table('link list')).rows.some((r) => r[0] === 'port2' && String(r[2]).startsWith('down')));
    expect(await passes()).toBe(true);
    net.wire('router', 'p2', 'lan2', 'eth0');
    await net.sh('lan2', `ip addr add ${LAN2}/24 dev eth0; ip route add default via ${GATEWAY}`);
    await until('lan2 reaches the server again', async () => (await net.run('lan2', ['ping', '-c', '1', '-W', '1', SERVER])).code === 0, 20_000);
  });

  it('says nothing of faults: the log has no error', async () => {
    const errors = (await bed.router.table('log show error')).rows.filter((r) => !String(r[3]).includes('share a subnet'));
    expect(errors).toEqual([]);
    expect(readFileSync(join(bed.state, 'router.log'), 'utf8')).not.toContain('nobody caught');
  });
});
