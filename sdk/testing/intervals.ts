/** Intervals made with the global setInterval while somebody watches, which nobody cleared. ctx.clock.every is not among them. */
const running = new Map<unknown, string>();
let watchers = 0;
let restore = (): void => {};

/** Watches setInterval until disposed; `list` says what runs, with the place in the code that started it. */
export function watchIntervals(): { list(): string[]; dispose(): void } {
  if (watchers++ === 0) install();
  let open = true;
  return {
    list: () => [...running.values()],
    dispose: () => {
      if (!open) return;
      open = false;
      if (--watchers === 0) restore();
    },
  };
}

function install(): void {
  const { setInterval: set, clearInterval: clear, clearTimeout: clearOther } = globalThis;
  const forget = (id: unknown): void => { running.delete(id); };
  globalThis.setInterval = ((...args: Parameters<typeof set>) => {
    const id = set(...args);
    running.set(id, `setInterval every ${args[1] ?? 0} ms, started ${placeOf(new Error().stack)}`);
    return id;
  }) as typeof set;
  globalThis.clearInterval = id => { forget(id); clear(id); };
  // Either function ends either kind of timer.
  globalThis.clearTimeout = id => { forget(id); clearOther(id); };
  restore = () => {
    Object.assign(globalThis, { setInterval: set, clearInterval: clear, clearTimeout: clearOther });
    running.clear();
  };
}

/** The second line of a stack names the caller. */
const placeOf = (stack: string | undefined): string => stack?.split('\n')[2]?.trim() ?? 'somewhere';
