import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import { isCliError } from '../cli/errors.ts';

/** A request that is answered with a 4xx and a sentence. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;
  /** Beside `error` in the answer. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(status: ContentfulStatusCode, message: string, opts: { readonly headers?: Readonly<Record<string, string>>; readonly more?: Readonly<Record<string, unknown>> } = {}) {
    super(message);
    this.status = status;
    this.headers = opts.headers ?? {};
    this.more = opts.more ?? {};
  }
}

/** The answer to an error: what was meant for people in full, anything else without inner details. */
export function answerTo(error: unknown, c: Context, report: (error: unknown) => void): Response {
  if (error instanceof HttpProblem) return c.json({ error: error.message, ...error.more }, error.status, error.headers);
  if (isCliError(error)) return c.json({ error: error.message }, 400);
  report(error);
  return c.json({ error: 'the router made a mistake; its log says more' }, 500);
}

/** The JSON body of a request, checked. Throws HttpProblem with the field that does not fit. */
export async function bodyOf<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) throw new HttpProblem(415, 'the body must be application/json');
  let json: unknown;
  try {
    json = JSON.parse(await c.req.text());
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, 'the body is no JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new HttpProblem(400, `${where}${issue?.message ?? 'the body does not fit'}`);
}
