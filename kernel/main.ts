import { parseCommand } from './cli/commands.ts';
import { version } from './version.ts';

/** The `lancell` program: reads its words, runs one command, ends with its exit code. Parts are loaded when they are needed. */
async function main(argv: readonly string[]): Promise<number> {
  const command = parseCommand(argv);
  switch (command.verb) {
    case 'help': process.stdout.write(command.text); return 0;
    case 'wrong': process.stderr.write(command.text); return 2;
    case 'version': process.stdout.write(`lancell ${version}\n`); return 0;
    case 'start': return (await import('./router/run.ts')).runStart(command, version);
    case 'up': return (await import('./router/run.ts')).runUp(command, version);
    default: return (await import('./cli/remote.ts')).runRemote(command);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lancell: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// A worker inside poll() would keep the process; whatever had to be saved is.
process.exit();
