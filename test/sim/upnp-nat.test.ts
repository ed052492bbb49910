import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as natPmp from '../../sdk/wire/nat-pmp.ts';
import { type Bed, bed, settle } from './bed.ts';
import { from, ipOf, listen, send, udpPacket } from './frames.ts';

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
