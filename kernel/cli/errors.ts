import { CliError } from '../../sdk/cli.ts';

/** The line itself is wrong: an unknown or ambiguous word, a missing or bad argument. */
export class UsageError extends CliError {
  /** Position in the line, for the caret. */
  readonly at: number;
  /** What would have been allowed there. */
  readonly allowed: readonly string[];

  constructor(message: string, at: number, allowed: readonly string[] = []) {
    super(message);
    this.at = at;
    this.allowed = allowed;
  }
}

/** A verb threw something that was not meant for the person at the console. */
export class VerbFault extends Error {
  override name = 'VerbFault';
}

/** By name too: a plugin in another generation directory may have its own copy of the class. */
export const isCliError = (e: unknown): e is CliError => e instanceof CliError || (e instanceof Error && e.name === 'CliError');

export const reasonOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));
