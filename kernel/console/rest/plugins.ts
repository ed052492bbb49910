import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Verb } from '../../cli/level.ts';
import { HttpProblem } from '../problem.ts';
import { type Call, type Operation, operation, reading, writing } from './operation.ts';
import type { RestParts } from './parts.ts';
import { collect } from './verb-run.ts';

const tag = 'plugins';
const plugin = { id: { schema: z.string(), help: 'id of a plugin' } };
/** Loading waits for what the plugin does at its start. */
const WAIT_MS = 120_000;
const MOST_UPLOAD = 8 * 1024 * 1024;
const MOST_FILES = 500;

/** A path inside the plugin's folder: no way out of it, no hidden files. */
const FileName = z.string().max(200).regex(/^(?:[A-Za-z0-9_][\w.-]*\/){0,8}[A-Za-z0-9_][\w.-]*$/, 'names of letters, digits, . _ - with slashes between them');
const Install = z.union([
  z.object({ folder: z.string().min(1).max(4096) }),
  z.object({ files: z.record(FileName, z.string()).refine((f) => Object.keys(f).length <= MOST_FILES, `${MOST_FILES} files are the most`), encoding: z.enum(['utf8', 'base64']).default('utf8') }),
]);

/** The plugins: what `plugin …` does on the command line. */
export function pluginOperations({ router }: RestParts): Operation[] {
  const { plugins, tree, clock } = router;
  const known = (id: string): void => {
    if (plugins.info(id) === undefined) throw new HttpProblem(404, `no plugin '${id.slice(0, 60)}' is loaded; loaded are ${plugins.list().map((p) => p.id).join(', ') || 'none'}`);
  };
  const verb = (path: string): Verb => {
    const found = tree.verbs().find((v) => v.spec.path === path);
    if (found === undefined) throw new HttpProblem(409, `this router has no '${path}'`);
    return found;
  };
  const run = (path: string, args: Record<string, unknown>, { identity, signal }: Pick<Call, 'identity' | 'signal'>): unknown => collect({ verb: verb(path), args, identity, signal }, clock, WAIT_MS);
  return [
    operation({
      id: 'plugins', method: 'get', at: '/plugins', tag, summary: 'Plugins, their states, needs and what they hold', access: 'read',
      answer: { type: 'object', properties: { plugins: { type: 'array', items: { $ref: '#/components/schemas/Plugin' } } }, required: ['plugins'] },
      run: ({ require }) => { require(reading('plugin', 'plugin list')); return { plugins: plugins.list() }; },
    }),
    operation({
      id: 'plugin', method: 'get', at: '/plugins/{id}', tag, summary: 'One plugin', access: 'read', path: plugin, answer: 'Plugin',
      run: ({ require, path: { id } }) => { require(reading('plugin', 'plugin info')); known(id); return plugins.info(id); },
    }),
    operation({
      id: 'plugin_install', method: 'post', at: '/plugins', tag, summary: 'Copy a plugin into the state directory, load it now and at every start', description: 'From a folder on the router, or from files that come along: {"plugin.js": "export default …"}.',
      access: 'write', body: Install, most: MOST_UPLOAD, answer: 'Output',
      bodySchema: { oneOf: [
        { type: 'object', properties: { folder: { type: 'string', description: 'absolute path on the router' } }, required: ['folder'] },
        { type: 'object', properties: { files: { type: 'object', additionalProperties: { type: 'string' } }, encoding: { enum: ['utf8', 'base64'], default: 'utf8' } }, required: ['files'] },
      ] },
      run: async (call) => {
        call.require(writing('plugin', 'plugin install'));
        const { body } = call;
        return 'folder' in body ? run('plugin install', { folder: body.folder }, call) : unpacked(body.files, body.encoding, (folder) => run('plugin install', { folder }, call));
      },
    }),
    operation({
      id: 'plugin_remove', method: 'delete', at: '/plugins/{id}', tag, summary: 'Unload a plugin that was installed, and delete its copy', access: 'write', path: plugin, answer: 'Output',
      run: (call) => { call.require(writing('plugin', 'plugin remove')); return run('plugin remove', { id: call.path.id }, call); },
    }),
    operation({
      id: 'plugin_load', method: 'post', at: '/plugins/load', tag, summary: 'Load a plugin by id, or from a folder on the router', access: 'write', body: z.object({ plugin: z.string().min(1).max(4096) }), answer: 'Output',
      run: (call) => { call.require(writing('plugin', 'plugin load')); return run('plugin load', { plugin: call.body.plugin }, call); },
    }),
    operation({
      id: 'plugin_memory', method: 'post', at: '/plugins/{id}/memory', tag, summary: 'Measure the memory of a plugin in a process of its own', access: 'write', path: plugin, answer: z.object({ bytes: z.int(), how: z.string() }),
      description: 'Takes some seconds; what was measured then stands in the list of plugins too.',
      run: async (call) => {
        call.require(writing('plugin', 'plugin memory'));
        known(call.path.id);
        await run('plugin memory', { id: call.path.id }, call);
        return plugins.info(call.path.id)?.memory;
      },
    }),
    ...(['unload', 'reload'] as const).map((what) => operation({
      id: `plugin_${what}`, method: 'post', at: `/plugins/{id}/${what}`, tag, access: 'write', path: plugin, answer: 'Output',
      summary: what === 'unload' ? 'Stop a plugin and those that need it, and forget it' : 'Read a plugin anew and exchange it while packets flow',
      run: (call) => { call.require(writing('plugin', `plugin ${what}`)); known(call.path.id); return run(`plugin ${what}`, { id: call.path.id }, call); },
    })),
  ];
}

/** The files in a folder of their own for as long as `use` takes. */
async function unpacked<T>(files: Readonly<Record<string, string>>, encoding: 'utf8' | 'base64', use: (folder: string) => T): Promise<Awaited<T>> {
  const folder = await mkdtemp(join(tmpdir(), 'lancell-upload-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), Buffer.from(content, encoding), { flag: 'wx' });
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
