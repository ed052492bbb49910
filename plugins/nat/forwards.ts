import { parse4 } from '../../sdk/wire/address.ts';
import { parseRemote, type Range } from './remote.ts';
import type { PortForward } from './settings.ts';
import { incoming, translatedTo } from './verify.ts';

/** As many ports as this are always left for hosts inside, however much is forwarded. */
const LEFT_FREE = 16_384;

/** A row of the port forwarding table as it is used. */
export interface Forward {
  /** Its number for people, from 1. */
  readonly rule: number;
  readonly first: number;
  readonly last: number;
  readonly server: number;
  /** The port the first one becomes. */
  readonly to: number;
  readonly remote: Range;
  readonly tcp: boolean;
  readonly udp: boolean;
}

/** The port forwards of one uplink: which row a port belongs to is one look into an array. */
export class Forwards {
  readonly rows: readonly Forward[];
  /** 1 + the row's place, by port; made only when there is a row. */
  readonly #tcp: Uint8Array | undefined;
  readonly #udp: Uint8Array | undefined;
  /** The servers, so that other hosts' flows are not searched for here. */
  readonly #servers = new Set<number>();

  /** Only active rows of this uplink count; `all` are all rows, for their numbers. Checked by `verify` before. */
  constructor(all: readonly PortForward[], uplink: string) {
    const rows: Forward[] = [];
    all.forEach((f, i) => {
      if (!f.active || f.uplink !== uplink) return;
      const ports = incoming(f);
      rows.push({
        rule: i + 1, first: ports.first, last: ports.last, server: parse4(f.server) ?? 0, to: translatedTo(f).first,
        remote: parseRemote(f.remote) ?? { first: 0, last: 0 }, tcp: f.protocol !== 'udp', udp: f.protocol !== 'tcp',
      });
    });
    this.rows = rows;
    if (rows.length === 0) return;
    this.#tcp = table(rows, r => r.tcp);
    this.#udp = table(rows, r => r.udp);
    for (const r of rows) this.#servers.add(r.server | 0);
  }

  /** The row for a port, or undefined. */
  find(proto: number, port: number): Forward | undefined {
    const ports = proto === 6 ? this.#tcp : proto === 17 ? this.#udp : undefined;
    const place = ports === undefined ? 0 : ports[port]!;
    return place === 0 ? undefined : this.rows[place - 1];
  }

  /** The external port that leads to this endpoint, so that what it sends comes from there as well; -1: none. */
  outside(ip: number, port: number, proto: number): number {
    if (!this.#servers.has(ip | 0)) return -1;
    for (const r of this.rows) {
      if (r.server === ip && (proto === 6 ? r.tcp : r.udp) && port >= r.to && port <= r.to + r.last - r.first) return r.first + port - r.to;
    }
    return -1;
  }

  /** Marks forwarded ports of a transport, as long as enough others are left. */
  block(proto: number, blocked: Uint8Array): void {
    let left = 0;
    for (let port = 1024; port < 65536; port++) left += blocked[port] === 0 ? 1 : 0;
    for (const r of this.rows) {
      if (!(proto === 6 ? r.tcp : r.udp)) continue;
      for (let port = r.first; port <= r.last && left > LEFT_FREE; port++) {
        if (blocked[port] === 1) continue;
        blocked[port] = 1;
        left--;
      }
    }
  }
}

/** At most 100 rows for an uplink (verify), so an octet is enough. */
function table(rows: readonly Forward[], wanted: (r: Forward) => boolean): Uint8Array {
  const ports = new Uint8Array(65536);
  rows.forEach((r, i) => { if (wanted(r)) ports.fill(i + 1, r.first, r.last + 1); });
  return ports;
}
