import { type Args, CliError, type CommandSpec, type Table } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { TokenAreas, TokenName, TokenRole, type Tokens } from './tokens.ts';
import { z } from 'zod';

const time = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);

/** Registers `sys token …`; disposing takes them away. */
export function tokenVerbs(tokens: Tokens, command: <A extends Args>(spec: CommandSpec<A>) => Disposable): Disposable {
  const held = [
    command({
      path: 'sys token list', access: 'read', help: 'keys for programs: REST, metrics, live console',
      run: (): Table => ({
        columns: ['token', 'role', 'areas', 'made', 'by', 'last used'],
        rows: tokens.list().map((t) => [t.name, t.role, t.areas?.join(', ') ?? 'all', time(t.made), t.by, t.used === null ? '' : time(t.used)]),
      }),
    }),
    command({
      path: 'sys token add', help: 'make a key; it is shown this once',
      args: {
        name: { schema: TokenName, help: 'what it is for' },
        role: { schema: TokenRole, help: 'viewer: look only' },
        areas: { schema: z.string().default(''), rest: true, help: 'plugins, or config, plugin, flow, link, capture, metrics, log, events, sys; nothing: all' },
      },
      run: async ({ name, role, areas }, io) => {
        const words = areas.split(/[\s,]+/).filter((a) => a !== '');
        const parsed = words.length === 0 ? undefined : TokenAreas.safeParse(words);
        if (parsed?.success === false) throw new CliError(parsed.error.issues.map((i) => i.message).join('; '));
        return { facts: { token: await tokens.add({ name, role, areas: parsed?.data, by: io.author }), note: 'keep it: it is not shown again' } };
      },
    }),
    command({
      path: 'sys token remove', help: 'make a key worthless',
      args: { name: { schema: z.string(), help: 'its name', complete: () => tokens.list().map((t) => t.name) } },
      run: async ({ name }) => { await tokens.remove(name); return `the token ${name} is good for nothing any more`; },
    }),
  ];
  return { dispose: () => { for (const each of held.splice(0).reverse()) void each.dispose(); } };
}
