import { execFileSync } from 'node:child_process';

/** Browsers see the compiled router and the built shell. Whoever names a build in LANCELL_DIST has made it already. */
export default function build(): void {
  if (process.env['LANCELL_DIST'] === undefined) execFileSync(process.execPath, ['tools/ready.mjs', '--dev'], { stdio: 'inherit' });
}
