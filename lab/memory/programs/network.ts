import * as address from '../../../sdk/wire/address.ts';
import type { Program } from './program.ts';

/** nslookup name|address */
export const nslookup: Program = async (host, args, say) => {
  const target = args[0];
  if (target === undefined || host.resolver.nameserver === undefined) {
    say(target === undefined ? 'usage: nslookup name' : ';; no servers could be reached');
    return 1;
  }
  const ip = address.parse4(target);
  const found = ip === undefined ? await host.resolver.address(target) : await host.resolver.reverse(ip);
  const server = address.format4(host.resolver.nameserver);
  if (!found.ok && found.why === 'timeout') { say(';; connection timed out; no servers could be reached'); return 1; }
  say(`Server:\t\t${server}`);
  say(`Address:\t${server}#53`);
  say('');
  if (!found.ok) {
    say(`** server can't find ${target}: ${found.why === 'nxdomain' ? 'NXDOMAIN' : found.why === 'no address' ? 'No answer' : 'SERVFAIL'}`);
    return 1;
  }
  if (ip !== undefined) { say(`${args[0]}\tname = ${found.name}.`); return 0; }
  say('Non-authoritative answer:');
  say(`Name:\t${target}`);
  say(`Address: ${address.format4(found.address)}`);
  return 0;
};

/** ip addr | route | neigh (and their short forms) */
export const ip: Program = async (host, args, say) => {
  const what = args.find(a => !a.startsWith('-')) ?? '';
  const { own, gateway, also, mac, mtu, arp } = host.ip;
  if (what !== '' && 'address'.startsWith(what)) {
    say(`1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN`);
    for (const a of [0x7f00_0001, ...also]) say(`    inet ${address.format4(a)}/${a === 0x7f00_0001 ? 8 : 32} scope ${a === 0x7f00_0001 ? 'host' : 'global'} lo`);
    say(`2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu ${mtu} state UP`);
    say(`    link/ether ${address.formatMac(mac)} brd ff:ff:ff:ff:ff:ff`);
    if (own) say(`    inet ${address.formatPrefix(own)} brd ${address.format4(address.broadcastOf(own.address, own.bits))} scope global ${host.lease ? 'dynamic ' : ''}eth0`);
    return 0;
  }
  if (what !== '' && 'route'.startsWith(what)) {
    if (gateway !== undefined) say(`default via ${address.format4(gateway)} dev eth0`);
    if (own) say(`${address.format4(address.network(own.address, own.bits))}/${own.bits} dev eth0 proto kernel scope link src ${address.format4(own.address)}`);
    return 0;
  }
  if (what !== '' && 'neighbour'.startsWith(what)) {
    for (const e of arp.list()) say(`${address.format4(e.ip)} dev eth0 ${e.mac ? `lladdr ${address.formatMac(e.mac)} REACHABLE` : 'INCOMPLETE'}`);
    return 0;
  }
  say('usage: ip addr | ip route | ip neigh');
  return 1;
};

export const arp: Program = async (host, _args, say) => {
  say('Address                  HWtype  HWaddress           Flags Mask            Iface');
  for (const e of host.ip.arp.list()) {
    say(`${address.format4(e.ip).padEnd(24)} ${e.mac ? `ether   ${address.formatMac(e.mac)}   C` : '        (incomplete)       '}                     eth0`);
  }
  return 0;
};

/** dhcp renew | release: what a person does with udhcpc's signals. */
export const dhcp: Program = async (host, args, say) => {
  if (args[0] === 'release') host.release();
  else if (args[0] !== undefined && args[0] !== 'show') { say('usage: dhcp [show|release]'); return 1; }
  const l = host.lease;
  say(l ? `${address.formatPrefix(l.own)} from ${address.format4(l.server)} for ${l.time} s` : 'no lease');
  return 0;
};
