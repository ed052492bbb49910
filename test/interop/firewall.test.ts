/**
 * The firewall against real attackers (hping3, raw sockets) and for real clients: floods end nothing that is established, what is refused is
 * told as the rules say, and what a rule no longer allows ends at once. Topology: bed.ts, with a DMZ.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, Bed, DMZ1, GATEWAY, LAN1, LAN2, note, PROVIDER, root, SERVER } from './bed.ts';
import { drops, excused } from './drops.ts';
import { heapInUse } from './heap.ts';
import { until } from './namespaces.ts';
import { frame, noise, packet, send } from './raw-frames.ts';

const UDP = 17;
const ICMP = 1;

describe.skipIf(!root)('firewall', () => {
  const bed = new Bed({ dmz: true });
  const { net } = bed;
  let outside = '';
  const mac = { lan: '', wan: '' };
  beforeAll(async () => {
    await bed.start();
    outside = await bed.outside();
    const { rows } = await bed.router.table('link list');
    for (const name of ['lan', 'wan'] as const) mac[name] = String(rows.find((r) => r[0] === name)?.[3]);
    await bed.configure('lan.dmz.ip 192.168.2.1');
    await until('the DMZ gets out', async () => (await net.run('dmz1', ['ping', '-c', '1', '-W', '1', SERVER])).code === 0, 15_000);
  }, 60_000);
  afterAll(() => bed.close());

  const firewall = (line: string) => bed.router.exec(`firewall ${line}`);
  const attacks = async (): Promise<string[]> => (await bed.router.table('firewall attacks list 1000')).rows.map((r) => `${r[0]} ${r[1]} ${r[3]}`);
  /** All of these are told of, in a moment. */
  const detected = async (...kinds: readonly string[]): Promise<void> => {
    let seen: string[] = [];
    await until(kinds.join(', '), async () => { seen = await attacks(); return kinds.every((k) => seen.some((a) => a.startsWith(k))); }).catch((e: Error) => { throw new Error(`${e.message}; seen: ${seen.join(', ')}`); });
  };
  const status = () => bed.router.facts('firewall status');
  const curl = (from: string, host: string, ...words: string[]) => net.run(from, ['curl', '-s', '-S', '-m', '3', ...words, `http://${host}/`]);
  const hping = (from: string, ms: number, ...words: string[]) => net.run(from, ['timeout', '-s', 'INT', String(ms / 1000), 'hping3', '-q', ...words]);
  const web = (where: string, port: number, text: string) => net.start(where, ['socat', `TCP4-LISTEN:${port},fork,reuseaddr`, `SYSTEM:echo ${text}`]);
  const knock = async (from: string, host: string, port: number) => (await net.run(from, ['socat', '-t', '1', '-u', `TCP4:${host}:${port},connect-timeout=1`, '-'])).out;

  /** A slow download on lan1 goes on for the whole time and comes out whole; lan2's pings are not lost. */
  async function undisturbed(what: () => Promise<void>): Promise<void> {
    const octets = 3_000_000;
    const transfer = net.run('lan1', ['curl', '-s', '-m', '50', '--limit-rate', '600k', '-o', '/dev/null', '-w', '%{size_download}', `http://${SERVER}/bytes/${octets}`]);
    const dropped = await drops(bed);
    const pings = bed.ping('lan2', SERVER, 100);
    await until('the transfer has begun', async () => (await bed.router.table('flow list tcp port 80')).rows.length > 0);
    await what();
    const { received, lost, duplicates } = await pings;
    expect(duplicates).toBe(0);
    await excused(bed, dropped, { lost, sent: received + lost });
    expect((await transfer).out).toBe(String(octets));
    expect(bed.router.alive).toBe(true);
  }

  describe('attacks', () => {
    let heap = 0;
    beforeAll(async () => {
      web('lan1', 8080, 'from inside');
      await bed.configure(`nat.portForwarding add {"name":"web","protocol":"tcp","start":8080,"server":"${LAN1}"}`);
      await firewall(`rule insert wan lan permit to ${LAN1} service tcp/8080 name web`);
      expect(await knock('inet', outside, 8080)).toContain('from inside');
      heap = await heapInUse(bed);
    });

    it('a SYN flood from forged senders: half-open sessions stay below the threshold, established ones go on', async () => {
      await bed.router.exec('sys firewall dos threshold tcpMaxIncomplete 100');
      // Nobody answers for those senders.
      await net.sh('inet', 'ip route add blackhole 172.16.0.0/12');
      await undisturbed(async () => {
        await hping('inet', 3000, '-S', '-p', '8080', '-i', 'u100', '-c', '20000', '--rand-source', outside);
        const { 'half-open': half } = await status();
        note(`${half} half-open sessions after the flood`);
        expect(Number(half)).toBeLessThan(200);
      });
      await detected('syn flood');
      expect(await bed.router.exec('log show warn syn')).toContain('syn flood - WAN');
      // Whoever is real comes through, by the oldest of the others.
      expect(await knock('inet', outside, 8080)).toContain('from inside');
    }, 60_000);

    it('with a blocking period the destination is closed instead, and nobody else notices', async () => {
      await bed.router.exec('sys firewall dos block-minute 1');
      await undisturbed(async () => { await hping('inet', 1500, '-S', '-p', '8080', '-i', 'u100', '-c', '5000', '--rand-source', outside); });
      expect(Number((await status())['blocked destinations'])).toBe(1);
      expect(await knock('inet', outside, 8080)).not.toContain('from inside');
      expect((await curl('lan1', SERVER)).out).toContain(`you are ${outside}`);
      await bed.router.exec('sys firewall dos block-minute 0');
      await bed.router.exec('sys firewall dos threshold tcpMaxIncomplete profile');
    }, 60_000);

    it('land, smurf, and senders that cannot be', () => undisturbed(async () => {
      await hping('inet', 1500, '-S', '-a', outside, '-s', '80', '-k', '-p', '80', '-i', 'u2000', '-c', '500', outside);
      await send(bed, 'inet', [frame(mac.wan, '02:00:00:00:00:66', 0x0800, packet({ src: outside, dst: outside, proto: 6, data: Uint8Array.of(0, 80, 0, 80, ...noise(8, 1), 0x50, 2, 4, 0, 0, 0, 0, 0) }))]);
      await hping('inet', 1500, '-1', '-a', SERVER, '-i', 'u2000', '-c', '500', '198.51.100.255');
      await send(bed, 'inet', ['198.51.100.255', '192.168.1.255'].map((dst) => frame(mac.wan, '02:00:00:00:00:66', 0x0800, packet({ src: SERVER, dst, proto: ICMP, data: Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0) }))));
      for (const forged of [LAN1, GATEWAY, DMZ1]) await hping('inet', 1000, '-S', '-a', forged, '-p', '8080', '-i', 'u2000', '-c', '200', outside);
      await detected(`land ${outside} WAN`, `smurf ${SERVER} WAN`, ...[LAN1, GATEWAY, DMZ1].map((a) => `ip spoofing ${a} WAN`));
    }), 60_000);

    it('ping of death and teardrop', () => undisturbed(async () => {
      for (const [from, to, src, dst] of [['inet', mac.wan, PROVIDER, outside], ['lan1', mac.lan, LAN1, SERVER]] as const) {
        const piece = (at: number, more: boolean, n: number, id: number, proto: number) => frame(to, '02:00:00:00:00:66', 0x0800, packet({ src, dst, proto, id, fragment: { at, more }, data: noise(n, id) }));
        const pieces = Array.from({ length: 30 }, (_, i) => [
          ...Array.from({ length: 45 }, (_x, k) => piece(k * 1480, true, 1480, 100 + i, ICMP)),
          piece(0, true, 64, 200 + i, UDP), piece(24, false, 8, 200 + i, UDP), piece(0, true, 1400, 300 + i, UDP), piece(1000, false, 600, 300 + i, UDP),
        ]).flat();
        await send(bed, from, pieces);
      }
      await detected(...[[PROVIDER, 'WAN'], [LAN1, 'LAN']].flatMap(([who, zone]) => ['ping of death', 'teardrop'].map((kind) => `${kind} ${who} ${zone}`)));
    }), 60_000);

    it('floods of UDP and ICMP, and of everything at once: the log stays short, memory what it was', async () => {
      const lines = (await bed.router.table('log show')).rows.length;
      await undisturbed(async () => {
        await Promise.all([hping('inet', 2500, '-2', '-p', '++1', '-i', 'u300', outside), hping('inet', 2500, '-1', '-i', 'u300', '--rand-source', outside), hping('inet', 2500, '-A', '-p', '++1', '-i', 'u500', outside)]);
      });
      // One line for each sender that is remarkable; nobody is told of each packet.
      expect((await bed.router.table('log show')).rows.length - lines).toBeLessThan(100);
      await bed.quiet();
      const now = await heapInUse(bed);
      note(`heap in use ${heap.toFixed(1)} → ${now.toFixed(1)} MiB`);
      expect(now - heap).toBeLessThan(30);
      expect((await bed.router.table('log show error')).rows).toEqual([]);
    }, 60_000);
  });

  describe('zones', () => {
    it('the DMZ gets out and not in; the LAN gets everywhere', async () => {
      web('dmz1', 80, 'from the DMZ');
      web('lan2', 80, 'from the LAN');
      await until('the DMZ serves', async () => (await knock('lan1', DMZ1, 80)).includes('from the DMZ'));
      expect((await curl('dmz1', SERVER)).out).toContain(`you are ${outside}`);
      expect(await knock('dmz1', LAN2, 80)).not.toContain('from the LAN');
      expect((await net.run('dmz1', ['ping', '-c', '1', '-W', '1', LAN2])).code).not.toBe(0);
      expect(await bed.ping('dmz1', '192.168.2.1', 3)).toEqual(all(3));
      await firewall(`rule insert dmz lan permit to ${LAN2} service tcp/80`);
      expect(await knock('dmz1', LAN2, 80)).toContain('from the LAN');
      expect((await net.run('dmz1', ['ping', '-c', '1', '-W', '1', LAN2])).code).not.toBe(0);
      await firewall('rule delete dmz lan 1');
    });

    it('a server in the DMZ is reached from outside when a rule says so, from some only', async () => {
      await bed.configure(`nat.portForwarding add {"name":"dmz","protocol":"tcp","start":88,"translateStart":80,"server":"${DMZ1}"}`);
      expect(await knock('inet', outside, 88)).not.toContain('from the DMZ');
      await firewall(`rule insert wan dmz permit from ${PROVIDER} to ${DMZ1} service HTTP`);
      expect(await knock('inet', outside, 88)).toContain('from the DMZ');
      expect(await knock('far', outside, 88)).not.toContain('from the DMZ');
      await firewall('rule edit wan dmz 1 from any');
      expect(await knock('far', outside, 88)).toContain('from the DMZ');
    });
  });

  describe('refusals', () => {
    it.each([['reject', 7, /filtered/], ['drop', 28, /0 received/]])('%s', async (action, curlSays, pingSays) => {
      await firewall(`rule insert lan wan ${action} to ${SERVER} service tcp/80 icmp udp/9`);
      // 7: refused, 28: no answer in time.
      expect((await curl('lan1', SERVER, '--connect-timeout', '2')).code).toBe(curlSays);
      expect((await net.run('lan1', ['ping', '-c', '1', '-W', '1', SERVER])).out).toMatch(pingSays);
      const said = (await net.run('lan1', ['nmap', '-n', '-Pn', '-sU', '-p', '9', '--reason', '--max-retries', '0', SERVER])).out;
      expect(said).toMatch(action === 'reject' ? /filtered .*admin-prohibited/ : /no-response/);
      expect((await curl('lan1', '10.99.0.2')).out).toContain('you are');
      await firewall('rule delete lan wan 1');
      expect((await curl('lan1', SERVER)).out).toContain(`you are ${outside}`);
    });
  });

  describe('changes', () => {
    const iperf = (from: string, seconds: number, ...words: string[]) => net.run(from, ['iperf3', '-c', SERVER, '-t', String(seconds), '-b', '20M', '--connect-timeout', '2000', ...words], 40_000);
    /** Whoever only receives is not told that his session has ended: he gives up after so long without an octet. */
    const silence = ['--speed-time', '4', '--speed-limit', '1'];
    const sessions = async (port: number) => (await bed.router.table(`flow list port ${port}`)).rows.length;

    it('a rule that comes ends the iperf3 and the download that it forbids, and leaves the others', async () => {
      const cut = net.run('lan1', ['curl', '-s', '-m', '30', ...silence, '--limit-rate', '300k', '-o', '/dev/null', '-w', '%{size_download}', `http://${SERVER}/bytes/20000000`], 40_000);
      const running = iperf('lan1', 20);
      const kept = net.run('lan2', ['curl', '-s', '-m', '40', '--limit-rate', '600k', '-o', '/dev/null', '-w', '%{size_download}', `http://${SERVER}/bytes/3000000`]);
      await until('they run', async () => await sessions(5201) >= 1 && await sessions(80) >= 2);
      await until('they carry something', async () => (await bed.router.table('flow list port 5201')).rows.length >= 2);
      await firewall(`rule insert lan wan reject from ${LAN1} service tcp/80 tcp/5201 name stop`);
      const ended = await cut;
      expect(Number(/\d+/.exec(ended.out)?.[0])).toBeLessThan(20_000_000);
      expect(ended.code).not.toBe(0);
      expect((await running).code).not.toBe(0);
      expect((await kept).out).toBe('3000000');
      expect(await bed.router.exec('log show info longer')).toContain('session no longer allowed');
      await firewall('rule delete lan wan 1');
      expect((await curl('lan1', SERVER)).out).toContain('you are');
    }, 80_000);

    it('switching it off and on ends every session through the router', async () => {
      const transfers = ['lan1', 'lan2', 'dmz1'].map((h) => net.run(h, ['curl', '-s', '-m', '40', ...silence, '--limit-rate', '200k', '-o', '/dev/null', `http://${SERVER}/bytes/20000000`], 50_000));
      await until('they run', async () => await sessions(80) >= 3);
      await bed.router.exec('sys firewall active no');
      expect((await curl('lan1', SERVER)).out).toContain('you are');
      expect(await sessions(80)).toBeGreaterThanOrEqual(3);
      await bed.router.exec('sys firewall active yes');
      expect(await sessions(80)).toBe(0);
      for (const t of transfers) expect((await t).code).not.toBe(0);
      expect(await bed.router.exec('log show info switched')).toContain('all sessions through the router ended');
      expect((await curl('lan1', SERVER)).out).toContain('you are');
    }, 60_000);
  });
});
