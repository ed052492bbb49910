/** A call of a host inside: its own id, and what the other side takes it for. */
export interface Call {
  readonly remote: number;
  /** The outside address the host is hidden behind. */
  readonly address: number;
  readonly host: number;
  readonly id: number;
  readonly outsideId: number;
  /** Flow of the control connection. */
  readonly control: number;
}

/** Calls of one peer behind one control connection; more are not translated. */
const MOST_OF_CONTROL = 64;

/**
 * The calls of PPTP connections through the router (RFC 2637 §2: ids are chosen by each side for itself, so two hosts may choose the
 * same one towards the same server). GRE that comes in carries the id the server was told.
 */
export class PptpCalls {
  /** By remote address, as a signed number. */
  readonly #remotes = new Map<number, Call[]>();

  constructor(before: readonly Call[] = []) {
    for (const c of before) this.#of(c.remote).push(c);
  }

  /** The id that stands for a host's own one outside: the same where nobody else has it, else one with the same high octet. */
  outsideId(remote: number, address: number, host: number, id: number, control: number): number {
    const calls = this.#of(remote);
    const known = calls.find(c => c.address === address && c.host === host && c.id === id && c.control === control);
    if (known) return known.outsideId;
    if (calls.filter(c => c.control === control).length >= MOST_OF_CONTROL) return id;
    for (let n = 0; n < 256; n++) {
      const outsideId = (id & 0xff00) | ((id + n) & 0xff);
      if (calls.some(c => c.address === address && c.outsideId === outsideId)) continue;
      calls.push({ remote, address, host, id, outsideId, control });
      return outsideId;
    }
    return id;
  }

  /** Whose call it is that the other side knows by this id. */
  find(remote: number, address: number, outsideId: number): Call | undefined {
    return this.#remotes.get(remote | 0)?.find(c => c.address === address && c.outsideId === outsideId);
  }

  /** Whether the host has this call (its own id) with the remote end. */
  has(remote: number, host: number, id: number): boolean {
    return this.#remotes.get(remote | 0)?.some(c => c.host === host && c.id === id) ?? false;
  }

  /** A call of this control connection is over, or (without an id) all of them. */
  end(remote: number, control: number, id?: number): void {
    const left = this.#of(remote).filter(c => c.control !== control || (id !== undefined && c.id !== id));
    if (left.length > 0) this.#remotes.set(remote | 0, left);
    else this.#remotes.delete(remote | 0);
  }

  list(): readonly Call[] { return [...this.#remotes.values()].flat(); }

  #of(remote: number): Call[] {
    let calls = this.#remotes.get(remote | 0);
    if (!calls) {
      calls = [];
      this.#remotes.set(remote | 0, calls);
    }
    return calls;
  }
}
