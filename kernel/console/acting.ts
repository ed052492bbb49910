import { AsyncLocalStorage } from 'node:async_hooks';

/** Who asks for what is being done now. */
const asking = new AsyncLocalStorage<string>();
/** On whose behalf plugin code runs. `over`: what it left behind (a timer, a listener) acts on its own account. */
const acting = new AsyncLocalStorage<{ readonly author: string; over: boolean }>();

/** Everything that `run` leads to is asked for by this author ('web ann'). */
export const askedBy = <T>(author: string, run: () => T): T => asking.run(author, run);

/** Who asks; undefined: nobody from outside. */
export const asker = (): string | undefined => asking.getStore();

/** Runs an action of a plugin, which does not know who asked for it, on behalf of whoever did. */
export async function onBehalf<T>(author: string | undefined, run: () => T | Promise<T>): Promise<T> {
  if (author === undefined) return run();
  const act = { author, over: false };
  try {
    return await acting.run(act, run);
  } finally {
    act.over = true;
  }
}

/** The author of a change of settings: who asked for the action that makes it, else what the plugin says. */
export function authorOfChange(said: string): string {
  const act = acting.getStore();
  return act === undefined || act.over ? said : act.author;
}
