import { Cell } from '../state/cell.ts';

export type Theme = 'auto' | 'light' | 'dark';
const KEY = 'lancell.theme';

const kept = document.documentElement.dataset['theme'];
export const theme = new Cell<Theme>(kept === 'light' || kept === 'dark' ? kept : 'auto');
/** Counts changes of the colours, whoever made them: a canvas must be drawn again. */
export const colours = new Cell(0);

theme.watch((chosen) => {
  const root = document.documentElement;
  if (chosen === 'auto') {
    delete root.dataset['theme'];
    localStorage.removeItem(KEY);
  } else {
    root.dataset['theme'] = chosen;
    localStorage.setItem(KEY, chosen);
  }
  colours.value++;
});
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { colours.value++; });
