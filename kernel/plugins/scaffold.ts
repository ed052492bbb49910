import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownCode } from './third-party.ts';

/** Writes a small plugin that works, with its test; the folder must be new or empty. Says which files it wrote. */
export async function scaffold(folder: string): Promise<{ readonly id: string; readonly files: readonly string[] }> {
  const id = basename(resolve(folder)).toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^[^a-z]+|-+$/g, '');
  if (id === '') throw new Error(`${folder} does not begin with a letter; a plugin is named after its folder`);
  if (existsSync(folder) && (await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
  await mkdir(folder, { recursive: true });
  const contents: Record<string, string> = {
    'plugin.ts': plugin(id),
    'plugin.test.ts': test(id),
    'README.md': readme(id),
    'package.json': `${JSON.stringify(packageOf(id), undefined, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(compiler, undefined, 2)}\n`,
  };
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
  return { id, files: Object.keys(contents) };
}

const plugin = (id: string): string => `import { definePlugin, z } from 'lancell/sdk';

export default definePlugin({
  id: '${id}',
  title: 'Remembers which links came up',

  // Settings: every field has a default. They appear under \`config show ${id}\`.
  config: z.object({
    greeting: z.string().max(40).default('hello').meta({ title: 'Greeting', help: 'what the verb says' }),
  }),

  // What a reload carries over.
  state: z.object({ links: z.array(z.string()) }),

  setup(ctx) {
    let greeting = ctx.config.greeting;
    const links = new Set(ctx.previous?.links);

    // Everything claimed through ctx is given back when the plugin is unloaded. Links that are up already are told too.
    ctx.on('link/up', (e) => {
      if (!links.has(e.name)) ctx.log.info({ link: e.name }, 'a link came up');
      links.add(e.name);
    });

    ctx.command({
      path: '${id} show',
      help: 'greets, and says which links came up',
      access: 'read',
      run: () => ({ facts: { greeting, links: [...links].join(' ') } }),
    });

    return {
      reconfigure(next) { greeting = next.greeting; },
      save: () => ({ links: [...links] }),
    };
  },
});
`;

const test = (id: string): string => `import { expect, it } from 'vitest';
import { harness } from 'lancell/sdk/testing';
import plugin from './plugin.ts';

it('greets, and remembers links over a reload', async () => {
  // A real router in this process, with a wire to the LAN and one to the provider.
  const h = await harness(plugin);
  h.wires.wan.setUp(false);
  h.wires.wan.setUp(true);
  await h.reload();
  expect(await h.run('${id} show')).toEqual({ facts: { greeting: 'hello', links: expect.stringContaining('wan') } });
  await h.configure({ greeting: 'good morning' });
  expect(await h.cli('${id} show')).toContain('good morning');
  // Fails when unloading the plugin leaves anything behind, or when it threw somewhere.
  await h.close();
});
`;

const readme = (id: string): string => `# ${id}

A plugin for the lancell router.

    lancell plugin load .        # into the running router
    lancell plugin watch .       # and again at every save
    lancell plugin install .     # and at every start
    lancell exec ${id} show

\`plugin.ts\` is the entry; it may import \`lancell/sdk\`, \`lancell/sdk/wire/<protocol>\`, \`zod\`, \`rxjs\`, \`node:\` modules and files of
its own. \`npm install && npm test\` runs the test, \`npm run check\` looks at the types. The guide is docs/plugins.md of the router.
`;

const packageOf = (id: string) => ({
  name: `lancell-plugin-${id}`,
  version: '0.1.0',
  private: true,
  type: 'module',
  scripts: { test: 'vitest run', check: 'tsc' },
  devDependencies: { lancell: `file:${fileURLToPath(new URL(ownCode.extension === '.js' ? '..' : '.', ownCode.root))}`, vitest: '~4.1', typescript: '^7.0.2', '@types/node': '^20.19.43' },
});

/** For editors and `tsc`. Types come from the router's own sources, hence the names of files with their endings. */
const compiler = {
  compilerOptions: {
    target: 'es2023', lib: ['es2023', 'esnext.disposable', 'esnext.promise', 'es2024.sharedmemory'], module: 'nodenext', types: ['node'],
    strict: true, exactOptionalPropertyTypes: true, erasableSyntaxOnly: true, verbatimModuleSyntax: true, allowImportingTsExtensions: true,
    skipLibCheck: true, noEmit: true,
  },
  include: ['*.ts'],
};
