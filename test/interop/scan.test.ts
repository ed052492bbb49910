/**
 * nmap at the router and through it, from outside and from inside: outside there is nothing to be found, what is there is found from inside,
 * packets of others go on without loss, and neither the log nor memory grows with the number of probes. Topology: bed.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, GATEWAY, LAN1, LAN2, note, pinged, PROVIDER, root, SERVER } from './bed.ts';
import { drops, excused } from './drops.ts';
import { ftpBounce } from './ftp-bounce.ts';
import { heapInUse } from './heap.ts';
import { end, until, wait } from './namespaces.ts';
import { frame, packet, send } from './raw-frames.ts';

/** Each port once, without waiting for answers. */
const FAST = ['-n', '-Pn', '--max-retries', '0', '--min-rate', '2000', '--host-timeout', '20s'];
const PORTS = '1-1000,1723,1900,2189,3389,5060,5351,8080,8443';
const COUNT = 1008;
/** What a scan may add to the log: a line at its beginning, one at the end of each consolidation period. */
const LINES = 8;

describe.skipIf(!root)('nmap', () => {
  const bed = new Bed();
  const { net } = bed;
  let outside = '';
  let heap = 0;
  beforeAll(async () => {
    await bed.start();
    outside = await bed.outside();
    // What lies behind the router is asked for, too, as if it were not behind NAT.
    net.ip('inet', 'route', 'add', '192.168.0.0/16', 'via', outside);
    heap = await heapInUse(bed);
  }, 60_000);
  afterAll(() => bed.close());

  const nmap = async (from: string, ...words: string[]): Promise<string> => (await net.run(from, ['nmap', ...FAST, ...words], 40_000)).out;
  const lines = async (): Promise<number> => (await bed.router.table('log show')).rows.length;
  const attacks = async (): Promise<string[]> => (await bed.router.table('firewall attacks list 1000')).rows.map((r) => `${r[0]} ${r[1]} ${r[3]}`);

  /** Meanwhile lan2's pings come back, each once, the router stays up, and the log stays short. */
  async function during(what: () => Promise<void>, linesMost = LINES): Promise<void> {
    const before = await lines();
    const dropped = await drops(bed);
    let said = '';
    const ping = net.start('lan2', ['ping', '-i', '0.01', SERVER], (text) => { said += text; });
    await what();
    await end(ping, 'SIGINT');
    const { received, lost, duplicates } = pinged(said);
    expect(duplicates).toBe(0);
    await excused(bed, dropped, { lost, sent: received + lost });
    expect(received).toBeGreaterThan(10);
    expect(bed.router.alive).toBe(true);
    expect(await lines() - before).toBeLessThanOrEqual(linesMost);
  }

  describe('from outside', () => {
    it.each([
      ['-sS', 'filtered tcp'], ['-sT', 'filtered tcp'], ['-sA', 'filtered tcp'], ['-sW', 'filtered tcp'], ['-sU', 'open|filtered udp'],
      ['-sF', 'open|filtered tcp'], ['-sN', 'open|filtered tcp'], ['-sX', 'open|filtered tcp'], ['-sM', 'open|filtered tcp'],
    ])('%s: every port of the router is silent', (how, state) => during(async () => {
      expect(await nmap('inet', how, '-p', PORTS, outside)).toContain(`Not shown: ${COUNT} ${state} ports (no-response)`);
      // Told of once in ten seconds.
      expect(await attacks()).toContain(`port scan ${PROVIDER} WAN`);
    }));

    it.each([['-sS', 'filtered tcp'], ['-sA', 'filtered tcp'], ['-sU', 'open|filtered udp'], ['-sF', 'open|filtered tcp']])('%s: so is every port of a host behind it', (how, state) => during(async () => {
      expect(await nmap('inet', how, '-p', '1-300', LAN1)).toContain(`Not shown: 300 ${state} ports (no-response)`);
    }));

    it.each([
      ['fragments of 8 octets', ['-f']], ['tiny ones of 16', ['--mtu', '16']], ['from port 53', ['-g', '53']], ['from port 20', ['-g', '20']], ['wrong checksums', ['--badsum']],
      ['a TTL of 1', ['--ttl', '1']], ['record route', ['--ip-options', 'R']], ['loose source route', ['--ip-options', 'L 198.51.100.1']], ['timestamps', ['--ip-options', 'T']],
      ['payload', ['--data-length', '300']],
    ])('%s: no port shows', (_, words) => during(async () => {
      expect(await nmap('inet', '-sS', '-p', '1-200,443,8443', ...words, outside)).toMatch(/Not shown: 202 filtered tcp ports \(no-response\)/);
    }));

    it('-sO: of all protocols only ICMP is there', () => during(async () => {
      const said = await nmap('inet', '-sO', outside);
      expect(said).toMatch(/Not shown: 255 open\|filtered n\/a protocols \(no-response\)/);
      expect(said).toMatch(/^1 +open +icmp/m);
    }));

    it('pings are answered; other ICMP questions are not', async () => {
      expect((await net.run('inet', ['nmap', '-n', '-sn', '-PE', outside])).out).toContain('Host is up');
      for (const how of ['-PP', '-PM', '-PS80,443', '-PA80', '-PU53', '-PO2,4']) expect((await net.run('inet', ['nmap', '-n', '-sn', '--disable-arp-ping', how, '--max-retries', '0', outside])).out, how).toContain('Host seems down');
    });

    it('-D, -S: forged senders, the own and inside ones among them', () => during(async () => {
      const decoys = `${GATEWAY},${LAN1},${LAN2},${SERVER},10.99.0.2,ME`;
      expect(await nmap('inet', '-sS', '-p', '1-200', '-D', decoys, outside)).toContain('Not shown: 200 filtered tcp ports (no-response)');
      for (const forged of [LAN1, GATEWAY, SERVER]) await nmap('inet', '-sS', '-p', '1-100', '-S', forged, '-e', 'eth0', outside);
      const seen = await attacks();
      for (const inside of [GATEWAY, LAN1, LAN2]) expect(seen).toContain(`ip spoofing ${inside} WAN`);
      for (const other of [SERVER, '10.99.0.2', PROVIDER]) expect(seen).toContain(`port scan ${other} WAN`);
    }, 20));

    it('-D RND:120: each of them is told of once', () => during(async () => {
      await nmap('inet', '-sS', '-p', '1-60', '-D', 'RND:120', outside);
      // An alert for each that sent to twenty ports: no more than there are senders.
      expect((await attacks()).filter((a) => a.startsWith('port scan')).length).toBeGreaterThan(50);
    }, 300));

    it('-O and -A find nothing out', () => during(async () => {
      const said = (await net.run('inet', ['nmap', '-n', '-Pn', '-O', '--max-os-tries', '1', '-p', '22,80,443', '--max-retries', '0', outside], 40_000)).out;
      expect(said).toMatch(/Too many fingerprints match|No exact OS matches/);
    }), 50_000);
  });

  describe('from inside', () => {
    const open = (said: string): string[] => [...said.matchAll(/^(\d+\/\w+) +open /gm)].map((m) => m[1] ?? '');

    /** What the scan sees open is this. Each probe is sent once, and a busy machine misses an answer: up to three scans, and nothing else may show in any. */
    const shows = async (expected: readonly string[], ...how: readonly string[]): Promise<void> => {
      const seen = new Set<string>();
      for (let i = 0; i < 3 && !expected.every((port) => seen.has(port)); i++) for (const port of open(await nmap('lan1', ...how))) seen.add(port);
      expect([...seen].sort()).toEqual([...expected].sort());
    };

    it('the router shows what it serves', () => during(async () => {
      // All at once is more than the router answers with resets in a second.
      await shows(['22/tcp', '53/tcp', '80/tcp', '443/tcp'], '-sS', '-p', PORTS, GATEWAY);
      await shows(['22/tcp', '80/tcp', '443/tcp'], '-sT', '-p', '20-25,79-82,442-444', GATEWAY);
      await shows(['53/udp'], '-sU', '-p', '53,69,123,161,514,1900,5351', GATEWAY);
      expect(await attacks()).toContain(`port scan ${LAN1} LAN`);
    }));

    it('what lies outside is seen as it is, and odd flags do not get there', () => during(async () => {
      for (const how of ['-sS', '-sT']) await shows(['53/tcp', '80/tcp', '5201/tcp'], how, '-p', '1-300,5201', SERVER);
      for (const how of ['-sF', '-sX', '-sN', '-sA']) expect(await nmap('lan1', how, '-p', '1-300', SERVER), how).toMatch(/Not shown: 300 (open\|)?filtered tcp ports \(no-response\)/);
    }));

    it('forged senders do not get out', () => during(async () => {
      let dumped = '';
      const dump = net.start('inet', ['tcpdump', '--immediate-mode', '-l', '-n', '-i', 'eth0', 'tcp', 'and', 'not', 'src', 'host', outside, 'and', 'not', 'src', 'host', SERVER], (text) => { dumped += text; });
      await until('tcpdump listens', () => dumped.includes('listening'), 5000);
      const forged = ['203.0.113.99', '10.1.2.3', outside, '192.168.2.9'];
      await nmap('lan1', '-sS', '-p', '1-50', '-D', `${forged.join(',')},ME`, SERVER);
      await wait(200);
      await end(dump, 'SIGINT');
      expect(dumped).toContain('0 packets captured');
      expect(await attacks()).toEqual(expect.arrayContaining(forged.map((f) => `ip spoofing ${f} LAN`)));
    }, 20));

    it('-sI: the router is no zombie for an idle scan', async () => {
      for (const [from, zombie] of [['inet', outside], ['lan1', GATEWAY]] as const) {
        const { out } = await net.run(from, ['nmap', '-n', '-Pn', '-sI', `${zombie}:443`, '-p', '80', '--max-retries', '0', '--host-timeout', '15s', from === 'inet' ? '10.99.0.2' : SERVER], 40_000);
        expect(out).toMatch(/cannot be used/);
      }
    }, 80_000);
  });

  /** As in the report: an FTP server in the LAN is made to scan others for somebody, and segments with forged senders come and are answered meanwhile. */
  describe('the bouncing port scan that crashed the original', () => {
    const bounce = (from: string, server: string, target: string, ports: string) => nmap(from, '-b', `anonymous:x@${server}`, '-p', ports, target);
    const stateOf = (said: string) => Object.fromEntries([...said.matchAll(/^(\d+)\/tcp +(\w+) /gm)].map((m) => [m[1], m[2]]));

    beforeAll(async () => {
      net.start('lan1', [process.execPath, '-e', ftpBounce]);
      net.start('lan2', ['socat', 'TCP4-LISTEN:8000,fork,reuseaddr', 'SYSTEM:echo hello']);
      await bed.configure(`nat.portForwarding add {"name":"ftp","protocol":"tcp","start":21,"server":"${LAN1}"}`);
      await bed.router.exec(`firewall rule insert wan lan permit to ${LAN1} service tcp/21`);
      await until('the FTP server answers, outside as well', async () => (await net.run('inet', ['bash', '-c', `exec 3<>/dev/tcp/${outside}/21; head -n 1 <&3`], 2000)).out.includes('220'));
    });

    /** SYN, SYN ACK and RST as they would be reflected, from and to every address of the scene, with the ports of the scan. */
    function segments(): { lan: Uint8Array[]; wan: Uint8Array[] } {
      const addresses = [GATEWAY, outside, LAN1, LAN2, SERVER, PROVIDER];
      const packets = addresses.flatMap((src) => addresses.flatMap((dst) => [0x02, 0x12, 0x14, 0x04, 0x11, 0x18].flatMap((flags) => [[20, 80], [80, 20], [20, 21], [21, 21]].map(([sport = 0, dport = 0]) => {
        const data = Uint8Array.of(sport >> 8, sport, dport >> 8, dport, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 4, 0, 0, 0, 0, 0);
        return packet({ src, dst, proto: 6, data });
      }))));
      const to = (mac: string) => packets.map((p) => frame(mac, '02:00:00:00:00:66', 0x0800, p));
      return { lan: to(macs.lan), wan: to(macs.wan) };
    }
    const macs = { lan: '', wan: '' };

    const bounces = () => Promise.all([
      bounce('lan2', LAN1, GATEWAY, '21,80,81,443'), bounce('lan2', LAN1, SERVER, '22,80,5201'), bounce('lan2', LAN1, outside, '21,81'),
      bounce('inet', outside, LAN2, '22,80,8000'), bounce('inet', outside, outside, '21,81'), bounce('inet', outside, PROVIDER, '20-40'),
    ]);

    it('bounced scans see what is there, from wherever and of whomever', () => during(async () => {
      const [toRouter = '', toServer = '', around = '', inward = '', toItself = '', backwards = ''] = await bounces();
      expect(stateOf(toRouter)).toEqual({ 21: 'closed', 80: 'open', 81: 'closed', 443: 'open' });
      expect(stateOf(toServer)).toEqual({ 22: 'closed', 80: 'open', 5201: 'open' });
      for (const said of [around, toItself]) expect(stateOf(said)).toMatchObject({ 21: 'open' });
      expect(stateOf(inward)).toEqual({ 22: 'closed', 80: 'closed', 8000: 'open' });
      expect(new Set(Object.values(stateOf(backwards)))).toEqual(new Set(['closed']));
    }), 60_000);

    it('the router stays up when forged and reflected segments with the same addresses and ports come from both sides', async () => {
      const { rows } = await bed.router.table('link list');
      for (const name of ['lan', 'wan'] as const) macs[name] = String(rows.find((r) => r[0] === name)?.[3]);
      const faults = await bed.router.exec('plugin faults');
      const { lan, wan } = segments();
      await during(async () => {
        await Promise.all([
          bounces(), send(bed, 'lan2', lan, 20), send(bed, 'inet', wan, 20),
          nmap('inet', '-sS', '-g', '20', '-p', PORTS, '-D', `${SERVER},${LAN1},${GATEWAY},ME`, outside),
          nmap('lan2', '-sA', '-g', '20', '-p', '1-300', '-D', `${outside},${LAN1},ME`, GATEWAY),
        ]);
      }, 100);
      expect(await bed.router.exec('plugin faults')).toBe(faults);
      expect((await bed.router.table('log show error')).rows).toEqual([]);
      expect(await net.sh('lan2', `curl -s -m 5 http://${SERVER}/`)).toContain(`you are ${outside}`);
    }, 90_000);
  });

  it('memory is what it was', async () => {
    const now = await heapInUse(bed);
    note(`heap in use ${heap.toFixed(1)} → ${now.toFixed(1)} MiB`);
    expect(now - heap).toBeLessThan(20);
  });
});
