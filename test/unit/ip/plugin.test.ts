import { describe, expect, it } from 'vitest';
import { firstValueFrom, type Observable } from 'rxjs';
import type { Table, View } from '../../../sdk/index.ts';
import * as arp from '../../../sdk/wire/arp.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import { fragments } from '../../../sdk/wire/fragment.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import { Reassembly } from '../../../plugins/ip/reassembly.ts';
import { B, datagram, ip } from './packets.ts';
import { HOST, HOST_MAC, OWN, rig, WAN_OWN } from './rig.ts';

const echo = (size: number, type: number = icmp.TYPE_ECHO, id = 77, seq = 1) => {
  const m = Uint8Array.from({ length: 8 + size }, (_, i) => i & 0xff);
  icmp.writeEcho(m, 0, type, id, seq);
  icmp.writeChecksum(m, 0, m.length);
  return m;
};
const udpTo = (dport: number, size: number, src: number, dst: number) => {
  const u = new Uint8Array(8 + size);
  udp.write(u, 0, 5000, dport, u.length);
  udp.writeChecksum(u, 0, src, dst);
  return u;
};
const tcpTo = (dport: number, flags: number, src: number, dst: number, data = 0) => {
  const t = new Uint8Array(20 + data);
  tcp.write(t, 0, { sport: 4000, dport, seq: 1000, ack: 99, flags });
  tcp.writeChecksum(t, 0, t.length, src, dst);
  return t;
};
const fromHost = (data: Uint8Array, proto: number, dst: number, opts = {}) => datagram(data, { src: HOST, dst, proto, ...opts });
const fromWan = (data: Uint8Array, proto: number, dst: number, opts = {}) => datagram(data, { src: B, dst, proto, ...opts });
const text = (parts: readonly unknown[]) => parts.filter((p) => typeof p === 'string').join('\n');

describe('echo', () => {
  it('is answered for every own address, and with what was sent', async () => {
    const r = await rig();
    for (const dst of [OWN, WAN_OWN]) {
      r.frames.lan.length = 0;
      r.send('lan', fromHost(echo(100), 1, dst));
      const [f] = r.frames.lan;
      expect([ipv4.src(f!, 14), ipv4.dst(f!, 14), icmp.type(f!, 34), f!.length]).toEqual([dst, HOST, 0, 142]);
      expect(icmp.checksumOk(f!, 34, f!.length)).toBe(true);
      expect([...f!.subarray(38)]).toEqual([...echo(100).subarray(4)]);
      expect([...f!.subarray(0, 6)]).toEqual([...HOST_MAC]);
    }
  });

  it('is reassembled when big, and the answer is fragmented', async () => {
    const r = await rig();
    r.send('lan', fromHost(echo(8, icmp.TYPE_ECHO, 3), 1, OWN));
    r.frames.lan.length = 0;
    const parts = fragments(fromHost(echo(5000), 1, OWN, { id: 9 }), 1500).reverse();
    for (const f of parts) r.send('lan', f);
    const back = new Reassembly();
    const outcomes = r.frames.lan.map((f) => back.add(f, 14, 1, 0));
    expect(outcomes).toEqual(['held', 'held', 'held', 'whole']);
    const whole = new Uint8Array(back.wholeLen());
    back.write(whole, 0);
    expect(icmp.checksumOk(whole, 20, whole.length)).toBe(true);
    expect(whole.length).toBe(5028);
  });

  it('is not answered to a broadcast, nor when switched off', async () => {
    const r = await rig();
    r.send('lan', fromHost(echo(8), 1, ip('192.168.1.255')));
    r.send('lan', fromHost(echo(8), 1, 0xffffffff));
    expect(r.frames.lan).toEqual([]);
    expect(r.counts()['icmp: echo broadcast']).toBe(2);
    const off = await rig({ icmp: { echo: false } });
    off.send('lan', fromHost(echo(8), 1, OWN));
    expect(off.frames.lan).toEqual([]);
  });
});

describe('errors', () => {
  const error = (f: Uint8Array) => {
    expect(ipv4.checksumOk(f, 14) && icmp.checksumOk(f, 34, f.length)).toBe(true);
    return [ipv4.src(f, 14), ipv4.dst(f, 14), icmp.type(f, 34), icmp.code(f, 34)];
  };

  it('time exceeded quotes the packet and comes from the link towards the sender', async () => {
    const r = await rig();
    const packet = fromHost(udpTo(53, 30, HOST, B), 17, B);
    ipv4.setTtl(packet, 0, 1);
    ipv4.writeChecksum(packet, 0);
    r.send('lan', packet);
    expect(error(r.frames.lan[0]!)).toEqual([OWN, HOST, 11, 0]);
    expect([...r.frames.lan[0]!.subarray(42)]).toEqual([...packet]);
  });

  it('fragmentation needed tells the MTU of the way out, and is 576 octets at most', async () => {
    const r = await rig();
    r.send('lan', fromHost(udpTo(53, 1450, HOST, B), 17, B, { df: true }));
    expect(error(r.frames.lan[0]!)).toEqual([OWN, HOST, 3, 4]);
    expect(icmp.mtu(r.frames.lan[0]!, 34)).toBe(1400);
    expect(r.frames.lan[0]!.length).toBe(14 + 576);
    r.send('lan', fromHost(udpTo(53, 8, HOST, B), 17, B));
    r.frames.wan.length = 0;
    r.send('lan', fromHost(udpTo(53, 1450, HOST, B), 17, B));
    expect(r.frames.wan.map((f) => f.length - 14)).toEqual([1396, 102]);
  });

  it('net unreachable without a route, host unreachable when nobody answers ARP', async () => {
    const r = await rig();
    r.send('lan', fromHost(udpTo(53, 8, HOST, ip('198.51.100.77')), 17, ip('198.51.100.77')));
    expect(r.frames.lan).toEqual([]);
    r.clock.advance(3500);
    expect(error(r.frames.lan[0]!)).toEqual([OWN, HOST, 3, 1]);
    void r.defaultRoute.dispose();
    r.send('lan', fromHost(udpTo(53, 8, HOST, B), 17, B));
    expect(error(r.frames.lan[1]!)).toEqual([OWN, HOST, 3, 0]);
    expect(r.counts()['route: no route']).toBe(1);
  });

  it('closed ports: reset and port unreachable, or silence', async () => {
    const r = await rig();
    r.send('lan', fromHost(udpTo(7, 8, HOST, OWN), 17, OWN));
    expect(error(r.frames.lan[0]!)).toEqual([OWN, HOST, 3, 3]);
    r.send('lan', fromHost(tcpTo(23, tcp.SYN, HOST, OWN), 6, OWN));
    const rst = r.frames.lan[1]!;
    expect([tcp.srcPort(rst, 34), tcp.dstPort(rst, 34), tcp.flags(rst, 34), tcp.seq(rst, 34), tcp.ack(rst, 34)]).toEqual([23, 4000, tcp.RST | tcp.ACK, 0, 1001]);
    expect(tcp.checksumOk(rst, 34, rst.length, OWN, HOST)).toBe(true);
    const silent = await rig({ icmp: { closedPorts: 'silent' } });
    silent.send('lan', fromHost(udpTo(7, 8, HOST, OWN), 17, OWN));
    silent.send('lan', fromHost(tcpTo(23, tcp.SYN, HOST, OWN), 6, OWN));
    expect(silent.frames.lan).toEqual([]);
  });

  it('are never made about errors, later fragments, groups or resets', async () => {
    const r = await rig();
    const errors = r.services.get(Symbol.for('lancell:ip.errors')) as { unreachable(p: unknown, c: number): void; tcpReset(p: unknown): void };
    const about = (bytes: Uint8Array) => {
      const p = r.engine.pool.take()!;
      p.fill(bytes);
      errors.unreachable(p, 1);
      errors.tcpReset(p);
      r.engine.pool.free(p);
    };
    const quoted = new Uint8Array(40);
    icmp.writeError(quoted, 0, 3, 1);
    about(fromHost(quoted, 1, B));
    const unknownType = new Uint8Array(40).fill(200);
    about(fromHost(unknownType, 1, B));
    const later = fromHost(new Uint8Array(40), 17, B);
    ipv4.setFlagsFragment(later, 0, 5);
    about(later);
    about(fromHost(udpTo(1, 8, HOST, B), 17, ip('224.0.0.9')));
    about(fromHost(udpTo(1, 8, HOST, B), 17, ip('192.168.1.255')));
    about(datagram(udpTo(1, 8, HOST, B), { src: ip('127.0.0.1'), dst: B, proto: 17 }));
    about(datagram(udpTo(1, 8, HOST, B), { src: 0xffffffff, dst: B, proto: 17 }));
    about(new Uint8Array(11));
    r.settle();
    expect(r.frames.lan).toEqual([]);
    const reset = r.engine.pool.take()!;
    reset.fill(fromHost(tcpTo(80, tcp.RST, HOST, B), 6, B));
    errors.tcpReset(reset);
    r.settle();
    expect(r.frames.lan).toEqual([]);
  });

  it('are limited per peer', async () => {
    const r = await rig({ icmp: { perPeer: 5 } });
    r.send('lan', fromHost(echo(8), 1, OWN));
    r.frames.lan.length = 0;
    for (let i = 0; i < 40; i++) r.lanFar.send(Uint8Array.of(...r.links.byId(r.lan)!.mac, ...HOST_MAC, 8, 0, ...fromHost(udpTo(100 + i, 8, HOST, OWN), 17, OWN)));
    r.settle();
    expect(r.frames.lan).toHaveLength(5);
    expect(r.counts()['icmp: errors limited']).toBe(35);
  });

  it('tell of a reassembly that ran out of time', async () => {
    const r = await rig();
    r.send('lan', fragments(fromHost(udpTo(53, 3000, HOST, B), 17, B), 1500)[0]!);
    r.clock.advance(31_000);
    expect(error(r.frames.lan[0]!)).toEqual([OWN, HOST, 11, 1]);
    expect(r.counts()['reassembly: timed out']).toBe(1);
  });
});

describe('routing', () => {
  it('forwards, with ARP for the gateway, and does not forward directed broadcasts of other links', async () => {
    const r = await rig();
    r.send('lan', fromHost(udpTo(53, 8, HOST, B), 17, B));
    expect(r.frames.wan).toHaveLength(1);
    r.send('lan', fromHost(udpTo(53, 8, HOST, ip('198.51.100.255')), 17, ip('198.51.100.255')));
    r.send('lan', fromHost(udpTo(53, 8, HOST, ip('240.0.0.1')), 17, ip('240.0.0.1')));
    expect(r.frames.wan).toHaveLength(1);
    expect(r.counts()['route: directed broadcast']).toBe(1);
  });

  it('uses the next route when a link goes down, and the first again when it is back', async () => {
    const r = await rig();
    r.routes.add({ dest: 0, bits: 0, via: HOST, link: r.lan, metric: 5, name: 'backup' });
    expect(r.routes.lookup(B)?.name).toBe('wan default');
    const before = r.epochs.length;
    r.wanFar.setUp(false);
    r.settle();
    expect(r.routes.lookup(B)?.name).toBe('backup');
    r.wanFar.setUp(true);
    r.settle();
    expect(r.routes.lookup(B)?.name).toBe('wan default');
    expect(r.epochs.slice(before)).toEqual(['link wan is down', 'link wan is up']);
  });

  it('an address brings its route and its answers, and takes them away', async () => {
    const r = await rig();
    const alias = r.addresses.add({ link: r.lan, ip: ip('10.5.0.1'), bits: 16, name: 'lan:1', zone: 'LAN' });
    expect(r.routes.lookup(ip('10.5.7.7'))).toMatchObject({ link: r.lan, metric: 0, name: 'connected lan:1' });
    void alias.dispose();
    void alias.dispose();
    expect(r.routes.lookup(ip('10.5.7.7'))?.name).toBe('wan default');
    expect(r.addresses.onLink(r.lan).map((a) => a.name)).toEqual(['lan']);
  });
});

describe('verbs', () => {
  const rows = (t: unknown) => (t as Table).rows;

  it('ip stroute: load, config, save; entries 1 and 2 are read-only', async () => {
    const r = await rig();
    await expect(r.run('ip stroute load 1')).rejects.toThrow('reserved for the default route of WAN');
    await expect(r.run('ip stroute config name x')).rejects.toThrow('load');
    for (const line of ['ip stroute load 3', 'ip stroute config name head office', 'ip stroute config destination 10.0.0.0', 'ip stroute config mask 255.0.0.0', 'ip stroute config gateway 192.168.1.33', 'ip stroute config metric 3', 'ip stroute save']) await r.run(line);
    expect(rows((await r.run('ip stroute display')).reply)).toEqual([
      [1, 'WAN (reserved)', 'yes', '0.0.0.0', '0.0.0.0', '198.51.100.1', 1, null, 'in use'],
      [2, 'CELLULAR (reserved)', 'no', '0.0.0.0', '0.0.0.0', null, null, null, 'no default route now'],
      [3, 'head office', 'yes', '10.0.0.0', '255.0.0.0', '192.168.1.33', 3, 'no', 'in use'],
    ]);
    expect(r.routes.lookup(ip('10.1.1.1'))).toMatchObject({ via: HOST, link: r.lan, metric: 3 });
    await r.run('ip stroute delete 3');
    expect(r.routes.lookup(ip('10.1.1.1'))?.name).toBe('wan default');
  });

  it('ip route add, lookup, drop', async () => {
    const r = await rig();
    await r.run('ip route add 10.0.0.0/8 192.168.1.33 4');
    expect((await r.run('ip route lookup 10.1.1.1')).reply).toMatchObject({ facts: { gateway: '192.168.1.33', interface: 'lan', source: '192.168.1.1', metric: 4 } });
    expect(r.save().routes).toMatchObject([{ link: 'p1', bits: 8, metric: 4 }]);
    await expect(r.run('ip route add 10.0.0.0/8 172.31.0.1')).rejects.toThrow('no gateway');
    await expect(r.run('ip route add 10.0.0.0/8 192.168.1.33 16')).rejects.toThrow('metric');
    await r.run('ip route drop 10.0.0.0/8');
    expect(rows((await r.run('ip route status')).reply).map((x) => x[4])).toEqual(['connected lan', 'connected wan', 'wan default']);
  });

  it('ip arp: leaf without argument prints the value; entries come and go', async () => {
    const r = await rig();
    expect((await r.run('ip arp ackGratuitous active')).reply).toBe('no');
    await r.run('ip arp ackGratuitous active yes');
    await r.run('ip arp ackGratuitous forceUpdate on');
    await r.run('ip arp attpret on');
    expect([(await r.run('ip arp ackGratuitous active')).reply, (await r.run('ip arp ackGratuitous forceUpdate')).reply, (await r.run('ip arp attpret')).reply]).toEqual(['yes', 'on', 'on']);
    await r.run('ip arp add 192.168.1.50 ether 00:A0:C5:01:02:03');
    expect(rows((await r.run('ip arp status enet0')).reply)).toEqual([['192.168.1.50', '00:a0:c5:01:02:03', 'lan', 'permanent', null]]);
    expect(r.engine.neighbours.lookup(r.lan, ip('192.168.1.50'))).toMatchObject({ mac: '00:a0:c5:01:02:03', permanent: true });
    await r.run('ip arp drop 192.168.1.50');
    expect(rows((await r.run('ip arp status')).reply)).toEqual([]);
    await expect(r.run('ip arp status moon')).rejects.toThrow("no interface 'moon'; there are lan, wan");
    await expect(r.run('ip arp add 172.31.0.1 ether 00:A0:C5:01:02:03')).rejects.toThrow('in no subnet');
  });

  it('ping writes a line per answer and ends with the figures', async () => {
    const r = await rig();
    r.lanFar.onFrame = ((inner) => (f: Uint8Array) => {
      inner?.(f);
      if (ethernet.etherType(f, 0) !== ethernet.TYPE_IPV4 || icmp.type(f, 34) !== icmp.TYPE_ECHO) return;
      const answer = f.slice(14);
      ipv4.setSrc(answer, 0, HOST);
      ipv4.setDst(answer, 0, OWN);
      ipv4.writeChecksum(answer, 0);
      icmp.setType(answer, 20, icmp.TYPE_ECHO_REPLY);
      icmp.writeChecksum(answer, 20, answer.length);
      setTimeoutFree(() => r.send('lan', answer));
    })(r.lanFar.onFrame);
    const setTimeoutFree = (fn: () => void) => void r.clock.after(1, fn);
    const done = r.run('ping 192.168.1.33 3');
    for (let i = 0; i < 40; i++) { r.clock.advance(100); await Promise.resolve(); await Promise.resolve(); await Promise.resolve(); }
    const { reply, written } = await done;
    expect(reply).toMatchObject({ facts: { sent: 3, received: 3, lost: '0 %' } });
    expect(written).toHaveLength(4);
    expect(text(written)).toContain('64 octets from 192.168.1.33: seq=3 ttl=64');
  });

  it('traceroute reads who answers, and ^C ends a ping', async () => {
    const r = await rig();
    const hop = ip('203.0.113.1');
    r.wanFar.onFrame = ((inner) => (f: Uint8Array) => {
      inner?.(f);
      if (ethernet.etherType(f, 0) !== ethernet.TYPE_IPV4 || ipv4.protocol(f, 14) !== 17) return;
      const there = ipv4.ttl(f, 14) > 1;
      const body = new Uint8Array(8 + 28);
      icmp.writeError(body, 0, there ? 3 : 11, there ? 3 : 0);
      body.set(f.subarray(14, 42), 8);
      icmp.writeChecksum(body, 0, body.length);
      void r.clock.after(1, () => r.send('wan', datagram(body, { src: there ? B : hop, dst: WAN_OWN, proto: 1 })));
    })(r.wanFar.onFrame);
    const done = r.run('ip traceroute 203.0.113.10');
    for (let i = 0; i < 40; i++) { r.clock.advance(50); await Promise.resolve(); await Promise.resolve(); }
    const { written } = await done;
    expect(written).toHaveLength(3);
    expect(written[1]).toMatch(/^ 1 {2}203\.0\.113\.1 /);
    expect(written[2]).toMatch(/^ 2 {2}203\.0\.113\.10 /);

    const stop = new AbortController();
    const ping = r.run('ping 203.0.113.10 100', stop.signal);
    await Promise.resolve();
    stop.abort();
    expect((await ping).reply).toMatchObject({ facts: { sent: 0 } });
    await expect(r.run('ip extping 203.0.113.10 -x 3')).rejects.toThrow('options are');
  });
});

it('a conflict is logged and told', async () => {
  const r = await rig();
  const f = new Uint8Array(42);
  ethernet.write(f, 0, ethernet.BROADCAST, HOST_MAC, ethernet.TYPE_ARP);
  arp.write(f, 14, { op: 1, sha: HOST_MAC, spa: OWN, tha: ethernet.ZERO, tpa: OWN });
  r.lanFar.send(f);
  r.lanFar.send(f.subarray(0, 30));
  r.settle();
  expect(r.warnings).toEqual(['somebody else uses our address']);
  expect(r.counts()['arp: malformed']).toBe(1);
});

it('what a reload carries keeps neighbours in use', async () => {
  const r = await rig();
  r.send('wan', fromWan(udpTo(7, 8, B, HOST), 17, HOST));
  const saved = r.save();
  expect(saved.neighbours.map((n) => [n.ip, n.mac])).toEqual([[HOST, '02:00:00:00:00:21']]);
  const again = await rig({}, structuredClone(saved));
  expect((await again.run('ip arp status')).reply).toMatchObject({ rows: [['192.168.1.33', '02:00:00:00:00:21', 'lan', 'known', 0]] });
});

it('panels show the tables as data', async () => {
  const r = await rig();
  expect(r.panels.map((p) => p.path)).toEqual(['home/sessions', 'advanced/static-route', 'network/arp']);
  const [sessions, ...pages] = r.panels;
  expect(sessions!.view()).toMatchObject({ kind: 'chart', series: ['sessions'], live: true, windowSec: 3600 });
  for (const p of pages) expect(await firstValueFrom(p.view() as Observable<View>)).toMatchObject({ kind: 'stack' });
});

it('unloading leaves nothing in its scope', async () => {
  const r = await rig();
  await r.scope.dispose();
  expect(r.scope.live).toEqual([]);
  expect(r.verbs.size).toBe(0);
});
