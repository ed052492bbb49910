import { describe, expect, it } from 'vitest';
import { addressesOf, problems } from '../../../plugins/lan/plan.ts';
import { type Settings, settings } from '../../../plugins/lan/settings.ts';
import { format4 } from '../../../sdk/wire/address.ts';

const change = (fn: (s: Settings) => void): string[] => {
  const s = settings.parse({});
  fn(s);
  return problems(settings.parse(s)).map(p => `${p.path.join('.')}: ${p.message}`);
};

describe('lan settings', () => {
  it('come from the factory as the original', () => {
    const s = settings.parse({});
    expect(s.ports).toEqual({ port1: 'lan', port2: 'lan', port3: 'lan', port4: 'lan' });
    expect(s.lan).toMatchObject({ ip: '192.168.1.1', mask: '255.255.255.0', dhcp: { mode: 'server', poolStart: '192.168.1.33', poolSize: 128, leaseSec: 259200 } });
    expect(s.dmz).toMatchObject({ ip: '0.0.0.0', dhcp: { mode: 'none' } });
    expect(problems(s)).toEqual([]);
  });

  it('name an alias by its number', () => {
    const s = settings.parse({ lan: { aliases: [{ ip: '10.1.0.1', mask: '255.255.0.0' }] } });
    expect(addressesOf('lan', s.lan).map(a => `${a.name} ${format4(a.address)}/${a.bits}`)).toEqual(['lan 192.168.1.1/24', 'lan:1 10.1.0.1/16']);
    expect(addressesOf('dmz', s.dmz)).toEqual([]);
  });

  it('refuse interfaces that share a subnet, naming both', () => {
    expect(change(s => { s.dmz.ip = '192.168.1.254'; })).toEqual(['dmz.ip: dmz and lan share the subnet 192.168.1.0/24; each needs its own']);
    expect(change(s => { s.lan.aliases = [{ ip: '192.168.0.1', mask: '255.255.0.0' }]; })[0]).toContain('lan:1 and lan share');
  });

  it('refuse addresses that no host can have', () => {
    expect(change(s => { s.lan.ip = '192.168.1.0'; })[0]).toContain('is not an address');
    expect(change(s => { s.dmz.ip = '224.0.0.1'; })[0]).toContain('is not an address');
  });

  it('refuse a pool or a static lease outside the subnet, and one that stands twice', () => {
    expect(change(s => { s.lan.dhcp.poolStart = '192.168.1.200'; })[0]).toContain('does not fit');
    expect(change(s => { s.lan.dhcp.static = [{ mac: '00:a0:c5:01:23:45', ip: '10.0.0.1', name: '' }]; })[0]).toContain('is outside');
    expect(change(s => {
      s.lan.dhcp.static = [{ mac: '00:a0:c5:01:23:45', ip: '192.168.1.2', name: '' }, { mac: '00-A0-C5-01-23-45', ip: '192.168.1.3', name: '' }];
    })[0]).toContain('stands twice');
  });

  it('want a server to relay to', () => {
    expect(change(s => { s.lan.dhcp.mode = 'relay'; })[0]).toContain('needs the address');
  });
});
