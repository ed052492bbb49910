/**
 * Octets by the gigabyte, unharmed. Topology: bed.ts. LANCELL_INTEROP_MB says how much each TCP transfer carries (default 1024);
 * the output says how long each took.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentHash } from '../../lab/content.ts';
import { Bed, note, root, SERVER } from './bed.ts';
import { lossless } from './drops.ts';
import { end, run, until, wait } from './namespaces.ts';

const MEGABYTES = Number(process.env['LANCELL_INTEROP_MB'] ?? 1024);
const OCTETS = MEGABYTES << 20;

describe.skipIf(!root)('transfers', () => {
  const bed = new Bed();
  const { net } = bed;
  let expected = '';
  beforeAll(() => bed.start());
  beforeAll(() => { expected = contentHash(OCTETS); });
  beforeAll(async () => { await net.sh('inet', `curl -s http://${SERVER}/bytes/${OCTETS} > ${join(bed.folder, 'content')}`, 60_000); }, 70_000);
  afterAll(() => bed.close());

  async function timed(what: string, fn: () => Promise<string>): Promise<string> {
    const began = Date.now();
    const said = await fn();
    const seconds = (Date.now() - began) / 1000;
    note(`${what}: ${MEGABYTES} MiB in ${seconds.toFixed(1)} s, ${(OCTETS * 8e-9 / seconds).toFixed(2)} Gbit/s`);
    return said;
  }

  it.each([['on', true], ['off', false]] as const)('TCP with offloads %s has equal hashes in both directions', async (name, on) => {
    await bed.offloads(on);
    const came = async () => (await bed.router.table('link list')).rows.reduce((sum, r) => sum + (r[0] === 'wan' || r[0] === 'port1' ? Number(r[5]) : 0), 0);
    const before = await came();
    const down = await timed(`down, offloads ${name}`, () => net.sh('lan1', `curl -s -m 80 http://${SERVER}/bytes/${OCTETS} | sha256sum`, 90_000));
    expect(down).toContain(expected);
    // The same octets back: from the LAN's own copy of the server's pages.
    const up = await timed(`up, offloads ${name}`, () => net.sh('lan1', `curl -s -m 80 -T ${join(bed.folder, 'content')} http://${SERVER}/x`, 90_000));
    expect(up.trim()).toBe(`${expected} ${OCTETS}`);
    // Frames as on a wire carry 1448 octets of TCP; else most are super-frames.
    const packets = await came() - before;
    note(`${packets} frames came in`);
    if (on) expect(packets).toBeLessThan(2 * OCTETS / 1448 / 3);
    else expect(packets).toBeGreaterThan(2 * OCTETS / 1448);
    await bed.offloads(true);
  }, 200_000);

  it('every checksum that the router emits without offloads is right (tshark)', async () => {
    await bed.offloads(false);
    const files = { inet: join(bed.folder, 'inet.pcap'), lan1: join(bed.folder, 'lan1.pcap') };
    // Captured where it arrives, and only what the router sent (-Q in).
    const said = Object.keys(files).map(() => '');
    const captures = Object.entries(files).map(([name, file], i) => net.start(name, ['tcpdump', '-i', 'eth0', '-Q', 'in', '-U', '-w', file, 'ip'], (text) => { said[i] += text; }));
    const listening = said.map((_, i) => () => said[i] ?? '');
    await until('tcpdump listens', () => listening.every((text) => text().includes('listening')));
    await net.sh('lan1', `curl -s http://${SERVER}/bytes/3000000 | sha256sum; head -c 3000000 /dev/zero | curl -s -T - http://${SERVER}/x
      ping -q -c 5 -i 0.02 ${SERVER}; ping -q -c 5 -i 0.02 -s 8000 ${SERVER}; traceroute -q 1 ${SERVER}
      dig +short @192.168.1.1 inet1.example; head -c 5000 /dev/zero | socat -b 8000 -t 1 - UDP4:${SERVER}:7 | sha256sum
      curl -s http://192.168.1.1:81/ || true`);
    // Until nothing more is written.
    let size = -1;
    await until('the captures are complete', async () => {
      const before = size;
      size = Object.values(files).reduce((n, file) => n + statSync(file).size, 0);
      await wait(300);
      return size === before;
    });
    for (const capture of captures) await end(capture, 'SIGTERM');
    for (const [where, file] of Object.entries(files)) {
      const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
      const count = async (filter: string) => (await run(['tshark', '-r', file, ...checks, '-Y', filter], 60_000)).out.split('\n').filter((l) => /^\s*\d+ /.test(l));
      const bad = await count('ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0');
      const good = await count('ip.checksum.status == 1');
      note(`towards ${where}: ${good.length} packets with right checksums, ${bad.length} with wrong ones`);
      expect(bad).toEqual([]);
      expect(good.length).toBeGreaterThan(1000);
      rmSync(file);
    }
    await bed.offloads(true);
  });

  it('UDP of 20 Mbit/s each way loses nothing', async () => {
    for (const way of [[], ['-R']]) {
      await lossless(bed, async () => {
        const said = JSON.parse((await net.sh('lan1', `iperf3 -u -b 20M -l 1200 -t 2 -J ${way.join(' ')} -c ${SERVER}`))) as { end: { sum: { packets: number; lost_packets: number; jitter_ms: number } } };
        const { packets, lost_packets: lost } = said.end.sum;
        note(`UDP ${way.length > 0 ? 'down' : 'up'}: ${packets} packets, ${lost} lost`);
        expect(packets).toBeGreaterThan(1500);
        return { lost, sent: packets };
      });
    }
  });

  it('500 connections at once, each with its own content', async () => {
    const said: string[] = [];
    const client = net.start('lan1', [process.execPath, '-e', crowd, SERVER, '500'], (text) => said.push(text));
    await until('all are connected', () => said.join('').includes('connected 500'), 40_000);
    expect(Number.parseInt(String((await bed.router.facts('sys status'))['flows']), 10)).toBeGreaterThanOrEqual(500);
    await until('all are done', () => said.join('').includes('whole 500'), 40_000);
    await end(client);
  }, 100_000);
});

/** Opens that many connections, holds all of them, then asks on each for a page of its own size and compares. */
const crowd = `
const [host, n] = process.argv.slice(1);
let connected = 0, whole = 0;
const sockets = Array.from({ length: Number(n) }, (_, i) => {
  const s = require('node:net').connect(80, host, () => { if (++connected === Number(n)) { console.log('connected ' + n); setTimeout(ask, 500); } });
  s.on('error', e => console.log(String(e)));
  return s;
});
function ask() {
  sockets.forEach((s, i) => {
    const parts = [], size = 20000 + i;
    s.on('data', d => parts.push(d));
    s.on('end', () => {
      const all = Buffer.concat(parts), hash = /x-sha256: (\\w+)/i.exec(all)[1];
      const body = all.subarray(all.indexOf('\\r\\n\\r\\n') + 4);
      if (body.length === size && require('node:crypto').createHash('sha256').update(body).digest('hex') === hash && ++whole === Number(n)) console.log('whole ' + n);
    });
    s.write('GET /bytes/' + size + ' HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');
  });
}
`;
