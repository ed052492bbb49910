import { packetSocket, type PacketSocketOptions } from '../../kernel/links/packet-socket.ts';
import { RealClock } from '../../kernel/clock.ts';
import type { Clock } from '../../sdk/index.ts';
import { labCards } from '../carrier/lab-cards.ts';
import type { Gateway } from '../carrier/network.ts';
import type { Lab } from '../lab.ts';
import { hosts, settings, wires } from '../topology.ts';
import { foreignPacketSocket } from './foreign-socket.ts';
import { CARRIER_LINK, CarrierGateway } from './gateway.ts';
import { startNetwork, type Network } from './network.ts';
import type { Probe } from './probe.ts';
import { inUserNamespace } from './user-namespace.ts';

export interface NamespaceLabOptions {
  /** 'static': no DHCP client is started, hosts get their addresses from us. Default 'dhcp'. */
  readonly addresses?: 'dhcp' | 'static';
  /** Which client, by its name in dhcp-client.ts; default: the first that is installed. */
  readonly dhcpClient?: 'udhcpc' | 'busybox udhcpc' | 'dhclient';
  /** Hosts on the LAN look at pages now and then. Default true. */
  readonly traffic?: boolean;
  /** The compiled servers.js, where it is not beside this file. */
  readonly program?: string;
  /** The router's. */
  readonly clock?: Clock;
  /** Of the cellular network; default 1. */
  readonly seed?: number;
  /** A card that is in slot 1 from the start; default none. */
  readonly card?: string;
}

/** How far away the internet is from a card, each way (ms). */
const RADIO_MS = 40;

/** Real Linux hosts in namespaces. `found` is what probe() said. exec also takes `router`: where its ends of the wires are (tcpdump). */
export function namespaceLab(found: Probe & { readonly ok: true }, opts: NamespaceLabOptions = {}): Lab {
  let network: Network | undefined;
  let gateway: CarrierGateway | undefined;
  const cards = labCards({ clock: opts.clock ?? new RealClock(), seed: opts.seed ?? 1, delayMs: RADIO_MS });
  const running = (): Network => {
    if (!network) throw new Error('the lab has not been started');
    return network;
  };
  return {
    kind: 'namespace', why: found.why, hosts, settings, cards,
    get notes() { return [...found.notes, ...network?.notes ?? []]; },
    links: wires.map(({ name }) => ({ name, open: host => packetSocket(socketOptions(name, running().router.netns))(host) })),
    start: async () => {
      if (network) return;
      network = await startNetwork(opts);
      const { netns } = network.router;
      // It has a thread of its own, and so waits for the first packet of a card.
      const way: Gateway = {
        fromCards: packet => {
          gateway ??= new CarrierGateway(socketOptions(CARRIER_LINK, netns), answer => way.toCards(answer));
          gateway.fromCards(packet);
        },
        toCards: () => {},
      };
      cards.carrier.connect(way);
      if (opts.card !== undefined) cards.rack.insert(cards.shelf.card(opts.card));
    },
    exec(host, argv) {
      const holder = running().holders.get(host);
      if (!holder) throw new Error(`no host "${host}" in the lab; there are ${hosts.map(h => h.name).join(', ')}`);
      if (argv.length === 0) throw new Error('what is to be run?');
      return { spawn: [...holder.outside, ...argv], inside: [...holder.inside, ...argv] };
    },
    stop: async () => {
      const n = network;
      network = undefined;
      cards.rack.stop();
      gateway?.close();
      gateway = undefined;
      await n?.stop();
    },
  };
}

/** Root goes into the namespace and back; in a user namespace there is no way back, and a thread must go instead. */
const socketOptions = (name: string, netns: string): PacketSocketOptions => inUserNamespace()
  ? { name, device: name, hush: false, socket: () => foreignPacketSocket(netns) }
  : { name, device: name, netns };
