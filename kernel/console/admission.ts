import { contains, parse4, parsePrefix } from '../../sdk/wire/address.ts';
import type { Remote, ServiceName, Side } from './remote.ts';

/** How somebody came to a service. */
export interface Approach {
  /** The client's own address: '192.168.1.33', '::1'. */
  readonly from: string;
  /** Undefined: the rules about sides are not for this connection. 'none': no rule can let it in. */
  readonly side: Side | 'none' | undefined;
}

/** Whether the rules of remote management let a connection in. They are asked for each, before and after it is accepted. */
export function admits(remote: Remote, name: ServiceName, { from, side }: Approach): boolean {
  const { active, access, secureClientIp } = remote[name];
  if (!active) return false;
  // Whoever is on the router's own machine could change these rules; they must not shut him out.
  if (isLoopback(from)) return side === undefined || side === 'host';
  if (side === 'none' || (side !== undefined && !access.includes(side))) return false;
  if (secureClientIp === '0.0.0.0') return true;
  const only = parsePrefix(secureClientIp.includes('/') ? secureClientIp : `${secureClientIp}/32`);
  const address = parse4(from);
  return only !== undefined && address !== undefined && contains(only, address);
}

const isLoopback = (address: string): boolean => address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
