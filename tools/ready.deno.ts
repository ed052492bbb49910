// `deno task start` and `deno task test` on a fresh clone: fetches the dependencies of package.json when they are not there.
const root = new URL('../', import.meta.url);
try {
  Deno.statSync(new URL('node_modules/tsyringe', root));
} catch {
  console.error('lancell: installing dependencies …');
  const { code } = new Deno.Command(Deno.execPath(), { args: ['install', '--quiet'], cwd: root, stdin: 'null' }).outputSync();
  if (code !== 0) Deno.exit(code);
}
