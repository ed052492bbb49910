import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../kernel/clock.ts';
import { FolderFile } from '../../../kernel/plugins/state-file.ts';
import { leasesIn, type SavedLeases } from '../../../plugins/lan/lease-file.ts';
import { type Lease, shifted } from '../../../plugins/wan/lease.ts';
import { LeaseFile } from '../../../plugins/wan/store.ts';
import { ip } from './dhcp-bench.ts';

describe('lease files', () => {
  let folder: string;
  const clock = new VirtualClock();
  const content: SavedLeases = { lan: [{ ip: ip('192.168.1.33'), key: 'hw 1 02', mac: '02:00:00:00:00:01', host: 'pc', expiresAt: 5 }] };
  const file = (name: string, at: string | undefined = folder) => new FolderFile({ folder: at, name, clock, failed: error => { throw error; } });
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'lancell-leases-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  it('keep the tables of the server', () => {
    expect(leasesIn(file('leases.json'))).toEqual({});
    file('leases.json').write(JSON.stringify(content));
    expect(leasesIn(file('leases.json'))).toEqual(content);
  });

  it('are taken for empty when they are torn or of another kind', () => {
    for (const text of ['{"lan":[{"ip":1', '[]', '{"lan":[{"ip":-1}]}', '']) {
      writeFileSync(join(folder, 'leases.json'), text);
      writeFileSync(join(folder, 'lease.json'), text);
      expect(leasesIn(file('leases.json'))).toEqual({});
      expect(new LeaseFile(file('lease.json')).load()).toBeUndefined();
    }
  });

  it('keep the lease of the client, and that it has none', async () => {
    const lease: Lease = {
      ip: 1, bits: 24, server: 2, gateway: 3, dns: [4], routes: [], mtu: 0, domain: '', renewAt: 10, rebindAt: 20, expiresAt: 30,
    };
    const saved = async (value: Lease | undefined) => {
      const held = file('lease.json');
      new LeaseFile(held).save(value);
      await held.dispose();
      return new LeaseFile(file('lease.json')).load();
    };
    expect(await saved(shifted(lease, 100))).toEqual({ ...lease, renewAt: 110, rebindAt: 120, expiresAt: 130 });
    expect(await saved(undefined)).toBeUndefined();
  });
});
