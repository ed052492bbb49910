import { html, type TemplateResult } from 'lit';

/** A page of the shell itself, as opposed to those that plugins bring. */
export interface Page {
  /** 'maintenance/plugins'; what follows it in the address is given to the page as `rest`. */
  readonly path: string;
  readonly title: string;
  /** Brings the custom element; a chunk of its own. */
  load(): Promise<unknown>;
  draw(rest: string): TemplateResult;
  /** Not in the menu. */
  readonly hidden?: boolean;
}

export const pages: readonly Page[] = [
  { path: '', title: 'Home', load: () => import('./home/page.ts'), draw: () => html`<lc-home-page></lc-home-page>` },
  { path: 'logs/view', title: 'View Log', load: () => import('./log.ts'), draw: () => html`<lc-log-page></lc-log-page>` },
  { path: 'advanced/remote-mgmt', title: 'Remote MGMT', load: () => import('./remote.ts'), draw: () => html`<lc-remote-page></lc-remote-page>` },
  { path: 'maintenance/accounts', title: 'Accounts', load: () => import('./accounts.ts'), draw: () => html`<lc-accounts-page></lc-accounts-page>` },
  { path: 'maintenance/console', title: 'Live console', load: () => import('./console/page.ts'), draw: (rest) => html`<lc-console-page .tab=${rest}></lc-console-page>` },
  { path: 'maintenance/capture', title: 'Packet capture', load: () => import('./capture/page.ts'), draw: () => html`<lc-capture-page></lc-capture-page>` },
  { path: 'maintenance/plugins', title: 'Plugins', load: () => import('./plugins.ts'), draw: (rest) => rest === '' ? html`<lc-plugins-page></lc-plugins-page>` : html`<lc-plugin-page .plugin=${rest}></lc-plugin-page>` },
  { path: 'maintenance/history', title: 'Settings history', load: () => import('./history.ts'), draw: (rest) => html`<lc-history-page .entry=${rest}></lc-history-page>` },
  { path: 'maintenance/backup', title: 'Backup and restore', load: () => import('./backup.ts'), draw: () => html`<lc-backup-page></lc-backup-page>` },
];

/** The page of the shell that an address leads to. */
export function pageAt(path: string): { readonly page: Page; readonly rest: string } | undefined {
  for (const page of pages) {
    if (path === page.path) return { page, rest: '' };
    if (page.path !== '' && path.startsWith(`${page.path}/`)) return { page, rest: path.slice(page.path.length + 1) };
  }
  return undefined;
}
