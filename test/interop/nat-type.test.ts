/**
 * What a STUN client (RFC 5780) makes of the NAT in front of it: coturn's turnutils on lan1, its server with two addresses and two ports
 * behind the provider. Topology: bed.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, LAN1, root, SERVER } from './bed.ts';
import { until } from './namespaces.ts';

const OTHER = '203.0.113.11';

describe.skipIf(!root)('the type of the NAT', () => {
  const bed = new Bed();
  const { net } = bed;
  let outside = '';
  beforeAll(async () => {
    await bed.start();
    await net.sh('inet', `ip addr add ${OTHER}/32 dev lo`);
    let said = '';
    net.start('inet', ['turnserver', '-n', '--stun-only', '--no-cli', '--no-tls', '--no-dtls', '-L', SERVER, '-L', OTHER, '-p', '3478', '--alt-listening-port', '3479',
      '--log-file', 'stdout', '--pidfile', '', '--userdb', `${bed.folder}/turndb`], (text) => { said += text; });
    await until('the STUN server answers', async () => (await net.run('lan1', ['timeout', '5', 'turnutils_stunclient', SERVER])).out.includes('UDP reflexive addr'), 15_000).catch((e: Error) => { throw new Error(`${e.message}\n${said}`); });
    outside = await bed.outside();
  }, 60_000);
  afterAll(() => bed.close());

  let port = 41_000;
  /** Each run from a port of its own: what one has opened does not help the next. */
  const discover = async (...words: string[]): Promise<string> =>
    (await net.run('lan1', ['timeout', '-s', 'KILL', '40', 'turnutils_natdiscovery', '-L', LAN1, '-l', String(port++), ...words, SERVER], 45_000)).out;

  it('shows the address of the WAN', async () => {
    expect((await net.run('lan1', ['timeout', '-s', 'KILL', '3', 'turnutils_stunclient', SERVER])).out).toContain(`UDP reflexive addr: ${outside}:`);
  });

  it('has endpoint-independent mapping, ports kept, also of fragments', async () => {
    for (const words of [[], ['-P']]) {
      const said = await discover('-m', ...words);
      expect(said).toContain('NAT with Endpoint Independent Mapping!');
      expect(said).toContain(`UDP reflexive addr: ${outside}:${port - 1}`);
      expect(said).not.toContain('ALG detected');
    }
  });

  it('turns back what is meant for its own outside address', async () => {
    expect(await discover('-H')).toContain('successful hairpinning');
  });

  it.each([
    ['address-and-port', 'NAT with Address and Port Dependent Filtering!'],
    ['none', 'NAT with Endpoint Independent Filtering!'],
    ['address', 'NAT with Address Dependent Filtering!'],
  ])('has the filtering that is set: %s', async (value, verdict) => {
    // The first one is the default.
    if (value !== 'address-and-port') await bed.configure(`nat.uplinks [{"name":"wan","filtering":"${value}"}]`);
    expect(await discover('-f')).toContain(verdict);
  });
});
