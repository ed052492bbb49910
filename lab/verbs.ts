import { spawn } from 'node:child_process';
import { type Args, CliError, type CommandIo, type CommandSpec, type Disposable, type Table, z } from '../sdk/index.ts';
import { cardVerbs } from './carrier/verbs.ts';
import type { Lab, Ran, Spawn } from './lab.ts';
import type { MemoryLab } from './memory/lab.ts';

type Register = <A extends Args>(spec: CommandSpec<A>) => Disposable;

const isMemory = (lab: Lab): lab is MemoryLab => lab.kind === 'memory';

/** Registers the console's verbs about the lab; the answer takes them away again. */
export function labVerbs(lab: Lab, command: Register): Disposable {
  const hostNames = lab.hosts.map(h => h.name);
  const taken = [
    command({ path: 'lab status', help: 'which lab runs, why, and what falls short', access: 'read', run: () => ({ facts: { kind: lab.kind, why: lab.why, notes: lab.notes.join('; ') || 'none' } }) }),
    command({ path: 'lab hosts', help: 'the hosts around the router', access: 'read', run: () => hostTable(lab) }),
    command({
      path: 'lab exec', help: 'runs a program on a host: lab exec lan1 ping -c 3 inet1',
      args: {
        host: { schema: z.enum(hostNames as [string, ...string[]]), help: 'a host of the lab' },
        program: { schema: z.string(), help: 'program and its arguments', rest: true },
      },
      run: ({ host, program }, io) => execute(lab, host, program, io),
    }),
  ];
  taken.push(...cardVerbs(lab.cards, command));
  if (isMemory(lab)) taken.push(command(wireVerb(lab)));
  return { dispose: () => { for (const t of taken.reverse()) void t.dispose(); } };
}

const hostTable = (lab: Lab): Table => ({
  columns: ['host', 'wire', 'role', 'address', 'by', 'MAC'],
  rows: lab.hosts.map(h => [h.name, h.wire, h.role, [`${h.address}/${h.bits}`, ...h.also].join(' '), h.from, h.mac]),
});

/** Words of a line; quotes keep words together, as in a shell. */
export function words(line: string): string[] {
  const found = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return found.map(w => w.replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ''));
}

async function execute(lab: Lab, host: string, line: string, io: CommandIo): Promise<{ readonly text: string } | undefined> {
  const argv = words(line.replace(/^--\s+/, ''));
  if (argv.length === 0) throw new CliError('lab exec: which program?');
  const how: Spawn | Ran = await lab.exec(host, argv);
  if ('code' in how) {
    if (how.code !== 0) throw new CliError(how.output.trimEnd() || `exit code ${how.code}`);
    return { text: how.output.trimEnd() };
  }
  await streamed(how.inside, io);
  return undefined;
}

/** Runs a process and hands its lines on; ^C ends it. */
function streamed(argv: readonly string[], io: CommandIo): Promise<void> {
  return new Promise((resolve, reject) => {
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => child.kill('SIGINT');
    io.signal.addEventListener('abort', stop);
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (d: string) => {
        const lines = (rest + d).split('\n');
        rest = lines.pop() ?? '';
        for (const l of lines) io.write({ text: l });
      });
      stream.on('end', () => { if (rest !== '') io.write({ text: rest }); });
    }
    child.on('error', e => reject(new CliError(e.message)));
    child.on('close', (code, signal) => {
      io.signal.removeEventListener('abort', stop);
      if (code === 0 || io.signal.aborted) resolve();
      else reject(new CliError(signal ? `ended by ${signal}` : `exit code ${code}`));
    });
  });
}

const wireVerb = (lab: MemoryLab) => {
  const chance = z.coerce.number().min(0).max(100);
  return {
    path: 'lab wire', help: 'how bad a wire is: lab wire wan 5 20 loses 5 % and takes 20 ms each way; without numbers: how it is',
    args: {
      wire: { schema: z.enum([...lab.wires.keys()] as [string, ...string[]]), help: 'a wire of the lab' },
      loss: { schema: chance.optional(), help: 'frames lost (%)' },
      delay: { schema: z.coerce.number().min(0).max(60_000).optional(), help: 'delay each way (ms)' },
      jitter: { schema: z.coerce.number().min(0).max(60_000).optional(), help: 'up to this much more (ms)' },
    },
    run: ({ wire, loss, delay, jitter }: { wire: string; loss?: number | undefined; delay?: number | undefined; jitter?: number | undefined }) => {
      const w = lab.wires.get(wire);
      if (!w) throw new CliError(`no wire "${wire}"; there are ${[...lab.wires.keys()].join(', ')}`);
      w.set({ ...loss === undefined ? {} : { loss: loss / 100 }, ...delay === undefined ? {} : { delayMs: delay }, ...jitter === undefined ? {} : { jitterMs: jitter } });
      const c = w.toA.conditions;
      return { facts: { 'loss %': c.loss * 100, 'delay ms': c.delayMs, 'jitter ms': c.jitterMs, carried: w.toA.carried + w.toB.carried, lost: w.toA.lost + w.toB.lost } };
    },
  } satisfies CommandSpec;
};
