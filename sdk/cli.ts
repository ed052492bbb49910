import type { ZodType } from 'zod';

/** Data, never drawn text: the session draws it, or prints JSON. */
export interface Table { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | number | null)[])[] ; readonly title?: string }
export interface Facts { readonly facts: Readonly<Record<string, string | number | null>>; readonly title?: string }
/** Lines whose columns were aligned by the author (traces, drawings). */
export interface Text { readonly text: string }
export type Reply = void | string | Table | Facts | Text | readonly (Table | Facts | Text)[];

export interface CommandIo {
  /** For what takes time (ping, traceroute, trace): output as it comes. */
  write(part: string | Table | Facts | Text): void;
  /** The session went away or pressed ^C. */
  readonly signal: AbortSignal;
  /** Who asks, for the history of settings: 'terminal', 'ws admin', 'unix root'. */
  readonly author: string;
}

/**
 * One argument, in order. A word of the schema's JSON type string/number/boolean/enum; `enum` values and `complete` feed
 * completion and the error text. `rest`: takes all remaining words as one string.
 */
export interface Arg {
  readonly schema: ZodType;
  readonly help: string;
  readonly rest?: boolean;
  /** Words that may stand here. `typed` is the word so far; with `rest` all words so far, and the answers replace the last. */
  complete?(typed: string): readonly string[] | Promise<readonly string[]>;
}
export type Args = Readonly<Record<string, Arg>>;
export type ArgValues<A extends Args> = { readonly [K in keyof A]: A[K]['schema'] extends ZodType<infer T> ? T : never };

export interface CommandSpec<A extends Args = Args> {
  /** Words of the verb tree, ZyNOS spelling: 'ip arp status'. */
  readonly path: string;
  readonly help: string;
  readonly args?: A;
  /** 'read' changes nothing (viewers may run it); default 'write'. */
  readonly access?: 'read' | 'write';
  run(args: ArgValues<A>, io: CommandIo): Reply | Promise<Reply>;
}

/** An error whose text is for the person at the console; anything else thrown by a verb is reported as the verb's fault. */
export class CliError extends Error {
  override name = 'CliError';
}
