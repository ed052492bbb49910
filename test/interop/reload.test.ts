/**
 * Plugins are exchanged a hundred times each while packets flow: an iperf3 stream, a ping every 10 ms and a held HTTP
 * connection. Topology: bed.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, note, pinged, root, SERVER } from './bed.ts';
import { drops, excused } from './drops.ts';
import { heapInUse } from './heap.ts';
import { end, until, wait } from './namespaces.ts';

const ROUNDS = 100;
const memory = async (bed: Bed) => ({ heap: await heapInUse(bed), rss: Number.parseFloat(String((await bed.router.facts('sys status'))['memory'])) });

describe.skipIf(!root)('reloads under traffic', () => {
  const bed = new Bed();
  const { net } = bed;
  beforeAll(async () => {
    await bed.start();
    // The first rounds pay for compiling and for caches: they say nothing about growth.
    for (const id of ['nat', 'ip', 'lan', 'wan']) await bed.router.exec(`plugin reload ${id}`);
    await until('a ping passes', async () => (await net.run('lan1', ['ping', '-c', '1', '-W', '1', SERVER])).code === 0);
  });
  afterAll(() => bed.close());

  it.each(['nat', 'ip', 'lan', 'wan'])(`%s, ${ROUNDS} times`, async (id) => {
    const before = await memory(bed);
    const dropped = await drops(bed);
    let pings = '';
    let stream = '';
    let idle = '';
    const ping = net.start('lan1', ['ping', '-i', '0.01', '-W', '1', SERVER], (text) => { pings += text; });
    const iperf = net.start('lan1', ['iperf3', '-c', SERVER, '-t', '300', '-i', '1', '--forceflush', '-b', '200M'], (text) => { stream += text; });
    // Says nothing until the reloads are over.
    const quiet = net.start('lan2', [process.execPath, '-e', patient, SERVER], (text) => { idle += text; });
    await until('iperf3 runs', () => /Mbits\/sec/.test(stream));
    await until('the quiet connection is up', () => idle.includes('connected'));

    const began = Date.now();
    let longest = 0;
    for (let i = 0; i < ROUNDS; i++) {
      const at = Date.now();
      const said = await bed.router.exec(`plugin reload ${id}`);
      longest = Math.max(longest, Date.now() - at);
      if (i === 0) expect(said).toContain('active');
    }
    const tookMs = Date.now() - began;
    quiet.kill('SIGUSR2');
    await until('the quiet connection still works', () => idle.includes('200 OK'));
    await wait(300);
    ping.kill('SIGINT');
    await until('ping has ended', () => ping.exitCode !== null);
    expect(iperf.exitCode).toBe(null);
    const seconds = stream.split('\n').filter((l) => /Mbits\/sec|Gbits\/sec|bits\/sec/.test(l));
    await end(iperf, 'SIGINT');
    await end(quiet);

    const after = await memory(bed);
    const { received, lost, duplicates } = pinged(pings);
    const stalled = seconds.filter((l) => / 0\.00 bits\/sec/.test(l)).length;
    note(`${ROUNDS} reloads of ${id} in ${tookMs} ms (longest ${longest} ms): ${received} pings came back, ${lost} were lost; iperf3 ${seconds.length} s, ${stalled} without data; `
      + `heap in use ${before.heap.toFixed(1)} → ${after.heap.toFixed(1)} MiB, memory ${before.rss} → ${after.rss} MiB`);
    // Each lost one would be the packet of one breath; in fact none goes.
    await excused(bed, dropped, { lost: Math.max(0, lost - 1), sent: received + lost });
    expect(received).toBeGreaterThan(tookMs / 50);
    expect(duplicates).toBe(0);
    expect(stalled).toBe(0);
    expect(stream).not.toMatch(/error/);
    expect((await bed.router.cli('exec', 'plugin residue')).out).toBe('');
    expect(await bed.router.exec('plugin faults')).not.toContain(id);
    // Each generation is a fresh copy of the code, and a JavaScript engine never lets go of a module: 0.2 to 0.7 MiB are its price.
    expect(after.heap - before.heap).toBeLessThan(ROUNDS * 1.5);
  }, 120_000);

  it('leaves the router as it was: names, leases, new connections', async () => {
    expect(await net.sh('lan1', `curl -s http://inet1.example/; curl -s http://${SERVER}/`)).toMatch(/you are 198[\s\S]*you are 198/);
    expect((await bed.router.table('plugin list')).rows.every((r) => r.includes('active'))).toBe(true);
  });
});

/** A connection on which nothing is said until SIGUSR2. */
const patient = `
const s = require('node:net').connect(80, process.argv[1], () => console.log('connected'));
s.on('data', d => console.log(String(d))); s.on('error', e => console.log(String(e))); s.on('close', () => console.log('closed'));
process.on('SIGUSR2', () => s.write('GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'));
`;
