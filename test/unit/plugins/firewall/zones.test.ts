import { describe, expect, it } from 'vitest';
import { opening, profileAction } from '../../../../plugins/firewall/profile.ts';
import { STANDARD_ZONES, Zones } from '../../../../plugins/firewall/zones.ts';

const address = (link: number, zone: string) => ({ link, ip: link, bits: 24, name: zone.toLowerCase(), zone });

describe('zones', () => {
  it('come from addresses, from uplinks that have none yet, and from plugins, who go first', () => {
    const zones = new Zones();
    const sources = { addresses: [address(4, 'LAN'), address(5, 'DMZ')], uplinks: [{ zone: 'WAN', link: 3 } as const, { zone: 'CELL', link: 9 } as const], contributed: [{ name: 'GUEST', title: 'Guests', links: () => [5, 70] }] };
    expect(zones.update(sources)).toBe(true);
    expect([3, 4, 5, 9, 70, 8, -1, 1000].map((l) => zones.nameOf(l))).toEqual(['WAN', 'LAN', 'GUEST', 'CELL', 'GUEST', '', '', '']);
    expect(zones.linksOf('GUEST')).toEqual([5, 70]);
    expect(zones.linksOf('nowhere')).toEqual([]);
    expect(zones.update(sources)).toBe(false);
    expect(zones.update({ ...sources, contributed: [] })).toBe(true);
    expect([zones.nameOf(5), zones.nameOf(70)]).toEqual(['DMZ', '']);
  });

  it('has the card of a second slot (cellular2) in CELL before it has an address: it was taken for WAN', () => {
    const zones = new Zones();
    zones.update({ addresses: [], uplinks: [{ zone: 'WAN', link: 3 }, { zone: 'CELL', link: 9 }, { zone: 'CELL', link: 10 }], contributed: [] });
    expect([zones.linksOf('WAN'), zones.linksOf('CELL')]).toEqual([[3], [9, 10]]);
  });
});

const matrix = (profile: 'secure' | 'compat') => STANDARD_ZONES.map((from) => STANDARD_ZONES.map((to) => profileAction(profile, from, to) === 'permit' ? 'P' : 'D').join(''));

describe('profiles', () => {
  it('compat has the matrix of the LAN-Cell 2', () => {
    //                                    LAN WAN CELL DMZ WLAN VPN
    expect(matrix('compat')).toEqual(['PPPPPP', 'DDDPDP', 'DDDPDP', 'DPPDDP', 'DPPDDP', 'PPPPPP']);
  });
  it('secure lets nothing in from outside', () => {
    expect(matrix('secure')).toEqual(['PPPPPP', 'DDDDDD', 'DDDDDD', 'DPPDDD', 'DPPDDD', 'PPPPPP']);
  });
  it('a zone nobody knows may be reached from the LAN and reaches nothing', () => {
    expect([profileAction('compat', 'GUEST', 'WAN'), profileAction('secure', 'LAN', 'GUEST')]).toEqual(['drop', 'permit']);
  });
  it.each([
    ['secure', 'WAN', false, 6, 443, undefined], ['compat', 'WAN', false, 6, 443, 'HTTPS'], ['compat', 'DMZ', false, 6, 443, undefined],
    ['secure', 'WAN', false, 17, 68, 'BOOTP_CLIENT'], ['secure', 'WAN', false, 17, 53, undefined], ['secure', 'DMZ', false, 17, 53, 'DNS'],
    ['secure', 'WAN', false, 17, 500, undefined], ['secure', 'CELL', true, 17, 500, 'IKE'], ['secure', 'WAN', true, 50, 0, 'ESP'],
  ] as const)('%s, from %s, VPN %s: protocol %i port %i is %s', (profile, zone, vpn, proto, dport, name) => {
    expect(opening(profile, zone, vpn, proto, dport, false)).toBe(name);
  });
});
