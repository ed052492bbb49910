import { describe, expect, it } from 'vitest';
import { parse4 } from '../../../sdk/wire/address.ts';
import * as arp from '../../../sdk/wire/arp.ts';
import { describe as oneLine } from '../../../sdk/wire/describe.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import * as dns from '../../../sdk/wire/dns.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import * as vlan from '../../../sdk/wire/vlan.ts';
import { hex } from './bytes.ts';

const a = (text: string) => parse4(text)!;
const [src, dst] = [a('192.168.1.33'), a('198.51.100.7')];
const mac = hex('00a0c501234f');

function ip(proto: number, payload: Uint8Array, flagsFragment = 0): Uint8Array {
  const buf = new Uint8Array(20 + payload.length);
  ipv4.write(buf, 0, { src, dst, proto, totalLen: buf.length, id: 7 });
  ipv4.setFlagsFragment(buf, 0, flagsFragment);
  buf.set(payload, 20);
  return buf;
}
function datagram(sport: number, dport: number, data: Uint8Array): Uint8Array {
  const buf = new Uint8Array(8 + data.length);
  udp.write(buf, 0, sport, dport, buf.length);
  buf.set(data, 8);
  return buf;
}
function frame(type: number, payload: Uint8Array): Uint8Array {
  const buf = new Uint8Array(14 + payload.length);
  ethernet.write(buf, 0, ethernet.BROADCAST, mac, type);
  buf.set(payload, 14);
  return buf;
}
const ofIp = (buf: Uint8Array) => oneLine(buf, 0, buf.length, 'ip');
const ofFrame = (buf: Uint8Array) => oneLine(buf, 0, buf.length, 'ether');

describe('one line about a packet', () => {
  it('ARP', () => {
    const buf = new Uint8Array(28);
    arp.write(buf, 0, { op: 1, sha: mac, spa: src, tha: ethernet.ZERO, tpa: a('192.168.1.1') });
    expect(ofFrame(frame(0x0806, buf))).toBe('ARP who-has 192.168.1.1 tell 192.168.1.33');
    arp.write(buf, 0, { op: 2, sha: mac, spa: src, tha: mac, tpa: src });
    expect(ofFrame(frame(0x0806, buf))).toBe('ARP 192.168.1.33 is-at 00:a0:c5:01:23:4f (gratuitous)');
    expect(ofFrame(frame(0x0806, buf.subarray(0, 20)))).toBe('ARP malformed, len 20');
  });

  it('TCP', () => {
    const syn = new Uint8Array(24);
    tcp.write(syn, 0, { sport: 50000, dport: 80, seq: 0x9000_0000, flags: tcp.SYN, window: 64240, dataOffset: 24 });
    tcp.writeMss(syn, 20, 1460);
    expect(ofIp(ip(6, syn))).toBe('IP TCP 192.168.1.33:50000 > 198.51.100.7:80 Flags [S], seq 2415919104, win 64240, mss 1460, len 0');
    const data = new Uint8Array(25);
    tcp.write(data, 0, { sport: 80, dport: 50000, seq: 0xffff_fffe, ack: 9, flags: tcp.ACK | tcp.PSH, window: 5 });
    expect(ofIp(ip(6, data))).toBe('IP TCP 192.168.1.33:80 > 198.51.100.7:50000 Flags [P.], seq 4294967294:3, ack 9, win 5, len 5');
    expect(ofIp(ip(6, data.subarray(0, 12)))).toBe('IP TCP 192.168.1.33 > 198.51.100.7 malformed len 12');
  });

  it('UDP, DHCP and DNS', () => {
    expect(ofIp(ip(17, datagram(5000, 5001, new Uint8Array(3))))).toBe('IP UDP 192.168.1.33:5000 > 198.51.100.7:5001 len 3');
    const discover = dhcp.emit({
      op: 1, htype: 1, hops: 0, xid: 0xabc, secs: 0, broadcast: true, ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: 0, chaddr: mac, sname: '', file: '', type: dhcp.DISCOVER,
      options: { [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(src) },
    });
    expect(ofIp(ip(17, datagram(68, 67, discover)))).toBe('IP UDP 192.168.1.33:68 > 198.51.100.7:67 DHCP Discover 00:a0:c5:01:23:4f 192.168.1.33 xid 0xabc len 300');
    const query = dns.query(4711, 'inet1', dns.TYPE_A);
    expect(ofIp(ip(17, datagram(4000, 53, dns.emit(query))))).toBe('IP UDP 192.168.1.33:4000 > 198.51.100.7:53 DNS 4711 A? inet1 len 23');
    const four = [1, 2, 3, 4].map((n) => ({ name: 'inet1', type: dns.TYPE_A, class: 1, ttl: 1, data: { kind: 'address', address: n } as const }));
    expect(ofIp(ip(17, datagram(53, 4000, dns.emit(dns.answer(query, 0, four)))))).toMatch(/DNS 4711 A\? inet1 A 0\.0\.0\.1, A 0\.0\.0\.2, A 0\.0\.0\.3, 1 more len \d+$/);
    expect(ofIp(ip(17, datagram(53, 4000, dns.emit(dns.answer(query, dns.NXDOMAIN, [])))))).toMatch(/DNS 4711 NXDomain A\? inet1 len 23$/);
    expect(ofIp(ip(17, datagram(53, 4000, Uint8Array.of(1))))).toMatch(/DNS malformed len 1$/);
  });

  it('ICMP, with the packet inside an error', () => {
    const echo = new Uint8Array(64);
    icmp.writeEcho(echo, 0, icmp.TYPE_ECHO, 1, 2);
    expect(ofIp(ip(1, echo))).toBe('IP ICMP 192.168.1.33 > 198.51.100.7 echo request id 1 seq 2 len 64');
    const error = new Uint8Array(8 + 28);
    icmp.writeError(error, 0, 3, 4, 1400);
    error.set(ip(17, datagram(4000, 53, new Uint8Array(900))).subarray(0, 28), 8);
    expect(ofIp(ip(1, error))).toBe('IP ICMP 192.168.1.33 > 198.51.100.7 unreachable fragmentation needed, mtu 1400 for UDP 192.168.1.33:4000 > 198.51.100.7:53 len 36');
  });

  it('fragments, other protocols, tags, other types, and what is cut', () => {
    expect(ofIp(ip(17, datagram(1, 2, new Uint8Array(8)), ipv4.FLAG_MF))).toBe('IP UDP 192.168.1.33:1 > 198.51.100.7:2 frag id 7 offset 0+ len 8');
    expect(ofIp(ip(17, new Uint8Array(8), 185))).toBe('IP UDP 192.168.1.33 > 198.51.100.7 frag id 7 offset 1480 len 8');
    expect(ofIp(ip(50, new Uint8Array(8)))).toBe('IP ESP 192.168.1.33 > 198.51.100.7 len 8');
    expect(ofIp(ip(132, new Uint8Array(8)))).toBe('IP proto 132 192.168.1.33 > 198.51.100.7 len 8');
    expect(ofIp(Uint8Array.of(0x60, 0))).toBe('IPv6, len 2');
    expect(ofIp(new Uint8Array(0))).toBe('IP malformed, len 0');
    expect(ofFrame(new Uint8Array(13))).toBe('Ethernet cut, len 13');
    expect(ofFrame(frame(0x88cc, new Uint8Array(4)))).toBe('00:a0:c5:01:23:4f > ff:ff:ff:ff:ff:ff LLDP, len 4');
    const room = new Uint8Array(64);
    const inner = frame(0x0800, ip(47, new Uint8Array(4)));
    room.set(inner, 4);
    expect(oneLine(room, vlan.push(room, 4, 5), 4 + inner.length, 'ether')).toBe('vlan 5 IP GRE 192.168.1.33 > 198.51.100.7 len 4');
    expect(ofFrame(frame(0x8100, new Uint8Array(3)))).toMatch(/VLAN tag cut$/);
  });
});
