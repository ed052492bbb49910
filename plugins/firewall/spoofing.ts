import type { Counter, DeciderSpec, NewFlow } from '../../sdk/index.ts';
import { BROADCAST, broadcastOf, format4 } from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import * as icmp from '../../sdk/wire/icmp.ts';
import * as ipv4 from '../../sdk/wire/ipv4.ts';
import type { Addresses, Routes } from '../ip/contract.ts';
import { OUTSIDE, type Zones } from './zones.ts';

export interface SpoofingDeps {
  readonly addresses: Pick<Addresses, 'ownedBy'>;
  readonly routes: Pick<Routes, 'lookup'>;
  readonly zones: Pick<Zones, 'nameOf'>;
  /** Whether senders are looked at. */
  active(): boolean;
  /** Traffic of one direction may come in anywhere inside (triangle route). */
  asymmetric(): boolean;
  counter(name: string): Counter;
  attack(kind: 'ip spoofing' | 'smurf', flow: NewFlow, detail: string): void;
  /** Told of every flow, before it is judged. */
  forged(is: boolean): void;
  /** One was refused for its sender. */
  refused(flow: NewFlow): void;
}

/**
 * Senders that cannot be where their packets come from (RFC 2827, RFC 3704). Looked at before routing, since the router's own address as
 * a sender ends there; refused in slot `policy`, after those who know their own interfaces better.
 */
export function spoofingDeciders(deps: SpoofingDeps): readonly DeciderSpec[] {
  const refused = { drop: deps.counter('firewall: the sender does not belong where it comes from') };
  /** Of the flow that is decided now: '' or what is wrong. */
  let wrong = '';

  const check = (flow: NewFlow): string => {
    // Before it has an address a client has none to give; a server's answer may come in before there are routes.
    if (flow.src === 0 || flow.proto === ipv4.PROTO_UDP && (flow.dport === dhcp.CLIENT_PORT || flow.dport === dhcp.SERVER_PORT)) return '';
    if (deps.addresses.ownedBy(flow.src)) return "the router's own address";
    const way = deps.routes.lookup(flow.src);
    if (!way) return 'no routing entry';
    if (way.link === flow.inLink) return '';
    // Loose between uplinks (RFC 3704 §2.4): answers leave by the better one.
    const from = deps.zones.nameOf(flow.inLink);
    if (OUTSIDE.has(from) && OUTSIDE.has(deps.zones.nameOf(way.link))) return '';
    return deps.asymmetric() && !OUTSIDE.has(from) && !OUTSIDE.has(deps.zones.nameOf(way.link)) ? '' : `belongs to ${deps.zones.nameOf(way.link) || 'another interface'}`;
  };

  /** RFC 2644: of no use but to have many answer one who did not ask. Others see to it that it is neither answered nor forwarded. */
  const toEverybody = (dst: number): boolean => {
    if (dst === BROADCAST) return true;
    const way = deps.routes.lookup(dst);
    return way !== undefined && way.via === undefined && way.bits > 0 && way.bits < 31 && broadcastOf(dst, way.bits) === dst;
  };

  return [
    { slot: 'dnat', name: 'firewall.sender', order: 1, decide(flow) {
      wrong = deps.active() ? check(flow) : '';
      deps.forged(wrong !== '');
      if (wrong !== '') deps.attack('ip spoofing', flow, wrong);
      if (flow.proto === ipv4.PROTO_ICMP && deps.active() && flow.packet.buf[flow.packet.l4] === icmp.TYPE_ECHO && toEverybody(flow.dst)) deps.attack('smurf', flow, `to ${format4(flow.dst)}`);
      return undefined;
    } },
    { slot: 'policy', name: 'firewall.spoofing', order: 45,
      decide(flow) {
        if (flow.local || wrong === '') return undefined;
        deps.refused(flow);
        return refused;
      },
      explain: (flow) => `${format4(flow.src)} does not belong where it comes from: ${wrong}` },
  ];
}
