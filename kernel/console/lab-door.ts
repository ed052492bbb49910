import { CliError } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';

/** A real host: the words to put before the command and run (`nsenter -t 4711 -n curl …`). A virtual one: what happened. */
export type LabResult = { readonly spawn: readonly string[] } | { readonly output: string; readonly code: number };
export type LabExec = (host: string, argv: readonly string[]) => LabResult | Promise<LabResult>;

/** Where the running lab, if there is one, offers its hosts to `lancell lab exec`. */
export class LabDoor {
  #exec: LabExec | undefined;

  /** One lab at a time. */
  open(exec: LabExec): Disposable {
    if (this.#exec !== undefined) throw new Error('a lab is running already');
    this.#exec = exec;
    return { dispose: () => { if (this.#exec === exec) this.#exec = undefined; } };
  }

  async exec(host: string, argv: readonly string[]): Promise<LabResult> {
    if (this.#exec === undefined) throw new CliError('this router does not run in a lab');
    return this.#exec(host, argv);
  }
}
