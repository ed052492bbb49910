import * as esp from '../../sdk/wire/esp.ts';
import * as isakmp from '../../sdk/wire/isakmp.ts';

export const Kind = { Other: 0, Ike: 1, Esp: 2 } as const;

/** What a datagram on port 500 or 4500 says of whose it is. One object is filled again and again: on port 4500 whole tunnels go by. */
export class Message {
  kind: number = Kind.Other;
  /** Of IKE. */
  cookie = '';
  /** The security association has no responder yet. */
  first = false;
  /** Asks for new keys, perhaps for a new cookie (IKEv2). */
  rekeys = false;
  /** Proves nothing about whose the cookie is. */
  notice = false;
  /** Of ESP, as a signed number. */
  spi = 0;

  /** The datagram's data buf[at, end), of a flow on `port`. */
  read(buf: Uint8Array, at: number, end: number, port: number): this {
    this.kind = Kind.Other;
    let ike = at;
    if (port === isakmp.PORT_NAT_T) {
      if (!isakmp.marked(buf, at, end)) {
        if (!esp.fits(buf, at, end)) return this; // a keepalive, RFC 3948 §2.3
        this.kind = Kind.Esp;
        this.spi = esp.spi(buf, at) | 0;
        return this;
      }
      ike += isakmp.MARKER;
    }
    if (!isakmp.fits(buf, ike, end)) return this;
    this.kind = Kind.Ike;
    this.cookie = isakmp.initiator(buf, ike);
    this.first = isakmp.isFirst(buf, ike);
    this.notice = isakmp.isNotice(buf, ike);
    this.rekeys = isakmp.version(buf, ike) === 2 && isakmp.exchange(buf, ike) === isakmp.CREATE_CHILD_SA && !isakmp.isResponse(buf, ike);
    return this;
  }
}
