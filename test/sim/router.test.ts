import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentHash } from '../../lab/content.ts';
import { fetchOver } from '../../lab/memory/http-client.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import { type Bed, bed, settle } from './bed.ts';
import { errors, from, ip, ipOf, listen, pingWorks, send, udpPacket } from './frames.ts';

const SERVER = '203.0.113.10';

/**
 *     lan1, lan2 ── ports 1, 2 ─┐
 *                               ├── router ── inet1 (web, names, echo)
 *     dmz1 ──────── port 3 ─────┘
 */
describe('the router', () => {
  let b: Bed;
  beforeEach(async () => { b = await bed(); await b.advance(5000); });
  afterEach(() => b.stop());

  const ok = async (line: string) => {
    const r = await b.verb(line);
    expect(`${line}: ${r.code} ${r.code === 0 ? '' : r.text}`).toBe(`${line}: 0 `);
    return r.text;
  };
  const reaches = async (host: 'lan1' | 'lan2' | 'dmz1', where: string) => (await b.exec(host, `ping -q -c 1 -W 1 ${where}`)).code === 0;

  describe('serves hosts inside', () => {
    it('with leases, by name and by address', async () => {
      expect((await b.exec('lan1', 'dhcp')).output).toContain('192.168.1.33/24 from 192.168.1.1');
      expect((await b.exec('lan2', 'ip route')).output).toContain('default via 192.168.1.1');
      expect(await ok('ip dhcp lan status')).toMatch(/192\.168\.1\.34 +lan2/);
    });
    it('with a lease that is renewed for days, and given back', async () => {
      for (let t = 0; t < 200_000_000; t += 60_000) {
        b.clock.advance(60_000);
        await Promise.resolve();
      }
      expect((await b.exec('lan1', 'dhcp')).output).toContain('192.168.1.33/24');
      expect(await pingWorks(b)).toBe(true);
      await b.exec('lan1', 'dhcp release');
      await b.advance(100);
      expect(await ok('ip dhcp lan status')).not.toMatch(/192\.168\.1\.33 +lan1/);
      expect(errors(b)).toEqual([]);
    }, 60_000);
    it('with names: its own, its clients, and the internet; kept for a while', async () => {
      for (const [name, answer] of [['lan2', '192.168.1.34'], ['router', '192.168.1.1'], ['router.lab', '192.168.1.1'], ['inet1', SERVER]] as const) {
        expect((await b.exec('lan1', `nslookup ${name}`)).output).toContain(`Address: ${answer}`);
      }
      expect((await b.exec('lan1', 'nslookup 192.168.1.34')).output).toContain('name = lan2');
      expect((await b.exec('lan1', 'nslookup nobody-has-this-name')).output).toContain('NXDOMAIN');
      expect(await ok('ip dns cache display')).toContain('inet1');
      await ok('ip dns cache flush');
      expect(await ok('ip dns cache display')).not.toContain('inet1');
      expect((await b.verb('ip dns query name inet1')).text).toContain(SERVER);
    });
    it('and between LAN and DMZ', async () => {
      expect(await reaches('lan1', '192.168.2.33')).toBe(true);
      expect(await reaches('lan1', '192.168.1.34')).toBe(true);
      expect((await b.exec('dmz1', 'curl -s http://203.0.113.10/')).output).toContain('198.51.100.2');
      expect((await b.exec('lan1', 'curl -s http://192.168.2.33/')).output).toContain('192.168.1.33');
    });
  });

  describe('port roles', () => {
    it('change at run time and take the reach of old leases with them at once', async () => {
      expect(await reaches('lan2', SERVER)).toBe(true);
      expect(await reaches('lan1', '192.168.1.34')).toBe(true);
      await ok('config set lan.ports.port2 dmz');
      await ok('config commit');
      // lan2 still has its old address, and is nobody with it.
      expect(await reaches('lan1', '192.168.1.34')).toBe(false);
      expect(await reaches('lan2', SERVER)).toBe(false);
      expect(b.router.engine.flows.list(f => f.original.src === ip('192.168.1.34'))).toEqual([]);
      await ok('lan role port2 lan');
      expect(await reaches('lan2', SERVER)).toBe(true);
      expect(await reaches('lan1', '192.168.1.34')).toBe(true);
    });
    it('of a port with a running download: it stops there', async () => {
      b.lab.wires.get('port2')!.set({ delayMs: 5 });
      const lan2 = b.lab.stacks.get('lan2')!;
      let octets = 0;
      lan2.tcp.connect(ip(SERVER), 80, { connected: () => {}, data: d => { octets += d.length; } }).write(new TextEncoder().encode('GET /bytes/9000000 HTTP/1.1\r\nhost: x\r\n\r\n'));
      await b.advance(300);
      const c = lan2.tcp.connect(ip(SERVER), 80, { connected: () => { c.write(new TextEncoder().encode('GET /bytes/9000000 HTTP/1.1\r\nhost: x\r\n\r\n')); }, data: d => { octets += d.length; } });
      await b.advance(300);
      expect(octets).toBeGreaterThan(0);
      await ok('lan role port2 dmz');
      await b.advance(20);
      const then = octets;
      await b.advance(5000);
      expect(octets).toBe(then);
      expect(await pingWorks(b)).toBe(true);
    });
  });

  describe('settings', () => {
    it('refuse a WAN in the subnet of the LAN, and say why', async () => {
      await ok('config set wan.ip 192.168.1.77');
      await ok('config set wan.gateway 192.168.1.1');
      const refused = await b.verb('config commit');
      expect(refused.code).not.toBe(0);
      expect(refused.text).toMatch(/wan \(192\.168\.1\.77\/24\) and lan \(192\.168\.1\.1\/24\) share a subnet/);
      await ok('config discard');
      expect(await pingWorks(b)).toBe(true);
      // And the other way round.
      await ok('config set lan.dmz.ip 198.51.100.9');
      expect((await b.verb('config commit')).text).toContain('share a subnet');
      expect(await pingWorks(b)).toBe(true);
    });
    it('committed to be confirmed roll back by themselves', async () => {
      await ok('config set lan.lan.ip 192.168.1.254');
      expect(await ok('config commit confirm 2')).toContain('config confirm');
      expect(await reaches('lan1', '192.168.1.254')).toBe(true);
      expect(await reaches('lan1', '192.168.1.1')).toBe(false);
      await b.advance(121_000);
      expect(await reaches('lan1', '192.168.1.1')).toBe(true);
      expect(await pingWorks(b)).toBe(true);
      expect(await ok('config show lan.lan.ip')).toContain('192.168.1.1');
    });
    it('confirmed stay', async () => {
      await ok('config set nat.maxSessionsPerHost 77');
      await ok('config commit confirm 1');
      await ok('config confirm');
      await b.advance(200_000);
      expect((await ok('ip nat session')).trim()).toBe('77');
    });
    it('have a history, and every entry can come back', async () => {
      for (const n of [11, 22, 33]) {
        await ok(`config set nat.maxSessionsPerHost ${n}`);
        await ok(`config commit note "now ${n}"`);
      }
      const history = await ok('config history');
      expect(history).toMatch(/test/);
      expect(history).toContain('now 22');
      await ok('config rollback 1');
      expect((await ok('ip nat session')).trim()).toBe('22');
      await ok('config rollback 3');
      expect((await ok('ip nat session')).trim()).toBe('11');
      expect((await b.verb('config rollback 99')).code).not.toBe(0);
      await ok('config reset factory');
      expect((await ok('ip nat session')).trim()).toBe('10000');
      expect(await pingWorks(b)).toBe(true);
    });
    it('have a default of the user, which a reset loads', async () => {
      await ok('ip nat session 44');
      await ok('config default save');
      await ok('ip nat session 55');
      await ok('config reset');
      expect((await ok('ip nat session')).trim()).toBe('44');
    });
    it('that a plugin cannot use are taken back whole', async () => {
      await ok('config set nat.maxSessionsPerHost 66');
      await ok('config set ip.staticRoutes [{"index":3,"destination":"10.0.0.1","mask":"255.0.0.0","gateway":"192.168.1.9"}]');
      expect((await b.verb('config commit')).text).toContain('host bits');
      expect((await ok('ip nat session')).trim()).toBe('10000');
    });
  });

  describe('routes', () => {
    it('1 and 2 of the static table are the uplinks and cannot be changed', async () => {
      const table = await ok('ip stroute display');
      expect(table).toMatch(/1 +WAN \(reserved\) +yes +0\.0\.0\.0 +0\.0\.0\.0 +198\.51\.100\.1/);
      expect(table).toMatch(/2 +CELLULAR \(reserved\) +no/);
      for (const n of [1, 2]) {
        for (const verb of ['load', 'delete']) {
          const r = await b.verb(`ip stroute ${verb} ${n}`);
          expect(r.code).toBe(1);
          expect(r.text).toMatch(/read-only|cannot|reserved/);
        }
      }
      expect((await b.verb('config set ip.staticRoutes [{"index":1,"gateway":"192.168.1.9"}]')).code).not.toBe(0);
    });
    it('of one\'s own are used', async () => {
      const heard = listen(b, 'lan2');
      await ok('ip stroute load 3');
      await ok('ip stroute config destination 10.9.0.0');
      await ok('ip stroute config mask 255.255.0.0');
      await ok('ip stroute config gateway 192.168.1.34');
      await ok('ip stroute save');
      expect(await ok('ip route status')).toMatch(/10\.9\.0\.0\/16 +192\.168\.1\.34/);
      await b.exec('lan1', 'ping -c 1 -W 1 10.9.1.1');
      expect(ipOf(heard).filter(p => p[9] === 1 && ipv4.dst(p, 0) === ip('10.9.1.1'))).toHaveLength(1);
      await ok('ip stroute delete 3');
      expect(await ok('ip route status')).not.toContain('10.9.0.0');
    });
  });

  describe('packets that are too big', () => {
    it('and may not be cut: the sender is told the MTU (RFC 1191)', async () => {
      const heard = listen(b, 'lan1');
      narrow(b, 1000);
      send(b, 'port1', from(b, 'lan1', udpPacket('192.168.1.33', 4000, SERVER, 7, new Uint8Array(1200), { df: true })));
      await b.advance(100);
      const [told] = ipOf(heard).filter(p => p[9] === 1 && icmp.type(p, 20) === 3);
      expect([icmp.code(told!, 20), icmp.mtu(told!, 20)]).toEqual([4, 1000]);
      expect((await b.exec('lan1', `ping -c 1 -s 1200 -M do ${SERVER}`)).output).toContain('Frag needed and DF set (mtu = 1000)');
    });
    it('are cut where that is allowed, and come back whole', async () => {
      narrow(b, 600);
      expect((await b.exec('lan1', `ping -c 3 -s 1400 ${SERVER}`)).output).toContain('3 received');
      expect((await b.exec('lan1', `ping -c 1 -s 4000 ${SERVER}`)).output).toContain('1 received');
    });
    it('of TCP: the sender learns the path', async () => {
      narrow(b, 700);
      const lan1 = b.lab.stacks.get('lan1')!;
      const body = new Uint8Array(100_000).map((_, i) => i * 7);
      const put = await settle(b.clock, fetchOver(lan1.tcp, { address: ip(SERVER), port: 80, host: 'inet1', path: '/', method: 'PUT', body }), 600_000);
      expect(put).toMatchObject({ ok: true, status: 200 });
      if (put.ok) expect(new TextDecoder().decode(put.body)).toContain(createHash('sha256').update(body).digest('hex'));
    });
  });

  it.each([[1, 0.05], [2, 0.05], [3, 0.02]])('carries bulk over lossy wires (seed %i, loss %f), nothing missing and nothing twice', async (seed, loss) => {
    await b.stop();
    b = await bed({ seed });
    await b.advance(5000);
    for (const w of ['port1', 'wan'] as const) b.lab.wires.get(w)!.set({ loss, delayMs: 2, jitterMs: 2, reorder: 0.01, heldMs: 10 });
    const got = await settle(b.clock, fetchOver(b.lab.stacks.get('lan1')!.tcp, { address: ip(SERVER), port: 80, host: 'inet1', path: '/bytes/1000000' }), 3_600_000);
    expect(got).toMatchObject({ ok: true, status: 200 });
    if (got.ok) expect(createHash('sha256').update(got.body).digest('hex')).toBe(contentHash(1_000_000));
    for (const w of ['port1', 'wan'] as const) b.lab.wires.get(w)!.set({ loss: 0 });
    expect(await pingWorks(b)).toBe(true);
    await b.advance(100_000);
    expect(b.router.engine.pool.available).toBe(b.router.engine.pool.size);
    expect(errors(b)).toEqual([]);
  });

  it.each(['wan', 'port1'] as const)('lives through a cable of %s that is pulled and put back', async name => {
    expect(await pingWorks(b)).toBe(true);
    b.lab.sockets.get(name)!.setUp(false);
    expect(await reaches('lan1', SERVER)).toBe(false);
    expect(await ok('link list')).toMatch(new RegExp(`${name} .*down: no carrier`));
    expect(await reaches('lan2', '192.168.1.1')).toBe(true);
    b.lab.sockets.get(name)!.setUp(true);
    await b.advance(5000);
    expect(await pingWorks(b)).toBe(true);
    expect(errors(b)).toEqual([]);
  });

  it('opens a link again that broke', async () => {
    b.router.links.fail(b.router.links.byName('wan')!.id, 'the card caught fire');
    expect(await reaches('lan1', SERVER)).toBe(false);
    await b.advance(60_000);
    expect(await pingWorks(b)).toBe(true);
  });
});

/** The router's uplink takes no larger packets from now on. */
function narrow(b: Bed, mtu: number): void {
  b.lab.sockets.get('wan')!.setMtu(mtu);
}
