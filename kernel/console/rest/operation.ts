import type { ZodType, z } from 'zod';
import type { JsonSchema } from '../settings-schema.ts';
import type { Act, Identity } from '../roles.ts';
import type { WebSession } from '../sessions.ts';

/** A parameter in the path or behind the question mark. What the schema does not take as text is tried as number, truth value, JSON. */
export interface Parameter<T extends ZodType = ZodType> { readonly schema: T; readonly help: string }
export type Parameters = Readonly<Record<string, Parameter>>;
type Values<P extends Parameters> = { readonly [K in keyof P]: z.infer<P[K]['schema']> };

/** One request, checked. */
export interface Call<P extends Parameters = Parameters, Q extends Parameters = Parameters, B extends ZodType = ZodType> {
  readonly path: Values<P>;
  readonly query: Values<Q>;
  readonly body: z.infer<B>;
  readonly headers: Headers;
  readonly identity: Identity;
  readonly session: WebSession | undefined;
  readonly author: string;
  /** Throws HttpProblem 403 unless one of these is allowed. */
  require(...acts: readonly Act[]): void;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
  /** Ends the connection: of what was promised less was sent, and nobody must take it for the whole. */
  breakOff(): void;
}

/** Something the REST interface can do; routes and the OpenAPI document are both made from it. */
export interface Operation<P extends Parameters = Parameters, Q extends Parameters = Parameters, B extends ZodType = ZodType> {
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below /api/v1, parameters in braces: '/flows/{id}'. */
  readonly at: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Act['access'];
  /** Asked without a token or session. */
  readonly open?: true;
  /** The plugin that brings it; its verbs, settings and panels vanish with it. */
  readonly plugin?: string;
  readonly path?: P;
  readonly query?: Q;
  /** JSON; or raw octets of this media type. */
  /** Octets of a JSON body at most; default 1 MiB. */
  readonly most?: number;
  readonly body?: B | { readonly octets: string; readonly most: number };
  /** A schema of its own for the document, where zod's would say less. */
  readonly bodySchema?: JsonSchema;
  /** Name of an answer's schema in the document's components, or the schema itself; undefined: no content. */
  readonly answer?: string | JsonSchema | ZodType;
  /** Default application/json; anything else is a stream, which `run` gives as a Response. */
  readonly media?: string;
  run(call: Call<P, Q, B>): unknown;
}

/** Checks that parameters and body fit what `run` takes, and forgets it again. */
export const operation = <const P extends Parameters, const Q extends Parameters, B extends ZodType>(spec: Operation<P, Q, B>): Operation => spec as unknown as Operation;

export const reading = (area: string, path = area): Act => ({ access: 'read', area, path });
export const writing = (area: string, path = area): Act => ({ access: 'write', area, path });
