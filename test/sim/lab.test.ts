import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bed, bed } from './bed.ts';

describe('the router in the memory lab', () => {
  let b: Bed;
  beforeAll(async () => { b = await bed(); await b.advance(5000); });
  afterAll(() => b.stop());

  it('has all its plugins', async () => {
    expect(b.router.plugins.list().map(p => `${p.id} ${p.state} ${p.why}`)).toEqual(['cellular-cards.core active ', 'cellular-cards.generic-3gpp active ', 'cellular-cards.sentry active ', 'cellular-cards.sms active ', 'failover active ', 'firewall active ', 'ip active ', 'lan active ', 'nat active ', 'self active ', 'upnp active ', 'wan active ']);
  });
  it('gives LAN hosts their leases', async () => {
    expect((await b.exec('lan1', 'ip addr')).output).toContain('192.168.1.33');
  });
  it('forwards a ping', async () => {
    const r = await b.exec('lan1', 'ping -c 3 203.0.113.10');
    expect(r.output).toContain('3 received');
  });
  it('carries a page by name', async () => {
    const r = await b.exec('lan1', 'curl -s http://inet1/');
    expect(r).toMatchObject({ code: 0 });
    expect(r.output).toContain('198.51.100.2');
  });
});
