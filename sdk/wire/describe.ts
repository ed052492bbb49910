/** One line about a packet, in the manner of tcpdump, for traces and captures. Never throws, whatever the octets are. */
import { format4, formatMac } from './address.ts';
import * as arp from './arp.ts';
import * as dhcp from './dhcp.ts';
import * as dns from './dns.ts';
import * as ethernet from './ethernet.ts';
import * as icmp from './icmp.ts';
import * as ipv4 from './ipv4.ts';
import * as tcp from './tcp.ts';
import * as udp from './udp.ts';
import * as vlan from './vlan.ts';

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 6: 'TCP', 17: 'UDP', 47: 'GRE', 50: 'ESP', 51: 'AH' };
const TYPES: Readonly<Record<number, string>> = {
  [ethernet.TYPE_IPV6]: 'IPv6', [ethernet.TYPE_PPPOE_DISCOVERY]: 'PPPoE discovery', [ethernet.TYPE_PPPOE_SESSION]: 'PPPoE',
  [ethernet.TYPE_EAPOL]: 'EAPOL', [ethernet.TYPE_LLDP]: 'LLDP',
};
const RECORDS: Readonly<Record<number, string>> = { 1: 'A', 2: 'NS', 5: 'CNAME', 6: 'SOA', 12: 'PTR', 15: 'MX', 16: 'TXT', 28: 'AAAA', 33: 'SRV', 41: 'OPT', 65: 'HTTPS', 255: 'ANY' };
const RCODES = ['ok', 'FormErr', 'ServFail', 'NXDomain', 'NotImp', 'Refused'];
const UNREACHABLE = ['net', 'host', 'protocol', 'port', 'fragmentation needed', 'source route failed', 'net unknown', 'host unknown',
  'source isolated', 'net prohibited', 'host prohibited', 'net for TOS', 'host for TOS', 'admin prohibited', 'precedence', 'precedence cutoff'];
/** How many answers of a DNS message are shown. */
const SHOWN = 3;

/** The packet in [at, end); 'ether' begins with an Ethernet header, 'ip' with an IP header. */
export function describe(buf: Uint8Array, at: number, end: number, framing: 'ether' | 'ip'): string {
  if (framing === 'ip') return network(buf, at, end, end > at && buf[at]! >>> 4 === 6 ? ethernet.TYPE_IPV6 : ethernet.TYPE_IPV4, '');
  if (!ethernet.fits(buf, at, end)) return `Ethernet cut, len ${Math.max(0, end - at)}`;
  const macs = `${formatMac(buf, at + ethernet.SRC)} > ${formatMac(buf, at)}`;
  const type = ethernet.etherType(buf, at);
  const payload = at + ethernet.HEADER;
  if (type !== ethernet.TYPE_VLAN) return network(buf, payload, end, type, macs);
  if (!vlan.fits(buf, payload, end)) return `${macs} VLAN tag cut`;
  return `vlan ${vlan.vid(buf, payload)} ${network(buf, payload + vlan.HEADER, end, vlan.etherType(buf, payload), macs)}`;
}

function network(buf: Uint8Array, at: number, end: number, type: number, macs: string): string {
  if (type === ethernet.TYPE_IPV4) return datagram(buf, at, end);
  if (type === ethernet.TYPE_ARP) return resolution(buf, at, end);
  const name = type < ethernet.MIN_TYPE ? '802.3' : TYPES[type] ?? `type 0x${type.toString(16).padStart(4, '0')}`;
  return `${macs === '' ? '' : `${macs} `}${name}, len ${end - at}`;
}

function resolution(buf: Uint8Array, at: number, end: number): string {
  if (!arp.fits(buf, at, end)) return `ARP malformed, len ${end - at}`;
  const op = arp.op(buf, at);
  const [sender, target] = [format4(arp.spa(buf, at)), format4(arp.tpa(buf, at))];
  const gratuitous = arp.isGratuitous(buf, at) ? ' (gratuitous)' : '';
  if (op === arp.OP_REQUEST) return `ARP who-has ${target} tell ${sender}${gratuitous}`;
  return op === arp.OP_REPLY ? `ARP ${sender} is-at ${formatMac(buf, at + arp.SHA)}${gratuitous}` : `ARP op ${op} ${sender} > ${target}`;
}

function datagram(buf: Uint8Array, at: number, end: number): string {
  if (!ipv4.fits(buf, at, end)) return `IP malformed, len ${end - at}`;
  const proto = ipv4.protocol(buf, at);
  const total = ipv4.totalLen(buf, at);
  const [src, dst] = [format4(ipv4.src(buf, at)), format4(ipv4.dst(buf, at))];
  const head = `IP ${PROTOCOLS[proto] ?? `proto ${proto}`}`;
  const offset = ipv4.fragmentOffset(buf, at);
  const [l4, stop] = [at + ipv4.headerLen(buf, at), at + total];
  const fragment = ipv4.isFragment(buf, at) ? ` frag id ${ipv4.id(buf, at)} offset ${offset}${ipv4.moreFragments(buf, at) ? '+' : ''}` : '';
  if (offset > 0) return `${head} ${src} > ${dst}${fragment} len ${stop - l4}`;
  const more = fragment !== '';
  if (proto === ipv4.PROTO_TCP && tcp.fits(buf, l4, stop)) return `${head} ${ports(buf, l4, src, dst)}${segment(buf, l4, stop)}${fragment}`;
  if (proto === ipv4.PROTO_UDP && (more ? stop - l4 >= udp.HEADER : udp.fits(buf, l4, stop))) {
    return `${head} ${ports(buf, l4, src, dst)}${more ? fragment : application(buf, l4)} len ${udp.length(buf, l4) - udp.HEADER}`;
  }
  if (proto === ipv4.PROTO_ICMP && icmp.fits(buf, l4, stop)) return `${head} ${src} > ${dst} ${message(buf, l4, stop)} len ${stop - l4}${fragment}`;
  const known = proto === ipv4.PROTO_TCP || proto === ipv4.PROTO_UDP || proto === ipv4.PROTO_ICMP;
  return `${head} ${src} > ${dst}${fragment}${known && !more ? ' malformed' : ''} len ${stop - l4}`;
}

function ports(buf: Uint8Array, at: number, src: string, dst: string): string {
  return `${src}:${udp.srcPort(buf, at)} > ${dst}:${udp.dstPort(buf, at)}`;
}

function segment(buf: Uint8Array, at: number, end: number): string {
  const flags = tcp.flags(buf, at);
  const letters = [...'FSRP.UEW'].filter((_, bit) => (flags & (1 << bit)) !== 0).join('');
  const data = end - at - tcp.dataOffset(buf, at);
  const seq = tcp.seq(buf, at);
  const range = data > 0 ? `${seq}:${(seq + data) >>> 0}` : `${seq}`;
  const mss = (flags & tcp.SYN) !== 0 ? tcp.mss(buf, at) : undefined;
  return ` Flags [${letters || 'none'}], seq ${range}${(flags & tcp.ACK) !== 0 ? `, ack ${tcp.ack(buf, at)}` : ''}, win ${tcp.window(buf, at)}`
    + `${mss === undefined ? '' : `, mss ${mss}`}, len ${data}`;
}

function application(buf: Uint8Array, at: number): string {
  const [sport, dport] = [udp.srcPort(buf, at), udp.dstPort(buf, at)];
  const [from, to] = [at + udp.HEADER, at + udp.length(buf, at)];
  if (isDhcp(sport) && isDhcp(dport)) return lease(buf, from, to);
  return sport === dns.PORT || dport === dns.PORT ? lookup(buf, from, to) : '';
}

function isDhcp(port: number): boolean {
  return port === dhcp.SERVER_PORT || port === dhcp.CLIENT_PORT;
}

function lease(buf: Uint8Array, at: number, end: number): string {
  const msg = dhcp.parse(buf, at, end);
  if (!msg) return ' DHCP malformed';
  const address = msg.yiaddr || dhcp.address(msg.options, dhcp.OPTION_REQUESTED_ADDRESS) || msg.ciaddr;
  const client = msg.chaddr.length === 6 ? ` ${formatMac(msg.chaddr)}` : '';
  return ` DHCP ${dhcp.typeName(msg.type)}${client}${address ? ` ${format4(address)}` : ''} xid 0x${msg.xid.toString(16)}`;
}

function lookup(buf: Uint8Array, at: number, end: number): string {
  const msg = dns.parse(buf, at, end);
  if (!msg) return ' DNS malformed';
  const asked = msg.questions.slice(0, 1).map((q) => ` ${RECORDS[q.type] ?? `type ${q.type}`}? ${q.name || '.'}`).join('');
  if (!msg.response) return ` DNS ${msg.id}${msg.opcode === dns.OPCODE_UPDATE ? ' update' : ''}${asked}`;
  const more = msg.answers.length > SHOWN ? `, ${msg.answers.length - SHOWN} more` : '';
  const what = msg.rcode === dns.NOERROR ? '' : ` ${RCODES[msg.rcode] ?? `rcode ${msg.rcode}`}`;
  return ` DNS ${msg.id}${what}${msg.truncated ? ' truncated' : ''}${asked}${msg.answers.slice(0, SHOWN).map(record).join(',')}${more}`;
}

function record(r: dns.ResourceRecord): string {
  const name = RECORDS[r.type] ?? `type ${r.type}`;
  if (r.data.kind === 'address') return ` ${name} ${format4(r.data.address)}`;
  return r.data.kind === 'name' ? ` ${name} ${r.data.name || '.'}` : ` ${name}`;
}

function message(buf: Uint8Array, at: number, end: number): string {
  const type = icmp.type(buf, at);
  const code = icmp.code(buf, at);
  if (icmp.isEcho(type)) return `echo ${type === icmp.TYPE_ECHO ? 'request' : 'reply'} id ${icmp.id(buf, at)} seq ${icmp.seq(buf, at)}`;
  return `${problem(buf, at, type, code)}${embedded(buf, at, end)}`;
}

function problem(buf: Uint8Array, at: number, type: number, code: number): string {
  if (type === icmp.TYPE_UNREACHABLE) {
    const mtu = code === icmp.CODE_FRAGMENTATION_NEEDED ? `, mtu ${icmp.mtu(buf, at)}` : '';
    return `unreachable ${UNREACHABLE[code] ?? `code ${code}`}${mtu}`;
  }
  if (type === icmp.TYPE_TIME_EXCEEDED) return `time exceeded ${code === icmp.CODE_TTL ? 'in transit' : 'in reassembly'}`;
  if (type === icmp.TYPE_REDIRECT) return `redirect to ${format4(icmp.gateway(buf, at))}`;
  if (type === icmp.TYPE_PARAMETER_PROBLEM) return `parameter problem at ${icmp.pointer(buf, at)}`;
  return `type ${type} code ${code}`;
}

function embedded(buf: Uint8Array, at: number, end: number): string {
  const ip = icmp.inner(buf, at, end);
  if (ip === undefined) return '';
  const proto = ipv4.protocol(buf, ip);
  const [src, dst] = [format4(ipv4.src(buf, ip)), format4(ipv4.dst(buf, ip))];
  const l4 = ip + ipv4.headerLen(buf, ip);
  const ported = (proto === ipv4.PROTO_TCP || proto === ipv4.PROTO_UDP) && ipv4.fragmentOffset(buf, ip) === 0;
  return ` for ${PROTOCOLS[proto] ?? `proto ${proto}`} ${ported ? ports(buf, l4, src, dst) : `${src} > ${dst}`}`;
}
