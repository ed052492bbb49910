/**
 * Which remote addresses were sent to from which external port, for the filtering by address (RFC 4787 §5): counted by flow, so
 * that an address is forgotten with its last one.
 */
export class Contacts {
  /** Port, transport and address in one exact number: 16 + 2 + 32 bits. */
  readonly #flows = new Map<number, number>();

  add(port: number, remote: number, proto: number): void {
    const key = keyOf(port, remote, proto);
    this.#flows.set(key, (this.#flows.get(key) ?? 0) + 1);
  }

  remove(port: number, remote: number, proto: number): void {
    const key = keyOf(port, remote, proto);
    const left = (this.#flows.get(key) ?? 0) - 1;
    if (left > 0) this.#flows.set(key, left);
    else this.#flows.delete(key);
  }

  has(port: number, remote: number, proto: number): boolean { return this.#flows.has(keyOf(port, remote, proto)); }
}

const keyOf = (port: number, remote: number, proto: number): number =>
  ((proto === 6 ? 0 : proto === 17 ? 1 : 2) * 65536 + port) * 0x1_0000_0000 + (remote >>> 0);
