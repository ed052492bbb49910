/** One host's traffic. Octets of IP packets; up is what the host sent. */
export interface HostTotals { readonly ip: number; readonly up: number; readonly down: number; readonly packets: number }
export interface HostRow extends HostTotals { readonly upPerSec: number; readonly downPerSec: number; readonly idleMs: number }

/**
 * Totals per host in typed arrays: counting a packet looks up a slot and adds two numbers, and allocates nothing. Open
 * addressing with linear probing over twice as many slots as hosts, so that a probe is short. Address 0 marks a free slot.
 */
export class HostTable {
  readonly most: number;
  readonly #mask: number;
  readonly #ip: Uint32Array;
  readonly #up: Float64Array;
  readonly #down: Float64Array;
  readonly #packets: Float64Array;
  readonly #seenMs: Float64Array;
  /** Totals at the last sample, and what has come per second since the one before. */
  readonly #sampled: Float64Array;
  readonly #rates: Float64Array;
  #size = 0;

  constructor(most: number) {
    this.most = most;
    const slots = 2 ** Math.ceil(Math.log2(most * 2));
    this.#mask = slots - 1;
    this.#ip = new Uint32Array(slots);
    this.#up = new Float64Array(slots);
    this.#down = new Float64Array(slots);
    this.#packets = new Float64Array(slots);
    this.#seenMs = new Float64Array(slots);
    this.#sampled = new Float64Array(slots * 2);
    this.#rates = new Float64Array(slots * 2);
  }

  get size(): number { return this.#size; }

  /** Counts one packet that the host sent. False: no room for another host. */
  sent(ip: number, octets: number, now: number): boolean {
    const slot = this.#slot(ip, now);
    if (slot < 0) return false;
    this.#up[slot]! += octets;
    return true;
  }

  /** Counts one packet for the host. */
  received(ip: number, octets: number, now: number): boolean {
    const slot = this.#slot(ip, now);
    if (slot < 0) return false;
    this.#down[slot]! += octets;
    return true;
  }

  /** What another table held, as after a reload; its rates are not known yet. Hosts beyond the room are left out. */
  restore(hosts: readonly HostTotals[], now: number): void {
    for (const { ip, up, down, packets } of hosts) {
      const slot = this.#slot(ip, now);
      if (slot < 0) return;
      this.#up[slot] = this.#sampled[slot * 2] = up;
      this.#down[slot] = this.#sampled[slot * 2 + 1] = down;
      this.#packets[slot] = packets;
    }
  }

  /** Takes the rates since the last sample. */
  sample(seconds: number): { readonly up: number; readonly down: number } {
    let [up, down] = [0, 0];
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#ip[slot] === 0) continue;
      up += this.#rates[slot * 2] = (this.#up[slot]! - this.#sampled[slot * 2]!) / seconds;
      down += this.#rates[slot * 2 + 1] = (this.#down[slot]! - this.#sampled[slot * 2 + 1]!) / seconds;
      this.#sampled[slot * 2] = this.#up[slot]!;
      this.#sampled[slot * 2 + 1] = this.#down[slot]!;
    }
    return { up, down };
  }

  /** All hosts, the one with the most traffic first. */
  list(now: number): HostRow[] {
    const rows: HostRow[] = [];
    for (let slot = 0; slot <= this.#mask; slot++) {
      const ip = this.#ip[slot]!;
      if (ip === 0) continue;
      rows.push({
        ip, up: this.#up[slot]!, down: this.#down[slot]!, packets: this.#packets[slot]!,
        upPerSec: this.#rates[slot * 2]!, downPerSec: this.#rates[slot * 2 + 1]!, idleMs: now - this.#seenMs[slot]!,
      });
    }
    return rows.sort((a, b) => b.up + b.down - (a.up + a.down) || a.ip - b.ip);
  }

  #slot(ip: number, now: number): number {
    let slot = (Math.imul(ip, 0x9e3779b1) >>> 7) & this.#mask;
    while (this.#ip[slot] !== ip) {
      if (this.#ip[slot] === 0) {
        if (this.#size >= this.most) return -1;
        this.#size++;
        this.#ip[slot] = ip;
        break;
      }
      slot = (slot + 1) & this.#mask;
    }
    this.#packets[slot]!++;
    this.#seenMs[slot] = now;
    return slot;
  }
}
