// Sets up whatever is missing before `npm start` and `npm test`: dependencies that match the lockfile, and a build that matches
// the sources. Plain JavaScript without dependencies, for it runs on a fresh clone. `--dev`: with what the tests need.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...p) => join(root, ...p);
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`lancell needs Node 20.19 or newer; this is ${process.version}`);
  process.exit(1);
}

const run = (what, command, args) => {
  console.error(`lancell: ${what} …`);
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  if (done.status === 0) return;
  console.error(`lancell: ${what} failed (${command} ${args.join(' ')})`);
  process.exit(done.status ?? 1);
};

const lock = createHash('sha256').update(readFileSync(at('package-lock.json'))).digest('hex');
const stamp = at('node_modules', '.lancell-ready');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  run('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

/** Sources and settings of the build, as names and times: the build is repeated when any of it changed. */
const sources = ['kernel', 'sdk', 'plugins', 'lab', 'bench', 'examples', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'];
const facts = [];
const look = path => {
  const s = statSync(path);
  if (!s.isDirectory()) { if (/\.(ts|json)$/.test(path)) facts.push(`${path} ${s.size} ${s.mtimeMs}`); return; }
  for (const name of readdirSync(path).sort()) if (!name.startsWith('.')) look(join(path, name));
};
for (const name of sources) if (existsSync(at(name))) look(at(name));
const want = createHash('sha256').update(facts.join('\n')).digest('hex');
const built = at('dist', '.built');
if (!existsSync(built) || readFileSync(built, 'utf8') !== want) {
  // Built beside and then moved, so that a running router never finds half of it.
  const fresh = at(`.dist-${process.pid}`);
  run('building', process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', fresh]);
  writeFileSync(join(fresh, '.built'), want);
  const old = at(`.dist-${process.pid}-old`);
  if (existsSync(at('dist'))) renameSync(at('dist'), old);
  renameSync(fresh, at('dist'));
  rmSync(old, { recursive: true, force: true });
}
