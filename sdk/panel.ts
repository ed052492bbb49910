import type { Observable } from 'rxjs';
import type { Args, Facts, Reply, Table } from './cli.ts';

/** A thing of a graph. `state` colours it; `detail` is a second, smaller line. */
export interface GraphNode {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
  readonly state?: 'ok' | 'warn' | 'bad' | 'off';
  /** Page of the console that tells more: 'network/lan'. */
  readonly page?: string;
}
/** `rate`: bit/s that go this way, drawn as weight. */
export interface GraphEdge { readonly from: string; readonly to: string; readonly label?: string; readonly rate?: number }

/**
 * A page as data, pushed over the WebSocket; no plugin code runs in the browser except a custom element. Strings may come from
 * the network: the shell shows them as text and nothing else.
 */
export type View =
  /** `path` below the plugin's settings: 'dhcp', 'interfaces[0]'; several forms may show parts of the same settings. */
  | { readonly kind: 'form'; readonly settings: string /* plugin id */; readonly path?: string; readonly title?: string }
  /**
   * `rowActions` are actions of the panel; their input is the row as an array of its cells. `move`: rows can be put into another
   * order; that action gets { from, to, row }, `from` and `to` counted from 0.
   */
  | { readonly kind: 'table'; readonly table: Table; readonly rowActions?: readonly string[]; readonly move?: string }
  | { readonly kind: 'facts'; readonly facts: Facts }
  /**
   * A point is [time in ms since the epoch, value of the first series, …]. `live`: the view brings only what is new, and the page
   * keeps the last `windowSec` seconds (default 300); otherwise all points are shown.
   */
  | { readonly kind: 'chart'; readonly title: string; readonly unit: string; readonly series: readonly string[]; readonly points: readonly (readonly number[])[]; readonly live?: boolean; readonly windowSec?: number }
  | { readonly kind: 'gauge'; readonly title: string; readonly value: number; readonly max: number; readonly unit: string }
  | { readonly kind: 'log'; readonly lines: readonly string[]; readonly title?: string }
  /** A command line of the router; `run` is typed into it at once. */
  | { readonly kind: 'terminal'; readonly title?: string; readonly run?: string }
  /** Packets as they pass, decoded; `filter` as in `capture`. */
  | { readonly kind: 'capture'; readonly title?: string; readonly filter?: string }
  | { readonly kind: 'graph'; readonly title: string; readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] }
  /**
   * A custom element that the plugin ships. `module` is a file of its folder `gui`, an ES module whose default export is the class
   * (it does not call customElements.define: the shell does, and again after a reload); it may import its neighbours by relative
   * names. `tag` begins with the plugin's id, dots as hyphens: 'vpn-ike-peers'. The element gets the properties `mayWrite` (false: only
   * actions in `reads` will do), `act(action, input)` and `data`, `data` last and again whenever it changes.
   */
  | { readonly kind: 'element'; readonly tag: string; readonly module: string; readonly data: unknown }
  | { readonly kind: 'tabs'; readonly title?: string; readonly tabs: readonly { readonly title: string; readonly view: View }[] }
  | { readonly kind: 'stack'; readonly title: string; readonly views: readonly View[] };

/** A file on its way out of the router. */
export interface Download {
  /** A stranger's, perhaps: whoever sends it makes it fit. */
  readonly name: string;
  readonly bytes: number;
  /** A piece at a time, as they are taken; who has had enough returns the generator. Rejects in words. */
  octets(from: number, to: number): AsyncGenerator<Uint8Array>;
}
/** GET /api/v1/panels/<panel>/downloads/<name>?…, for whoever may see the page. */
export interface DownloadSpec {
  readonly help: string;
  /** What stands behind the question mark. */
  readonly args?: Args;
  /** Gets the values of `args`. Throws CliError. */
  open(values: Readonly<Record<string, unknown>>): Download | Promise<Download>;
}

export interface PanelSpec {
  /** Place in the menu tree: 'network/lan'. Panels 'security/firewall/…' become tabs of one page. */
  readonly path: string;
  readonly title: string;
  /** Place among the tabs of its page, from 1; those without one follow by path. */
  readonly order?: number;
  view(): View | Observable<View>;
  readonly actions?: Readonly<Record<string, (input: unknown) => Reply | Promise<Reply>>>;
  /** Actions that only look: whoever may see the page may use them. */
  readonly reads?: readonly string[];
  readonly downloads?: Readonly<Record<string, DownloadSpec>>;
}
