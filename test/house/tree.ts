import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Made by tools, or by plugin reloads; not ours to judge. */
const foreign = (name: string): boolean => ['node_modules', 'dist', '.git', '.lancell'].includes(name) || name.includes('~');

export interface Source { /** From the root, with '/'. */ readonly path: string; readonly text: string; readonly lines: number }

/** Names right below the root. */
export const topLevel = (): string[] => readdirSync(root).filter(name => name !== '.git');

/** Every file below these folders whose name ends in one of the endings. */
export function files(folders: readonly string[], endings: readonly string[] = ['.ts', '.mjs']): Source[] {
  const found: Source[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (foreign(entry.name)) continue;
      const full = join(folder, entry.name);
      if (entry.isDirectory()) visit(full);
      else if (entry.isFile() && (endings.length === 0 || endings.some(e => entry.name.endsWith(e)))) {
        const text = readFileSync(full, 'utf8');
        found.push({ path: relative(root, full).split(sep).join('/'), text, lines: text.split('\n').length - 1 });
      }
    }
  };
  for (const folder of folders) visit(join(root, folder));
  return found;
}

/** The lines on which a pattern is found, as 'path:line: text'. */
export const hits = (sources: readonly Source[], pattern: RegExp, except: (line: string, path: string) => boolean = () => false): string[] =>
  sources.flatMap(s => s.text.split('\n').flatMap((line, i) => pattern.test(line) && !except(line, s.path) ? [`${s.path}:${i + 1}: ${line.trim()}`] : []));
