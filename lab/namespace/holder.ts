import { type Background, background, must } from './run.ts';
import { inUserNamespace } from './user-namespace.ts';

/** A process that does nothing but keep a network and a mount namespace alive; both are gone when it is. */
export interface Holder {
  readonly name: string;
  readonly pid: number;
  /** For setns: the network namespace as a file. */
  readonly netns: string;
  /** Prefix of a command line that runs inside, from the router's own process tree. */
  readonly inside: readonly string[];
  /** The same from any process of the same user. */
  readonly outside: readonly string[];
  /** Runs a shell script inside; throws with its words when a line fails. */
  script(text: string): Promise<void>;
  readonly process: Background;
}

export async function startHolder(name: string): Promise<Holder> {
  // "ready" is said after unshare has done its part: from then on the pid's namespaces are the new ones.
  const process = await background(name, ['unshare', '-n', '-m', 'sh', '-c', 'echo ready; exec sleep 2147483647']);
  await process.spoke;
  if (!process.alive) throw new Error(`${name}: no namespace: ${process.output().trim()}`);
  const target = ['-t', String(process.pid), '-n', '-m'];
  const inside = ['nsenter', ...target, '--'];
  const outside = inUserNamespace() ? ['nsenter', ...target, '-U', '--preserve-credentials', '--'] : inside;
  return {
    name, inside, outside, process,
    pid: process.pid,
    netns: `/proc/${process.pid}/ns/net`,
    script: async text => { await must([...inside, 'sh', '-e'], `PATH=$PATH:/usr/sbin:/sbin\n${text}`); },
  };
}
