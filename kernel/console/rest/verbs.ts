import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { isCliError, reasonOf, VerbFault } from '../../cli/errors.ts';
import type { Verb } from '../../cli/level.ts';
import { shapeOf } from '../../cli/schema.ts';
import { clip } from '../../config/spelling.ts';
import { HttpProblem } from '../problem.ts';
import { areaOf } from '../roles.ts';
import type { JsonSchema } from '../settings-schema.ts';
import type { WebEnv } from '../web.ts';
import { NDJSON, ndjson } from './ndjson.ts';
import { schemaOf } from './openapi.ts';
import { type Call, type Operation, operation, type Parameters } from './operation.ts';
import type { RestParts } from './parts.ts';
import { fromText } from './values.ts';
import { collect, runVerb } from './verb-run.ts';

/** How long a verb may run when its output is wanted in one piece; `Prefer: wait=…` (RFC 7240 section 4.3) says otherwise. */
const WAIT_S = 30;
const LONGEST_WAIT_S = 300;
/** Parts that wait for a reader that is too slow. */
const KEEP = 1024;

const pathOf = (verb: Verb): string => `/verbs/${verb.spec.path.trim().split(/\s+/).map(encodeURIComponent).join('/')}`;

/** One operation per verb: GET for those that change nothing, POST for the others. */
export function verbOperations(parts: RestParts): Operation[] {
  return parts.router.tree.verbs().map((verb) => ofVerb(verb, parts));
}

function ofVerb(verb: Verb, { router }: RestParts): Operation {
  const { spec, owner } = verb;
  const access = spec.access ?? 'write';
  const args = Object.entries(spec.args ?? {});
  const query: Parameters = Object.fromEntries(args.map(([name, a]) => [name, { schema: a.schema, help: a.help }]));
  const common = {
    id: `verb_${spec.path.trim().replace(/[^A-Za-z0-9]+/g, '_')}`, at: pathOf(verb), tag: `verbs: ${spec.path.split(' ', 1)[0]!}`, summary: spec.help, access, answer: 'Output',
    description: `Output in one piece; a verb that is still running after ${WAIT_S} s, or as many as the header \`Prefer: wait=\` says, is ended. With \`Accept: ${NDJSON}\` it comes line by line, for as long as the client listens.`,
    ...(owner === 'kernel' ? {} : { plugin: owner }),
  };
  const run = (call: Call): unknown => {
    call.require({ access, area: areaOf(owner, spec.path), path: spec.path });
    const values = access === 'read' ? call.query : fromBody(verb, call.body);
    const work = { verb, args: values, identity: call.identity };
    if ((call.headers.get('accept') ?? '').includes(NDJSON)) {
      return ndjson({ keep: KEEP, signal: call.signal, session: call.session, wrap: (part) => ({ part }) }, (push, end) => {
        const abort = new AbortController();
        runVerb({ ...work, signal: abort.signal, write: push }).then(() => end({ end: true }), (e: unknown) => {
          if (e instanceof VerbFault) report(router, e);
          end({ error: isCliError(e) || e instanceof VerbFault ? e.message : reasonOf(e) });
        });
        return { dispose: () => abort.abort() };
      });
    }
    return collect({ ...work, signal: call.signal }, router.clock, waitMs(call.headers)).catch((e: unknown) => {
      if (e instanceof VerbFault) report(router, e);
      throw e;
    });
  };
  if (access === 'read') return operation({ ...common, method: 'get', query, run });
  return operation({ ...common, method: 'post', body: z.record(z.string(), z.unknown()), bodySchema: bodySchema(verb), run });
}

const report = (router: RestParts['router'], fault: VerbFault): void => router.log.logger('cli').error({ error: fault.message }, 'a verb failed');

function bodySchema({ spec }: Verb): JsonSchema {
  const args = Object.entries(spec.args ?? {});
  return {
    type: 'object', additionalProperties: false,
    properties: Object.fromEntries(args.map(([name, a]) => [name, { ...schemaOf(a.schema), description: a.help }])),
    required: args.filter(([, a]) => !shapeOf(a.schema).optional).map(([name]) => name),
  };
}

/** Arguments from a JSON body. Texts may stand for numbers and the like, as on the command line. */
function fromBody({ spec }: Verb, body: unknown): Record<string, unknown> {
  const given = body as Readonly<Record<string, unknown>>;
  const args = spec.args ?? {};
  for (const name of Object.keys(given)) if (!Object.hasOwn(args, name)) throw new HttpProblem(400, `there is no argument '${clip(name)}'; there are: ${Object.keys(args).join(', ') || 'none'}`);
  return Object.fromEntries(Object.entries(args).map(([name, { schema }]) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const result = schema.safeParse(value);
    if (result.success) return [name, result.data];
    if (value === undefined || typeof value === 'string') return [name, fromText(name, schema, value)];
    throw new HttpProblem(400, `${name}: ${result.error.issues.map((i) => i.message).join('; ')}; allowed: ${shapeOf(schema).description}`);
  }));
}

function waitMs(headers: Headers): number {
  const seconds = Number(/(?:^|[,;\s])wait=(\d{1,6})(?:[,;\s]|$)/i.exec(headers.get('prefer') ?? '')?.[1] ?? WAIT_S);
  return Math.min(seconds, LONGEST_WAIT_S) * 1000;
}

/** The verbs as they are when a request comes: plugins bring and take them at any time. */
export function verbRoutes(app: Hono<WebEnv>, parts: RestParts, answered: (c: Context<WebEnv>, o: Operation) => Promise<Response>): void {
  app.all('/verbs/*', async (c) => {
    const words = wordsOf(c.req.path);
    const verb = parts.router.tree.verbs().find((v) => v.spec.path.trim().split(/\s+/).join(' ') === words.join(' '));
    if (verb === undefined) throw new HttpProblem(404, `there is no verb '${clip(words.join(' '))}'`);
    const o = ofVerb(verb, parts);
    const method = c.req.method === 'HEAD' ? 'get' : c.req.method.toLowerCase();
    if (method !== o.method) throw new HttpProblem(405, `'${verb.spec.path}' ${o.method === 'get' ? 'only looks: GET' : 'changes the router: POST'}`, { headers: { allow: o.method === 'get' ? 'GET, HEAD' : 'POST' } });
    return answered(c, o);
  });
}

function wordsOf(path: string): string[] {
  try {
    return path.slice(path.indexOf('/verbs/') + '/verbs/'.length).split('/').map(decodeURIComponent);
  } catch {
    throw new HttpProblem(400, 'the path cannot be decoded');
  }
}
