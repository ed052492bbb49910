import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DhcpServer } from '../../../plugins/lan/dhcp-server.ts';
import { type ClientOut, DhcpClient } from '../../../plugins/wan/dhcp-client.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import { config, ip, macOf, seeded } from '../lan/dhcp-bench.ts';

interface Parcel { readonly at: number; readonly to: number; readonly data: Uint8Array }

/** Clients and a server on a wire that loses, doubles and reorders; virtual time. */
class Wire {
  now = 0;
  readonly server: DhcpServer;
  readonly clients: DhcpClient[];
  readonly #random: () => number;
  readonly #loss: () => number;
  #parcels: Parcel[] = [];

  constructor(seed: number, clients: number, loss: () => number, leaseSec = 600) {
    this.#random = seeded(seed);
    this.#loss = loss;
    this.server = new DhcpServer(config({ leaseSec, pool: { start: ip('192.168.1.33'), size: 3 } }));
    this.clients = Array.from({ length: clients }, (_, i) => new DhcpClient({ mac: macOf(i), host: '', random: this.#random }));
  }

  start(): void { for (const c of this.clients) this.fromClient(c.step({ kind: 'start' }, this.now)); }

  fromClient(outs: readonly ClientOut[]): void {
    for (const out of outs) if (out.kind === 'send') this.#post(-1, dhcp.emit(out.message));
  }

  #post(to: number, data: Uint8Array): void {
    for (let copies = this.#random() < 0.1 ? 2 : 1; copies > 0; copies--) {
      if (this.#random() >= this.#loss()) this.#parcels.push({ at: this.now + this.#random() * 3000, to, data });
    }
  }

  run(until: number, check: () => void): void {
    for (;;) {
      const times = [...this.#parcels.map(p => p.at), ...[this.server, ...this.clients].map(m => m.deadline() ?? Number.POSITIVE_INFINITY)];
      const next = Math.min(...times);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      const due = this.#parcels.filter(p => p.at <= this.now);
      this.#parcels = this.#parcels.filter(p => p.at > this.now);
      for (const p of due) {
        const m = dhcp.parse(p.data, 0, p.data.length)!;
        if (p.to >= 0) {
          this.fromClient(this.clients[p.to]!.step({ kind: 'message', message: m }, this.now));
          continue;
        }
        for (const out of this.server.step({ kind: 'message', message: m }, this.now)) {
          if (out.kind === 'send') for (let to = 0; to < this.clients.length; to++) this.#post(to, dhcp.emit(out.message));
        }
      }
      if ((this.server.deadline() ?? Number.POSITIVE_INFINITY) <= this.now) this.server.step({ kind: 'tick' }, this.now);
      for (const c of this.clients) if ((c.deadline() ?? Number.POSITIVE_INFINITY) <= this.now) this.fromClient(c.step({ kind: 'tick' }, this.now));
      check();
    }
    this.now = until;
  }
}

describe('DHCP client and server', () => {
  it('get along on a good wire, over many renewals', () => {
    const wire = new Wire(1, 3, () => 0);
    wire.start();
    wire.run(60_000, () => {});
    const first = wire.clients.map(c => c.lease?.ip);
    expect(new Set(first).size).toBe(3);
    wire.run(20 * 600_000, () => { expect(wire.clients.map(c => c.lease?.ip)).toEqual(first); });
  });

  it('never use one address twice nor a lease that is over, whatever the wire does, and recover when it is good again', () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 10, max: 70 }), (seed, percent) => {
      let loss = percent / 100;
      const wire = new Wire(seed, 3, () => loss, 300);
      const check = () => {
        const used = wire.clients.flatMap(c => (c.lease ? [c.lease] : []));
        expect(new Set(used.map(l => l.ip)).size).toBe(used.length);
        for (const lease of used) {
          expect(lease.expiresAt!).toBeGreaterThan(wire.now);
          // The server holds it for at least as long as the client believes.
          expect(wire.server.leases.ofAddress(lease.ip)?.until).toBeGreaterThanOrEqual(lease.expiresAt!);
        }
      };
      wire.start();
      wire.run(3_000_000, check);
      loss = 0;
      wire.run(wire.now + 900_000, check);
      expect(wire.clients.every(c => c.lease)).toBe(true);
    }), { numRuns: 25 });
  });
});

/** UDP payloads to ports 67 and 68 of a classic pcap with Ethernet frames. */
const payloads = (file: string): Uint8Array[] => {
  const raw = readFileSync(file);
  const data = file.endsWith('.gz') ? gunzipSync(raw) : raw;
  const little = data.readUInt32LE(0) === 0xa1b2c3d4;
  if (!little && data.readUInt32BE(0) !== 0xa1b2c3d4) return [];
  const u32 = (at: number) => (little ? data.readUInt32LE(at) : data.readUInt32BE(at));
  const out: Uint8Array[] = [];
  for (let at = 24; at + 16 <= data.length;) {
    const length = u32(at + 8);
    const f = data.subarray(at + 16, at + 16 + length);
    at += 16 + length;
    if (f.length < 42 || f.readUInt16BE(12) !== 0x0800 || f[23] !== 17) continue;
    const udp = 14 + (f[14]! & 15) * 4;
    if (udp + 8 <= f.length && [67, 68].includes(f.readUInt16BE(udp + 2))) out.push(new Uint8Array(f.subarray(udp + 8)));
  }
  return out;
};

const folder = join(process.env['LANCELL_CAPTURES'] ?? '/nowhere', 'dhcp');

describe.skipIf(!existsSync(folder))('DHCP captures', () => {
  for (const name of existsSync(folder) ? readdirSync(folder).filter(f => /\.pcap(\.gz)?$/.test(f)) : []) {
    it(`${name}: neither machine throws, nor leases an address twice`, () => {
      const server = new DhcpServer(config({ subnet: { address: ip('192.168.0.1'), bits: 16 } }));
      const client = new DhcpClient({ mac: macOf(1), host: '', random: seeded(1) });
      client.step({ kind: 'start' }, 0);
      let now = 0;
      for (const data of payloads(join(folder, name))) {
        const m = dhcp.parse(data, 0, data.length);
        if (!m) continue;
        now += 100;
        for (const out of server.step({ kind: 'message', message: m }, now)) {
          if (out.kind === 'send') expect(dhcp.parse(dhcp.emit(out.message), 0, dhcp.emit(out.message).length)?.xid).toBe(m.xid);
        }
        client.step({ kind: 'message', message: m }, now);
      }
      const bound = server.leases.list().filter(l => l.at === 'bound').map(l => l.ip);
      expect(new Set(bound).size).toBe(bound.length);
    });
  }

  it('dhcp.pcap: a real client gets the lease it asks for', () => {
    const server = new DhcpServer(config({
      server: ip('192.168.0.1'), subnet: { address: ip('192.168.0.1'), bits: 24 }, pool: { start: ip('192.168.0.10'), size: 10 }, excluded: [],
    }));
    const types: (number | undefined)[] = [];
    for (const data of payloads(join(folder, 'dhcp.pcap'))) {
      const m = dhcp.parse(data, 0, data.length)!;
      if (m.op === dhcp.OP_REQUEST) types.push(...server.step({ kind: 'message', message: m }, 0).flatMap(o => (o.kind === 'send' ? [o.message.type] : [])));
    }
    expect(types).toEqual([dhcp.OFFER, dhcp.ACK]);
  });

  it('dhcp_flood.pcap: clients that share a transaction id are all informed', () => {
    const server = new DhcpServer(config({ authoritative: false }));
    const requests = payloads(join(folder, 'dhcp_flood.pcap')).map(d => dhcp.parse(d, 0, d.length)!).filter(m => m.op === dhcp.OP_REQUEST);
    const answers = requests.flatMap(message => server.step({ kind: 'message', message }, 0).flatMap(o => (o.kind === 'send' ? [o.dst] : [])));
    expect(answers).toEqual(requests.map(m => m.ciaddr));
  });
});
