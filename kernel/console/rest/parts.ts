import type { Router } from '../../router/router.ts';
import type { Tokens } from '../tokens.ts';
import type { Operation } from './operation.ts';

/** What the REST interface speaks for. */
export interface RestParts {
  readonly router: Router;
  readonly tokens: Tokens;
  /** Served beside this interface, and described with it. */
  readonly beside?: readonly Operation[] | undefined;
}
