import * as dhcp from '../../sdk/wire/dhcp.ts';

/** Option 121 stands before 3, as RFC 3442 wants it. */
const WISHES = Uint8Array.of(
  dhcp.OPTION_CLASSLESS_ROUTES, dhcp.OPTION_SUBNET_MASK, dhcp.OPTION_ROUTER, dhcp.OPTION_DNS, dhcp.OPTION_DOMAIN_NAME, dhcp.OPTION_MTU,
  dhcp.OPTION_NTP, dhcp.OPTION_RENEWAL_TIME, dhcp.OPTION_REBINDING_TIME,
);
/** The longest answer we take (octets with IP and UDP headers). */
const MOST = 1500;

export interface Request {
  readonly mac: Uint8Array;
  /** Told to the server when not empty. */
  readonly host: string;
  readonly xid: number;
  /** Since the client began to ask. */
  readonly secs: number;
  readonly type: number;
  readonly ciaddr: number;
  readonly options: dhcp.Options;
}

/** A client's message (RFC 2131 §4.4.1, table 5). */
export const compose = ({ mac, host, xid, secs, type, ciaddr, options }: Request): dhcp.Message => {
  const asks = type === dhcp.DISCOVER || type === dhcp.REQUEST;
  return {
    op: dhcp.OP_REQUEST, htype: 1, hops: 0, xid, secs: asks ? Math.min(0xffff, Math.max(0, Math.floor(secs))) : 0,
    // Without an address the router's stack takes broadcasts only (§4.1).
    broadcast: asks && ciaddr === 0,
    ciaddr, yiaddr: 0, siaddr: 0, giaddr: 0, chaddr: mac, sname: '', file: '', type,
    options: {
      [dhcp.OPTION_CLIENT_ID]: Uint8Array.of(1, ...mac),
      ...(asks ? { [dhcp.OPTION_PARAMETER_REQUEST]: WISHES, [dhcp.OPTION_MAX_SIZE]: dhcp.ofNumber16(MOST) } : {}),
      ...(asks && host ? { [dhcp.OPTION_HOST_NAME]: dhcp.ofText(host) } : {}),
      ...options,
    },
  };
};
