/** What a card dials into. */
export interface Dialled {
  /** Lower case; empty on CDMA, where there is none. */
  readonly apn: string;
  /** The log-in that the card was told by command; undefined: none was. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** Whose call it is, for people: 'sim1'. */
  readonly caller: string;
  /** Octets for the card. False: no room, they are lost. */
  write(buf: Uint8Array, from: number, to: number): boolean;
  /** The network has ended it: the card says NO CARRIER. Called once, not after `hangUp`. */
  ended(why: string): void;
}

/** The far end of a call. */
export interface NetworkSide {
  /** Octets from the card, valid during the call. */
  take(buf: Uint8Array, from: number, to: number): void;
  /** The card has hung up, or lost the network. */
  hangUp(why: string): void;
}

/** A call that is not taken: the card's word for it, and the network's cause (TS 24.008 §10.5.6.6, 8 to 112), where it gave one. */
export interface Refusal { readonly final: string; readonly cause?: number }

/** Where calls lead. */
export type Network = (call: Dialled) => NetworkSide | Refusal;

/** The way from the carrier into the internet: IP packets, whole, of the caller. */
export interface Gateway {
  /** Takes what cards send. The packet is the taker's from now on. */
  fromCards(packet: Uint8Array): void;
  /** Set by the carrier: a packet that came for one of its addresses. It must not be changed any more. */
  toCards: (packet: Uint8Array) => void;
}
