import type { PanelRegistry } from './panels.ts';

/** Streams are named for what they show many of; areas like the verbs. */
const areas: Readonly<Record<string, string>> = { flows: 'flow', plugins: 'plugin', panels: 'panel' };

/** The areas of a stream, of which an identity needs one. Throws CliError for a panel that does not exist. */
export function streamArea(name: string, panels: PanelRegistry): string[] {
  if (name.startsWith('panel:')) return [panels.owner(name.slice('panel:'.length)), 'panel'];
  return [areas[name] ?? name];
}
