import { describe, expect, it } from 'vitest';
import { type IkeFlow, IkeHosts } from '../../../../plugins/nat/ike-hosts.ts';
import { Message } from '../../../../plugins/nat/ike-message.ts';

const ADDRESS = 0xc6336402;
const SERVER = 0xcb00714d;
const message = (m: Partial<Message>): Message => Object.assign(new Message(), m);
const cookie = (text: string): Message => message({ kind: 1, cookie: text });
const spi = (n: number): Message => message({ kind: 2, spi: n });
const rig = () => {
  const clashes: string[] = [];
  const hosts = new IkeHosts((flow, owner, c) => clashes.push(`${flow.host} ${owner.host} ${c}`));
  const begin = (host: number, port = 500): IkeFlow => {
    hosts.begin({ address: ADDRESS, alias: 30_000 + host, remote: SERVER, rport: port, port, host });
    return hosts.leaving(ADDRESS, 30_000 + host, SERVER, port)!;
  };
  return { hosts, clashes, begin, peer: (port = 500) => hosts.peer(ADDRESS, SERVER, port, port)! };
};

describe('hosts that share an IKE port', () => {
  it('are at most 1024 flows; more are not shared, and room comes with the end of one', () => {
    const { hosts, begin } = rig();
    for (let i = 0; i < 1024; i++) begin(i);
    expect([hosts.size, begin(1024)]).toEqual([1024, undefined]);
    hosts.end(ADDRESS, 30_005, SERVER, 500);
    expect([hosts.size, begin(1024)?.host]).toEqual([1023, 1024]);
    for (const f of hosts.list()) hosts.end(f.address, f.alias, f.remote, f.rport);
    expect([hosts.size, hosts.peer(ADDRESS, SERVER, 500, 500)]).toEqual([0, undefined]);
  });

  it('that have the port by themselves are none of them', () => {
    const { hosts } = rig();
    expect(hosts.begin({ address: ADDRESS, alias: 500, remote: SERVER, rport: 500, port: 500, host: 1 })).toBe(false);
  });

  it('a cookie of a host that is gone is free for the next one', () => {
    const { hosts, begin, peer, clashes } = rig();
    const one = begin(1);
    hosts.said(one, cookie('c'), 0);
    const two = begin(2);
    hosts.said(two, cookie('c'), 0);
    expect([clashes, hosts.known(peer(), cookie('c'), 0)]).toEqual([['2 1 c'], one]);
    hosts.end(ADDRESS, one.alias, SERVER, 500);
    expect(hosts.known(peer(), cookie('c'), 0)).toBeUndefined();
    hosts.said(two, cookie('c'), 0);
    expect(hosts.known(peer(), cookie('c'), 0)).toBe(two);
  });

  it('a host that uses many cookies of another one is told of once', () => {
    const { hosts, begin, clashes } = rig();
    const [one, two] = [begin(1), begin(2)];
    for (const c of ['c', 'd']) hosts.said(one, cookie(c), 0);
    for (const c of ['c', 'd', 'c', 'd']) hosts.said(two, cookie(c), 0);
    expect(clashes).toEqual(['2 1 c']);
  });

  it('an SPI stays with whom it was given to, and gives way to a new one after a minute without use only', () => {
    const { hosts, begin, peer } = rig();
    const one = begin(1, 4500);
    hosts.said(one, spi(-1), 0);
    for (let n = 0; n < 16; n++) expect(hosts.likely(peer(4500), spi(n), 0)).toBe(one);
    const two = begin(2, 4500);
    expect(hosts.likely(peer(4500), spi(16), 1)).toBeUndefined();
    hosts.said(one, spi(-2), 2);
    expect(hosts.likely(peer(4500), spi(16), 59_999)).toBe(one);
    expect([hosts.known(peer(4500), spi(16), 59_999), hosts.known(peer(4500), spi(0), 59_999)]).toEqual([undefined, one]);
    hosts.said(one, spi(-3), 59_999);
    expect(hosts.likely(peer(4500), spi(17), 60_000)).toBe(one);
    // SPI 0 was in use; 1 was not.
    expect([17, 0, 1].map(n => hosts.known(peer(4500), spi(n), 60_000)?.host)).toEqual([1, 1, undefined]);
    hosts.said(two, spi(-9), 60_001);
    expect(hosts.likely(peer(4500), spi(99), 60_002)).toBe(two);
  });

  it('what was learned goes over a reload', () => {
    const { hosts, begin } = rig();
    const one = begin(1, 4500);
    hosts.said(one, cookie('c'), 0);
    hosts.said(one, spi(-1), 0);
    hosts.likely(hosts.peer(ADDRESS, SERVER, 4500, 4500)!, spi(5), 0);
    const next = rig();
    for (const f of JSON.parse(JSON.stringify(hosts.list())) as IkeFlow[]) next.hosts.restore(f);
    next.begin(2, 4500);
    expect([next.hosts.known(next.peer(4500), cookie('c'), 0)?.host, next.hosts.known(next.peer(4500), spi(5), 0)?.host]).toEqual([1, 1]);
    next.hosts.end(ADDRESS, 30_001, SERVER, 4500);
    expect([next.hosts.known(next.peer(4500), cookie('c'), 0), next.hosts.known(next.peer(4500), spi(5), 0)]).toEqual([undefined, undefined]);
  });
});
