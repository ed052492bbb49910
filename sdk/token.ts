/** A typed key for a service. Its identity is its name, so a reloaded copy of a plugin means the same service. */
declare const brand: unique symbol;
export type Token<T> = symbol & { readonly [brand]?: T };

export const token = <T>(name: string): Token<T> => Symbol.for(`lancell:${name}`) as Token<T>;

/** The name a token was made with, for messages. */
export const tokenName = (t: Token<unknown>): string => (t.description ?? '').replace(/^lancell:/, '');

// biome-ignore lint/suspicious/noExplicitAny: a token of any service may stand here; the key's type says which
export type Needs = Readonly<Record<string, Token<any>>>;
export type Resolved<N extends Needs> = { readonly [K in keyof N]: N[K] extends Token<infer T> ? T : never };
