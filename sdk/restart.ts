import { token } from './token.ts';

/** process: this program ends, and whoever started it starts it again; reboot: the whole machine. */
export type RestartHow = 'process' | 'reboot';

export interface RestartNote {
  readonly how: RestartHow;
  readonly why: string;
  /** Who asked, and a number of its own. */
  readonly by: string;
  readonly tag: number;
}

/** The router restarts itself, at most once in 24 hours, whoever asks. */
export interface Restarts {
  /** The restart that this run came from; `atMs` since the epoch. Undefined: it came from none of ours. */
  readonly cameFrom: (RestartNote & { readonly atMs: number }) | undefined;
  /** Resolves with undefined when it is on its way, or else with the reason why there is none. */
  ask(note: RestartNote): Promise<string | undefined>;
}
export const RestartsToken = token<Restarts>('kernel.restarts');
