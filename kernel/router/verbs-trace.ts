import { z } from 'zod';
import { CliError, type CommandSpec } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { Engine } from '../packet/engine.ts';
import { drawTrace, type TraceWish } from '../packet/tracer.ts';
import type { LinkRegistry } from '../links/registry.ts';
import { completeFilter, FILTER_HELP, matchesFlow, matchesPacket, parseFilter } from './packet-filter.ts';

const MOST = 10;
const FOREVER = 1_000_000;

/** `trace packet` and `trace flow`: explain this packet. */
export function traceVerbs(engine: Engine, links: LinkRegistry, command: (spec: CommandSpec) => Disposable): void {
  const name = (id: number) => links.byId(id)?.name ?? '';
  const follow = (wish: Pick<TraceWish, 'match' | 'matchFlow'>, most: number, write: (text: string) => void, signal: AbortSignal) =>
    new Promise<string>(resolve => {
      let seen = 0;
      const end = (why: string) => { void following.dispose(); resolve(why); };
      const following = engine.tracer.follow({
        ...wish, most,
        done: record => { seen++; write(drawTrace(record)); if (seen >= most) end(`${seen} followed`); },
      });
      signal.addEventListener('abort', () => end(`${seen} followed`), { once: true });
    });

  command({
    path: 'trace packet', access: 'read',
    help: `follow packets through every stage and say what each decided; filter: ${FILTER_HELP}; first word may be how many (default ${MOST})`,
    args: { filter: { schema: z.string().default(''), rest: true, help: FILTER_HELP, complete: typed => completeFilter(typed, () => links.list().map(l => l.name)) } },
    run: ({ filter }, io) => {
      const text = String(filter ?? '').trim();
      const count = /^\d+\b/.exec(text)?.[0];
      const f = parseFilter(count ? text.slice(count.length) : text);
      if (f.link !== undefined && !links.byName(f.link)) throw new CliError(`there is no link '${f.link}'; there are: ${links.list().map(l => l.name).join(', ')}`);
      return follow({ match: p => matchesPacket(f, p, name), matchFlow: (t, tuple) => matchesFlow(f, t, tuple) }, count ? Math.min(Number(count), FOREVER) : MOST, text => io.write({ text }), io.signal);
    },
  });
  command({
    path: 'trace flow', access: 'read', help: 'follow the packets of one flow (its number is in `flow list`)',
    args: { flow: { schema: z.number().int().min(0), help: 'number of the flow' }, most: { schema: z.number().int().min(1).max(FOREVER).default(MOST), help: 'how many packets' } },
    run: ({ flow, most }, io) => {
      const id = Number(flow);
      if (!engine.flows.table.alive(id)) throw new CliError(`there is no flow ${id}; see: flow list`);
      return follow({ matchFlow: (_t, tuple) => tuple >> 1 === id }, Number(most), text => io.write({ text }), io.signal);
    },
  });
}
