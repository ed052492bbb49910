import type { OwnReply, OwnRequest } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { act, type ActionEnv } from './actions.ts';
import { type Identity, ROOT_PATH, rootDescription, serviceDescription } from './description.ts';
import { type Service, services } from './services.ts';
import { emitAnswer, emitFault, Fault, type FaultCode, parseCall } from './soap.ts';

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
}

const XML = { 'content-type': 'text/xml; charset="utf-8"', connection: 'close' } as const;
const status = (code: number): OwnReply => ({ status: code, headers: { connection: 'close' } });
const document = (body: string): OwnReply => ({ status: 200, headers: XML, body });

/** What the gateway answers over HTTP: descriptions, and calls. */
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
  // Subscribers would have the router send to places they name; GENA's answer where there is nothing to subscribe to.
  if (r.method === 'SUBSCRIBE' || r.method === 'UNSUBSCRIBE') return status(501);
  const service = services.find(s => s.control === r.path);
  if (r.method !== 'POST') return status(405);
  return service ? called(service, r, d) : status(404);
}

function described(path: string, id: Identity): OwnReply {
  if (path === ROOT_PATH) return document(rootDescription(id));
  const service = services.find(s => s.scpd === path);
  return service ? document(serviceDescription(service)) : status(404);
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
