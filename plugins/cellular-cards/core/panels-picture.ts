import type { NeighbourSource, NeighbourZone } from '../../../sdk/index.ts';
import { format4 } from '../../../sdk/wire/address.ts';
import { type CardStatus, uplinkName } from '../contract.ts';
import type { CellularService } from './service.ts';

const PAGE = 'network/cellular';
/** A card that waits, or is on its way, is no trouble. */
const asleep = new Set(['registered', 'off', 'storage', 'identifying', 'starting', 'searching', 'dialling', 'authenticating', 'hanging up']);

/** The ways out by radio: one per card that is in. */
export const neighbourhood = (cellular: Pick<CellularService, 'list'>): NeighbourSource => ({
  zones: () => cellular.list().filter(s => s.phase !== 'empty').map(zone),
});

function zone(s: CardStatus): NeighbourZone {
  const link = uplinkName(s.slot);
  const online = s.phase === 'online';
  const phase = s.phase.replace(/\b(pin|puk|sim)\b/, word => word.toUpperCase());
  const carrier = s.registration?.carrier ?? s.registration?.network;
  const detail = online ? [format4(s.ip), carrier].filter(Boolean).join(', ') : s.phase === 'registered' ? 'ready' : phase;
  return {
    zone: s.slot === 1 ? 'CELL' : `CELL${s.slot}`, side: 'outside', detail: online ? format4(s.ip) : phase, page: PAGE, links: [link],
    nodes: [{ kind: 'uplink', id: link, label: s.slot === 1 ? 'Cellular' : `Cellular ${s.slot}`, detail, about: s.words, state: online ? 'ok' : asleep.has(s.phase) ? 'off' : 'bad', page: PAGE, link }],
  };
}
