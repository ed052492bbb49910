import type { PanelInfo } from '../wire/messages.ts';
import { pages } from '../pages/registry.ts';
import type { IconName } from './icons.ts';
import { spoken } from './words.ts';

export interface MenuItem { readonly path: string; readonly title: string; /** Panels of this page; several become tabs. */ readonly panels: readonly PanelInfo[] }
export interface MenuSection { readonly id: string; readonly title: string; readonly icon: IconName; readonly items: readonly MenuItem[] }

/** The original's tree gives the order; what it does not name follows by title. */
const order: readonly { readonly id: string; readonly title: string; readonly icon: IconName; readonly items: readonly string[] }[] = [
  { id: 'network', title: 'Network', icon: 'network', items: ['lan', 'wan', 'cellular', 'dmz', 'wlan', 'wifi', 'wi-fi'] },
  { id: 'security', title: 'Security', icon: 'security', items: ['firewall', 'vpn', 'certificates', 'auth', 'auth-server'] },
  { id: 'advanced', title: 'Advanced', icon: 'advanced', items: ['nat', 'static-route', 'policy-route', 'bandwidth', 'bw-mgmt', 'dns', 'remote-mgmt', 'upnp', 'custom-app', 'alg'] },
  { id: 'logs', title: 'Logs', icon: 'logs', items: ['view', 'settings', 'reports'] },
  { id: 'maintenance', title: 'Maintenance', icon: 'maintenance', items: ['general', 'password', 'accounts', 'time', 'device-mode', 'upload', 'plugins', 'console', 'capture', 'history', 'backup', 'restart', 'diagnostics'] },
];

/** As the original's menu spells them. */
const names: Readonly<Record<string, string>> = { 'wi-fi': 'Wi-Fi', wifi: 'Wi-Fi', auth: 'Auth server', 'auth-server': 'Auth server', 'bw-mgmt': 'BW MGMT', 'remote-mgmt': 'Remote MGMT', 'custom-app': 'Custom APP', upnp: 'UPnP' };

/** The page that a panel stands on: its first two steps. */
export const pageOf = (path: string): string => path.split('/').slice(0, 2).join('/');

/** The menu without Home: what the shell has itself, and what plugins have brought so far. */
export function menuTree(panels: readonly PanelInfo[]): readonly MenuSection[] {
  const items = new Map<string, { title: string; panels: PanelInfo[] }>();
  for (const page of pages) if (page.path !== '' && page.hidden !== true) items.set(page.path, { title: page.title, panels: [] });
  for (const panel of panels) {
    // Tiles of the home page.
    if (panel.path.startsWith('home/')) continue;
    const path = pageOf(panel.path);
    const item = items.get(path) ?? { title: '', panels: [] };
    item.panels.push(panel);
    items.set(path, item);
  }
  const sections = new Map<string, MenuItem[]>();
  for (const [path, { title, panels: own }] of items) {
    const [section = '', name = section] = path.split('/');
    const [only] = own;
    const called = title || names[name] || (own.length === 1 && only!.path === path ? only!.title : spoken(name));
    sections.set(section, [...sections.get(section) ?? [], { path, title: called, panels: own }]);
  }
  const known = order.filter((s) => sections.has(s.id));
  const others = [...sections.keys()].filter((id) => id !== '' && !order.some((s) => s.id === id)).sort();
  return [
    ...known.map((s) => ({ id: s.id, title: s.title, icon: s.icon, items: sorted(sections.get(s.id) ?? [], s.items) })),
    ...others.map((id) => ({ id, title: spoken(id), icon: 'more' as const, items: sorted(sections.get(id) ?? [], []) })),
  ];
}

function sorted(items: readonly MenuItem[], wanted: readonly string[]): readonly MenuItem[] {
  const place = (item: MenuItem): number => {
    const at = wanted.indexOf(item.path.split('/')[1] ?? '');
    return at < 0 ? wanted.length : at;
  };
  return [...items].sort((a, b) => place(a) - place(b) || a.title.localeCompare(b.title));
}
