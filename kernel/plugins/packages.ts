import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The router gives these to plugins itself; a copy of them would be a second SDK. */
const given = new Set(['lancell', 'zod', 'rxjs']);

/**
 * Names of the packages below a plugin's node_modules that it needs to run: what its package.json lists as `dependencies`,
 * what those need, and so on. What only its tests need (devDependencies) is not among them.
 */
export async function packagesOf(folder: string): Promise<Set<string>> {
  const found = new Set<string>();
  const look = async (at: string): Promise<void> => {
    for (const name of await dependencies(join(at, 'package.json'))) {
      const path = join(folder, 'node_modules', name);
      if (given.has(name) || found.has(name) || !existsSync(path)) continue;
      found.add(name);
      await look(path);
    }
  };
  await look(folder);
  return found;
}

async function dependencies(file: string): Promise<string[]> {
  if (!existsSync(file)) return [];
  const { dependencies: wanted = {}, optionalDependencies = {} } = JSON.parse(await readFile(file, 'utf8')) as { dependencies?: object; optionalDependencies?: object };
  return [...Object.keys(wanted), ...Object.keys(optionalDependencies)];
}
