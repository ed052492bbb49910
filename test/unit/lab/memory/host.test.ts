import { describe, expect, it } from 'vitest';
import { contentHash } from '../../../../lab/content.ts';
import { fetchOver } from '../../../../lab/memory/http-client.ts';
import { shell } from '../../../../lab/memory/shell.ts';
import { until } from '../../../../lab/memory/until.ts';
import * as dhcp from '../../../../sdk/wire/dhcp.ts';
import { createHash } from 'node:crypto';
import { ip, pair } from './pair.ts';

const bad = { loss: 0.05, delayMs: 10, jitterMs: 5, reorder: 0.05, heldMs: 15 };
const hash = (b: Uint8Array) => createHash('sha256').update(b).digest('hex');

describe('two virtual hosts on one wire', () => {
  it('ping each other after ARP, and say so as ping does', async () => {
    const { clock, a, b } = pair(1, { delayMs: 2 });
    const { output, code } = await until(clock, shell(a, ['ping', '-c', '3', '10.0.0.2']));
    expect(code).toBe(0);
    expect(output).toContain('PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.');
    // The first waits for ARP as well: two round trips.
    expect(output).toContain('64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=8.000 ms');
    expect(output).toContain('64 bytes from 10.0.0.2: icmp_seq=3 ttl=64 time=4.000 ms');
    expect(output).toContain('3 packets transmitted, 3 received, 0% packet loss');
    expect(b.ip.arp.list()).toEqual([{ ip: ip('10.0.0.1'), mac: a.ip.mac }]);
  });

  it('send large datagrams in fragments, which survive reordering', async () => {
    const { clock, a } = pair(2, { delayMs: 2, jitterMs: 10 });
    const { output } = await until(clock, shell(a, ['ping', '-c', '5', '-s', '20000', '10.0.0.2']));
    expect(output).toContain('20008 bytes from 10.0.0.2');
    expect(output).toContain('5 received');
  });

  it('are told when nobody has an address', async () => {
    const { clock, a } = pair(3);
    const { output, code } = await until(clock, shell(a, ['ping', '-c', '1', '-W', '5', '10.0.0.9']));
    expect(code).toBe(1);
    expect(output).toContain('From 10.0.0.1 icmp_seq=1 Destination Host Unreachable');
  });

  it('fetch a page', async () => {
    const { clock, a, b } = pair(4);
    b.startWeb();
    expect(await until(clock, shell(a, ['curl', '-s', 'http://10.0.0.2/']))).toEqual({ code: 0, output: 'lancell lab: this is b\nyou are 10.0.0.1\n' });
    expect((await until(clock, shell(a, ['curl', 'http://10.0.0.2:81/']))).output).toContain('curl: (7) Failed to connect to 10.0.0.2 port 81: Connection refused');
    clock.advance(5000);
    expect([a.tcp.size, b.tcp.size]).toEqual([0, 0]);
  });

  it('carry bulk data whole over a wire that loses, delays and reorders', async () => {
    for (const seed of [5, 6, 7]) {
      const { clock, a, b, wire } = pair(seed, bad);
      b.startWeb();
      const n = 400_000;
      const got = await until(clock, fetchOver(a.tcp, { address: ip('10.0.0.2'), port: 80, host: 'b', path: `/bytes/${n}` }));
      if (!got.ok) throw new Error(got.why);
      expect(got.body.length).toBe(n);
      expect(hash(got.body)).toBe(contentHash(n));
      expect(got.headers.get('x-sha256')).toBe(contentHash(n));
      expect(wire.toA.lost).toBeGreaterThan(0);
      const put = await until(clock, fetchOver(a.tcp, { address: ip('10.0.0.2'), port: 80, host: 'b', path: '/x', body: got.body }));
      expect(put.ok && new TextDecoder().decode(put.body)).toBe(`${contentHash(n)} ${n}\n`);
      clock.advance(60_000);
      expect([a.tcp.size, b.tcp.size]).toEqual([0, 0]);
    }
  });

  it('do the same thing again from the same seed', async () => {
    const go = async () => {
      const { clock, a, b, wire } = pair(8, bad);
      b.startWeb();
      await until(clock, fetchOver(a.tcp, { address: ip('10.0.0.2'), port: 80, host: 'b', path: '/bytes/100000' }));
      return [clock.now(), wire.toA.carried, wire.toA.lost, wire.toB.carried, wire.toB.lost];
    };
    expect(await go()).toEqual(await go());
  });

  it('give up on a wire that is cut', async () => {
    const { clock, a, b, wire } = pair(9);
    b.startWeb();
    wire.set({ loss: 1 });
    const { code, output } = await until(clock, shell(a, ['curl', 'http://10.0.0.2/']));
    expect([code, output]).toEqual([7, 'curl: (7) Failed to connect to 10.0.0.2 port 80: No route to host\n']);
  });

  it('see where a UDP port is closed', async () => {
    const { clock, a } = pair(10, { delayMs: 1 });
    const { output } = await until(clock, shell(a, ['traceroute', '-q', '1', '10.0.0.2']));
    expect(output).toMatch(/^traceroute to 10\.0\.0\.2 \(10\.0\.0\.2\), 30 hops max, 60 byte packets\n 1 {2}10\.0\.0\.2 \(10\.0\.0\.2\) {2}4\.000 ms\n$/);
  });

  it('echo UDP and TCP', async () => {
    const { clock, a, b } = pair(11, bad);
    b.startEcho();
    const back: number[] = [];
    const whole = new Promise<void>(done => {
      const sent = new Uint8Array(100_000).map((_, i) => i % 251);
      let at = 0;
      const more = () => { while (at < sent.length) { const n = c.write(sent.subarray(at, at + 8192)); if (n === 0) return; at += n; } c.end(); };
      const c = a.tcp.connect(ip('10.0.0.2'), 7, { connected: more, room: more, data: d => { back.push(...d); }, eof: done });
    });
    await until(clock, whole);
    expect(back.length).toBe(100_000);
    expect(back.every((v, i) => v === i % 251)).toBe(true);
  });

  it('resolve names through a server', async () => {
    const { clock, a, b } = pair(12);
    b.startNames();
    a.resolver.nameserver = ip('10.0.0.2');
    expect((await until(clock, shell(a, ['nslookup', 'inet1']))).output).toContain('Name:\tinet1\nAddress: 203.0.113.10\n');
    expect((await until(clock, shell(a, ['nslookup', '192.168.1.33']))).output).toContain('name = lan1.lab.');
    expect((await until(clock, shell(a, ['nslookup', 'nobody']))).output).toContain("** server can't find nobody: NXDOMAIN");
    expect((await until(clock, shell(a, ['curl', '-s', '-S', 'http://nobody/']))).code).toBe(6);
  });

  it('take a lease, renew it, and lose it', async () => {
    const { clock, a, b } = pair(13, { delayMs: 1 });
    a.ip.own = undefined;
    let serving = true;
    const seen: string[] = [];
    const port = b.udp.bind(dhcp.SERVER_PORT, {
      receive: d => {
        const m = dhcp.parse(d.data, 0, d.data.length);
        if (!m || !serving) return;
        seen.push(dhcp.typeName(m.type));
        const reply = dhcp.emit({
          ...m, op: dhcp.OP_REPLY, yiaddr: ip('10.0.0.50'), type: m.type === dhcp.DISCOVER ? dhcp.OFFER : dhcp.ACK,
          options: {
            [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(ip('10.0.0.2')), [dhcp.OPTION_SUBNET_MASK]: dhcp.ofAddresses(ip('255.255.255.0')),
            [dhcp.OPTION_ROUTER]: dhcp.ofAddresses(ip('10.0.0.2')), [dhcp.OPTION_DNS]: dhcp.ofAddresses(ip('10.0.0.2')), [dhcp.OPTION_LEASE_TIME]: dhcp.ofSeconds(100),
          },
        });
        port.send({ dst: d.src || 0xffff_ffff, dport: dhcp.CLIENT_PORT, data: reply });
      },
    });
    a.startDhcp();
    clock.advance(1000);
    expect(a.ip.own).toEqual({ address: ip('10.0.0.50'), bits: 24 });
    expect(a.resolver.nameserver).toBe(ip('10.0.0.2'));
    clock.advance(60_000);
    expect(seen).toEqual(['Discover', 'Request', 'Request']);
    expect((await until(clock, shell(a, ['ip', 'addr']))).output).toContain('inet 10.0.0.50/24 brd 10.0.0.255 scope global dynamic eth0');
    serving = false;
    clock.advance(200_000);
    expect(a.ip.own).toBeUndefined();
  });
});
