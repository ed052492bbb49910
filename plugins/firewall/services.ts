import { ALL_PORTS, type PortRange, type Traffic } from './rules/model.ts';

export interface Service {
  readonly name: string;
  readonly traffic: readonly Traffic[];
}

const ICMP = 1;
const TCP = 6;
const UDP = 17;

const ports = (proto: number, from: number, to = from): Traffic => ({ proto, sport: ALL_PORTS, dport: { from, to } });
const tcp = (from: number, to = from): Traffic => ports(TCP, from, to);
const udp = (from: number, to = from): Traffic => ports(UDP, from, to);
const both = (from: number, to = from): readonly Traffic[] => [tcp(from, to), udp(from, to)];
const protocol = (proto: number): Traffic => ports(proto, 0, 0xffff);
const icmp = (type: number, code?: number): Traffic => ports(ICMP, type << 8 | (code ?? 0), type << 8 | (code ?? 255));

const table: Readonly<Record<string, readonly Traffic[]>> = {
  'Any TCP': [protocol(TCP)], 'Any UDP': [protocol(UDP)], 'Any ICMP': [protocol(ICMP)],
  AH: [protocol(51)], AIM: [tcp(5190)], AUTH: [tcp(113)], BGP: [tcp(179)], BOOTP_CLIENT: [udp(68)], BOOTP_SERVER: [udp(67)],
  'CU-SEEME': [...both(7648), ...both(24032)], DNS: both(53), ESP: [protocol(50)], FINGER: [tcp(79)], FTP: [tcp(20, 21)], GRE: [protocol(47)],
  'H.323': [tcp(1720)], HTTP: [tcp(80)], HTTPS: [tcp(443)], ICQ: [udp(4000)], IGMP: [protocol(2)], IKE: [udp(500)], IMAP4: [tcp(143)], IRC: both(6667), MSN: [tcp(1863)],
  NETBIOS: [...both(137, 139), ...both(445)], NEWS: [tcp(144)], NFS: [udp(2049)], NNTP: [tcp(119)], NTP: [udp(123)], PING: [icmp(8)], POP3: [tcp(110)],
  PPTP: [tcp(1723)], PPTP_TUNNEL: [protocol(47)], RCMD: [tcp(512)], 'REAL-AUDIO': [tcp(7070)], REXEC: [tcp(514)], RLOGIN: [tcp(513)], ROADRUNNER: both(1026), RTELNET: [tcp(107)], RTSP: both(554),
  SFTP: [tcp(115)], SIP: both(5060), SMTP: [tcp(25)], SNMP: both(161), 'SNMP-TRAPS': both(162), 'SQL-NET': [tcp(1521)], SSH: both(22), 'STRM WORKS': [udp(1558)],
  SYSLOG: [udp(514)], TACACS: [udp(49)], TELNET: [tcp(23)], TFTP: [udp(69)], VDOLIVE: [tcp(7000)], VPN_NAT: [udp(4500)],
  // Younger than the original; port numbers of the IANA registry unless noted.
  QUIC: [udp(443)], DOT: [tcp(853)], DOQ: [udp(853)], SMTPS: [tcp(465)], SUBMISSION: [tcp(587)], IMAPS: [tcp(993)], POP3S: [tcp(995)], LDAP: both(389), LDAPS: [tcp(636)], KERBEROS: both(88),
  // WireGuard and PostgreSQL document these as their defaults.
  WIREGUARD: [udp(51820)], OPENVPN: both(1194), L2TP: [udp(1701)], RDP: both(3389), VNC: [tcp(5900, 5903)], SMB: [tcp(445)], RSYNC: [tcp(873)], GIT: [tcp(9418)],
  SIPS: [tcp(5061)], STUN: both(3478), TURNS: both(5349), MQTT: [tcp(1883)], MQTTS: [tcp(8883)], COAP: [udp(5683)], MODBUS: [tcp(502)], MYSQL: [tcp(3306)], POSTGRESQL: [tcp(5432)], REDIS: [tcp(6379)],
  MDNS: [udp(5353)], LLMNR: both(5355), SSDP: [udp(1900)], 'NAT-PMP': [udp(5351)], RADIUS: [udp(1812, 1813)], 'TACACS+': [tcp(49)], XMPP: [tcp(5222)], 'HTTP-ALT': [tcp(8080)], 'HTTPS-ALT': [tcp(8443)],
  TRACEROUTE: [udp(33434, 33523)], SCTP: [protocol(132)], OSPF: [protocol(89)], 'ICMP UNREACHABLE': [icmp(3)], 'ICMP TIME EXCEEDED': [icmp(11)],
};

/** What a rule can name without anybody having made it. */
export const predefined: readonly Service[] = Object.entries(table).map(([name, traffic]) => ({ name, traffic }));

/** Names are compared without regard to case. */
export const serviceKey = (name: string): string => name.toLowerCase();

/** For RuleEnv: predefined and own services by name. */
export function serviceTable(own: readonly Service[]): Map<string, readonly Traffic[]> {
  return new Map([...predefined, ...own].map(s => [serviceKey(s.name), s.traffic]));
}

const protocols: Readonly<Record<string, number>> = { icmp: ICMP, igmp: 2, tcp: TCP, udp: UDP, gre: 47, esp: 50, ah: 51, ospf: 89, sctp: 132 };

const portRange = (text: string): PortRange | string => {
  const m = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!m) return `'${text}' is no port and no range like 80-90`;
  const range = { from: Number(m[1]), to: Number(m[2] ?? m[1]) };
  if (range.from > 0xffff || range.to > 0xffff) return 'ports end at 65535';
  return range.from > range.to ? `the range ${text} is inverted` : range;
};

/**
 * 'tcp/80', 'udp/5000-5100', 'tcp+udp/53', 'tcp/1024-65535>80' (source ports first), 'tcp', 'icmp', 'icmp/8', 'icmp/3/4' (type, code), 'gre', '47' (protocol
 * number). A string: what is wrong with it.
 */
export function parseTraffic(text: string): readonly Traffic[] | string {
  const [name = '', ...rest] = text.trim().toLowerCase().split('/');
  const numbers = name.split('+').map(n => Object.hasOwn(protocols, n) ? protocols[n]! : /^\d{1,3}$/.test(n) && Number(n) <= 255 ? Number(n) : -1);
  if (numbers.includes(-1)) return `'${name}' is no protocol: tcp, udp, icmp, … or a number from 0 to 255`;
  if (new Set(numbers).size < numbers.length) return `'${name}' names a protocol twice`;
  if (rest.length === 0) return numbers.map(protocol);
  if (numbers.every(n => n === ICMP)) return icmpTraffic(rest);
  if (rest.length > 1) return `'${text}' has too many '/'`;
  if (numbers.some(n => n !== TCP && n !== UDP && n !== protocols['sctp'])) return `${name} has no ports`;
  const halves = rest[0]!.split('>');
  if (halves.length > 2) return `'${text}' has too many '>'`;
  const sport = halves.length === 2 ? portRange(halves[0]!) : ALL_PORTS;
  const dport = halves.at(-1) === '' && halves.length === 2 ? ALL_PORTS : portRange(halves.at(-1)!);
  if (typeof sport === 'string') return sport;
  return typeof dport === 'string' ? dport : numbers.map(proto => ({ proto, sport, dport }));
}

function icmpTraffic(rest: readonly string[]): readonly Traffic[] | string {
  const numbers = rest.map(t => /^\d{1,3}$/.test(t) ? Number(t) : -1);
  if (rest.length > 2 || numbers.some(n => n < 0 || n > 255)) return `'icmp/${rest.join('/')}' is not icmp/type or icmp/type/code with numbers from 0 to 255`;
  return [icmp(numbers[0]!, numbers[1])];
}

const rangeText = (r: PortRange): string => r.from === r.to ? String(r.from) : `${r.from}-${r.to}`;
const whole = (r: PortRange): boolean => r.from === 0 && r.to === 0xffff;

/** What parseTraffic reads again. */
export function formatTraffic(t: Traffic): string {
  const name = Object.entries(protocols).find(([, n]) => n === t.proto)?.[0] ?? String(t.proto);
  if (whole(t.dport) && whole(t.sport)) return name;
  if (t.proto === ICMP) {
    const type = t.dport.from >> 8;
    return (t.dport.from & 255) === 0 && (t.dport.to & 255) === 255 ? `icmp/${type}` : `icmp/${type}/${t.dport.from & 255}`;
  }
  const source = whole(t.sport) ? '' : `${rangeText(t.sport)}>`;
  return `${name}/${source}${whole(t.dport) ? '' : rangeText(t.dport)}`;
}
