import { Loader } from '../../kernel/plugins/loader.ts';
import { pluginVerbs } from '../../kernel/plugins/verbs.ts';
import type { Bed } from './bed.ts';

/** The verbs that the program adds to the router; the bed has none of the program's faces. */
export function addPluginVerbs(b: Bed): () => void {
  const loader = new Loader();
  const verbs = pluginVerbs({ host: b.router.plugins, loader, store: undefined, clock: b.clock, command: spec => b.router.tree.register(spec, 'kernel') });
  return () => { void verbs.dispose(); loader.close(); };
}
