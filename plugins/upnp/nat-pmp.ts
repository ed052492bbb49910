import * as natPmp from '../../sdk/wire/nat-pmp.ts';
import type { Book, Refusal } from './book.ts';
import { SHORTEST } from './settings.ts';

/** What a request is answered from. */
export interface Situation {
  readonly book: Book;
  /** Seconds. */
  readonly epoch: number;
  /** Outside address; 0: none now. */
  readonly external: number;
  /** The longest lifetime given (s). */
  readonly longest: number;
  readonly now: number;
}

const results: Readonly<Record<Refusal, natPmp.Result>> = {
  'not-authorized': natPmp.Result.NotAuthorized, conflict: natPmp.Result.OutOfResources, elsewhere: natPmp.Result.OutOfResources, 'no-port': natPmp.Result.OutOfResources,
  'host-quota': natPmp.Result.OutOfResources, quota: natPmp.Result.OutOfResources, 'no-uplink': natPmp.Result.NetworkFailure,
};

/** The answer to a NAT-PMP request of a host (RFC 6886 §3); undefined: silence. */
export function answerNatPmp(data: Uint8Array, src: number, s: Situation): Uint8Array | undefined {
  const request = natPmp.parse(data, 0, data.length);
  if (!request) return undefined;
  const { epoch } = s;
  if (request.op === 'unknown') return natPmp.emit({ ...request, result: natPmp.Result.Opcode, epoch });
  if (request.op === natPmp.OP_ADDRESS) {
    return natPmp.emit({ op: request.op, result: s.external === 0 ? natPmp.Result.NetworkFailure : natPmp.Result.Success, epoch, address: s.external });
  }
  const reply = (result: natPmp.Result, extPort: number, lifetime: number): Uint8Array =>
    natPmp.emit({ op: request.op, result, epoch, intPort: request.intPort, extPort, lifetime });
  const proto = request.op === natPmp.OP_MAP_UDP ? 17 : 6;
  // §3.4: no lifetime ends a mapping, and those of all ports when none is named.
  if (request.lifetime === 0) {
    if (!s.book.rules.configure) return reply(natPmp.Result.NotAuthorized, 0, 0);
    s.book.removeWhere(e => e.via === 'nat-pmp' && e.intIp === src && e.proto === proto && (request.intPort === 0 || e.intPort === request.intPort), 'deleted');
    return reply(natPmp.Result.Success, 0, 0);
  }
  if (request.intPort === 0) return reply(natPmp.Result.NotAuthorized, 0, 0);
  if (s.external === 0) return reply(natPmp.Result.NetworkFailure, 0, 0);
  const lifetime = Math.min(Math.max(request.lifetime, SHORTEST), s.longest);
  const done = s.book.wish({
    via: 'nat-pmp', by: src, proto, intIp: src, intPort: request.intPort, extPort: request.extPort, remote: 0, otherwise: true, lifetime, nonce: '', description: '',
  }, s.now);
  return 'entry' in done ? reply(natPmp.Result.Success, done.entry.extPort, lifetime) : reply(results[done.refused], 0, 0);
}
