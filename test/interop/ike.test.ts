/**
 * IKE of two hosts behind the router with one server, all of them real (strongSwan; ike-scan), when ports 500 and 4500 are to stay what
 * they are outside. Topology: bed.ts; the server is on inet.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, Bed, LAN1, LAN2, note, root, SERVER } from './bed.ts';
import { BEHIND, Charon } from './charon.ts';
import { until, wait } from './namespaces.ts';

describe.skipIf(!root)('IKE of two hosts with one server', () => {
  const bed = new Bed();
  const { net } = bed;
  let outside = '';
  let server: Charon;
  const clients: Charon[] = [];
  beforeAll(async () => {
    await bed.start();
    outside = await bed.outside();
    await bed.configure('nat.vpn.incikeport off', 'nat.vpn.incnattport off');
    net.ip('inet', 'addr', 'add', `${BEHIND}/32`, 'dev', 'lo');
    server = await Charon.start(net, 'inet', bed.folder, { version: 2, own: SERVER, name: 'server' });
  }, 60_000);
  afterAll(() => bed.close());

  it('ike-scan at the same time from both: each gets the answer to its own question', async () => {
    const scan = (host: string) => net.run(host, ['ike-scan', '--ikev2', '--retry=3', SERVER], 20_000);
    const said = await Promise.all([scan('lan1'), scan('lan2')]);
    for (const { out } of said) expect(out).toMatch(/[1-9]\d* returned (handshake|notify)/);
    expect(await server.heardFrom()).toEqual([`${outside}[500]`]);
  }, 30_000);

  it('strongSwan: both have a tunnel, by ports 500 and 4500 outside, and pings go through each', async () => {
    for (const [i, [where, own]] of ([['lan1', LAN1], ['lan2', LAN2]] as const).entries()) clients[i] = await Charon.start(net, where, bed.folder, { version: 2, server: SERVER, own, name: where });
    expect(await Promise.all(clients.map((c) => c.up()))).toEqual(['', '']);
    expect(await server.heardFrom()).toEqual([`${outside}[4500]`, `${outside}[500]`]);
    // A new SPI of the server is the host's that began to send last: one after the other.
    for (const host of ['lan1', 'lan2']) expect((await net.run(host, ['ping', '-c', '3', '-i', '0.2', '-W', '1', BEHIND])).code).toBe(0);
    const both = await Promise.all(['lan1', 'lan2'].map((host) => bed.ping(host, BEHIND, 100)));
    expect(both).toEqual([all(100), all(100)]);
    note(`shared flows: ${JSON.stringify((await bed.router.facts('ip nat status'))['IKE flows that share a port'])}`);
  }, 40_000);

  it('new keys from a host, and from the server, leave both tunnels as they are', async () => {
    const works = async () => {
      for (const host of ['lan1', 'lan2']) await until(`${host} reaches the other end`, async () => (await net.run(host, ['ping', '-c', '1', '-W', '1', BEHIND])).code === 0);
    };
    const done = async (who: Charon, words: string[], text: RegExp) => {
      const before = [...(await who.log()).matchAll(new RegExp(text, 'g'))].length;
      expect((await who.ctl(...words)).code).toBe(0);
      await until(`${words.join(' ')}`, async () => [...(await who.log()).matchAll(new RegExp(text, 'g'))].length > before);
      await wait(200);
      await works();
    };
    await done(clients[0]!, ['--rekey', '--ike', 'rig'], /IKE_SA rig\[\d+\] rekeyed/);
    await done(clients[1]!, ['--rekey', '--ike', 'rig'], /IKE_SA rig\[\d+\] rekeyed/);
    await done(clients[0]!, ['--rekey', '--child', 'net'], /CHILD_SA closed|closing CHILD_SA/);
    // Of the server, with one of the two: its own cookie is the one that counts from now on.
    const id = /rig: #(\d+)/.exec((await server.ctl('--list-sas')).out)![1]!;
    await done(server, ['--rekey', '--ike-id', id], /IKE_SA rig\[\d+\] rekeyed/);
    for (const c of clients) expect((await c.ctl('--list-sas')).out).toContain('ESTABLISHED');
  }, 60_000);
});
