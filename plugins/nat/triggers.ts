import type { PortTrigger } from './settings.ts';

/** How long a host keeps the incoming ports after the newest flow that had to do with them (as the original). */
const UDP_MS = 3 * 60_000;
const TCP_MS = 2 * 3_600_000;

/** A row of the port triggering table, and who has its incoming ports now. */
export interface Trigger {
  readonly row: PortTrigger;
  readonly inFirst: number;
  readonly inLast: number;
  readonly outFirst: number;
  readonly outLast: number;
  /** 0: nobody. */
  host: number;
  until: number;
}

/** Port triggering of one uplink: a host that sends to a trigger port gets what comes to the incoming ports, one host at a time. */
export class Triggers {
  readonly rows: readonly Trigger[];

  /** `before`: whoever has ports by a row that stays keeps them. */
  constructor(all: readonly PortTrigger[], uplink: string, before?: Triggers) {
    this.rows = all.filter(t => t.active && t.uplink === uplink).map(row => {
      const old = before?.rows.find(t => JSON.stringify(t.row) === JSON.stringify(row));
      return {
        row, inFirst: row.incomingStart, inLast: row.incomingEnd || row.incomingStart,
        outFirst: row.triggerStart, outLast: row.triggerEnd || row.triggerStart, host: old?.host ?? 0, until: old?.until ?? 0,
      };
    });
  }

  /** A host inside sends to a port outside. `now` in ms. */
  sent(host: number, port: number, proto: number, now: number): void {
    for (const t of this.rows) {
      if (port < t.outFirst || port > t.outLast || (t.host !== host && now < t.until)) continue;
      this.#extend(t, t.host === host ? t.until : 0, proto, now);
      t.host = host;
    }
  }

  /** Who gets what comes to a port; 0: nobody. */
  receiver(port: number, now: number): number {
    for (const t of this.rows) if (port >= t.inFirst && port <= t.inLast && now < t.until) return t.host;
    return 0;
  }

  /** A flow came in through the port. */
  received(port: number, proto: number, now: number): void {
    for (const t of this.rows) if (port >= t.inFirst && port <= t.inLast && now < t.until) this.#extend(t, t.until, proto, now);
  }

  /** Whoever has ports gives them back; says how many rows that were. */
  reset(now: number): number {
    let n = 0;
    for (const t of this.rows) {
      if (t.host === 0) continue;
      if (now < t.until) n++;
      t.host = 0;
      t.until = 0;
    }
    return n;
  }

  #extend(t: Trigger, until: number, proto: number, now: number): void {
    t.until = Math.max(until, now + (proto === 6 ? TCP_MS : UDP_MS));
  }
}
