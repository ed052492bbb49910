/**
 * What broken or evil machines send, on the wire and by their kernels' own packet sockets: the router drops it under a name,
 * goes on, and does not grow. Topology: bed.ts; the attacker is lan1 or inet, who is watched is lan2.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, Bed, GATEWAY, LAN1, LAN2, note, PROVIDER, root, SERVER } from './bed.ts';
import { heapInUse } from './heap.ts';
import { until } from './namespaces.ts';
import { frame, type Ip, noise, packet, send } from './raw-frames.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ATTACKER = '02:00:00:00:00:66';
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const IPV4 = 0x0800;
const ARP = 0x0806;
/** An echo request whose checksum is right: type 8, all else 0. */
const echo = Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0);

describe.skipIf(!root)('bad input', () => {
  const bed = new Bed();
  const { net } = bed;
  let mac = { lan: '', wan: '' };
  let heap = 0;
  beforeAll(async () => {
    await bed.start();
    const { rows } = await bed.router.table('link list');
    const of = (name: string) => String(rows.find((r) => r[0] === name)?.[3]);
    mac = { lan: of('lan'), wan: of('wan') };
    heap = await heapInUse(bed);
  });
  afterAll(() => bed.close());

  const good: Ip = { src: LAN1, dst: SERVER, proto: ICMP, data: echo };
  const lan = (o: Partial<Ip>) => frame(mac.lan, ATTACKER, IPV4, packet({ ...good, ...o }));
  const wan = (o: Partial<Ip>) => frame(mac.wan, ATTACKER, IPV4, packet({ ...good, src: PROVIDER, ...o }));

  /** What fn does adds to these counters, and the other host's pings go on. */
  async function counts(names: readonly string[], fn: () => Promise<void>, least = 1): Promise<void> {
    const before = await bed.router.counters();
    await fn();
    await bed.quiet();
    let grown: Record<string, number> = {};
    await until('it is counted', async () => {
      grown = Object.fromEntries(Object.entries(await bed.router.counters()).map(([k, n]) => [k, n - (before[k] ?? 0)] as const).filter(([, n]) => n > 0));
      return names.every((name) => (grown[name] ?? 0) >= least);
    }, 3000).catch(() => {});
    for (const name of names) expect(grown[name], `${name} among ${JSON.stringify(grown)}`).toBeGreaterThanOrEqual(least);
    await goesOn();
  }

  async function goesOn(): Promise<void> {
    expect(bed.router.alive).toBe(true);
    for (const host of [SERVER, GATEWAY]) expect(await bed.ping('lan2', host, 10)).toEqual(all(10));
  }

  /** From the LAN and from the WAN. */
  const everywhere = (wrong: Partial<Ip>) => async () => {
    await send(bed, 'lan1', [lan(wrong)]);
    await send(bed, 'inet', [wan({ ...wrong, dst: wrong.dst ?? await bed.outside() })]);
  };

  it.each<readonly [string, string, Partial<Ip>]>([
    ['a martian source, 127.0.0.1', 'sanity: martian source address', { src: '127.0.0.1' }],
    ['a martian source, 240.0.0.1', 'sanity: martian source address', { src: '240.0.0.1' }],
    ['a broadcast source', 'sanity: martian source address', { src: '255.255.255.255' }],
    ['a source that is a network', 'sanity: martian source address', { src: '0.0.0.7' }],
    ['a martian destination', 'sanity: martian source address', { dst: '127.0.0.1' }],
    ['land: to the router from the router', 'sanity: source and destination are the same', { src: GATEWAY, dst: GATEWAY, proto: TCP, data: noise(20, 1) }],
    ['IP version 6 in an IPv4 frame', 'sanity: ip version is not 4', { version: 6 }],
    ['a wrong header checksum', 'sanity: ip header checksum', { wrongSum: true }],
    ['a header of 16 octets', 'sanity: ip header cut off or lying about its length', { headerLen: 16 }],
    ['a header of 60 octets in a packet of 28', 'sanity: ip header cut off or lying about its length', { headerLen: 60, totalLen: 28 }],
    ['a total length beyond the frame', 'sanity: ip header cut off or lying about its length', { totalLen: 1400 }],
    ['a total length of 4', 'sanity: ip header cut off or lying about its length', { totalLen: 4 }],
    ['TCP of 12 octets', 'sanity: transport header cut off', { proto: TCP, data: noise(12, 2) }],
    ['UDP of 4 octets', 'sanity: transport header cut off', { proto: UDP, data: noise(4, 3) }],
    ['loose source route', 'sanity: source route option', { options: Uint8Array.of(131, 7, 4, 1, 2, 3, 4, 0) }],
    ['strict source route', 'sanity: source route option', { options: Uint8Array.of(1, 137, 7, 4, 1, 2, 3, 4) }],
  ])('%s: %s', async (_, counter, wrong) => {
    await counts([counter], everywhere(wrong), 2);
  });

  it('a packet for one host in a broadcast frame', () => counts(['sanity: IP packet for one host in a broadcast frame'], () => send(bed, 'lan1', [frame(BROADCAST, ATTACKER, IPV4, packet(good))])));

  it('IP options that are odd but allowed pass: record route, timestamp, router alert, one without end', async () => {
    expect((await net.sh('lan1', `ping -R -c 2 -i 0.2 -W 5 ${GATEWAY}`))).toContain('2 received');
    expect((await net.sh('lan1', `ping -T tsonly -c 2 -i 0.2 -W 5 ${SERVER}`))).toContain('2 received');
    await counts([], () => send(bed, 'lan1', [lan({ options: Uint8Array.of(148, 4, 0, 0) }), lan({ options: Uint8Array.of(7, 40, 4, 0) }), lan({ options: Uint8Array.of(68, 0, 0, 0) }), lan({ options: Uint8Array.of(1, 1, 1, 7) })]));
  });

  it('fragments: teardrop, ping of death, misaligned, empty, doubled', () => {
    const part = (id: number, at: number, more: boolean, size: number, seed = 1): Partial<Ip> => ({ id, proto: UDP, fragment: { at, more }, data: noise(size, seed) });
    const attacks = [
      part(10, 0, true, 64), part(10, 32, false, 64), // teardrop: the second lies inside the first and beyond it
      part(11, 0, true, 64), part(11, 0, true, 64, 2), // other data at the same place
      part(12, 64, false, 8), part(12, 128, true, 64), // behind the last one
      part(13, 65_528, false, 800), // the ping of death
      part(14, 0, true, 61), part(15, 8, true, 0),
      part(16, 0, true, 64), part(16, 0, true, 64),
    ];
    return counts(['reassembly: overlap', 'reassembly: too-long', 'reassembly: misaligned', 'reassembly: empty', 'reassembly: duplicate'], async () => {
      await send(bed, 'lan1', attacks.map(lan));
      const dst = await bed.outside();
      await send(bed, 'inet', attacks.map((a) => wan({ ...a, dst })));
    });
  });

  it('20,000 first fragments without an end: memory is bounded, whole ones still come together', () => counts([], async () => {
    const first = Array.from({ length: 20_000 }, (_, id) => lan({ id, src: `192.168.1.${2 + id % 30}`, proto: UDP, fragment: { at: 0, more: true }, data: noise(1400, id) }));
    await send(bed, 'lan1', first);
    await bed.quiet();
    expect(await bed.ping('lan2', SERVER, 5, '-s', '8000')).toEqual(all(5));
  }));

  /** An ARP reply of the attacker's that claims 192.168.1.`host`, to everybody. */
  const claim = (host: number) => Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 0x66, 192, 168, 1, host, 2, 0, 0, 0, 0, 0x66, 192, 168, 1, host);

  it('ARP of every kind of wrong', () => counts(['arp: malformed', 'arp: bad sender', 'arp: gratuitous ignored'], async () => {
    const own = claim(99);
    const group = own.map((o, i) => i === 8 ? 3 : o);
    const frames = [own, group, own.slice(0, 20), noise(28, 5), Uint8Array.of(0, 1, 8, 0, 6, 200, 0, 1), own.map((o, i) => i === 1 ? 7 : o)].map((a) => frame(BROADCAST, ATTACKER, ARP, a, true));
    await send(bed, 'lan1', frames);
    await send(bed, 'inet', frames);
  }));

  it("somebody claims the router's address: it defends itself, and the neighbours believe it (RFC 5227 §2.4)", async () => {
    const known = () => net.sh('lan2', `ip neigh show ${GATEWAY}`);
    expect(await known()).toContain(mac.lan);
    await counts([], () => send(bed, 'lan1', [frame(BROADCAST, ATTACKER, ARP, claim(1))]));
    expect(await known()).toContain(mac.lan);
    expect((await bed.router.exec('log show warn'))).toContain(ATTACKER);
  });

  it('frames of every length from 14 to 1514 with noise in them, of every type that matters', async () => {
    const frames = Array.from({ length: 1501 }, (_, n) => [IPV4, ARP, 0x8100, 0x86dd, 0x88a8, n].map((type) => frame(n % 2 ? BROADCAST : mac.lan, ATTACKER, type, noise(n, n * 7 + type), true))).flat();
    await counts(['sanity: not IPv4', 'sanity: ip version is not 4'], () => send(bed, 'lan1', frames));
    await counts([], () => send(bed, 'inet', frames));
  });

  it('IPv4 headers that are right with noise behind them, of every protocol and length', async () => {
    const packets = Array.from({ length: 256 }, (_, proto) => [0, 4, 8, 20, 39, 200, 1480].map((n) => ({ proto, data: noise(n, n + proto) }))).flat();
    const dst = await bed.outside();
    await counts([], async () => {
      await send(bed, 'lan1', packets.map(lan));
      await send(bed, 'lan1', packets.map((p) => lan({ ...p, dst: GATEWAY })));
      await send(bed, 'inet', packets.map((p) => wan({ ...p, dst })));
    });
  });

  it('a broadcast storm of 100,000 frames', async () => {
    const who = Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x66, 192, 168, 1, 77, 0, 0, 0, 0, 0, 0, 192, 168, 1, 1);
    const storm = [frame(BROADCAST, ATTACKER, ARP, who), frame(BROADCAST, ATTACKER, IPV4, packet({ ...good, src: '192.168.1.77', dst: '192.168.1.255', proto: UDP, data: noise(32, 9) })),
      frame(BROADCAST, ATTACKER, IPV4, packet({ ...good, src: LAN1, dst: '192.168.1.255' }))];
    const meanwhile = bed.ping('lan2', SERVER, 100);
    await counts(['icmp: echo broadcast'], () => send(bed, 'lan1', storm, 33_333));
    const { received, lost } = await meanwhile;
    note(`during the storm ${received} pings came back, ${lost} were lost`);
    expect(received).toBeGreaterThan(lost);
  });

  it('a flood of SYNs with random sources and ports (hping3), and of UDP to closed ports', async () => {
    const flood = (...words: string[]) => net.run('lan1', ['timeout', '-s', 'INT', '4', 'hping3', '-q', '-c', '25000', '-i', 'u20', ...words]);
    await flood('-S', '-p', '++1', '--rand-source', SERVER);
    await flood('-S', '-p', '80', SERVER);
    await flood('-2', '-p', '++1', GATEWAY);
    const flows = Number.parseInt(String((await bed.router.facts('sys status'))['flows']), 10);
    note(`${flows} flows after the floods`);
    await bed.quiet();
    await goesOn();
    expect(await net.sh('lan2', `curl -s http://${SERVER}/`)).toContain('you are 198.51.100.5');
  });

  it('none of it is in the log as a fault, and the heap has not grown beyond what flows hold', async () => {
    expect((await bed.router.table('log show error')).rows).toEqual([]);
    expect(await bed.router.exec('plugin faults')).not.toMatch(/ip|lan|wan|nat/);
    const now = await heapInUse(bed);
    note(`heap in use ${heap.toFixed(1)} → ${now.toFixed(1)} MiB; ${LAN2} was served all along`);
    // What the flows of the flood still hold is in it.
    expect(now - heap).toBeLessThan(80);
    // What waits for a neighbour holds some, for a while.
    let free = '';
    const seen: string[] = [];
    await until('all packet buffers are free', async () => {
      free = String((await bed.router.facts('sys status'))['packet buffers free']);
      if (seen.at(-1) !== free) seen.push(free);
      return /^(\d+) of \1$/.test(free);
    }, 30_000).catch(() => {});
    note(seen.join(', '));
    expect(free).toMatch(/^(\d+) of \1$/);
  });
});
