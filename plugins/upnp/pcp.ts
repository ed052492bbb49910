import * as pcp from '../../sdk/wire/pcp.ts';
import type { Entry } from './book.ts';
import type { Situation } from './nat-pmp.ts';
import { hex, hostOf, keepPeer, results } from './pcp-peer.ts';
import { SHORTEST } from './settings.ts';

const { Result } = pcp;
/** How long an error is to be remembered by the client (RFC 6887 §7.4): one that may pass soon, and one that stays. Seconds. */
const SOON = 30;
const LATER = 1800;
const passing: ReadonlySet<pcp.Result> = new Set([Result.NetworkFailure, Result.NoResources, Result.UserExQuota, Result.CannotProvideExternal]);

/** The answer to a PCP request of a host (RFC 6887 §8.3, §11, §12); undefined: silence. */
export function answerPcp(data: Uint8Array, src: number, s: Situation): Uint8Array | undefined {
  const parsed = pcp.parse(data, 0, data.length);
  if (!parsed) return undefined;
  const fail = (result: pcp.Result, opcode: number): Uint8Array =>
    pcp.emitError({ result, opcode, lifetime: passing.has(result) ? SOON : LATER, epoch: s.epoch }, data);
  if ('error' in parsed) return fail(parsed.error, parsed.opcode);
  const { request } = parsed;
  // §8.3: a NAT stands between, or the sender lies.
  if (request.client !== src) return fail(Result.AddressMismatch, request.opcode);
  if (request.opcode === pcp.OP_ANNOUNCE) return pcp.emitAnnounce(s.epoch);
  if (request.peer) {
    const kept = keepPeer(request, request.peer, src, s);
    return typeof kept === 'number' ? fail(kept, request.opcode) : pcp.emitPeer({ result: Result.Success, opcode: request.opcode, lifetime: kept.lifetime, epoch: s.epoch }, kept.peer, request.options);
  }
  const map = request.map!;
  const made = request.lifetime === 0 ? end(request, map, src, s) : begin(request, map, src, s);
  if (typeof made === 'number') return fail(made, request.opcode);
  return pcp.emitMap({ result: Result.Success, opcode: request.opcode, lifetime: made.lifetime, epoch: s.epoch }, made.map, request.options);
}

type Made = { readonly lifetime: number; readonly map: pcp.MapData };

function begin(r: pcp.Request, map: pcp.MapData, src: number, s: Situation): Made | pcp.Result {
  if ((map.protocol !== 6 && map.protocol !== 17) || map.intPort === 0) return map.protocol === 0 && map.intPort !== 0 ? Result.MalformedRequest : Result.UnsuppProtocol;
  const intIp = hostOf(r.options, src, s);
  if (intIp === undefined) return Result.UnsuppOption;
  const remote = remoteOf(r.options.filters);
  if (typeof remote !== 'number') return remote.result;
  if (s.external === 0) return Result.NetworkFailure;
  const exact = r.options.preferFailure;
  if (exact && (map.extPort === 0 || (map.external !== 0 && map.external !== s.external))) return Result.CannotProvideExternal;
  const lifetime = Math.min(Math.max(r.lifetime, SHORTEST), s.longest);
  // What PEER keeps is there until somebody asks for more.
  s.book.removeWhere(e => e.via === 'pcp-peer' && e.proto === map.protocol && e.intIp === intIp && e.intPort === map.intPort, 'mapped');
  // §11.3: where flows of this endpoint have an outside port already, the mapping is of that one.
  const extPort = exact ? map.extPort : s.book.outside(map.protocol, intIp, map.intPort) || map.extPort;
  const done = s.book.wish({
    via: 'pcp', by: src, proto: map.protocol, intIp, intPort: map.intPort, extPort, remote, otherwise: !exact, lifetime, nonce: hex(map.nonce), description: '',
  }, s.now);
  if ('refused' in done) return exact && done.refused !== 'not-authorized' ? Result.CannotProvideExternal : results[done.refused];
  return { lifetime, map: { ...map, extPort: done.entry.extPort, external: s.external } };
}

/** §15.1: ports 0 and protocol 0 stand for all. What is not there is gone already. */
function end(r: pcp.Request, map: pcp.MapData, src: number, s: Situation): Made | pcp.Result {
  if (!s.book.rules.configure) return Result.NotAuthorized;
  const intIp = hostOf(r.options, src, s);
  if (intIp === undefined) return Result.UnsuppOption;
  const nonce = hex(map.nonce);
  const meant = (e: Entry): boolean => e.via === 'pcp' && e.intIp === intIp && (map.protocol === 0 || e.proto === map.protocol) && (map.intPort === 0 || e.intPort === map.intPort);
  const there = s.book.list().filter(meant);
  if (map.intPort !== 0 && there.some(e => e.nonce !== nonce)) return Result.NotAuthorized;
  s.book.removeWhere(e => meant(e) && e.nonce === nonce, 'deleted');
  return { lifetime: 0, map };
}

/** One host, from any of its ports: NAT can tell no more. 0: whoever sends. */
function remoteOf(filters: readonly pcp.Filter[]): number | { readonly result: pcp.Result } {
  const last = filters.map(f => f.bits).lastIndexOf(-1);
  const counting = filters.slice(last + 1);
  if (counting.length > 1) return { result: Result.ExcessiveRemotePeers };
  const [f] = counting;
  if (!f) return 0;
  return f.bits === 32 && f.port === 0 && f.address !== 0 ? f.address : { result: Result.UnsuppOption };
}
