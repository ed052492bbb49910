/**
 * Address translation for real programs: forwards, loopback, triggers, addresses of one's own, PPTP and ESP of two hosts, fragments.
 * Topology: bed.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, Bed, FAR, LAN1, LAN2, note, root, SERVER } from './bed.ts';
import { drops, excused } from './drops.ts';
import { until, wait } from './namespaces.ts';
import { backwards, espHost, espPeer, pptpClient, pptpServer } from './vpn-peers.ts';

/** A second outside address, which nothing but NAT has. */
const EXTRA = '198.51.100.200';

describe.skipIf(!root)('NAT', () => {
  const bed = new Bed();
  const { net } = bed;
  let outside = '';
  beforeAll(async () => {
    await bed.start();
    outside = await bed.outside();
    net.ip('far', 'route', 'replace', 'default', 'via', '10.99.0.1');
  }, 60_000);
  afterAll(() => bed.close());

  const forward = (f: object) => bed.configure(`nat.portForwarding add ${JSON.stringify(f)}`);
  const permit = (rule: string) => bed.router.exec(`firewall rule insert wan lan permit ${rule}`);
  const serve = (where: string, listen: string, text: string) => net.start(where, ['socat', `${listen},fork${listen.startsWith('TCP') ? ',reuseaddr' : ''}`, `SYSTEM:echo ${text} $SOCAT_PEERADDR`]);
  const tcp = async (from: string, host: string, port: number) => (await net.run(from, ['socat', '-t', '1', '-u', `TCP4:${host}:${port},connect-timeout=2`, '-'], 8000)).out.trim();
  const udp = async (from: string, host: string, port: number) => (await net.run(from, ['bash', '-c', `echo hello | socat -t 0.5 - UDP4:${host}:${port}`], 8000)).out.trim();

  /** So it is, in a moment: a busy machine needs longer than a client waits. */
  const comes = async (what: () => Promise<string>, expected: string): Promise<void> => {
    let last = '';
    await until(expected, async () => { last = await what(); return last === expected; }, 15_000).catch((e: Error) => { throw new Error(`${e.message}; last: ${last}`); });
  };

  describe('port forwarding', () => {
    beforeAll(async () => {
      serve('lan1', 'TCP4-LISTEN:80', 'one');
      serve('lan2', 'TCP4-LISTEN:81', 'two');
      serve('lan2', 'UDP4-RECVFROM:82', 'three');
      net.start('lan1', ['iperf3', '-s']);
      await forward({ name: 'web', protocol: 'tcp', start: 8000, translateStart: 80, server: LAN1 });
      await forward({ name: 'range', protocol: 'tcp+udp', start: 9001, end: 9010, translateStart: 81, translateEnd: 90, server: LAN2 });
      await forward({ name: 'speed', protocol: 'tcp+udp', start: 5201, server: LAN1 });
      await permit(`to ${LAN1} service tcp/80 tcp+udp/5201`);
      await permit(`to ${LAN2} service tcp+udp/81-90`);
      await until('the servers listen', async () => (await tcp('lan2', LAN1, 80)).startsWith('one') && (await tcp('lan1', LAN2, 81)).startsWith('two'));
    });

    it('leads to the server, ports translated; it sees who comes', async () => {
      await comes(() => tcp('far', outside, 8000), `one ${FAR}`);
      await comes(() => tcp('far', outside, 9001), `two ${FAR}`);
      // socat loses a datagram now and then while it makes its child.
      await comes(() => udp('far', outside, 9002), `three ${FAR}`);
      expect(await tcp('far', outside, 9003)).not.toContain('two');
      expect(await tcp('far', outside, 80)).not.toContain('one');
    });

    it.each([['TCP', []], ['TCP, backwards', ['-R']], ['UDP', ['-u', '-b', '20M']]] as const)('iperf3 comes through: %s', async (_, words) => {
      const dropped = await drops(bed);
      const { out, code } = await net.run('inet', ['iperf3', '-J', '-c', outside, '-t', '2', ...words], 20_000);
      expect(code, out).toBe(0);
      const { end } = JSON.parse(out) as { end: { sum?: { lost_packets: number; packets: number; bytes: number }; sum_received?: { bytes: number; bits_per_second: number } } };
      if (end.sum) await excused(bed, dropped, { lost: end.sum.lost_packets, sent: end.sum.packets });
      else note(`iperf3 through a forward: ${((end.sum_received?.bits_per_second ?? 0) / 1e9).toFixed(2)} Gbit/s`);
      expect(end.sum?.bytes ?? end.sum_received?.bytes).toBeGreaterThan(1_000_000);
    });

    it('a TCP traceroute through a forward ends at the outside address, an ICMP one at the router', async () => {
      const hops = async (...words: string[]) => (await net.sh('far', `traceroute -n -q 1 -w 1 -m 6 ${words.join(' ')} ${outside}`)).trim().split('\n').slice(1).map((l) => l.trim().split(/\s+/)[1]);
      expect(await hops('-I')).toEqual(['10.99.0.1', outside]);
      // The forwarding router is a hop, the server behind it another one; both answer by the one address that there is.
      expect(await hops('-T', '-p', '8000')).toEqual(['10.99.0.1', outside, outside]);
    });

    it('NAT loopback: hosts inside reach it by the outside address, too, the server itself among them', async () => {
      await comes(() => tcp('lan2', outside, 8000), `one ${outside}`);
      await comes(() => tcp('lan1', outside, 8000), `one ${outside}`);
      await comes(() => udp('lan1', outside, 9002), `three ${outside}`);
      await bed.router.exec('ip nat loopback off');
      expect(await tcp('lan2', outside, 8000)).not.toContain('one');
      await bed.router.exec('ip nat loopback on');
      await comes(() => tcp('lan2', outside, 8000), `one ${outside}`);
    });
  });

  it('port triggering: who has sent to the trigger port gets what comes to the incoming ones', async () => {
    serve('lan1', 'TCP4-LISTEN:6000', 'triggered one');
    serve('lan2', 'TCP4-LISTEN:6000', 'triggered two');
    await bed.configure('nat.portTriggering add {"name":"game","incomingStart":6000,"incomingEnd":6001,"triggerStart":7,"triggerEnd":7}');
    expect(await tcp('far', outside, 6000)).not.toContain('triggered');
    await comes(() => udp('lan2', SERVER, 7), 'hello');
    await until('the port is open', async () => await tcp('far', outside, 6000) === `triggered two ${FAR}`);
    // One host at a time.
    await comes(() => udp('lan1', SERVER, 7), 'hello');
    await comes(() => tcp('far', outside, 6000), `triggered two ${FAR}`);
  });

  it('PPTP: two hosts with the same call id are clients of one server, control connection and tunnel', async () => {
    net.start('inet', ['python3', '-c', pptpServer, SERVER]);
    await until('the PPTP server listens', async () => (await net.sh('inet', 'ss -Hltn sport = 1723')).includes(SERVER));
    const dial = (host: string, stay: number) => net.run(host, ['python3', '-c', pptpClient, SERVER, '1280', `of ${host}`, String(stay)], 20_000);
    const said = await Promise.all([dial('lan1', 3), wait(500).then(() => dial('lan2', 1))]);
    expect(said.map((r) => r.out.trim().split('\n'))).toEqual([['call True', 'tunnel True echo of lan1'], ['call True', 'tunnel True echo of lan2']]);
  }, 30_000);

  it('ESP: two hosts have tunnels to one peer, each its own', async () => {
    net.start('inet', ['python3', '-c', espPeer, SERVER]);
    const tunnel = (host: string, spi: number, n: number) => net.run(host, ['python3', '-c', espHost, SERVER, String(spi), host, String(n)], 40_000);
    await comes(async () => (await tunnel('lan1', 0x1001, 3)).out.trim(), 'lan1 3 of 3');
    // The first one goes on while the second one begins: what comes back is told apart by its SPI.
    const both = await Promise.all([tunnel('lan1', 0x1001, 40), tunnel('lan2', 0x1002, 40)]);
    expect(both.map((r) => r.out.trim())).toEqual(['lan1 40 of 40', 'lan2 40 of 40']);
  }, 60_000);

  it('fragments that come backwards are put together, there and back', async () => {
    for (const n of [2500, 9000]) expect((await net.run('lan1', ['python3', '-c', backwards, LAN1, SERVER, '7', String(n), '1000'])).out).toContain('whole True');
    // With peers whose wires are narrower than their datagrams.
    for (const [host, device] of [['lan2', 'eth0'], ['router', 'p2']] as const) net.ip(host, 'link', 'set', device, 'mtu', '576');
    await until('the router sees the MTU', async () => (await bed.router.table('link list')).rows.some((r) => r[0] === 'port2' && r[4] === 576));
    expect(await bed.ping('lan2', SERVER, 20, '-s', '8000')).toEqual(all(20));
    expect((await net.run('lan2', ['python3', '-c', backwards, LAN2, SERVER, '7', '6000', '400'])).out).toContain('whole True');
    for (const [host, device] of [['lan2', 'eth0'], ['router', 'p2']] as const) net.ip(host, 'link', 'set', device, 'mtu', '1500');
  });

  it('one-to-one: a host has an outside address of its own, which the router answers ARP for', async () => {
    await bed.configure('nat.uplinks [{"name":"wan","mode":"full"}]',
      `nat.addressMapping [{"type":"one-to-one","localStart":"${LAN2}","globalStart":"${EXTRA}"},{"type":"many-to-one","localStart":"0.0.0.0","localEnd":"255.255.255.255"}]`);
    expect(await net.sh('lan2', `curl -s -m 3 http://${SERVER}/`)).toContain(`you are ${EXTRA}`);
    expect(await net.sh('lan1', `curl -s -m 3 http://${SERVER}/`)).toContain(`you are ${outside}`);
    const mac = String((await bed.router.table('link list')).rows.find((r) => r[0] === 'wan')?.[3]);
    await net.sh('inet', 'ip neigh flush dev eth0');
    expect((await net.run('inet', ['ping', '-c', '1', '-W', '1', EXTRA])).code).not.toBe(0);
    expect(await net.sh('inet', `ip neigh show ${EXTRA}`)).toContain(mac);
    await permit(`to ${LAN2} service icmp/8 tcp/81`);
    expect(await bed.ping('inet', EXTRA, 10)).toEqual(all(10));
    await comes(() => tcp('far', EXTRA, 81), `two ${FAR}`);
    expect(await tcp('lan1', EXTRA, 81)).toMatch(/^two /);
    expect(await tcp('far', EXTRA, 22)).toMatch(/timed out|refused/i);
  });
});
