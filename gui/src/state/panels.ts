import { wire } from '../wire/socket.ts';
import type { PanelInfo } from '../wire/messages.ts';
import { Cell } from './cell.ts';

/** What plugins bring, as it comes and goes; undefined until the router has told. */
export const panels = new Cell<readonly PanelInfo[] | undefined>(undefined);

let begun = false;
/** Called once, when somebody has signed in. */
export function watchPanels(): void {
  if (begun) return;
  begun = true;
  wire.subscribe('panels', { items: (items) => { panels.value = items.at(-1) as readonly PanelInfo[]; } });
}
