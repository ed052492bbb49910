import type { Link, LinkHost } from '../../sdk/link.ts';
import { format4 } from '../../sdk/wire/address.ts';
import type { Document } from '../config/document.ts';
import { check, libc } from '../links/ffi.ts';
import { NetDevice } from '../links/net-device.ts';
import { packetSocket } from '../links/packet-socket.ts';

/** socket(2), asm-generic. */
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2_000_000;

export interface Ports { readonly lan: readonly string[]; readonly dmz: readonly string[]; readonly wlan: readonly string[]; readonly wan: string; readonly take: boolean }

/** Links for real interfaces: port1, port2 … for the LAN side, wan. Throws when an interface is the host's own and `take` was not said. */
export function linksUp(ports: Ports): { links: { name: string; open: (host: LinkHost) => Link }[]; factory: Document } {
  const sides = [...ports.lan.map(d => [d, 'lan'] as const), ...ports.dmz.map(d => [d, 'dmz'] as const), ...ports.wlan.map(d => [d, 'wlan'] as const)];
  if (!ports.take) refuseOwn([...sides.map(([d]) => d), ports.wan]);
  const links = sides.map(([device], i) => ({ name: `port${i + 1}`, open: packetSocket({ device, name: `port${i + 1}`, promiscuous: true }) }));
  links.push({ name: 'wan', open: packetSocket({ device: ports.wan, name: 'wan' }) });
  const roles = Object.fromEntries(sides.map(([, role], i) => [`port${i + 1}`, role]));
  return { links, factory: { format: 1, sections: { lan: { version: 1, settings: { ports: roles } } } } };
}

/** Whoever routes over an interface that carries the host's own address cuts the host off; also when its cable is out just now. */
function refuseOwn(devices: readonly string[]): void {
  const socket = check(libc().socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0), 'socket');
  try {
    for (const device of devices) {
      const own = new NetDevice(socket, device).address();
      if (own !== 0) throw new Error(`${device} carries this host's own address ${format4(own)}; routing over it cuts the host off there. Take the address away (ip addr flush dev ${device}), or say --take`);
    }
  } finally {
    libc().close(socket);
  }
}
