import * as pcp from '../../sdk/wire/pcp.ts';
import type { Refusal } from './book.ts';
import type { Situation } from './nat-pmp.ts';
import { SHORTEST } from './settings.ts';

const { Result } = pcp;

export const results: Readonly<Record<Refusal, pcp.Result>> = {
  'not-authorized': Result.NotAuthorized, conflict: Result.CannotProvideExternal, elsewhere: Result.CannotProvideExternal, 'no-port': Result.NoResources,
  'host-quota': Result.UserExQuota, quota: Result.NoResources, 'no-uplink': Result.NetworkFailure,
};

/** Whose mapping it is; undefined: somebody else's, which is not allowed. */
export function hostOf(o: pcp.Options, src: number, s: Situation): number | undefined {
  if (o.thirdParty === undefined) return src;
  return s.book.rules.others && o.thirdParty !== src && o.thirdParty !== 0 ? o.thirdParty : undefined;
}

export const hex = (octets: Uint8Array): string => Array.from(octets, o => o.toString(16).padStart(2, '0')).join('');

/**
 * PEER (RFC 6887 §12.3): keeps the way back from the other end of a flow open for as long as is wanted, so that the host need not
 * send only to keep it; and tells the outside port. The port is that of the flow where there is one; where there is none, the flow
 * will get it. It never shortens anything. An endpoint has one such mapping: NAT tells hosts apart, not their ports.
 */
export function keepPeer(r: pcp.Request, peer: pcp.PeerData, src: number, s: Situation): { readonly lifetime: number; readonly peer: pcp.PeerData } | pcp.Result {
  const { protocol: proto, intPort, remote } = peer;
  if (proto === 0 || intPort === 0 || remote === 0 || peer.remotePort === 0) return Result.MalformedRequest;
  if (proto !== 6 && proto !== 17) return Result.UnsuppProtocol;
  const intIp = hostOf(r.options, src, s);
  if (intIp === undefined) return Result.UnsuppOption;
  if (s.external === 0) return Result.NetworkFailure;
  const told = (extPort: number, lifetime: number) => ({ lifetime, peer: { ...peer, extPort, external: s.external } });
  const left = (until: number | undefined): number => Math.min(until === undefined ? s.longest : Math.ceil((until - s.now) / 1000), s.longest);
  // Where a host has a port for everybody, it has it for this peer, too.
  const open = s.book.list().find(e => e.via !== 'pcp-peer' && e.proto === proto && e.intIp === intIp && e.intPort === intPort && (e.remote === 0 || e.remote === remote));
  if (open) return told(open.extPort, left(open.until));
  const known = s.book.of('pcp-peer', proto, intIp, intPort);
  const nonce = hex(peer.nonce);
  if (known && known.remote !== remote) return Result.NoResources;
  if (known && known.nonce !== nonce) return Result.NotAuthorized;
  const present = s.book.outside(proto, intIp, intPort);
  const wanted = known?.extPort ?? (present || peer.extPort);
  const lifetime = Math.min(Math.max(r.lifetime, SHORTEST, known ? left(known.until) : 0), s.longest);
  // What was suggested counts only where nothing is there, and then it is that or nothing.
  if (wanted === peer.extPort && present === 0 && !known && peer.external !== 0 && peer.external !== s.external) return Result.CannotProvideExternal;
  const done = s.book.wish({ via: 'pcp-peer', by: src, proto, intIp, intPort, extPort: wanted, remote, otherwise: wanted === 0, lifetime, nonce, description: '' }, s.now);
  if ('refused' in done) return results[done.refused];
  return told(done.entry.extPort, lifetime);
}
