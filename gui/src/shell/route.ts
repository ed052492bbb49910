import { Cell } from '../state/cell.ts';

/** The page is in the fragment, '#/network/lan': any server can serve it, and nobody on the way sees it. */
const read = (): string => (location.hash.startsWith('#/') ? decodeURI(location.hash.slice(2)).replace(/\/+$/, '') : '');

/** Where we are: '' is Home. */
export const route = new Cell(read());

window.addEventListener('hashchange', () => { route.value = read(); });

export const hrefOf = (path: string): string => `#/${encodeURI(path)}`;

export function go(path: string): void {
  location.hash = hrefOf(path);
}
