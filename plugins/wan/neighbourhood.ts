import type { NeighbourSource } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { LINK } from './assignment.ts';
import type { Uplink } from './uplink.ts';

/** The way out, whether it leads anywhere just now or not. */
export const neighbourhood = (uplink: Uplink): NeighbourSource => ({
  zones: () => {
    const reaches = uplink.up && uplink.gateway !== 0;
    const detail = uplink.refused || (uplink.ip === 0 ? 'no address' : format4(uplink.ip));
    return [{
      zone: 'WAN', side: 'outside', detail, page: 'network/wan', links: [LINK],
      nodes: [{
        kind: 'uplink', id: uplink.name, label: 'WAN', detail: uplink.gateway === 0 ? 'no gateway' : `gateway ${format4(uplink.gateway)}`,
        state: reaches ? 'ok' : 'bad', page: 'network/wan', link: LINK,
      }],
    }];
  },
});
