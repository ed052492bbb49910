import type { OwnReply, OwnRequest } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { act, type ActionEnv } from './actions.ts';
import { type Identity, ROOT_PATH, rootDescription, serverName, serviceDescription } from './description.ts';
import { parseCallbacks, parseTimeout } from './gena.ts';
import { type Service, services } from './services.ts';
import { emitAnswer, emitFault, Fault, type FaultCode, parseCall } from './soap.ts';
import type { Asked } from './publisher.ts';
import type { SubscriptionsOut } from './subscriptions.ts';

/** Octets of a request's body: calls have a few hundred. */
export const MOST_BODY = 16_384;

export interface WebDeps {
  readonly env: ActionEnv;
  identity(): Identity;
  readonly port: number;
  /** Whether this host may ask through the interface with this own address. */
  serves(from: number, to: number): boolean;
  /** False: it asks too often. */
  take(from: number): boolean;
  refused(words: string): void;
  /** What the subscriptions say to a request. */
  subscriptions(asked: Asked): Extract<SubscriptionsOut, { kind: 'answer' }>;
}

const XML = { 'content-type': 'text/xml; charset="utf-8"', connection: 'close' } as const;
const status = (code: number): OwnReply => ({ status: code, headers: { connection: 'close' } });
const document = (body: string): OwnReply => ({ status: 200, headers: XML, body });

/** What the gateway answers over HTTP: descriptions, calls, and subscriptions. */
export function answerWeb(r: OwnRequest, d: WebDeps): OwnReply {
  if (!d.serves(r.from, r.to)) return status(403);
  if (!d.take(r.from)) return status(503);
  // A browser that was told a name for the router's address would send that name, and the page's origin (DNS rebinding).
  const host = format4(r.to);
  const named = r.headers['host'] ?? '';
  if ((named !== `${host}:${d.port}` && named !== host) || r.headers['origin'] !== undefined) {
    d.refused('a request that does not name the router by its address');
    return status(403);
  }
  if (r.method === 'GET' || r.method === 'HEAD') return described(r.path, d.identity());
  if (r.method === 'SUBSCRIBE' || r.method === 'UNSUBSCRIBE') return subscribed(r, d);
  const service = services.find(s => s.control === r.path);
  if (r.method !== 'POST') return status(405);
  return service ? called(service, r, d) : status(404);
}

function described(path: string, id: Identity): OwnReply {
  if (path === ROOT_PATH) return document(rootDescription(id));
  const service = services.find(s => s.scpd === path);
  return service ? document(serviceDescription(service)) : status(404);
}

/** UDA 1.1 §4.1: a subscription begins with CALLBACK and NT, and is named by its SID from then on; both together are a mistake. */
function subscribed(r: OwnRequest, d: WebDeps): OwnReply {
  const service = services.find(s => s.events === r.path)?.name;
  if (service === undefined) return status(404);
  const { sid, callback, nt, timeout = '' } = r.headers;
  const fresh = callback !== undefined || nt !== undefined;
  if (sid !== undefined && fresh) return status(400);
  const host = r.from;
  const seconds = parseTimeout(timeout);
  const answer = r.method === 'UNSUBSCRIBE' ? d.subscriptions({ kind: 'unsubscribe', service, host, sid: sid ?? '' })
    : sid !== undefined ? d.subscriptions({ kind: 'renew', service, host, sid, seconds })
    : d.subscriptions({ kind: 'subscribe', service, host, own: r.to, callbacks: nt === 'upnp:event' ? parseCallbacks(callback ?? '', host) : [], seconds });
  if (answer.status !== 200 || answer.sid === '') return status(answer.status);
  return { status: 200, headers: { sid: answer.sid, timeout: `Second-${answer.seconds}`, server: serverName(d.identity().release), connection: 'close' } };
}

function called(service: Service, r: OwnRequest, d: WebDeps): OwnReply {
  const fault = (code: FaultCode): OwnReply => ({ status: 500, headers: { ...XML, ext: '' }, body: emitFault(code) });
  if (r.body.length > MOST_BODY) return status(413);
  const call = parseCall(r.headers['soapaction'] ?? '', r.body);
  if (!call) return status(400);
  // Version 1 and 2 of a service have the same actions here; the answer is in the words of the question.
  if (!new RegExp(`:service:${service.name}:[12]$`).test(call.service)) return fault(401);
  try {
    return { status: 200, headers: { ...XML, ext: '' }, body: emitAnswer(call, act(service, call.action, call.args, r.from, d.env)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return fault(error.code);
  }
}
