import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's collector; undefined where the runtime does not hand it out. */
const collect: (() => void) | undefined = (() => {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  } catch {
    return undefined;
  }
})();

/** Octets of live heap and of buffers outside it; undefined where they cannot be measured. */
export async function liveOctets(): Promise<number | undefined> {
  if (!collect) return undefined;
  // What finalizers and settled promises held is free only a turn later.
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise<void>(resolve => { setImmediate(resolve); });
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export const kib = (octets: number): string => `${(octets / 1024).toFixed(0)} KiB`;
