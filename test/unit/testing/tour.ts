import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, definePlugin, drive, type Machine, sticky, type Tick, token, z } from 'lancell/sdk';
import { format4, parse4 } from 'lancell/sdk/wire/address';
import * as ipv4 from 'lancell/sdk/wire/ipv4';

export interface Greeter { greet(name: string): string }
export const GreeterToken = token<Greeter>('tour.greeter');
export const WordsToken = token<readonly string[]>('tour.words');

declare module 'lancell/sdk' {
  interface Events {
    'tour/mood': { readonly name: string; readonly mood: string };
  }
}
// The newest event per name is told to those who come late.
sticky['tour/mood'] = 'name';

/** Calls at once, and again every `everyMs`. */
class Caller implements Machine<{ kind: 'start' } | Tick, { kind: 'call' }> {
  readonly everyMs: number;
  #due: number | undefined;
  constructor(everyMs: number) { this.everyMs = everyMs; }
  deadline() { return this.#due; }
  step(_input: { kind: 'start' } | Tick, now: number) {
    this.#due = now + this.everyMs;
    return [{ kind: 'call' as const }];
  }
}

/** One of everything in the context: what docs/plugins.md shows is taken from here, and run by the test beside it. */
export default definePlugin({
  id: 'tour',
  title: 'One of everything',
  needs: { words: WordsToken },
  provides: [GreeterToken, WordsToken],
  config: z.object({
    name: z.string().max(40).default('world').meta({ title: 'Name', help: 'who is greeted' }),
    port: z.number().int().min(1).max(65_535).default(7007).meta({ title: 'UDP port' }),
    blocked: z.array(z.string().refine(t => parse4(t) !== undefined, 'must be an IPv4 address')).max(64).default([]).meta({ title: 'Blocked hosts' }),
  }),
  state: z.object({ calls: z.number().int() }),
  verify: mine => (mine.blocked.includes('192.168.1.1') ? [{ path: ['blocked'], message: 'that is the router itself' }] : []),
  async setup(ctx) {
    const refused = ctx.counter('tour: blocked host');
    const blocked = (): Set<number | undefined> => new Set(ctx.config.blocked.map(parse4));
    let hosts = blocked();
    ctx.decide({
      slot: 'policy', name: 'tour.policy',
      decide: flow => (hosts.has(flow.toDst) ? { drop: refused, reject: 13 } : undefined),
      explain: flow => `${format4(flow.toDst)} is blocked`,
    });

    ctx.command({
      path: 'tour flows', help: 'flows of a host', access: 'read',
      args: { host: { schema: z.string(), help: 'its address', complete: () => ['192.168.1.33'] } },
      run: ({ host }) => {
        const ip = parse4(host);
        if (ip === undefined) throw new CliError(`'${host}' is no IPv4 address`);
        return { columns: ['from port', 'to', 'state'], rows: ctx.flows.list(f => f.original.src === ip).map(f => [f.original.sport, format4(f.original.dst), f.state]) };
      },
    });

    const socket = ctx.udp.bind({ port: ctx.config.port }, d => socket.send(d.data, { dst: d.src, dport: d.sport }));

    const probe = (dst: number): void => {
      const p = ctx.packets.take();
      if (!p) return; // The pool is empty: count it, if it matters.
      p.len = ipv4.HEADER;
      ipv4.write(p.buf, p.off, { src: parse4('192.168.1.1')!, dst, proto: 253, totalLen: p.len });
      ctx.packets.output(p);
    };
    ctx.command({ path: 'tour probe', help: 'send a packet of protocol 253', args: { dst: { schema: z.string(), help: 'where to' } }, run: ({ dst }) => probe(parse4(dst) ?? 0) });

    let calls = ctx.previous?.calls ?? 0;
    const feed = drive(ctx.clock, ctx.scope, new Caller(60_000), () => { calls++; });
    feed({ kind: 'start' });
    ctx.clock.after(5000, () => ctx.emit('tour/mood', { name: 'tour', mood: 'warm' }));

    ctx.on('link/down', e => ctx.log.warn({ link: e.name, why: e.why }, 'a link went down'));

    ctx.provide(GreeterToken, { greet: name => `hello, ${name}` });
    ctx.contribute(WordsToken, 'moin');

    ctx.command({
      path: 'tour name', help: 'who is greeted; without an argument, prints it',
      args: { name: { schema: z.string().optional(), help: 'the new name' } },
      run: async ({ name }, io) => {
        if (name === undefined) return ctx.config.name;
        await ctx.commit(draft => { draft.name = name; }, io.author);
        return `from now on: ${name}`;
      },
    });

    ctx.command({
      path: 'tour count', help: 'counts until ^C', access: 'read',
      run: (_args, io) => new Promise<void>(resolve => {
        let n = 0;
        const timer = ctx.clock.every(1000, () => { io.write(`${++n}`); if (n === 3) end(); });
        const end = (): void => { void timer.dispose(); resolve(); };
        io.signal.addEventListener('abort', end, { once: true });
      }),
    });

    ctx.panel({
      path: 'test/tour', title: 'Tour',
      view: () => ({ kind: 'stack', title: 'Tour', views: [
        { kind: 'facts', facts: { facts: { calls, words: ctx.use.words.join(' ') } } },
        { kind: 'form', settings: 'tour' },
      ] }),
      actions: { reset: () => { calls = 0; return 'no calls any more'; } },
    });

    if (ctx.folder !== undefined) {
      const file = await open(join(ctx.folder, 'starts.log'), 'a');
      ctx.scope.add(() => file.close(), 'starts.log');
      await file.write(`${new Date(ctx.clock.wall()).toISOString()}\n`);
    }

    return {
      reconfigure(next) {
        if (next.port !== socket.port) throw new CliError('the port changes with the next reload');
        hosts = blocked();
        ctx.flows.bumpEpoch('tour: other hosts are blocked');
      },
      save: () => ({ calls }),
    };
  },
});
