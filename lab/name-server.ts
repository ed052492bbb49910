import * as address from '../sdk/wire/address.ts';
import * as dns from '../sdk/wire/dns.ts';
import { names } from './topology.ts';

/** Short, so that a test that changes something does not wait (s). */
const TTL = 60;

const addressOf = (name: string): number | undefined => {
  const short = dns.canonical(name).replace(/\.lab$/, '');
  const text = Object.hasOwn(names, short) ? names[short] : undefined;
  return text === undefined ? undefined : address.parse4(text);
};

const nameAt = (reverse: string): string | undefined =>
  Object.keys(names).find(n => dns.reverseName(addressOf(n) ?? 0) === dns.canonical(reverse));

function recordFor(q: dns.Question): dns.ResourceRecord | undefined {
  const record = (data: dns.Data) => ({ name: q.name, type: q.type, class: dns.CLASS_IN, ttl: TTL, data });
  if (q.class !== dns.CLASS_IN) return undefined;
  const forward = q.type === dns.TYPE_A ? addressOf(q.name) : undefined;
  if (forward !== undefined) return record({ kind: 'address', address: forward });
  const reverse = q.type === dns.TYPE_PTR ? nameAt(q.name) : undefined;
  return reverse === undefined ? undefined : record({ kind: 'name', name: `${reverse}.lab` });
}

/** inet1's name server: a query as it came over UDP to the reply; undefined for what is no query. */
export function answer(message: Uint8Array): Uint8Array | undefined {
  const query = dns.parse(message, 0, message.length);
  const question = query?.questions[0];
  if (!query || query.response || !question) return undefined;
  if (query.opcode !== dns.OPCODE_QUERY) return dns.emit(dns.answer(query, dns.NOTIMP, []));
  const record = recordFor(question);
  if (record) return dns.emit(dns.answer(query, dns.NOERROR, [record]));
  // A name that has no record of this type is not a name that does not exist (RFC 2308 §2).
  const known = addressOf(question.name) !== undefined || nameAt(question.name) !== undefined;
  return dns.emit(dns.answer(query, known ? dns.NOERROR : dns.NXDOMAIN, []));
}
