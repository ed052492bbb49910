/** One host inside that speaks ESP with one peer outside. */
interface Client {
  readonly host: number;
  /** The outside address it is hidden behind. */
  readonly address: number;
  /** Its flows towards the peer: one per SPI. */
  flows: number;
  /** A flow towards the peer is newer than the last one from there: the peer's new SPI is waited for. */
  pending: boolean;
  /** When its newest flow towards the peer began. */
  since: number;
}

/**
 * ESP pass-through for several hosts (RFC 4303 has no ports): what goes out and what comes in carry different SPIs, and the one that
 * comes in was agreed upon under encryption. A new SPI from a peer belongs to the host that began to send to that peer last and has
 * not had an answer.
 */
export class EspClients {
  /** By peer, as a signed number. */
  readonly #peers = new Map<number, Client[]>();

  /** A flow of a host towards a peer began. `now` in ms. */
  sent(peer: number, address: number, host: number, now: number): void {
    const clients = this.#peers.get(peer | 0) ?? [];
    this.#peers.set(peer | 0, clients);
    let c = clients.find(o => o.host === host && o.address === address);
    if (!c) {
      c = { host, address, flows: 0, pending: false, since: 0 };
      clients.push(c);
    }
    c.flows++;
    c.pending = true;
    c.since = now;
  }

  /** Whose an unknown SPI from a peer is; 0: nobody's, or it cannot be told. */
  receiver(peer: number, address: number): number {
    const clients = this.#peers.get(peer | 0);
    if (!clients) return 0;
    let newest: Client | undefined;
    let only: Client | undefined;
    let there = 0;
    for (const c of clients) {
      if (c.address !== address) continue;
      there++;
      only = c;
      if (c.pending && (newest === undefined || c.since >= newest.since)) newest = c;
    }
    // A peer that changes its keys first has one host to mean only where there is one.
    return newest?.host ?? (there === 1 ? only!.host : 0);
  }

  /** A flow from the peer to the host began. */
  received(peer: number, host: number): void {
    for (const c of this.#peers.get(peer | 0) ?? []) if (c.host === host) c.pending = false;
  }

  /** Whether the host speaks with the peer, so that the firewall may let the answers in. */
  knows(peer: number, host: number): boolean { return this.#peers.get(peer | 0)?.some(c => c.host === host) ?? false; }

  /** A flow of a host towards a peer is over. */
  ended(peer: number, address: number, host: number): void {
    const clients = this.#peers.get(peer | 0);
    const at = clients?.findIndex(c => c.host === host && c.address === address) ?? -1;
    if (!clients || at < 0 || --clients[at]!.flows > 0) return;
    clients.splice(at, 1);
    if (clients.length === 0) this.#peers.delete(peer | 0);
  }
}
