/** Packets that do not fit: path MTU discovery, fragments. Topology: bed.ts; far sits behind an MTU of 1300. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentHash } from '../../lab/content.ts';
import { all, Bed, FAR, GATEWAY, root, SERVER } from './bed.ts';
import { until } from './namespaces.ts';

const OCTETS = 5_000_000;

describe.skipIf(!root)('packets that do not fit', () => {
  const bed = new Bed();
  const { net } = bed;
  beforeAll(() => bed.start());
  afterAll(() => bed.close());

  const forget = () => net.sh('lan1', 'ip route flush cache');
  const download = (host: string) => net.sh('lan1', `curl -s -m 40 http://${host}/bytes/${OCTETS} | sha256sum`);
  const upload = (host: string) => net.sh('lan1', `head -c ${OCTETS} /dev/zero | curl -s -m 40 -T - http://${host}/x`);
  const zeroes = () => net.sh('lan1', `head -c ${OCTETS} /dev/zero | sha256sum`);

  it('a narrower network behind the provider is found: ping -M do, tracepath', async () => {
    await forget();
    const ping = await net.run('lan1', ['ping', '-c', '2', '-i', '0.2', '-W', '1', '-M', 'do', '-s', '1400', FAR]);
    expect(ping.out).toMatch(/mtu ?= ?1300/);
    await forget();
    const path = await net.sh('lan1', `tracepath -n ${FAR}`);
    expect(path).toMatch(/pmtu 1300 hops 3 back 3/);
  });

  it('TCP finds it as well, with and without super-frames', async () => {
    for (const offloads of [true, false]) {
      await bed.offloads(offloads);
      await forget();
      expect(await upload(FAR)).toContain((await zeroes()).split(' ')[0]);
      expect(await download(FAR)).toContain(contentHash(OCTETS));
      expect(await net.sh('lan1', `ip route get ${FAR}`)).toContain('mtu 1300');
    }
    await bed.offloads(true);
  });

  it('a narrower LAN: the server is told, through the translation', async () => {
    const all = async (mtu: number) => {
      for (const [name, device] of [['lan1', 'eth0'], ['router', 'p1']] as const) net.ip(name, 'link', 'set', device, 'mtu', String(mtu));
      await until('the router sees the MTU', async () => (await bed.router.table('link list')).rows.some((r) => r[0] === 'port1' && r[4] === mtu));
    };
    await all(1400);
    net.ip('lan1', 'route', 'replace', 'default', 'via', GATEWAY, 'advmss', '1460');
    for (const offloads of [true, false]) {
      await bed.offloads(offloads);
      await net.sh('inet', 'ip route flush cache');
      expect(await download(SERVER)).toContain(contentHash(OCTETS));
      expect(await net.sh('inet', `ip route get ${await bed.outside()}`)).toContain('mtu 1400');
    }
    net.ip('lan1', 'route', 'replace', 'default', 'via', GATEWAY);
    await bed.offloads(true);
    await all(1500);
  });

  it("the router's own narrower WAN: it says so, fragments what may be, and TCP goes on", async () => {
    net.ip('inet', 'link', 'set', 'eth0', 'mtu', '1400');
    net.ip('router', 'link', 'set', 'w0', 'mtu', '1400');
    await until('the router sees the MTU', async () => (await bed.router.table('link list')).rows.some((r) => r[0] === 'wan' && r[4] === 1400));
    await forget();
    const ping = await net.run('lan1', ['ping', '-c', '2', '-i', '0.2', '-W', '1', '-M', 'do', '-s', '1450', SERVER]);
    expect(ping.out).toMatch(new RegExp(`From ${GATEWAY}.*mtu = 1400`));
    await forget();
    expect(await net.sh('lan1', `tracepath -n ${SERVER}`)).toContain('pmtu 1400');
    await forget();
    expect(await bed.ping('lan1', SERVER, 5, '-M', 'dont', '-s', '1472')).toEqual(all(5));
    for (const offloads of [true, false]) {
      await bed.offloads(offloads);
      await forget();
      expect(await upload(SERVER)).toContain((await zeroes()).split(' ')[0]);
      expect(await download(SERVER)).toContain(contentHash(OCTETS));
    }
    await bed.offloads(true);
    net.ip('inet', 'link', 'set', 'eth0', 'mtu', '1500');
    net.ip('router', 'link', 'set', 'w0', 'mtu', '1500');
    await until('the router sees the MTU', async () => (await bed.router.table('link list')).rows.some((r) => r[0] === 'wan' && r[4] === 1500));
    await forget();
    expect(await bed.ping('lan1', SERVER, 5, '-M', 'do', '-s', '1472')).toEqual(all(5));
  });

  it('pings of 8,000 and 65,507 octets go there and back in fragments', async () => {
    const outside = await bed.outside();
    const lossless = async (from: string, to: string, size: number) =>
      expect(await bed.ping(from, to, 20, '-s', String(size)), `${from} to ${to}, ${size}`).toEqual(all(20));
    await lossless('lan1', GATEWAY, 8000);
    await lossless('lan1', SERVER, 8000);
    await lossless('lan1', FAR, 8000);
    await lossless('inet', outside, 8000);
    await lossless('far', outside, 8000);
    await lossless('lan1', SERVER, 65_507);
  });

  it('a datagram of 20,000 octets arrives and is echoed, whole', async () => {
    const echoed = 'head -c 20000 /dev/urandom > "$f"; sha256sum < "$f"; socat -b 30000 -t 3 - "UDP4:$s:7" < "$f" | sha256sum';
    const [sent, got] = (await net.sh('lan1', `f=$(mktemp); trap 'rm -f $f' EXIT; s=${SERVER}; ${echoed}`)).trim().split('\n');
    expect(got).toBe(sent);
    expect((await bed.router.counters())['reassembly: done']).toBeGreaterThan(0);
  });
});
