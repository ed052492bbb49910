// Sets up whatever is missing before `npm start` and `npm test`: dependencies that match the lockfile, and a build that matches
// the sources. Plain JavaScript without dependencies, for it runs on a fresh clone. `--dev`: with what the tests need.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/** A digest of names, sizes and times of the files below these places: a build is repeated when any of it changed. */
const digestOf = (places, kinds) => {
  const facts = [];
  const look = path => {
    const s = statSync(path);
    if (!s.isDirectory()) { if (kinds.test(path)) facts.push(`${path} ${s.size} ${s.mtimeMs}`); return; }
    for (const name of readdirSync(path).sort()) if (!name.startsWith('.')) look(join(path, name));
  };
  for (const name of places) if (existsSync(at(name))) look(at(name));
  return createHash('sha256').update(facts.join('\n')).digest('hex');
};

const dist = at('dist');
const want = digestOf(['kernel', 'sdk', 'plugins', 'lab', 'bench', 'examples', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'], /\.(ts|json|js)$/);
const built = join(dist, '.built');
if (!existsSync(built) || readFileSync(built, 'utf8') !== want) {
  // Built beside and then moved, so that a running router never finds half of it. The web shell is a build of its own: it stays.
  const fresh = at(`.dist-${process.pid}`);
  run('building', process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', fresh]);
  // What is not compiled: data files, and what plugins ship for the browser.
  const carried = path => !/[/\\](?:\.[^/\\]*|node_modules)$/.test(path) && (statSync(path).isDirectory() || path.endsWith('.json') || /[/\\]gui[/\\]/.test(path));
  for (const name of ['plugins', 'lab']) cpSync(at(name), join(fresh, name), { recursive: true, filter: carried });
  writeFileSync(join(fresh, '.built'), want);
  for (const kept of ['gui', '.gui-built']) if (existsSync(join(dist, kept))) renameSync(join(dist, kept), join(fresh, kept));
  const old = at(`.dist-${process.pid}-old`);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

const wantGui = digestOf(['gui', 'sdk', 'kernel/cli', 'tools/gui.mjs', 'package-lock.json'], /./);
const builtGui = join(dist, '.gui-built');
if (!existsSync(join(dist, 'gui', 'index.html')) || !existsSync(builtGui) || readFileSync(builtGui, 'utf8') !== wantGui) {
  if (existsSync(at('node_modules', 'vite'))) {
    run('building the web shell', process.execPath, [at('tools', 'gui.mjs')]);
    writeFileSync(builtGui, wantGui);
  } else console.error('lancell: vite is not installed (npm ci --include=dev): the router starts without its web shell');
}
