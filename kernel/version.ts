import { readFileSync } from 'node:fs';

/** package.json lies one folder up from the sources, two from the compiled output. */
function readVersion(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { name?: string; version?: string };
      if (name === 'lancell' && version) return version;
    } catch { /* look further up */ }
  }
  return 'unknown';
}

export const version = readVersion();
