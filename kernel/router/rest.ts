import type { Hono } from 'hono';
import { HttpProblem } from '../console/problem.ts';
import { backupVerbs } from '../console/backup-verbs.ts';
import { prometheus } from '../console/prometheus.ts';
import { restApp } from '../console/rest/app.ts';
import type { Operation } from '../console/rest/operation.ts';
import { type Identity, permits, refusal } from '../console/roles.ts';
import { tokenVerbs } from '../console/token-verbs.ts';
import { Tokens } from '../console/tokens.ts';
import type { WebEnv } from '../console/web.ts';
import type { Router } from './router.ts';

export interface Rest {
  readonly tokens: Tokens;
  /** For /api/v1, behind the log-in. */
  readonly app: Hono<WebEnv>;
  /** For /metrics. Throws HttpProblem for an identity that is confined to other areas. */
  metrics(identity: Identity): string;
}

/**
 * What programs use: REST, metrics, tokens; and the verbs for tokens and backups.
 * @param beside operations that somebody else serves under /api/v1, for the document
 */
export async function openRest(router: Router, state: string | undefined, beside?: readonly Operation[]): Promise<Rest> {
  const tokens = await Tokens.open(state, router.clock, router.log.logger('tokens'));
  tokenVerbs(tokens, (spec) => router.tree.register(spec, 'kernel'));
  backupVerbs({ config: router.config, version: router.version, wall: () => router.clock.wall(), command: (spec) => router.tree.register(spec, 'kernel') });
  const act = { access: 'read', area: 'metrics', path: 'metrics' } as const;
  return {
    tokens, app: restApp({ router, tokens, beside }),
    metrics: (identity) => {
      if (!permits(identity, act)) throw new HttpProblem(403, refusal(identity, act));
      return prometheus(router);
    },
  };
}
