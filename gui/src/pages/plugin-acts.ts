import { html } from 'lit';
import { confirm } from '../shell/confirm.ts';
import { complain, say } from '../shell/toasts.ts';
import { plugins } from '../state/plugins.ts';
import { sentence, verb } from './verb.ts';

/** Runs `plugin <what> <argument>` and says what came of it. True when it worked. */
export async function pluginVerb(what: string, argument: string): Promise<boolean> {
  try {
    say(sentence(await verb(`plugin ${what}`, argument)) || `plugin ${what} ${argument}: done`);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** Those who stop with a plugin, because they need it or somebody who does. */
export function dependents(id: string): readonly string[] {
  const found = new Set([id]);
  for (let grown = true; grown;) {
    grown = false;
    const provided = new Set(plugins.value.filter((p) => found.has(p.id)).flatMap((p) => p.provides));
    for (const p of plugins.value) {
      if (found.has(p.id) || !p.needs.some((t) => provided.has(t))) continue;
      found.add(p.id);
      grown = true;
    }
  }
  return [...found].filter((each) => each !== id);
}

/** Unloads after asking, for others may stop with it. True when it is done. */
export async function unload(id: string): Promise<boolean> {
  const others = dependents(id);
  const agreed = await confirm({
    title: `Unload ${id}?`, yes: 'Unload', danger: true,
    body: html`<p>${others.length === 0 ? 'Nothing else needs it.' : html`<strong>${others.join(', ')}</strong> ${others.length === 1 ? 'needs it and stops' : 'need it and stop'} too, until it is loaded again.`} Its settings are kept.</p>`,
  });
  return agreed && await pluginVerb('unload', id);
}

const MOST = 8 * 1024 * 1024;

interface Entry { readonly path: string; readonly file: File }

/** An archive, or a source file that is a whole plugin: the router itself sees which. */
export const loneFile = ([only, ...others]: readonly Entry[]): File | undefined => (only !== undefined && others.length === 0 && !only.path.includes('/') ? only.file : undefined);

/** The files of a folder that was dropped or chosen, by their names below it; octets as base64. Throws when it is too large. */
export async function filesOf(entries: readonly Entry[]): Promise<Record<string, string>> {
  if (entries.reduce((sum, e) => sum + e.file.size, 0) > MOST * 0.7) throw new Error('this folder is larger than 5 MiB: install it with its path on the router');
  const kept = entries.filter((e) => !e.path.split('/').some((part) => part.startsWith('.') || part === 'node_modules'));
  const out: Record<string, string> = {};
  for (const { path, file } of kept) out[path] = await base64(file);
  return out;
}

const base64 = (file: File): Promise<string> => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onerror = () => reject(new Error(`${file.name} cannot be read`));
  reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
  reader.readAsDataURL(file);
});

/** What was dropped: a folder with everything below it, or single files. */
export async function dropped(data: DataTransfer): Promise<readonly Entry[]> {
  const roots = [...data.items].map((i) => i.webkitGetAsEntry()).filter((e) => e !== null);
  // Files that have no place on a disk are no entries.
  if (roots.length === 0) return [...data.files].map((file) => ({ path: file.name, file }));
  const [only] = roots;
  if (roots.length === 1 && only?.isDirectory) return walk(only as FileSystemDirectoryEntry, '');
  return (await Promise.all(roots.map((r) => (r.isDirectory ? walk(r as FileSystemDirectoryEntry, `${r.name}/`) : fileOf(r as FileSystemFileEntry, ''))))).flat();
}

async function walk(folder: FileSystemDirectoryEntry, prefix: string): Promise<readonly Entry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map((e) => (e.isDirectory ? walk(e as FileSystemDirectoryEntry, `${prefix}${e.name}/`) : fileOf(e as FileSystemFileEntry, prefix))))).flat();
}

const fileOf = async (entry: FileSystemFileEntry, prefix: string): Promise<readonly Entry[]> => [
  { path: `${prefix}${entry.name}`, file: await new Promise<File>((resolve, reject) => { entry.file(resolve, reject); }) },
];
