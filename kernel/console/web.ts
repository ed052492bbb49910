import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { askedBy } from './acting.ts';
import { refuseOrigin } from './auth.ts';
import { callerOf, foreignOrigin, isSecure, type Registers } from './caller.ts';
import { loginApp } from './login.ts';
import { answerTo, HttpProblem } from './problem.ts';
import { authorOf, type Identity } from './roles.ts';
import type { WebSession } from './sessions.ts';
import { type Assets, served } from './static.ts';
import { statusPage } from './status-page.ts';

/** What every handler finds in its context. Behind the log-in (`/api/v1/*` but for its four endpoints, `/metrics`, `/plugin/*`) `identity` is always set. */
export interface WebEnv {
  Bindings: { readonly incoming: IncomingMessage };
  Variables: { identity: Identity; session: WebSession | undefined };
}

export interface WebOptions extends Registers {
  readonly version: string;
  /** Names, besides loopback, under which browsers may ask for this router. */
  hosts(): readonly string[];
  /** The built shell; undefined or empty: a plain page instead. */
  readonly assets: Assets | undefined;
  /** Files that a loaded plugin ships for the browser. */
  pluginAssets?(id: string): Assets | undefined;
  /** Mounted at /api/v1 behind the log-in. */
  readonly rest?: Hono<WebEnv> | undefined;
  /** Prometheus text. */
  metrics?(identity: Identity): string | Promise<string>;
  /** Where plain HTTP requests are sent instead; undefined: they are served. */
  redirect?(request: IncomingMessage): string | undefined;
  /** Told who asked for something that may change the router, and was not refused. */
  audit?(author: string, what: string): void;
  /** What went wrong inside. */
  report(error: unknown): void;
}

/** A request that is sent by timers of a page says so in this header, and does not keep its session alive. */
export const POLL_HEADER = 'x-lancell-poll';

const MOST_BODY = 1024 * 1024;
/** A backup to be restored, a plugin to be installed. */
const MOST_UPLOAD = 8 * 1024 * 1024;
const uploads = new Set(['/api/v1/restore', '/api/v1/plugins', '/api/v1/plugins/archive']);
const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Said with every answer. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The whole HTTP side as one application; HTTP and HTTPS serve the same. */
export function webApp(options: WebOptions): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(safeHeaders)) c.header(name, value);
    const request = c.env.incoming;
    const refused = refuseOrigin(request.headers.host, undefined, hostsFor(request, options.hosts()));
    if (refused !== undefined) throw new HttpProblem(403, refused);
    const elsewhere = isSecure(request) ? undefined : options.redirect?.(request);
    if (elsewhere !== undefined) {
      if (!safe.has(c.req.method)) throw new HttpProblem(403, `this router wants HTTPS: ${elsewhere}`);
      return c.redirect(elsewhere, 307);
    }
    if (!safe.has(c.req.method)) {
      const foreign = foreignOrigin(request);
      if (foreign !== undefined) throw new HttpProblem(403, foreign);
    }
    return next();
  });
  app.use((c, next) => {
    const most = uploads.has(c.req.path) ? MOST_UPLOAD : MOST_BODY;
    const { 'content-length': length, 'transfer-encoding': encoding } = c.env.incoming.headers;
    if (Number(length ?? 0) > most) throw new HttpProblem(413, `the body is larger than ${most / 1048576} MiB`, { headers: { connection: 'close' } });
    // A body whose end only shows when it comes cannot be bounded beforehand (RFC 9110 section 15.5.12).
    if (encoding !== undefined) throw new HttpProblem(411, 'say how long the body is (content-length)', { headers: { connection: 'close' } });
    return next();
  });

  app.use('/api/*', async (c, next) => {
    c.header('cache-control', 'no-store');
    await next();
  });
  app.route('/api/v1', loginApp(options));
  for (const path of ['/api/*', '/metrics', '/plugin/*']) app.use(path, async (c, next) => {
    // With their own methods these have been answered above.
    const allow = logInMethods[c.req.path];
    if (allow !== undefined) throw new HttpProblem(405, `only ${allow} here`, { headers: { allow } });
    const caller = await callerOf(c.env.incoming, options);
    if (caller === undefined) throw new HttpProblem(401, 'log in first', { headers: unauthenticated });
    if (typeof caller === 'string') throw new HttpProblem(401, caller, { headers: unauthenticated });
    // A page sends a body that is no JSON only with a fetch of its own, which foreignOrigin has judged; forms of other pages never get here.
    if (!safe.has(c.req.method) && isFormBody(c.req.header('content-type'))) throw new HttpProblem(415, 'the body must be application/json');
    if (c.req.header(POLL_HEADER) === undefined) caller.session?.touch();
    c.set('identity', caller.identity);
    c.set('session', caller.session);
    const author = authorOf(caller.identity);
    await askedBy(author, next);
    if (!safe.has(c.req.method) && c.res.status < 400) options.audit?.(author, `${c.req.method} ${c.req.path}`);
  });
  if (options.rest !== undefined) app.route('/api/v1', options.rest);
  if (options.metrics !== undefined) app.get('/metrics', async (c) => c.text(await options.metrics!(c.get('identity')), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' }));
  // The generation is a folder: what a module imports by a relative name is then of the same one.
  app.get('/plugin/:id/:generation{@[0-9.]+}/:file{.+}', (c) => served(c, options.pluginAssets?.(c.req.param('id')), c.req.param('file')));
  app.get('/plugin/:id/:file{.+}', (c) => served(c, options.pluginAssets?.(c.req.param('id')), c.req.param('file')));
  app.notFound(async (c) => {
    const path = pathOf(c.req.path);
    const isApi = path.startsWith('api/') || path.startsWith('plugin/') || path === 'metrics' || path === 'ws';
    const found = isApi ? undefined : options.assets?.has(path === '' ? 'index.html' : path) || path === '';
    const allow = found ? ['GET', 'HEAD'] : methodsAt(app, c.req.path);
    if (allow.length > 0 && !allow.includes(c.req.method)) throw new HttpProblem(405, `only ${allow.join(', ')} here`, { headers: { allow: allow.join(', ') } });
    if (path === 'ws') throw new HttpProblem(426, 'this is the door for WebSockets', { headers: { upgrade: 'websocket' } });
    if (!found) throw new HttpProblem(404, 'there is nothing here');
    if (options.assets?.has('index.html') !== true) return c.html(statusPage(options.version), 200, { 'cache-control': 'no-store' });
    return served(c, options.assets, path === '' ? 'index.html' : path);
  });
  app.onError((error, c) => {
    for (const [name, value] of Object.entries(safeHeaders)) c.header(name, value);
    c.header('cache-control', 'no-store');
    return answerTo(error, c, options.report);
  });
  return app;
}

const logInMethods: Readonly<Record<string, string>> = { '/api/v1/setup': 'POST', '/api/v1/login': 'POST', '/api/v1/login/token': 'POST', '/api/v1/logout': 'POST', '/api/v1/session': 'GET, HEAD' };

/** RFC 9110 section 11.6.1 wants to hear how; a scheme that browsers know would make them ask with a dialog. */
export const unauthenticated = { 'www-authenticate': 'Bearer' };

const isFormBody = (type: string | undefined): boolean => /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)/i.test(type ?? '');

/** An address of this very socket is the router whatever anybody says: only names can be rebound. */
export function hostsFor(request: IncomingMessage, hosts: readonly string[]): readonly string[] {
  const own = request.socket.localAddress?.replace(/^::ffff:/, '');
  return own === undefined ? hosts : [...hosts, own];
}

/** A path as the name of a file below a folder; what cannot be decoded is no name. */
function pathOf(path: string): string {
  try {
    return decodeURIComponent(path).replace(/^\//, '');
  } catch {
    return '\0';
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Methods that some handler takes at this path; handlers for all methods are checks, not answers. */
function methodsAt(app: Hono<WebEnv>, path: string): string[] {
  const found: string[] = methods.filter((m) => app.router.match(m, path)[0].some(([entry]) => (entry as [unknown, { method: string }])[1].method === m));
  return found.includes('GET') ? [...found, 'HEAD'] : found;
}
