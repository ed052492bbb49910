import type { Outcome } from './delivery.ts';

export interface Request { readonly url: string; readonly secret: string; readonly body: string; readonly timeoutMs: number }
export interface Answer { readonly outcome: Outcome; /** For people: 'HTTP 200', or what went wrong. */ readonly words: string }
/** Posts JSON; never rejects. */
export type Post = (request: Request, signal: AbortSignal) => Promise<Answer>;

/** Over the host's own network stack. Redirects are not followed: the secret is for one server only. */
export const post: Post = async (request, signal) => {
  try {
    const response = await fetch(request.url, {
      method: 'POST', body: request.body, redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]),
      headers: { 'content-type': 'application/json', 'user-agent': 'lancell-webhook', ...(request.secret === '' ? {} : { authorization: `Bearer ${request.secret}` }) },
    });
    await response.body?.cancel();
    return { outcome: outcomeOf(response.status), words: `HTTP ${response.status}` };
  } catch (error) {
    return { outcome: 'later', words: reason(error) };
  }
};

/** RFC 9110 §15: 5xx, 408 and 429 may be otherwise next time; other answers that are not 2xx will not. */
export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'taken';
  return status >= 500 || status === 408 || status === 429 ? 'later' : 'refused';
}

/** fetch says 'fetch failed' and puts the reason into the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.cause instanceof Error ? error.cause.message : error.message;
}
