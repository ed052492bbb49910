import type { Core } from './core.ts';
import { configVerbs } from './verbs-config.ts';
import { directionVerbs } from './verbs-direction.ts';
import { lookVerbs } from './verbs-look.ts';
import { ruleVerbs } from './verbs-rule.ts';
import { sysVerbs } from './verbs-sys.ts';
import { testVerb } from './verbs-test.ts';

export function verbs(core: Core): void {
  sysVerbs(core);
  configVerbs(core);
  directionVerbs(core);
  ruleVerbs(core);
  lookVerbs(core);
  testVerb(core);
}
