import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bed, bed, settle } from '../../sim/bed.ts';
import { ip } from './dhcp-bench.ts';

describe('plugin lan', () => {
  let b: Bed;
  beforeEach(async () => {
    b = await bed();
    await b.advance(5000);
  });
  afterEach(() => b.stop());
  const counter = (name: string) => b.router.engine.counters.list().find(c => c.name === name)?.n ?? 0;

  it('shows its interfaces, ports and stations', async () => {
    const status = (await b.verb('lan status')).text;
    expect(status).toMatch(/lan\s+192\.168\.1\.1\/24\s+port1 port2\s+2/);
    expect(status).toMatch(/dmz\s+192\.168\.2\.1\/24\s+port3\s+0/);
    expect((await b.verb('lan fdb')).text).toMatch(/lan\s+port1\s+02:1a:b0:00:01:01/);
    expect((await b.verb('ip dhcp lan status')).text).toMatch(/192\.168\.1\.33.*02:1a:b0:00:01:01\s+static/);
  });

  it('switches between ports of one interface without routing', async () => {
    expect((await b.exec('lan1', 'ping -c 3 192.168.1.34')).output).toContain('3 received');
  });

  it('sends packets for a neighbour to its port only', async () => {
    await b.exec('lan1', 'ping -c 1 203.0.113.10');
    const before = b.router.links.byName('port2')!.stats.txPackets;
    await b.exec('lan1', 'ping -c 5 203.0.113.10');
    expect(b.router.links.byName('port2')!.stats.txPackets).toBe(before);
  });

  it('answers names of DHCP clients and its own, and relays the rest', async () => {
    expect((await b.verb('ip dns query name lan2')).text).toContain('192.168.1.34');
    expect((await b.verb('ip dns query name router.lab')).text).toContain('192.168.1.1');
    expect((await b.verb('ip dns query name inet1')).text).toContain('203.0.113.10');
    expect((await b.verb('ip dns cache display')).text).toContain('inet1');
    expect((await b.verb('ip dns cache flush')).text).toContain('1 entries');
    expect((await b.verb('ip dns query name nowhere.example')).text).toContain('there is no');
  });

  it('keeps leases, names and open connections over a reload', async () => {
    const ping = b.exec('lan1', 'ping -c 20 203.0.113.10');
    await settle(b.clock, b.router.plugins.reload('lan'));
    expect((await ping).output).toContain('20 received');
    expect((await b.verb('ip dhcp lan status')).text).toMatch(/192\.168\.1\.33/);
    expect((await b.verb('ip dns query name lan2')).text).toContain('192.168.1.34');
  });

  it('takes the reachability of old leases away with a port\'s role, at once', async () => {
    expect((await b.exec('lan1', 'ping -c 1 203.0.113.10')).output).toContain('1 received');
    expect((await b.verb('lan role port1 dmz')).code).toBe(0);
    expect(b.router.engine.flows.list(f => f.original.src === ip('192.168.1.33'))).toEqual([]);
    expect((await b.verb('lan fdb')).text).not.toMatch(/lan\s+port1/);
    expect((await b.exec('lan2', 'ping -c 1 192.168.1.33')).output).toContain(' 0 received');
    // The host still sends from its old address; nothing of it gets through.
    expect((await b.exec('lan1', 'ping -c 1 203.0.113.10')).output).toContain(' 0 received');
    expect((await b.verb('lan role port1')).text).toContain('dmz');
    expect((await b.exec('lan2', 'ping -c 1 203.0.113.10')).output).toContain('1 received');
    await b.verb('lan role port1 lan');
    expect((await b.exec('lan1', 'ping -c 2 203.0.113.10')).output).toMatch(/[12] received/);
  });

  it('drops what comes from a port without a role', async () => {
    expect((await b.verb('config delete lan ports port2')).code).toBe(0);
    await b.verb('config commit');
    await b.exec('lan2', 'ping -c 1 192.168.1.1');
    expect(counter('lan: port without a role')).toBeGreaterThan(0);
  });

  it('refuses settings that clash, saying where', async () => {
    await b.verb('config set lan dmz ip 192.168.1.7');
    expect((await b.verb('config commit')).text).toContain('dmz and lan share the subnet');
  });

  it('changes what DHCP does by verbs in the original spelling', async () => {
    expect((await b.verb('ip dhcp lan server pool')).text).toContain('192.168.1.33 128');
    await b.verb('ip dhcp lan server pool 192.168.1.100 20');
    expect((await b.verb('ip dhcp lan server pool')).text).toContain('192.168.1.100 20');
    await b.verb('ip dhcp lan static update 3 00-a0-c5-01-23-45 192.168.1.50 printer');
    expect((await b.verb('ip dhcp lan static display')).text).toMatch(/3\s+00:a0:c5:01:23:45\s+192\.168\.1\.50\s+printer/);
    await b.verb('ip dhcp lan static delete 3');
    expect((await b.verb('ip dhcp lan static display')).text).not.toContain('printer');
    expect((await b.verb('ip dhcp lan static delete 9')).code).not.toBe(0);
    await b.verb('ip dhcp lan mode none');
    expect((await b.verb('ip dhcp lan mode')).text).toContain('none');
  });

  it('has aliases: further addresses on the same wire', async () => {
    const aliases = [{ ip: '10.1.0.1', mask: '255.255.255.0' }, { ip: '10.2.0.1', mask: '255.255.255.0' }];
    await settle(b.clock, b.router.config.update('lan', draft => { Object.assign((draft as { lan: object }).lan, { aliases }); }, 'test'));
    expect((await b.exec('lan1', 'ping -c 1 10.2.0.1')).output).toContain('1 received');
    expect((await b.verb('ip route status')).text).toContain('10.1.0.0/24');
  });

  it('shows its pages', () => {
    for (const path of ['network/lan', 'network/dmz', 'network/wlan', 'network/wan', 'advanced/nat/overview']) {
      expect(b.router.panels.list().map(p => p.path)).toContain(path);
    }
  });

  it('leaves nothing behind when it is unloaded', async () => {
    await settle(b.clock, b.router.plugins.unload('lan'));
    expect(b.router.plugins.residue()).toEqual([]);
    expect(b.router.links.list().map(l => l.name)).not.toContain('lan');
    expect((await b.verb('lan status')).code).not.toBe(0);
  });
});
