/**
 * Who is in the lab and where. Both labs build exactly this:
 *
 *     lan1 ── port1 ─┐ LAN 192.168.1.0/24
 *                    ├─ router ── wan ── inet1 (198.51.100.1, and 203.0.113.10: web, DNS, echo)
 *     lan2 ── port2 ─┘    │
 *                         └─ port3 ── dmz1   DMZ 192.168.2.0/24
 *
 * and cards in slots, whose calls end at the carrier: inet1 by another way, which is 100.64.0.1 there (`carrier`).
 */
export type WireName = 'port1' | 'port2' | 'port3' | 'wan';
export type HostName = 'lan1' | 'lan2' | 'dmz1' | 'inet1';

export interface HostInfo {
  readonly name: HostName;
  /** The router's link that this host's wire ends in. */
  readonly wire: WireName;
  readonly role: 'lan' | 'dmz' | 'internet';
  readonly mac: string;
  /** On the wire; for a DHCP host what the router's static lease gives it. */
  readonly address: string;
  readonly bits: number;
  /** 'dhcp': asks the router; 'static': has it from the start. */
  readonly from: 'dhcp' | 'static';
  /** Its default gateway; inet1 has none, for it knows only its own wire: without NAT nothing comes back. */
  readonly gateway: string | undefined;
  /** Whom it asks for names. */
  readonly nameserver: string;
  /** Further addresses, on its loopback. */
  readonly also: readonly string[];
}

/** The internet server's own address; `inet1` resolves to it. */
export const SERVER = '203.0.113.10';

/** The carrier's end of all calls, and the network in which cards get their addresses (RFC 6598). */
export const CARRIER = '100.64.0.1';
export const CARD_NETWORK = '100.64.0.0/10';

export const hosts: readonly HostInfo[] = [
  { name: 'lan1', wire: 'port1', role: 'lan', mac: '02:1a:b0:00:01:01', address: '192.168.1.33', bits: 24, from: 'dhcp', gateway: '192.168.1.1', nameserver: '192.168.1.1', also: [] },
  { name: 'lan2', wire: 'port2', role: 'lan', mac: '02:1a:b0:00:01:02', address: '192.168.1.34', bits: 24, from: 'dhcp', gateway: '192.168.1.1', nameserver: '192.168.1.1', also: [] },
  { name: 'dmz1', wire: 'port3', role: 'dmz', mac: '02:1a:b0:00:02:01', address: '192.168.2.33', bits: 24, from: 'static', gateway: '192.168.2.1', nameserver: '192.168.2.1', also: [] },
  { name: 'inet1', wire: 'wan', role: 'internet', mac: '02:1a:b0:00:09:01', address: '198.51.100.1', bits: 24, from: 'static', gateway: undefined, nameserver: SERVER, also: [SERVER, CARRIER] },
];

/** The router's ends: name and MAC address of each wire. */
export const wires: readonly { readonly name: WireName; readonly mac: string; readonly host: HostName }[] = [
  { name: 'port1', mac: '02:1a:b0:00:00:01', host: 'lan1' },
  { name: 'port2', mac: '02:1a:b0:00:00:02', host: 'lan2' },
  { name: 'port3', mac: '02:1a:b0:00:00:03', host: 'dmz1' },
  { name: 'wan', mac: '02:1a:b0:00:00:09', host: 'inet1' },
];

/** What inet1's name server knows. `lan1` and `lan1.lab` are the same name. */
export const names: Readonly<Record<string, string>> = {
  inet1: SERVER, lan1: '192.168.1.33', lan2: '192.168.1.34', dmz1: '192.168.2.33', router: '192.168.1.1', gateway: '198.51.100.1', carrier: CARRIER,
};

/** What the router must be told to fit in, by plugin id. */
export const settings = {
  lan: {
    ports: { port1: 'lan', port2: 'lan', port3: 'dmz' },
    addresses: { lan: '192.168.1.1/24', dmz: '192.168.2.1/24' },
    leases: hosts.filter(h => h.from === 'dhcp').map(({ name, mac, address }) => ({ name, mac, ip: address })),
    pool: { first: '192.168.1.33', size: 128 },
  },
  cellular: { apn: 'internet' },
  wan: { link: 'wan', address: '198.51.100.2/24', gateway: '198.51.100.1', nameservers: [SERVER] },
} as const;

