import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as natPmp from '../../sdk/wire/nat-pmp.ts';
import * as pcp from '../../sdk/wire/pcp.ts';
import { type Bed, bed, settle } from './bed.ts';
import { from, ip, ipOf, listen, send, udpPacket } from './frames.ts';

const LAN1 = '192.168.1.33';
const WAN = '198.51.100.2';
const SERVER = '203.0.113.10';

describe('mappings of hosts, NAT and the firewall', () => {
  let b: Bed;
  let heard: Uint8Array[];
  beforeEach(async () => {
    b = await bed();
    await b.advance(5000);
    heard = listen(b, 'lan1');
    await b.exec('lan1', `ping -c 1 ${SERVER}`);
    await b.verb('sys upnp active on');
    await b.advance(300_000);
  });
  afterEach(() => b.stop());
  const say = (host: 'lan1' | 'inet1', p: Uint8Array) => { send(b, host === 'lan1' ? 'port1' : 'wan', from(b, host, p)); b.clock.advance(5); };
  const map = () => say('lan1', udpPacket(LAN1, 4000, '192.168.1.1', natPmp.PORT, natPmp.emitRequest({ op: 1, intPort: 5000, extPort: 6000, lifetime: 600 })));
  const knock = () => { heard.length = 0; say('inet1', udpPacket(SERVER, 7000, WAN, 6000)); return ipOf(heard).filter(p => p[9] === 17).length; };

  it('a mapping passes the firewall only where that is allowed', async () => {
    await b.verb('sys upnp firewall off');
    map();
    expect(knock()).toBe(0);
    await b.verb('sys upnp firewall on');
    expect(knock()).toBe(1);
    await b.verb('sys upnp firewall off');
    await b.advance(400_000);
    map();
    await b.verb('firewall default WAN LAN permit');
    expect(knock()).toBe(1);
  });

  it('PEER keeps the way back open when the flow has ended, for the peer and for nobody else', async () => {
    const peerOf = (extPort: number) => pcp.emitRequest({ opcode: pcp.OP_PEER, lifetime: 3600, client: ip(LAN1), peer: { nonce: new Uint8Array(12), protocol: 17, intPort: 5000, extPort, external: 0, remotePort: 443, remote: ip(SERVER) } });
    const ask = (data: Uint8Array) => { heard.length = 0; say('lan1', udpPacket(LAN1, 4000, '192.168.1.1', natPmp.PORT, data)); const p = ipOf(heard).find(q => q[9] === 17)!; return pcp.parseResponse(p, 28, p.length)!; };
    const back = (src: string, port: number) => { heard.length = 0; say('inet1', udpPacket(src, 443, WAN, port)); return ipOf(heard).filter(p => p[9] === 17).length; };
    say('lan1', udpPacket(LAN1, 5000, SERVER, 443));
    const [flow] = b.router.engine.flows.list(f => f.original.dport === 443);
    const outside = flow!.reply.dport;
    expect(back(SERVER, outside)).toBe(1);
    expect(ask(peerOf(9999))).toMatchObject({ result: 0, lifetime: 3600, peer: { extPort: outside, external: ip(WAN) } });
    await b.advance(1_000_000);
    expect(b.router.engine.flows.list(f => f.original.dport === 443)).toEqual([]);
    expect([back(SERVER, outside), back('203.0.113.11', outside)]).toEqual([1, 0]);
    // What the host sends goes out by the same port as before.
    await b.advance(1_000_000);
    say('lan1', udpPacket(LAN1, 5000, SERVER, 443));
    expect(b.router.engine.flows.list(f => f.original.dport === 443).map(f => f.reply.dport)).toEqual([outside]);
    await b.advance(2_000_000);
    expect((await b.verb('ip upnp list')).text).not.toContain('pcp-peer');
    expect(back(SERVER, outside)).toBe(0);
  });

  it('a reload of upnp ends no session; taking the mapping away does', async () => {
    map();
    expect(knock()).toBe(1);
    const flow = () => b.router.engine.flows.list(f => f.original.dport === 6000).map(f => f.id);
    const [before] = flow();
    for (let i = 0; i < 3; i++) await settle(b.clock, b.router.plugins.reload('upnp'));
    expect([flow(), knock()]).toEqual([[before], 1]);
    await b.verb('ip upnp remove all');
    expect([flow(), knock()]).toEqual([[], 0]);
  });
});
