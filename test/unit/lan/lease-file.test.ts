import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { LeasesFile, type SavedLeases } from '../../../plugins/lan/lease-file.ts';
import { shifted } from '../../../plugins/wan/lease.ts';
import { LeaseFile } from '../../../plugins/wan/store.ts';
import { ip } from './dhcp-bench.ts';

describe('lease files', () => {
  let folder: string;
  const clock = new VirtualClock();
  const fail = (error: unknown) => { throw error; };
  const content: SavedLeases = { lan: [{ ip: ip('192.168.1.33'), key: 'hw 1 02', mac: '02:00:00:00:00:01', host: 'pc', expiresAt: 5 }] };
  const leases = (of = content) => new LeasesFile({ folder, clock, content: () => of, failed: fail });
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'lancell-leases-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  it('keep the tables of the server, written once for many changes', () => {
    const file = leases();
    expect(file.load()).toEqual({});
    file.changed();
    file.changed();
    expect(readdirSync(folder)).toEqual([]);
    clock.advance(1000);
    expect(leases().load()).toEqual(content);
    expect(readdirSync(folder)).toEqual(['leases.json']);
  });

  it('are written at the end when a change still waits', () => {
    const file = leases();
    file.changed();
    file.close();
    expect(leases().load()).toEqual(content);
    expect(clock.next()).toBeUndefined();
  });

  it('are taken for empty when they are torn or of another kind', () => {
    for (const text of ['{"lan":[{"ip":1', '[]', '{"lan":[{"ip":-1}]}', '']) {
      writeFileSync(join(folder, 'leases.json'), text);
      writeFileSync(join(folder, 'lease.json'), text);
      expect(leases().load()).toEqual({});
      expect(new LeaseFile(folder).load()).toBeUndefined();
    }
  });

  it('keep the lease of the client, and that it has none', () => {
    const lease = {
      ip: 1, bits: 24, server: 2, gateway: 3, dns: [4], routes: [], mtu: 0, domain: '', renewAt: 10, rebindAt: 20, expiresAt: 30,
    };
    const file = new LeaseFile(folder);
    file.save(shifted(lease, 100), fail);
    expect(new LeaseFile(folder).load()).toEqual({ ...lease, renewAt: 110, rebindAt: 120, expiresAt: 130 });
    file.save(undefined, fail);
    expect(file.load()).toBeUndefined();
  });

  it('are none without a folder', () => {
    const file = new LeasesFile({ folder: undefined, clock, content: () => content, failed: fail });
    file.changed();
    file.close();
    expect(file.load()).toEqual({});
  });
});
