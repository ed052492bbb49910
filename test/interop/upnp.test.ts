import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bed, GATEWAY, LAN1, LAN2, root, SERVER } from './bed.ts';
import { end, until } from './namespaces.ts';

/** upnpc and natpmpc, as Debian has them, on a host behind the router; from outside somebody comes to the port they have opened. */
describe.runIf(root)('UPnP, NAT-PMP and PCP', () => {
  const bed = new Bed();
  let outside = '';
  beforeAll(async () => {
    await bed.start();
    // miniupnpc takes a gateway for disconnected whose outside address is one of those for documentation (RFC 5737).
    await bed.router.exec('ip dhcp wan client release');
    bed.net.ip('inet', 'addr', 'add', '45.67.89.1/24', 'dev', 'eth0');
    await bed.changeProvider('45.67.89', '45.67.89.1');
    await bed.router.exec('ip dhcp wan client renew');
    await until('there is an address', async () => (await bed.outside()).startsWith('45.'), 15_000);
    outside = await bed.outside();
    await bed.router.exec('sys upnp active on');
  }, 60_000);
  afterAll(() => bed.close());
  afterEach(async () => { await bed.router.exec('ip upnp remove all'); });

  const upnpc = async (host: string, ...words: string[]) => (await bed.net.run(host, ['upnpc', ...words], 20_000)).out;
  const natpmpc = async (host: string, ...words: string[]) => (await bed.net.run(host, ['natpmpc', '-g', GATEWAY, ...words], 20_000)).out;
  const mappings = async () => (await bed.router.table('ip upnp list')).rows;
  /** What a server on lan1 says to somebody who comes to this outside port. */
  const knock = async (port: number, words = 'TCP4') => (await bed.net.run('inet', ['bash', '-c', `echo hello | socat -t 1 - ${words}:${outside}:${port},${words === 'TCP4' ? 'connect-timeout=3' : 'bind=45.67.89.1'}`], 10_000)).out;
  const serve = (host: string, port: number, words = 'TCP4-LISTEN') => bed.net.start(host, ['socat', `${words}:${port},fork${words === 'TCP4-LISTEN' ? ',reuseaddr' : ''}`, 'SYSTEM:echo from inside']);

  it('is off until it is wanted, and then found by its search', async () => {
    await bed.router.exec('sys upnp active off');
    expect(await upnpc('lan1', '-s')).toContain('No IGD UPnP Device found');
    await bed.router.exec('sys upnp active on');
    const said = await upnpc('lan1', '-s');
    expect(said).toContain(`http://${GATEWAY}:2189/rootDesc.xml`);
    expect(said).toContain(`Found valid IGD : http://${GATEWAY}:2189/ctl/IPConn`);
    expect(said).toContain('Status : Connected');
    expect(said).toContain(`ExternalIPAddress = ${outside}`);
    expect(said).toMatch(/Bytes: +Sent: +\d+\s+Recv: +\d+/);
  });

  it('opens a port that is reached from outside, lists it, and closes it again', async () => {
    const server = serve('lan1', 5080);
    const before = await knock(6080);
    expect(before).not.toContain('from inside');
    const said = await upnpc('lan1', '-e', 'a game, 1', '-a', LAN1, '5080', '6080', 'TCP', '600');
    expect(said).toContain(`external ${outside}:6080 TCP is redirected to internal ${LAN1}:5080`);
    await until('it is reached from outside', async () => (await knock(6080)).includes('from inside'));
    expect(await upnpc('lan1', '-l')).toMatch(new RegExp(`0 TCP +6080->${LAN1}:5080 +'a game, 1' '' (600|5\\d\\d)`));
    expect(await mappings()).toMatchObject([[expect.anything(), 'tcp', 6080, LAN1, 5080, 'anywhere', 'igd', 'a game, 1', expect.anything(), 'open']]);
    expect(await upnpc('lan1', '-d', '6080', 'TCP')).toContain('UPNP_DeletePortMapping() returned : 0');
    expect(await mappings()).toEqual([]);
    expect(await knock(6080)).not.toContain('from inside');
    await end(server);
  });

  it('opens UDP ports, and another port when the wanted one is taken (AddAnyPortMapping)', async () => {
    expect(await upnpc('lan1', '-a', LAN1, '5081', '6081', 'UDP', '0')).toContain('is redirected to internal');
    expect(await upnpc('lan2', '-a', LAN2, '5081', '6081', 'UDP', '0')).toContain('718');
    const said = await upnpc('lan2', '-n', LAN2, '5081', '6081', 'UDP', '300');
    expect(said).toMatch(new RegExp(`is redirected to internal ${LAN2}:5081`));
    const [, , port] = (await mappings()).find(r => r[3] === LAN2)!;
    expect(port).not.toBe(6081);
    const server = serve('lan2', 5081, 'UDP4-RECVFROM');
    await until('it is reached from outside', async () => (await knock(Number(port), 'UDP4')).includes('from inside'), 10_000);
    await end(server);
  });

  it('lets nobody open ports of others, or against the rules', async () => {
    expect(await upnpc('lan1', '-a', LAN2, '5082', '6082', 'TCP', '0')).toContain('606');
    await bed.router.exec('ip upnp rules add deny outside 7000-7999');
    expect(await upnpc('lan1', '-a', LAN1, '5082', '7082', 'TCP', '0')).toContain('606');
    expect(await upnpc('lan1', '-a', LAN1, '5082', '80', 'TCP', '0')).toContain('606');
    await bed.router.exec('ip upnp rules delete 1');
    expect(await mappings()).toEqual([]);
  });

  it('speaks NAT-PMP: address, mapping, and its end', async () => {
    const said = await natpmpc('lan1', '-a', '6090', '5090', 'tcp', '600');
    expect(said).toContain(`Public IP address : ${outside}`);
    expect(said).toMatch(/Mapped public port 6090 protocol TCP to local port 5090 liftime 600/);
    const server = serve('lan1', 5090);
    await until('the server listens', async () => (await knock(6090)).includes('from inside'));
    await end(server);
    expect(await natpmpc('lan1', '-a', '0', '5090', 'tcp', '0')).toContain('Mapped public port 0');
    expect(await mappings()).toEqual([]);
  });

  it('keeps mappings over a reload and over a restart', async () => {
    await upnpc('lan1', '-a', LAN1, '5100', '6100', 'TCP', '0');
    await natpmpc('lan1', '-a', '6101', '5101', 'udp', '3600');
    await bed.router.exec('plugin reload upnp');
    expect((await mappings()).map(r => [r[2], r[9]])).toEqual([[6100, 'open'], [6101, 'open']]);
    await bed.killRouter('SIGTERM');
    await bed.startRouter();
    const server = serve('lan1', 5100);
    await until('the mappings are open', async () => (await mappings()).map(r => `${r[2]} ${r[9]}`).join() === '6100 open,6101 open', 15_000);
    outside = await bed.outside();
    await until('it is reached from outside', async () => (await knock(6100)).includes('from inside'), 10_000);
    await end(server);
  });

  it('answers HTTP to nobody who names it otherwise, nor from outside', async () => {
    const get = async (host: string, ...words: string[]) => (await bed.net.run(host, ['curl', '-s', '-m', '3', '-o', '/dev/null', '-w', '%{http_code}', ...words])).out;
    const url = `http://${GATEWAY}:2189`;
    expect(await get('lan1', `${url}/rootDesc.xml`)).toBe('200');
    expect(await get('lan1', '-H', 'Host: evil.example:2189', `${url}/rootDesc.xml`)).toBe('403');
    expect(await get('lan1', '-H', 'Origin: http://evil.example', `${url}/rootDesc.xml`)).toBe('403');
    expect(await get('lan1', '-X', 'SUBSCRIBE', '-H', `CALLBACK: <http://${SERVER}/>`, `${url}/evt/IPConn`)).toBe('412');
    expect(await get('lan1', '-X', 'POST', '-H', 'SOAPACTION: "urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfo"', '--data-binary', `<!DOCTYPE a [<!ENTITY b "c">]>${'x'.repeat(1000)}`, `${url}/ctl/IPConn`)).toBe('400');
    expect(await get('lan1', '-X', 'POST', '--data-binary', 'x'.repeat(20_000), `${url}/ctl/IPConn`)).toBe('413');
    expect(await get('inet', '--interface', SERVER, `http://${outside}:2189/rootDesc.xml`)).toBe('000');
  });
});
