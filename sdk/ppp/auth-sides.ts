import type { AuthMethod } from '../wire/lcp.ts';
import type { AuthSide, AuthSurroundings, Door, Login } from './auth.ts';
import { ChapClient } from './chap-client.ts';
import { ChapServer } from './chap-server.ts';
import { PapClient, PapServer } from './pap.ts';

/** The side that proves who we are. */
export function client(method: AuthMethod, login: Login, around: AuthSurroundings): AuthSide {
  return method === 'pap' ? new PapClient(login, around) : new ChapClient(method, login, around);
}

/** The side that wants to know who the peer is. */
export function server(method: AuthMethod, door: Door, around: AuthSurroundings): AuthSide {
  return method === 'pap' ? new PapServer(door, around) : new ChapServer(method, door, around);
}
