import type { AnyPlugin } from '../../sdk/plugin.ts';
import type { Generation } from './generation.ts';
import type { AttachedSection } from './services.ts';

export type PluginState = 'waiting' | 'starting' | 'active' | 'stopping' | 'gone' | 'failed';

/** A plugin as it was read, and what becomes of the copy it was read from. */
export interface LoadedPlugin {
  readonly def: AnyPlugin;
  /** Where it lives on disk; undefined when it was handed over in memory. */
  readonly folder?: string;
  /** The folder its code was imported from: a copy of that, or the same. */
  readonly code?: string;
  /** Reads it anew. */
  read?(): Promise<LoadedPlugin>;
  /** It is the one in use now. */
  adopt?(): void;
  /** It will not be used. */
  discard?(): void;
}

/** A plugin that is wanted, with all that the host knows of it. */
export interface Entry {
  loaded: LoadedPlugin;
  state: PluginState;
  why: string;
  /** Counts its generations, through unloading and loading again. */
  number: number;
  /** Place in the order of starting; what started last stops first. */
  started: number;
  life: Generation | undefined;
  starting: Promise<void> | undefined;
  stopping: Promise<void> | undefined;
  /** What the generation before left for the next. */
  saved: unknown;
  section: AttachedSection | undefined;
  config: unknown;
}

export interface Limits {
  /** ms a setup or a reconfigure may take; default 10 000. */
  readonly startLimitMs?: number;
  /** ms an asynchronous disposer may take; default 5 000. */
  readonly stopLimitMs?: number;
}
