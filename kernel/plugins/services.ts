import type { ZodType } from 'zod';
import type { CommandSpec } from '../../sdk/cli.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { DeciderSpec, Flows, Neighbours } from '../../sdk/flow.ts';
import type { Link, LinkHost, Links } from '../../sdk/link.ts';
import type { Logger } from '../../sdk/log.ts';
import type { Counter } from '../../sdk/packet.ts';
import type { PanelSpec } from '../../sdk/panel.ts';
import type { Packets, Problem, StageSpec } from '../../sdk/plugin.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Ttys } from '../../sdk/tty.ts';
import type { Udp } from '../../sdk/udp.ts';
import type { Bus } from '../events.ts';

/** What the settings of one plugin look like, and who wants to know when they change. */
export interface SettingsSection {
  readonly id: string;
  readonly schema: ZodType;
  readonly version: number;
  readonly migrations: readonly ((old: Record<string, unknown>) => Record<string, unknown>)[];
  verify(mine: unknown, all: Readonly<Record<string, unknown>>): readonly Problem[];
  /** Puts parsed settings to work. Rejects when the plugin will not have them; then it is called again with the old ones. */
  apply(next: unknown): Promise<void>;
}

/**
 * A section that holds. With problems the plugin is not started, but its settings can be repaired: `apply` is called once
 * they parse. Settings that do not parse may also be refused altogether, by throwing.
 */
export interface AttachedSection extends Disposable {
  readonly problems?: readonly Problem[];
}

export interface SettingsService {
  attach(section: SettingsSection): AttachedSection;
  /** The parsed settings in force. */
  running(id: string): unknown;
  update(id: string, change: (draft: unknown) => void, author: string): Promise<unknown>;
}

/** What the rest of the kernel does for plugins; the host passes it on through their contexts. */
export interface KernelServices {
  readonly clock: Clock;
  readonly log: { logger(name: string): Logger };
  readonly bus: Bus;
  readonly links: Links;
  readonly packets: Packets;
  readonly flows: Flows;
  readonly neighbours: Neighbours;
  /** UDP as this plugin binds it. */
  udp(owner: string): Udp;
  readonly tty: Ttys;
  readonly config: SettingsService;
  stage(spec: StageSpec, owner: string): Disposable;
  decide(spec: DeciderSpec, owner: string): Disposable;
  /** Disposing gives it back; the name goes with its last holder. */
  counter(name: string, owner: string): Counter & Disposable;
  mark(name: string): { readonly bit: number; release(): void };
  link(open: (host: LinkHost) => Link, owner: string): { readonly id: number } & Disposable;
  command(spec: CommandSpec, owner: string): Disposable;
  panel(spec: PanelSpec, owner: string): Disposable;
  /** The engine holds its breath, for at most 100 ms, so that a reload under traffic loses nothing. */
  hold(why: string): Disposable;
  /** These plugins are wanted, not active, and guard the router: while there are any, nothing new is forwarded. */
  failClosed(ids: readonly string[]): void;
  /** The plugin's own folder, made when it is not there; undefined without a state directory. */
  folder(id: string): string | undefined;
}
