import type { PluginCatalog } from '../../../../sdk/index.ts';
import type { CardDevice, CardManifest } from '../../contract.ts';
import { knowsModem, knowsStorage, manifestSchema } from './manifest.ts';

export interface Match { readonly id: string; readonly manifest: CardManifest }

/** Which card plugins the inserted cards need; each is loaded with the first card that needs it, and unloaded after the last. */
export class PluginLoads {
  readonly #catalog: PluginCatalog;
  readonly #warn: (words: string) => void;
  readonly #users = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(catalog: PluginCatalog, warn: (words: string) => void) {
    this.#catalog = catalog;
    this.#warn = warn;
  }

  /** Plugins that know this device, as a modem or by its storage face. */
  async matching(device: CardDevice): Promise<Match[]> {
    const found: Match[] = [];
    for (const { id, manifest, problem } of await this.#catalog.list()) {
      const read = manifestSchema.safeParse(manifest);
      if (read.success) {
        if (knowsModem(read.data, device) || knowsStorage(read.data, device)) found.push({ id, manifest: read.data });
      } else {
        const why = problem ?? read.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('; ');
        if (!this.#told.has(`${id} ${why}`)) this.#warn(`the card plugin ${id} cannot be used: ${why}`);
        this.#told.add(`${id} ${why}`);
      }
    }
    return found;
  }

  /** Gives what did not load, in words. Each call is undone by one `drop`. */
  async take(ids: readonly string[]): Promise<string[]> {
    for (const id of ids) this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
    const loads = await Promise.allSettled(ids.map(id => this.#catalog.load(id)));
    return loads.flatMap(l => (l.status === 'rejected' ? [l.reason instanceof Error ? l.reason.message : String(l.reason)] : []));
  }

  drop(ids: readonly string[]): void {
    for (const id of ids) {
      const users = (this.#users.get(id) ?? 0) - 1;
      if (users > 0) {
        this.#users.set(id, users);
        continue;
      }
      this.#users.delete(id);
      this.#catalog.unload(id).catch((error: unknown) => this.#warn(`${id} cannot be unloaded: ${error instanceof Error ? error.message : String(error)}`));
    }
  }
}
