import { qcdm, type Registration, type Script, type Signal, type Technology } from '../../../../sdk/index.ts';
import { askSnapshot, chips, parseSnapshot, type Snapshot } from '../../core/qcdm/novatel.ts';
import { askNv, NV_HDR_REVISION, NV_MDN, NV_MODE_PREFERENCE, parseHdrRevision, parseMdn, parseModePreference } from '../../core/qcdm/nv.ts';
import { askCallManager, askHdr, askPilots, bestEcIo, parseCallManager, parseHdr, parsePilots } from '../../core/qcdm/radio.ts';
import { askEsn, askStatus, askStatusSnapshot, parseEsn, parseStatus, parseStatusSnapshot } from '../../core/qcdm/station.ts';
import { measured } from './level.ts';
import { stateOf } from './service.ts';
import { networkOf, sidOf } from './sid.ts';

/** What a diagnostic port tells while the data port is in a call. Each is undefined without such a port. */
export interface Radio { readonly service: boolean; readonly technology: Technology | undefined }

/** Service and technology: the call manager's system, and whether an EV-DO session stands beside 1x. */
export function* radio(revision?: Technology): Script<Radio | undefined> {
  const manager = parseCallManager(yield* qcdm(askCallManager));
  if (manager === undefined) return undefined;
  if (manager.system === 'HDR') return { service: true, technology: revision ?? (yield* hdrRevision()) };
  if (manager.system !== 'CDMA') return { service: false, technology: undefined };
  const hdr = parseHdr(yield* qcdm(askHdr));
  return { service: true, technology: hdr?.open === true && hdr.hybrid ? (revision ?? (yield* hdrRevision())) : '1xRTT' };
}

/** By the card's preference, which is its best, whatever the network has; revision 0 where it does not say. */
export function* hdrRevision(): Script<Technology> { return parseHdrRevision(yield* qcdm(askNv(NV_HDR_REVISION))) ?? 'EVDO-0'; }

/** Ec/Io of the best active pilot. */
export function* pilotSignal(): Script<Signal | undefined> {
  const ecIo = bestEcIo(parsePilots(yield* qcdm(askPilots)));
  return ecIo === undefined ? undefined : measured({ ecIo, radio: '1x', source: 'QCDM pilot sets' });
}

/** The network's number: of the station's status, or of the status snapshot that later firmware has in its place. */
export function* sid(): Script<number | undefined> {
  return sidOf(parseStatus(yield* qcdm(askStatus))?.sid) ?? sidOf(parseStatusSnapshot(yield* qcdm(askStatusSnapshot))?.sid);
}

/** For cards whose AT commands say nothing; whether it roams is not known then, and counts as home. */
export function* registration(): Script<Registration> {
  const now = yield* radio();
  return { state: stateOf(now?.service), ...networkOf(now?.service === true ? yield* sid() : undefined), technology: now?.technology };
}

export function* esn(): Script<string | undefined> { return parseEsn(yield* qcdm(askEsn)); }
export function* mdn(): Script<string | undefined> { return parseMdn(yield* qcdm(askNv(NV_MDN))); }
export function* modePreference(): Script<ReturnType<typeof parseModePreference>> { return parseModePreference(yield* qcdm(askNv(NV_MODE_PREFERENCE))); }

/** Novatel's own, whichever chip it is. */
export function* snapshot(): Script<Snapshot | undefined> {
  for (const chip of chips) {
    const found = parseSnapshot(yield* qcdm(askSnapshot(chip)));
    if (found !== undefined) return found;
  }
  return undefined;
}
