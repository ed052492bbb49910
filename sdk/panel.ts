import type { Observable } from 'rxjs';
import type { Facts, Reply, Table } from './cli.ts';

/** A page as data, pushed over the WebSocket; no plugin code runs in the browser except a custom element. */
export type View =
  | { readonly kind: 'form'; readonly settings: string /* plugin id */; readonly path?: string }
  | { readonly kind: 'table'; readonly table: Table; readonly rowActions?: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: Facts }
  | { readonly kind: 'chart'; readonly title: string; readonly unit: string; readonly series: readonly string[]; readonly points: readonly (readonly number[])[] }
  | { readonly kind: 'gauge'; readonly title: string; readonly value: number; readonly max: number; readonly unit: string }
  | { readonly kind: 'log'; readonly lines: readonly string[] }
  | { readonly kind: 'element'; readonly tag: string; readonly module: string; readonly data: unknown }
  | { readonly kind: 'stack'; readonly title: string; readonly views: readonly View[] };

export interface PanelSpec {
  /** Place in the menu tree: 'network/lan'. */
  readonly path: string;
  readonly title: string;
  view(): View | Observable<View>;
  readonly actions?: Readonly<Record<string, (input: unknown) => Reply | Promise<Reply>>>;
}
