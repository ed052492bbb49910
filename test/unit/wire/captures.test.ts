import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { format4, formatMac } from '../../../sdk/wire/address.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import { describe as oneLine } from '../../../sdk/wire/describe.ts';
import * as dns from '../../../sdk/wire/dns.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as icmp from '../../../sdk/wire/icmp.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as tcp from '../../../sdk/wire/tcp.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import { guarded, marked, toHex } from './bytes.ts';
import { capture, captureFiles, type Frame, frames, haveCaptures } from './captures.ts';
import { headers, messages } from './every-parser.ts';

const files = captureFiles('ip', 'dhcp', 'malformed');
const title = haveCaptures ? `captures: ${files.length} files` : 'captures: 0 files, LANCELL_CAPTURES is not set';

const ETHERNET = 1;

/** Where the IP datagram begins and ends, or undefined. */
function ipOf(frame: Frame): { at: number; end: number } | undefined {
  const { bytes } = frame;
  let at = 0;
  if (frame.linkType === ETHERNET) {
    if (!ethernet.fits(bytes, 0, bytes.length) || ethernet.etherType(bytes, 0) !== ethernet.TYPE_IPV4) return undefined;
    at = ethernet.HEADER;
  } else if (frame.linkType !== 101 && frame.linkType !== 228) return undefined;
  return ipv4.fits(bytes, at, bytes.length) ? { at, end: at + ipv4.totalLen(bytes, at) } : undefined;
}

/** The UDP payloads of a capture that come from or go to one of these ports. */
function payloads(path: string, ...ports: number[]): { bytes: Uint8Array; from: number; to: number }[] {
  return capture(path).flatMap((frame) => {
    const ip = ipOf(frame);
    const { bytes } = frame;
    if (!ip || ipv4.protocol(bytes, ip.at) !== ipv4.PROTO_UDP || ipv4.isFragment(bytes, ip.at)) return [];
    const l4 = ip.at + ipv4.headerLen(bytes, ip.at);
    if (!udp.fits(bytes, l4, ip.end) || !(ports.includes(udp.srcPort(bytes, l4)) || ports.includes(udp.dstPort(bytes, l4)))) return [];
    return [{ bytes, from: l4 + udp.HEADER, to: l4 + udp.length(bytes, l4) }];
  });
}

/** Which checksum of a whole IPv4 packet is wrong. */
function wrongSum(frame: Frame): string | undefined {
  const ip = ipOf(frame);
  if (!ip) return undefined;
  const { bytes } = frame;
  if (!ipv4.checksumOk(bytes, ip.at)) return 'ip';
  if (ipv4.isFragment(bytes, ip.at)) return undefined;
  const l4 = ip.at + ipv4.headerLen(bytes, ip.at);
  const [src, dst] = [ipv4.src(bytes, ip.at), ipv4.dst(bytes, ip.at)];
  switch (ipv4.protocol(bytes, ip.at)) {
    case ipv4.PROTO_TCP: return tcp.fits(bytes, l4, ip.end) && !tcp.checksumOk(bytes, l4, ip.end, src, dst) ? 'tcp' : undefined;
    case ipv4.PROTO_UDP: return udp.fits(bytes, l4, ip.end) && !udp.checksumOk(bytes, l4, src, dst) ? 'udp' : undefined;
    case ipv4.PROTO_ICMP: return icmp.fits(bytes, l4, ip.end) && !icmp.checksumOk(bytes, l4, ip.end) ? 'icmp' : undefined;
    default: return undefined;
  }
}

describe.skipIf(!haveCaptures)(title, () => {
  it('every parser takes every packet at every likely offset, within bounds', () => {
    let read = 0;
    for (const file of files) {
      for (const { bytes } of frames(file)) {
        const end = bytes.length;
        for (const at of [0, 14, 18, 28, 34, 42, 54]) {
          if (at > end) continue;
          const guard = guarded(bytes, at, end);
          for (const reader of Object.values(headers)) reader(guard, at, end);
          for (const reader of Object.values(messages)) reader(bytes, at, end);
        }
        read++;
      }
    }
    expect(read).toBeGreaterThan(700);
  });

  it('checksums verify, but for those that are wrong by design', () => {
    const wrong = new Map<string, number>();
    let right = 0;
    for (const file of captureFiles('ip', 'dhcp')) {
      for (const frame of frames(file)) {
        const which = wrongSum(frame);
        const key = `${basename(file)} ${which}`;
        if (which !== undefined) wrong.set(key, (wrong.get(key) ?? 0) + 1);
        else if (ipOf(frame)) right++;
      }
    }
    // dhcp.pcap was taken where the network card fills in the header checksum; dns-zlip has a UDP length of 8 over a longer payload.
    expect(Object.fromEntries(wrong)).toEqual({
      'ip4-bad-chksum.pcap ip': 1, 'ip4-tcp-bad-chksum.pcap tcp': 1, 'ip4-icmp-bad-chksum.pcap icmp': 1,
      'test_fragroute.pcap ip': 2, 'test_fragroute.pcap tcp': 1, 'dhcp.pcap ip': 2, 'malformed_dns.pcap udp': 2,
      'dns-zlip-1.pcap udp': 1, 'dns-zlip-2.pcap udp': 1,
    });
    expect(right).toBeGreaterThan(600);
  });

  it('one changed octet is seen by a checksum', () => {
    const frame = capture('ip/test_fragroute.pcap')[0]!;
    expect(wrongSum(frame)).toBeUndefined();
    for (let at = ethernet.HEADER; at < frame.bytes.length; at++) {
      const bytes = frame.bytes.slice();
      bytes[at]! ^= 0x10;
      const changed = { ...frame, bytes };
      if (ipOf(changed)) expect(wrongSum(changed)).toBeDefined();
    }
  });

  it('IP, UDP and TCP headers come back octet for octet when written again', () => {
    let written = 0;
    for (const frame of captureFiles('ip', 'dhcp').flatMap(frames)) {
      const ip = ipOf(frame);
      const { bytes } = frame;
      if (!ip || ipv4.headerLen(bytes, ip.at) !== ipv4.HEADER || wrongSum(frame) || (ipv4.flagsFragment(bytes, ip.at) & ~ipv4.FLAG_DF) !== 0) continue;
      const out = marked(bytes.length);
      ipv4.write(out, ip.at, {
        src: ipv4.src(bytes, ip.at), dst: ipv4.dst(bytes, ip.at), proto: ipv4.protocol(bytes, ip.at), totalLen: ipv4.totalLen(bytes, ip.at),
        ttl: ipv4.ttl(bytes, ip.at), id: ipv4.id(bytes, ip.at), df: ipv4.dontFragment(bytes, ip.at), tos: ipv4.tos(bytes, ip.at),
      });
      const l4 = ip.at + ipv4.HEADER;
      expect(toHex(out.subarray(ip.at, l4))).toBe(toHex(bytes.subarray(ip.at, l4)));
      out.set(bytes.subarray(l4, ip.end), l4);
      if (ipv4.protocol(bytes, ip.at) === ipv4.PROTO_UDP && udp.checksum(bytes, l4) !== 0) {
        udp.write(out, l4, udp.srcPort(bytes, l4), udp.dstPort(bytes, l4), udp.length(bytes, l4));
        udp.writeChecksum(out, l4, ipv4.src(bytes, ip.at), ipv4.dst(bytes, ip.at));
      }
      if (ipv4.protocol(bytes, ip.at) === ipv4.PROTO_TCP && tcp.urgent(bytes, l4) === 0) {
        tcp.write(out, l4, {
          sport: tcp.srcPort(bytes, l4), dport: tcp.dstPort(bytes, l4), seq: tcp.seq(bytes, l4), ack: tcp.ack(bytes, l4),
          flags: tcp.flags(bytes, l4), window: tcp.window(bytes, l4), dataOffset: tcp.dataOffset(bytes, l4),
        });
        tcp.writeChecksum(out, l4, ip.end, ipv4.src(bytes, ip.at), ipv4.dst(bytes, ip.at));
      }
      expect(toHex(out.subarray(l4, ip.end))).toBe(toHex(bytes.subarray(l4, ip.end)));
      written++;
    }
    expect(written).toBeGreaterThan(500);
  });

  it('fragments: offsets and flags of a large ping', () => {
    const seen = capture('ip/ipv4frags.pcap').map((frame) => {
      const { at } = ipOf(frame)!;
      return [ipv4.fragmentOffset(frame.bytes, at), ipv4.moreFragments(frame.bytes, at), ipv4.isFragment(frame.bytes, at)];
    });
    expect(seen).toEqual([[0, true, true], [976, false, true], [0, false, false]]);
  });

  it('ICMP errors: the packet inside, or nothing', () => {
    const insides = ['ip/icmp-destunreach-udp.pcap', 'ip/icmp-timeexceeded.pcap', 'ip/icmp-destunreach-no-context.pcap'].map((path) => {
      const frame = capture(path)[0]!;
      const ip = ipOf(frame)!;
      const inside = icmp.inner(frame.bytes, ip.at + 20, ip.end);
      return inside === undefined ? undefined : [ipv4.protocol(frame.bytes, inside), udp.dstPort(frame.bytes, inside + 20)];
    });
    expect(insides).toEqual([[17, 59207], [17, 13000], undefined]);
  });

  it('DHCP: discover, offer, request, ACK, each again from its parts', () => {
    const messagesOf = (path: string) => payloads(path, 67, 68).map(({ bytes, from, to }) => dhcp.parse(bytes, from, to));
    expect(messagesOf('dhcp/dhcp.pcap').map((m) => [dhcp.typeName(m?.type), m && formatMac(m.chaddr)])).toEqual(
      ['Discover', 'Offer', 'Request', 'ACK'].map((type) => [type, '00:0b:82:01:fc:42']));
    const [, offer] = messagesOf('dhcp/dhcp.pcap');
    expect([format4(offer!.yiaddr), dhcp.seconds(offer!.options, 51), dhcp.addresses(offer!.options, 54).map(format4)]).toEqual(['192.168.0.10', 3600, ['192.168.0.1']]);
    let again = 0;
    for (const file of ['dhcp', 'dhcp-nak', 'dhcp-option-33', 'dhcp-option-52-overload', 'dhcp_flood']) {
      for (const m of messagesOf(`dhcp/${file}.pcap`)) {
        expect(m).toBeDefined();
        const bytes = dhcp.emit(m!);
        expect(dhcp.parse(bytes, 0, bytes.length)).toEqual(m);
        again++;
      }
    }
    expect(again).toBe(4 + 9 + 5 + 8 + 500);
  });

  it('DHCP option overload is read from sname', () => {
    const [, , , offer] = payloads('dhcp/dhcp-option-52-overload.pcap', 67).map(({ bytes, from, to }) => dhcp.parse(bytes, from, to));
    expect([dhcp.addresses(offer!.options, dhcp.OPTION_DNS).map(format4), dhcp.text(offer!.options, dhcp.OPTION_DOMAIN_NAME), offer!.sname]).toEqual([['10.100.0.2'], 'evil.corp', '']);
  });

  it('DNS: queries, answers and updates come back; loops and forward pointers are refused', () => {
    let read = 0;
    for (const { bytes, from, to } of payloads('dhcp/dhcp-and-dyndns.pcap.gz', 53)) {
      const msg = dns.parse(bytes, from, to);
      expect(msg).toBeDefined();
      const out = dns.emit(msg!);
      expect(dns.parse(out, 0, out.length)).toEqual(msg);
      read++;
    }
    expect(read).toBeGreaterThan(10);
    for (const path of ['dhcp/dns-zlip-1.pcap', 'dhcp/dns-zlip-2.pcap']) {
      const { bytes } = capture(path)[0]!;
      expect(dns.parse(bytes, 42, bytes.length)).toBeUndefined();
    }
    for (const path of ['malformed/dns_fwdptr.pcap', 'dhcp/malformed_dns.pcap']) {
      const parsed = payloads(path, 53).map(({ bytes, from, to }) => dns.parse(bytes, from, to)?.response ?? 'malformed');
      expect(parsed).not.toContain(true);
    }
  });

  it('one line for every packet, and only printable text', () => {
    for (const frame of files.flatMap(frames)) {
      for (const framing of ['ether', 'ip'] as const) expect(oneLine(frame.bytes, 0, frame.bytes.length, framing)).toMatch(/^[\x20-\x7e]+$/);
    }
  });
});
