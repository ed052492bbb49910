/** What hosts on the LAN expect of a router: addresses, names, the way out. Topology: bed.ts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, Bed, FAR, GATEWAY, LAN1, LAN2, PROVIDER, root, SERVER } from './bed.ts';
import { end, until } from './namespaces.ts';

/** Called by udhcpc ($1, $ip …) and dhclient ($reason, $new_ip_address …) in place of the system's own, which would change the host. */
const dhcpScript = `#!/bin/sh
event=\${1:-$reason}
address=\${ip:-$new_ip_address}
echo "$event $address \${router:-$new_routers} \${dns:-$new_domain_name_servers}"
case $event in
  bound|BOUND|REBOOT) ip address flush dev eth0; ip address add "$address/24" dev eth0; ip route replace default via "\${router:-$new_routers}" ;;
esac
`;

describe.skipIf(!root)('router between real kernels', () => {
  const bed = new Bed();
  const { net } = bed;
  const script = join(bed.folder, 'dhcp-script');
  beforeAll(async () => {
    writeFileSync(script, dhcpScript, { mode: 0o755 });
    await bed.start();
  });
  afterAll(() => bed.close());

  it('has an address by DHCP from dnsmasq on the WAN', async () => {
    const wan = await bed.router.facts('wan status');
    expect(wan['IP address']).toMatch(/^198\.51\.100\.5\d\/24$/);
    expect(wan).toMatchObject({ 'DHCP client': 'bound', gateway: PROVIDER, 'DNS servers': PROVIDER });
  });

  it('renews its WAN address, and gives it back and takes one anew', async () => {
    const address = async () => (await bed.router.facts('wan status'))['IP address'];
    const before = await address();
    await bed.router.exec('ip dhcp wan client renew');
    expect(await address()).toBe(before);
    await bed.router.exec('ip dhcp wan client release');
    expect((await net.run('lan1', ['ping', '-c', '1', '-W', '1', SERVER])).code).not.toBe(0);
    await bed.router.exec('ip dhcp wan client renew');
    await until('the address is back', async () => /^198/.test(String(await address())));
    expect(await bed.ping('lan1', SERVER, 2)).toEqual(all(2));
  });

  describe('DHCP on the LAN', () => {
    const clients = {
      udhcpc: ['udhcpc', '-f', '-i', 'eth0', '-s', script, '-x', 'hostname:lan2', '-t', '5', '-T', '1'],
      dhclient: ['dhclient', '-4', '-d', '-v', '-sf', script, '-cf', '/dev/null', '-lf', join(bed.folder, 'dhclient.leases'), '-pf', join(bed.folder, 'dhclient.pid'), 'eth0'],
    };
    afterAll(() => net.sh('lan2', `ip addr flush dev eth0; ip addr add ${LAN2}/24 dev eth0; ip route replace default via ${GATEWAY}`));

    it.each(Object.entries(clients))('%s takes a lease, uses it, and renews it', async (name, argv) => {
      await net.sh('lan2', 'ip addr flush dev eth0');
      let said = '';
      const client = net.start('lan2', argv, (text) => { said += text; });
      // dhclient swallows what its script prints.
      const address = await until(`${name} is bound; it said: ${said}`, async () => /inet (192\.168\.1\.\d+)\/24/.exec(await net.sh('lan2', 'ip -4 addr show dev eth0'))?.[1], 15_000);
      expect(Number(address.split('.')[3])).toBeGreaterThanOrEqual(33);
      expect(Number(address.split('.')[3])).toBeLessThan(33 + 128);
      expect(await net.sh('lan2', 'ip route show default')).toContain(`via ${GATEWAY}`);
      expect(await bed.ping('lan2', SERVER, 2)).toEqual(all(2));
      expect(await bed.router.exec('ip dhcp lan status')).toContain(address);
      if (name === 'udhcpc') {
        said = '';
        client.kill('SIGUSR1');
        await until('the lease is renewed', () => said.includes(`renew ${address} ${GATEWAY} ${GATEWAY}`));
      } else {
        // A second run reboots with the old lease: DHCPREQUEST without a discover (RFC 2131 §3.2).
        await end(client, 'SIGTERM');
        let again = '';
        const second = net.start('lan2', argv, (text) => { again += text; });
        await until('the lease is confirmed', () => again.includes('DHCPACK'));
        expect(again).not.toContain('DHCPDISCOVER');
        expect(again).toContain(`DHCPREQUEST for ${address}`);
        await end(second);
      }
      await end(client);
    });
  });

  it('answers pings on its own addresses and passes them on, 20 of 20', async () => {
    for (const host of [GATEWAY, PROVIDER, SERVER, FAR]) expect(await bed.ping('lan1', host, 20)).toEqual(all(20));
    expect(await bed.ping('inet', await bed.outside(), 20)).toEqual(all(20));
  });

  it.each([['UDP', ''], ['ICMP', '-I'], ['TCP', '-T']])('is the first hop of a %s traceroute, by name, and the provider the second', async (_, how) => {
    const lines = (await net.sh('lan1', `traceroute ${how} -q 2 ${FAR}`)).trim().split('\n').slice(1).map((l) => l.trim());
    expect(lines[0]).toMatch(/^1 {2}lancell \(192\.168\.1\.1\)/);
    expect(lines[1]).toContain(`(${PROVIDER})`);
    expect(lines[2]).toContain(`(${FAR})`);
    expect(lines).toHaveLength(3);
  });

  it("says as `ip traceroute` what it sees itself", async () => {
    const said = await bed.router.exec(`ip traceroute ${FAR}`);
    expect(said).toContain(PROVIDER);
    expect(said).toContain(FAR);
  });

  it('relays names: forward, backward, its own, none, over TCP', async () => {
    const dig = (words: string) => net.sh('lan1', `dig +time=2 +tries=2 @${GATEWAY} ${words}`);
    expect(await dig('+short inet1.example')).toBe(`${SERVER}\n`);
    expect(await dig(`+short -x ${SERVER}`)).toBe('inet1.example.\n');
    expect(await dig('+short lancell')).toBe(`${GATEWAY}\n`);
    expect(await dig(`+short -x ${GATEWAY}`)).toBe('lancell.\n');
    expect(await dig('nobody.inside.invalid')).toMatch(/status: (NXDOMAIN|REFUSED)/);
    expect(await net.sh('lan1', 'curl -s http://inet1.example/')).toContain('you are 198.51.100.5');
  });

  it('translates: the server sees the WAN address; two hosts with the same port are kept apart', async () => {
    const both = await Promise.all(['lan1', 'lan2'].map((h) => net.sh(h, `curl -s --local-port 40000 http://${SERVER}/`)));
    for (const page of both) expect(page).toContain('you are 198.51.100.5');
    const ports = new Set((await bed.router.table(`flow list port 40000`)).rows.map((r) => r[4]));
    expect(ports.size).toBe(2);
  });

  it('hosts on two ports of the LAN reach each other', async () => {
    expect(await bed.ping('lan1', LAN2, 10)).toEqual(all(10));
    expect(await bed.ping('lan2', LAN1, 10)).toEqual(all(10));
  });
});
