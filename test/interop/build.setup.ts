import { execFileSync } from 'node:child_process';

/** The tests start the compiled router (Node 20 runs no TypeScript). Whoever names a build in LANCELL_DIST has made it already. */
export default function build(): void {
  if (process.env['LANCELL_DIST'] !== undefined) return;
  const node = (...args: string[]) => execFileSync(process.execPath, args, { stdio: 'inherit' });
  node('tools/ready.mjs', '--dev');
  node('node_modules/typescript/bin/tsc', '-p', 'test/interop/tsconfig.json');
}
