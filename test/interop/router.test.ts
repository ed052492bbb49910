/** What hosts on the LAN expect of a router: addresses, names, the way out. Topology: bed.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, FAR, GATEWAY, pinged, PROVIDER, root, SERVER } from './bed.ts';

describe.skipIf(!root)('router between real kernels', () => {
  const bed = new Bed();
  const { net } = bed;
  beforeAll(() => bed.start());
  afterAll(() => bed.close());

  it('smoke', async () => {
    console.log(bed.router.output);
    for (const v of ['link list', 'wan status', 'ip route status', 'counter list', 'sys status', 'ip arp status','ip dns query status', 'log show']) console.log(v, '\n', await bed.router.exec(v));
    console.log(await net.sh('lan1', `traceroute ${SERVER}; traceroute -n ${FAR}; traceroute -I ${FAR}; tracepath -n ${FAR} || true; dig -x 192.168.1.1; dig inet1.example; cat /etc/resolv.conf`));
  });
});
