import { type Context, Hono } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import type { ZodType } from 'zod';
import { CliError } from '../../../sdk/cli.ts';
import { isCliError, UsageError, VerbFault } from '../../cli/errors.ts';
import { ConfigProblem } from '../../config/section.ts';
import { clip } from '../../config/spelling.ts';
import { CommitFailed } from '../../config/transaction.ts';
import { BadBackup } from '../backup.ts';
import { BadJson, readJson } from '../json-text.ts';
import { LaneFull } from '../lane.ts';
import { HttpProblem } from '../problem.ts';
import { jsonOf } from '../protocol.ts';
import { authorOf, permits, refusal } from '../roles.ts';
import { withKeys } from '../settings.ts';
import type { WebEnv } from '../web.ts';
import { backupOperations } from './backup.ts';
import { captureOperations } from './capture.ts';
import { downloadRoutes } from './downloads.ts';
import { loginInDocument } from './elsewhere.ts';
import { openApi } from './openapi.ts';
import { type Call, type Operation, operation, type Parameters } from './operation.ts';
import { panelOperations, panelsInDocument } from './panels.ts';
import { pluginOperations } from './plugins.ts';
import type { RestParts } from './parts.ts';
import { settingsInDocument, settingsOperations } from './settings.ts';
import { statusOperations } from './status.ts';
import { streamOperations } from './streams.ts';
import { tokenOperations } from './tokens.ts';
import { verbOperations, verbRoutes } from './verbs.ts';
import { fromTexts } from './values.ts';

/** Octets of a JSON body; the frame around has a bound of its own. */
const MOST_JSON = 1024 * 1024;
/** Far more than any request has use for. */
const bounds = { values: 50_000, depth: 64 } as const;

/**
 * Everything the console can do, to be mounted at /api/v1 behind the log-in. GET openapi.json describes it, with what the loaded
 * plugins bring.
 */
export function restApp(parts: RestParts): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const fixed: Operation[] = [
    ...statusOperations(parts), ...pluginOperations(parts), ...panelOperations(parts), ...settingsOperations(parts), ...streamOperations(parts),
    ...captureOperations(parts), ...tokenOperations(parts), ...backupOperations(parts),
  ];
  const document: Operation = operation({
    id: 'openapi', method: 'get', at: '/openapi.json', tag: 'about', summary: 'This description', access: 'read', answer: { type: 'object' },
    run: (): unknown => openApi([...fixed, document].filter((o) => !templates.has(o.id)).concat(loginInDocument, parts.beside ?? [], settingsInDocument(parts, fixed), panelsInDocument(parts, fixed), verbOperations(parts)), parts),
  });
  for (const each of [...fixed, document]) app.on(each.method.toUpperCase(), each.at.replace(/\{(\w+)\}/g, ':$1'), (c) => answered(c, each));
  verbRoutes(app, parts, answered);
  downloadRoutes(app, parts, answered);
  return app;
}

/** Described once per plugin instead. */
const templates: ReadonlySet<string> = new Set(['settings_show', 'settings_patch', 'settings_replace', 'settings_schema', 'panel_view', 'panel_action']);

/** Checks a request against its operation, runs it, and answers. */
export async function answered(c: Context<WebEnv>, o: Operation): Promise<Response> {
  if (c.req.method === 'HEAD' && o.media !== undefined) throw new HttpProblem(405, 'a stream has no head of its own', { headers: { allow: o.method.toUpperCase() } });
  const identity = c.get('identity');
  const call: Call = {
    path: fromTexts(o.path ?? {}, pathTexts(c, o.path ?? {}), 'parameter'),
    query: fromTexts(o.query ?? {}, queryTexts(c), 'parameter'),
    body: await bodyFor(c, o),
    headers: c.req.raw.headers, identity, session: c.get('session'), author: authorOf(identity), signal: c.req.raw.signal, breakOff: () => void c.env.incoming.socket.destroy(),
    require: (...acts) => { if (!acts.some((act) => permits(identity, act))) throw new HttpProblem(403, refusal(identity, acts[0]!)); },
  };
  let result: unknown;
  try {
    result = await o.run(call);
  } catch (error) {
    throw problemOf(error);
  }
  // A response of its own would lack what every answer says, were it not made again here.
  if (result instanceof Response) return c.newResponse(result.body, result.status as StatusCode, Object.fromEntries(result.headers));
  if (result === undefined) return c.body(null, 204);
  return c.body(jsonOf(result), 200, { 'content-type': 'application/json; charset=utf-8' });
}

/** What went wrong, with everything that helps a program to correct it. */
function problemOf(error: unknown): unknown {
  if (error instanceof ConfigProblem) return new HttpProblem(422, error.message, { more: { problems: error.fields.map(withKeys) } });
  if (error instanceof CommitFailed) {
    return new HttpProblem(409, error.message, error.cause instanceof ConfigProblem ? { more: { problems: error.cause.fields.map(withKeys) } } : {});
  }
  if (error instanceof UsageError) return new HttpProblem(400, error.message, { more: { allowed: error.allowed } });
  if (error instanceof LaneFull) return new HttpProblem(429, error.message, { headers: { 'retry-after': '1' } });
  if (error instanceof BadBackup) return new HttpProblem(422, error.message);
  if (error instanceof VerbFault) return new HttpProblem(500, error.message);
  if (error instanceof CliError || isCliError(error)) return new HttpProblem(409, error.message);
  return error;
}

function pathTexts(c: Context, parameters: Parameters): Map<string, string> {
  return new Map(Object.keys(parameters).map((name) => [name, c.req.param(name) ?? '']));
}

function queryTexts(c: Context): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (values.length > 1) throw new HttpProblem(400, `'${clip(name)}' is given twice`);
    found.set(name, values[0] ?? '');
  }
  return found;
}

async function bodyFor(c: Context, o: Operation): Promise<unknown> {
  if (o.body === undefined) return undefined;
  if ('octets' in o.body) return octetsOf(c, o.body.most);
  const octets = await octetsOf(c, o.most ?? MOST_JSON);
  const schema = o.body as ZodType;
  if (octets.length > 0 && !/^application\/(json|merge-patch\+json)\s*(;|$)/i.test(c.req.header('content-type') ?? '')) throw new HttpProblem(415, 'the body must be application/json');
  let json: unknown;
  try {
    // Nothing at all is an empty object: many writing requests have only optional fields.
    json = octets.length === 0 ? {} : await readJson(octets, bounds);
  } catch (error) {
    if (error instanceof BadJson) throw new HttpProblem(400, `the body is no JSON that is taken: ${error.message}`);
    throw error;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  throw new HttpProblem(400, `${where}${issue?.message ?? 'the body does not fit'}`);
}

/** The body, as long as it is not larger than that. */
async function octetsOf(c: Context, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = c.req.raw.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return Buffer.concat(pieces);
    size += piece.value.length;
    if (size > most) {
      await reader?.cancel();
      throw new HttpProblem(413, `the body is larger than ${most} octets`, { headers: { connection: 'close' } });
    }
    pieces.push(piece.value);
  }
}
