import { watch } from 'node:fs';
import { sep } from 'node:path';
import type { Clock } from '../../sdk/clock.ts';
import type { Disposable } from '../../sdk/scope.ts';

/** Editors write a file in several steps; ms of quiet that end a save. */
const QUIET_MS = 150;

/** Tells of changes below a folder, by the path of the file in it. */
export type Watcher = (folder: string, changed: (file: string) => void, failed: (error: unknown) => void) => Disposable;

export interface WatchOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Called after each save; the next one waits for it. */
  reload(): Promise<void>;
  /** The folder cannot be watched any more. */
  failed(error: unknown): void;
  readonly watcher?: Watcher;
}

/** Calls `reload` whenever files in a folder were saved. */
export function watchFolder(options: WatchOptions): Disposable {
  let timer: Disposable | undefined;
  let busy = false;
  let ended = false;
  const changed = (file: string) => {
    if (ended || isNoise(file)) return;
    void timer?.dispose();
    timer = options.clock.after(QUIET_MS, () => { timer = undefined; void run(); });
  };
  const run = async () => {
    // Saved again during a reload: look again when it is over.
    if (busy) return changed('');
    busy = true;
    try {
      await options.reload();
    } finally {
      busy = false;
    }
  };
  const watching = (options.watcher ?? watchFiles)(options.folder, changed, error => { if (!ended) options.failed(error); });
  return {
    dispose: () => {
      ended = true;
      void timer?.dispose();
      return watching.dispose();
    },
  };
}

/** Hidden files, packages, and what editors leave beside a file. */
const isNoise = (file: string): boolean =>
  file.endsWith('~') || file.split(sep).some(part => part.startsWith('.') || part === 'node_modules');

const watchFiles: Watcher = (folder, changed, failed) => {
  const watcher = watch(folder, { recursive: true }, (_kind, file) => changed(String(file ?? '')));
  watcher.on('error', failed);
  return { dispose: () => watcher.close() };
};
