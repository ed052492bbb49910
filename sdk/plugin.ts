import type { Observable } from 'rxjs';
import type { ZodType } from 'zod';
import type { Args, CommandSpec } from './cli.ts';
import type { Clock } from './clock.ts';
import type { Events } from './events.ts';
import type { StateFile } from './file.ts';
import type { DeciderSpec, Flows, Neighbours } from './flow.ts';
import type { Link, LinkHost, Links } from './link.ts';
import type { Logger } from './log.ts';
import type { Batch, Counter, Packet, Slot } from './packet.ts';
import type { PanelSpec } from './panel.ts';
import type { Disposable, Scope } from './scope.ts';
import type { Needs, Resolved, Token } from './token.ts';
import type { Ttys } from './tty.ts';
import type { Udp } from './udp.ts';

export interface StageSpec {
  readonly slot: Slot;
  /** 'firewall.policy': counters, trace, errors. */
  readonly name: string;
  /** Only stages of the same slot; ties by name. */
  readonly after?: readonly string[];
  /** Synchronous; may not keep the batch. Marks drops with batch.drop; sets Verdict.Stolen on what it copied away. */
  process(batch: Batch): void;
  /** One line about what this stage thinks of a packet; called only while tracing. */
  trace?(p: Packet): string;
}

/** The packet side of a plugin: made packets go in here. */
export interface Packets {
  /** A fresh packet from the pool; undefined when the pool is empty (count it). Give it to one of the calls below, or free it. */
  take(): Packet | undefined;
  free(p: Packet): void;
  /** An IPv4 packet with off === l3, from the router itself: output hook, flow decision, egress. */
  output(p: Packet): void;
  /** A complete frame for this link: straight to egress. */
  transmit(p: Packet, link: number): void;
  /** As if the link had received this frame now (decapsulated, reassembled). */
  inject(p: Packet, link: number): void;
}

export interface PluginContext<C, N extends Needs, S> {
  readonly id: string;
  readonly config: C;
  readonly use: Resolved<N>;
  /** Saved by the generation before, parsed again by the plugin's state schema. */
  readonly previous: S | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly scope: Scope;
  /** Fires first on unload. */
  readonly signal: AbortSignal;
  readonly packets: Packets;
  readonly links: Links;
  readonly flows: Flows;
  readonly neighbours: Neighbours;
  readonly udp: Udp;
  /** Serial ports of this machine. */
  readonly tty: Ttys;
  /** A folder of the plugin's own under the state directory, created on first use; undefined without a state directory. */
  readonly folder: string | undefined;
  /** A text file of that folder, to read and to replace. Throws for a name that stateFileName does not take. */
  file(name: string): StateFile;
  stage(spec: StageSpec): Disposable;
  decide(spec: DeciderSpec): Disposable;
  counter(name: string): Counter;
  /** One bit of Packet.mark, shared by name, freed with its last user. */
  mark(name: string): number;
  /** A link of the plugin's own (bridge, tunnel). */
  link(open: (host: LinkHost) => Link): { readonly id: number } & Disposable;
  command<A extends Args>(spec: CommandSpec<A>): Disposable;
  panel(spec: PanelSpec): Disposable;
  /** One provider per token. */
  provide<T>(token: Token<T>, service: T): Disposable;
  /** Many contributors; users see a live list. */
  contribute<T>(point: Token<readonly T[]>, item: T): Disposable;
  on<K extends keyof Events>(topic: K, fn: (e: Events[K]) => void): Disposable;
  events<K extends keyof Events>(topic: K): Observable<Events[K]>;
  emit<K extends keyof Events>(topic: K, e: Events[K]): void;
  /** Changes the plugin's own settings through the ordinary commit (verify, apply, history). Throws CliError with the reasons. */
  commit(change: (draft: C) => void, author: string): Promise<void>;
}

export interface Live<C, S> {
  /** New settings while running. Without it the plugin is reloaded. Throwing rolls the commit back. */
  reconfigure?(next: C): void | Promise<void>;
  save?(): S;
}

/** A problem with settings that single fields cannot show; `path` as in zod: ['interfaces', 0, 'ip']. */
export interface Problem { readonly path: readonly (string | number)[]; readonly message: string }

export interface PluginDef<C, N extends Needs, S> {
  /** 'vpn.ike' */
  readonly id: string;
  readonly version?: string;
  readonly title?: string;
  /** Exist before setup, outlive us. */
  readonly needs?: N;
  /** What this plugin can provide, so that others know whom they wait for. */
  readonly provides?: readonly Token<unknown>[];
  /** Must parse {} to working defaults. Number of its shape in `configVersion` (default 1). */
  readonly config?: ZodType<C>;
  readonly configVersion?: number;
  /** From the shape of version n (index n-1) to the next. */
  readonly migrations?: readonly ((old: Record<string, unknown>) => Record<string, unknown>)[];
  /** Across plugins: `all` holds every loaded plugin's parsed settings by id. Touches nothing. */
  verify?(mine: C, all: Readonly<Record<string, unknown>>): readonly Problem[];
  /** What a reload carries over; refused (with a warning) when it does not parse. */
  readonly state?: ZodType<S>;
  /** While this plugin is wanted and not active, nothing new is forwarded. */
  readonly failClosed?: boolean;
  setup(ctx: PluginContext<C, N, S>): void | Live<C, S> | Promise<void | Live<C, S>>;
}

// biome-ignore lint/suspicious/noExplicitAny: the host handles plugins of every shape
export type AnyPlugin = PluginDef<any, any, any>;

export const definePlugin = <C = undefined, const N extends Needs = {}, S = undefined>(d: PluginDef<C, N, S>): PluginDef<C, N, S> => d;
