import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { AccountName, Password, type Verdict } from './accounts.ts';
import { addressOf, callerOf, isSecure, type Registers } from './caller.ts';
import { noSessionCookie, sessionCookie, sessionIdIn } from './cookie.ts';
import { bodyOf, HttpProblem } from './problem.ts';
import type { Identity } from './roles.ts';
import type { WebSession } from './sessions.ts';
import type { WebEnv } from './web.ts';

const Setup = z.object({ code: z.string().max(64), name: AccountName, password: Password });
const Login = z.object({ name: z.string().min(1).max(64), password: z.string().max(1024) });
const ByToken = z.object({ token: z.string().min(1).max(256) });

/** What GET session and a log-in answer. */
export interface SessionFacts {
  readonly name: string | null;
  readonly role: Identity['role'] | null;
  /** Seconds until the session ends unless somebody does something; 0 without one. */
  readonly expiresIn: number;
  /** No account exists: POST setup makes the first. */
  readonly setupNeeded: boolean;
}

/** Tokens and client certificates have no time of their own. */
const secondsOf = (session: WebSession | undefined): number => (session === undefined || session.expiresInMs === Number.POSITIVE_INFINITY ? 0 : Math.ceil(session.expiresInMs / 1000));

/** POST setup, login, logout; GET session. To be mounted at /api/v1. */
export function loginApp(known: Registers): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const facts = (identity: Identity | undefined, session: WebSession | undefined): SessionFacts => ({
    name: identity?.name ?? null, role: identity?.role ?? null, expiresIn: secondsOf(session), setupNeeded: known.accounts.setupNeeded,
  });
  const enter = (c: Context<WebEnv>, verdict: Verdict): Response => {
    if (!verdict.ok) throw refused(verdict);
    return open(c, verdict.user);
  };
  const open = (c: Context<WebEnv>, user: Pick<Identity, 'name' | 'role'>, tenure?: WebSession): Response => {
    const secure = isSecure(c.env.incoming);
    // What the client brought along ends: a session that was planted on it beforehand is worth nothing.
    const old = sessionIdIn(c.req.header('cookie'), secure);
    if (old !== undefined) known.sessions.revoke(old);
    const { id, session } = known.sessions.open(user.name, user.role);
    // A session that a token opened does not outlive the token.
    const over = tenure?.onEnd(() => known.sessions.revoke(id));
    session.onEnd(() => void over?.dispose());
    c.header('set-cookie', sessionCookie(id, secure));
    return c.json(facts(session.identity, session));
  };

  app.post('/setup', async (c) => {
    const { code, name, password } = await bodyOf(c, Setup);
    return enter(c, await known.accounts.setup(code, name, password, addressOf(c.env.incoming)));
  });
  app.post('/login', async (c) => {
    const { name, password } = await bodyOf(c, Login);
    if (known.accounts.setupNeeded) throw new HttpProblem(409, 'the router is not set up: it has no account', { more: { setupNeeded: true } });
    return enter(c, await known.accounts.verify(name, password, addressOf(c.env.incoming)));
  });
  // The address that the router prints at its start carries a token; a page exchanges it for a session, so that downloads and
  // plugins' elements work too.
  app.post('/login/token', async (c) => {
    const { token } = await bodyOf(c, ByToken);
    const found = await known.gate.identify(token, addressOf(c.env.incoming));
    if (typeof found === 'string') throw new HttpProblem(401, found);
    if (found.identity.areas !== undefined) throw new HttpProblem(403, 'a token for some areas only does not open the web console');
    return open(c, found.identity, found.tenure);
  });
  app.post('/logout', (c) => {
    const secure = isSecure(c.env.incoming);
    const id = sessionIdIn(c.req.header('cookie'), secure);
    if (id !== undefined) known.sessions.revoke(id);
    c.header('set-cookie', noSessionCookie(secure));
    return c.json(facts(undefined, undefined));
  });
  // A question about the session, not an act of the person: it does not count as activity, unless the page says so.
  app.get('/session', async (c) => {
    const caller = await callerOf(c.env.incoming, known);
    if (typeof caller === 'string') {
      c.header('set-cookie', noSessionCookie(isSecure(c.env.incoming)));
      return c.json({ error: caller, ...facts(undefined, undefined) }, 401);
    }
    if (c.req.query('active') === '1') caller?.session?.touch();
    return c.json(facts(caller?.identity, caller?.session));
  });
  return app;
}

function refused(verdict: Extract<Verdict, { ok: false }>): HttpProblem {
  if (verdict.retryAfterMs === undefined) return new HttpProblem(401, verdict.why);
  return new HttpProblem(429, verdict.why, { headers: { 'retry-after': String(Math.ceil(verdict.retryAfterMs / 1000)) } });
}
