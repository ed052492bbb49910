import { afterEach, describe, expect, it } from 'vitest';
import { draw } from '../../../kernel/cli/draw.ts';
import { Session } from '../../../kernel/cli/session.ts';
import { VirtualClock } from '../../../kernel/clock.ts';
import { memoryLink } from '../../../kernel/links/memory.ts';
import { createLog } from '../../../kernel/log.ts';
import { Router } from '../../../kernel/router/router.ts';
import { DhcpServer, type ServerConfig } from '../../../plugins/lan/dhcp-server.ts';
import type { View } from '../../../sdk/index.ts';
import { parseMac } from '../../../sdk/wire/address.ts';
import * as arp from '../../../sdk/wire/arp.ts';
import * as dhcp from '../../../sdk/wire/dhcp.ts';
import * as ethernet from '../../../sdk/wire/ethernet.ts';
import * as ipv4 from '../../../sdk/wire/ipv4.ts';
import * as udp from '../../../sdk/wire/udp.ts';
import { bed, own, settle } from '../../sim/bed.ts';
import { config, ip, macOf } from '../lan/dhcp-bench.ts';

const MAC = parseMac('02:00:00:00:00:99')!;
const PROVIDER = ip('198.51.100.1');
const provider = (more: Partial<ServerConfig> = {}): ServerConfig => config({
  server: PROVIDER, subnet: { address: PROVIDER, bits: 24 }, pool: { start: ip('198.51.100.20'), size: 20 }, router: PROVIDER, dns: [ip('203.0.113.53')],
  excluded: [], ...more,
});

/** A router whose WAN port ends in a DHCP server. */
const rig = async (opts: { serve?: ServerConfig } = {}) => {
  const clock = new VirtualClock();
  const log = createLog({ clock });
  const port1 = memoryLink({ name: 'port1', mac: macOf(1) });
  const wan = memoryLink({ name: 'wan', mac: macOf(2) });
  const server = new DhcpServer(opts.serve ?? provider());
  const said: string[] = [];
  let answering = true;
  wan.far.onFrame = frame => {
    const l3 = ethernet.HEADER;
    if (ethernet.etherType(frame, 0) === ethernet.TYPE_ARP && arp.op(frame, l3) === arp.OP_REQUEST && arp.tpa(frame, l3) === (opts.serve ?? provider()).server) {
      const reply = new Uint8Array(l3 + arp.LENGTH);
      ethernet.write(reply, 0, frame.subarray(6, 12), MAC, ethernet.TYPE_ARP);
      arp.write(reply, l3, { op: arp.OP_REPLY, sha: MAC, spa: arp.tpa(frame, l3), tha: frame.subarray(6, 12), tpa: arp.spa(frame, l3) });
      clock.after(1, () => void wan.far.send(reply));
    }
    if (ethernet.etherType(frame, 0) !== ethernet.TYPE_IPV4 || ipv4.protocol(frame, l3) !== ipv4.PROTO_UDP) return;
    const l4 = l3 + ipv4.HEADER;
    if (udp.dstPort(frame, l4) !== dhcp.SERVER_PORT) return;
    const message = dhcp.parse(frame, l4 + udp.HEADER, l4 + udp.length(frame, l4))!;
    said.push(dhcp.typeName(message.type));
    if (!answering) return;
    for (const out of server.step({ kind: 'message', message }, clock.now())) {
      if (out.kind !== 'send') continue;
      const data = dhcp.emit(out.message);
      const total = ipv4.HEADER + udp.HEADER + data.length;
      const reply = new Uint8Array(l3 + total);
      ethernet.write(reply, 0, out.mac ?? ethernet.BROADCAST, MAC, ethernet.TYPE_IPV4);
      ipv4.write(reply, l3, { src: PROVIDER, dst: out.dst, proto: ipv4.PROTO_UDP, totalLen: total });
      udp.write(reply, l4, dhcp.SERVER_PORT, out.dport, udp.HEADER + data.length);
      reply.set(data, l4 + udp.HEADER);
      udp.writeChecksum(reply, l4, PROVIDER, out.dst);
      clock.after(1, () => void wan.far.send(reply));
    }
  };
  let router: Router | undefined;
  const wake = () => { clock.after(0, () => { for (let i = 0; i < 100 && router?.engine.breathe(); i++) { /* until quiet */ } }); };
  router = await settle(clock, Router.start({
    version: 'test', clock, log, plugins: own.map(def => ({ def })), links: [{ name: 'port1', open: port1.open }, { name: 'wan', open: wan.open }], wake, maxFlows: 1000,
  }));
  const running = router;
  const session = new Session({ tree: running.tree, clock, author: 'test' });
  const verb = async (line: string) => {
    let text = '';
    const outcome = await settle(clock, session.start(line, part => { text += draw(part, { width: undefined, ansi: false }); }).done);
    return outcome.error ? text + outcome.error : text;
  };
  const advance = async (ms: number) => { for (let t = 0; t < ms; t += 100) { clock.advance(100); await new Promise<void>(r => { setImmediate(r); }); } };
  return {
    clock, log, router: running, wan, server, said, verb, advance,
    silence: (silent: boolean) => { answering = !silent; },
    stop: async () => { session.close(); await settle(clock, running.stop()); },
  };
};

describe('plugin wan', () => {
  let r: Awaited<ReturnType<typeof rig>>;
  afterEach(() => r.stop());

  it('gets an address, a default route as entry 1, and name servers', async () => {
    r = await rig();
    await r.advance(2000);
    const status = await r.verb('wan status');
    expect(status).toContain('198.51.100.20/24');
    expect(status).toContain('203.0.113.53');
    expect(await r.verb('ip route status')).toContain('wan default');
    expect(await r.verb('ip dns query status')).toContain('203.0.113.53');
    expect(r.said).toEqual(['Discover', 'Request']);
  });

  it('renews with the server by itself, and loses the address when nobody answers until the end', async () => {
    r = await rig({ serve: provider({ leaseSec: 120 }) });
    await r.advance(62_000);
    expect(r.said).toEqual(['Discover', 'Request', 'Request']);
    expect(await r.verb('wan status')).toContain('198.51.100.20/24');
    r.silence(true);
    await r.advance(130_000);
    expect(await r.verb('wan status')).toContain('none');
    expect(await r.verb('ip route status')).not.toContain('wan default');
  });

  it('releases and renews by verb', async () => {
    r = await rig();
    await r.advance(1000);
    await r.verb('ip dhcp wan client release');
    await r.advance(1000);
    expect(r.said.at(-1)).toBe('Release');
    expect(await r.verb('wan status')).toMatch(/DHCP client\s*:?\s*off/);
    await r.verb('ip dhcp wan client renew');
    await r.advance(1000);
    expect(await r.verb('wan status')).toContain('198.51.100.20/24');
  });

  it('asks for the same address after the cable was pulled', async () => {
    r = await rig();
    await r.advance(1000);
    r.wan.far.setUp(false);
    await r.advance(500);
    expect(await r.verb('wan status')).toContain('down');
    r.wan.far.setUp(true);
    await r.advance(1000);
    expect(r.said).toEqual(['Discover', 'Request', 'Request']);
    expect(await r.verb('wan status')).toContain('198.51.100.20/24');
  });

  it('does not use a lease whose subnet is an inside interface\'s, and says why, until that changes', async () => {
    const inside = ip('192.168.1.254');
    r = await rig({ serve: provider({ server: inside, subnet: { address: inside, bits: 24 }, pool: { start: ip('192.168.1.200'), size: 5 }, router: inside }) });
    await r.advance(2000);
    expect(await r.verb('wan status')).toMatch(/wan \(192\.168\.1\.200\/24\) and lan \(192\.168\.1\.1\/24\) share a subnet/);
    expect(await r.verb('ip route status')).not.toContain('wan default');
    await r.verb('config set lan lan ip 10.0.0.1');
    await r.verb('config set lan lan dhcp poolStart 10.0.0.33');
    await r.verb('config commit');
    await r.advance(1000);
    expect(await r.verb('wan status')).toContain('192.168.1.200/24');
  });

  it('refuses a fixed address in an inside subnet', async () => {
    r = await rig();
    await r.verb('config set wan mode static');
    await r.verb('config set wan ip 192.168.1.9');
    expect(await r.verb('config commit')).toContain('wan (192.168.1.9/24) and lan (192.168.1.1/24) share a subnet');
  });

  it('goes on over a reload without asking anybody, and leaves nothing behind', async () => {
    r = await rig();
    await r.advance(1000);
    await settle(r.clock, r.router.plugins.reload('wan'));
    await r.advance(1000);
    expect(r.said).toEqual(['Discover', 'Request']);
    expect(await r.verb('wan status')).toContain('198.51.100.20/24');
    await settle(r.clock, r.router.plugins.unload('wan'));
    expect(r.router.plugins.residue()).toEqual([]);
    expect(r.router.plugins.info('nat')?.state).toBe('active');
  });
});

describe('plugin wan with a fixed address', () => {
  it('loses no packet over reloads', async () => {
    const b = await bed();
    await b.advance(5000);
    const ping = b.exec('lan1', 'ping -c 20 203.0.113.10');
    for (let n = 0; n < 5; n++) {
      await settle(b.clock, b.router.plugins.reload('wan'));
      await b.advance(1000);
    }
    expect((await ping).output).toContain('20 received');
    expect((await b.verb('ip dhcp wan client renew')).text).toContain('static address');
    expect((await b.verb('wan status')).text).toContain('198.51.100.2/24');
    await b.stop();
  });

  it('draws the traffic of the last hour, and then what is new', async () => {
    const b = await bed();
    await b.exec('lan1', 'ping -c 3 203.0.113.10');
    for (let minute = 0; minute < 65; minute++) b.clock.advance(60_000);
    const charts: Extract<View, { kind: 'chart' }>[] = [];
    const page = b.router.panels.open('network/wan', view => { if (view.kind === 'stack') charts.push(...view.views.filter(v => v.kind === 'chart')); }, () => {});
    const [first] = charts;
    expect(first).toMatchObject({ unit: 'bit/s', series: ['down', 'up'], live: true, windowSec: 3600 });
    expect(first!.points).toHaveLength(360);
    const ping = b.exec('lan1', 'ping -c 20 203.0.113.10');
    await b.advance(20_000);
    await ping;
    const newest = charts.at(-1)!.points;
    expect(newest.length).toBeLessThan(10);
    expect(Math.max(...newest.map(p => p[1]!))).toBeGreaterThan(0);
    expect(newest.at(-1)![0]! - first!.points.at(-1)![0]!).toBeGreaterThanOrEqual(10_000);
    void page.dispose();
    await b.stop();
  });
});
