/** The router's REST side refused, or could not be reached (status 0). */
export class RestError extends Error {
  override name = 'RestError';
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, text: string, body: unknown) {
    super(text);
    this.status = status;
    this.body = body;
  }
}

/** How far the router's clock is ahead of this computer's, in ms, as far as its answers tell. */
export let clockAhead = 0;

/** Answers tell the time in whole seconds, and were some time on the way. */
const SAME_MS = 3000;

function readClock(response: Response): void {
  const told = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(told)) return;
  const ahead = told - Date.now();
  clockAhead = Math.abs(ahead) < SAME_MS ? 0 : ahead;
}

const said = (body: unknown, status: number): string => {
  if (typeof body === 'object' && body !== null) {
    const { error, detail, message, title } = body as Record<string, unknown>;
    for (const text of [error, detail, message, title]) if (typeof text === 'string' && text !== '') return text;
  }
  return typeof body === 'string' && body.length > 0 && body.length < 400 && !body.startsWith('<') ? body.trim() : `the router answered ${status}`;
};

/** One JSON request below /api/v1. Rejects with RestError. */
export async function rest<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await call(method, path, body);
  const read = await bodyOf(response);
  if (!response.ok) throw new RestError(response.status, said(read, response.status), read);
  return read as T;
}

/** The same for what is not JSON: a download. */
export async function download(method: string, path: string, body?: unknown): Promise<{ readonly blob: Blob; readonly name: string | undefined }> {
  const response = await call(method, path, body);
  if (!response.ok) {
    const read = await bodyOf(response);
    throw new RestError(response.status, said(read, response.status), read);
  }
  const name = /filename="?([^";]+)"?/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return { blob: await response.blob(), name };
}

/** Sends octets, a file for instance. Rejects with RestError. */
export async function upload<T>(path: string, octets: Blob, more: Readonly<Record<string, string>>): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, { method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/octet-stream', ...more }, credentials: 'same-origin', cache: 'no-store', redirect: 'error', body: octets });
  } catch {
    throw new RestError(0, 'the router cannot be reached', undefined);
  }
  const read = await bodyOf(response);
  if (!response.ok) throw new RestError(response.status, said(read, response.status), read);
  return read as T;
}

async function call(method: string, path: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['content-type'] = 'application/json';
  try {
    const response = await fetch(`/api/v1${path}`, {
      method, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error',
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    readClock(response);
    return response;
  } catch {
    throw new RestError(0, 'the router cannot be reached', undefined);
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
