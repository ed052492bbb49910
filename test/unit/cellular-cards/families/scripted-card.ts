import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AtAnswer, CardSpec, Script } from '../../../../sdk/index.ts';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { memoryTty } from '../../../../kernel/tty/memory.ts';
import { AtPort } from '../../../../plugins/cellular-cards/core/at/port.ts';
import { type Ran, runScript } from '../../../../plugins/cellular-cards/core/at/script-run.ts';

/** What a card says and what is to be read from it: lines '> command', its answer, '? what json'. */
export interface CardFile { readonly talk: ReadonlyMap<string, readonly string[]>; readonly wanted: readonly (readonly [string, unknown])[] }

export function cardFile(name: string): CardFile {
  const talk = new Map<string, string[]>();
  const wanted: [string, unknown][] = [];
  let answer: string[] = [];
  for (const line of readFileSync(fileURLToPath(new URL(`../../../fixtures/at/cards/${name}.at`, import.meta.url)), 'utf8').split('\n')) {
    if (line.startsWith('> ')) talk.set(line.slice(2), answer = []);
    else if (line.startsWith('? ')) wanted.push([line.split(' ')[1]!, JSON.parse(line.split(' ').slice(2).join(' '))]);
    else if (line !== '' && !line.startsWith('# ')) answer.push(line);
  }
  return { talk, wanted };
}

/** A card on a tty that answers as it is told to, with echo; ERROR to what it was not told. */
export class ScriptedCard {
  readonly clock = new VirtualClock();
  /** Commands it got, in order; those with secrets too. */
  readonly heard: string[] = [];
  readonly #port: AtPort;

  constructor(talk: ReadonlyMap<string, readonly string[]>) {
    const [ours, cards] = memoryTty(this.clock, ['tty', 'card']);
    let line = '';
    cards.onData = (buf, from, to) => {
      line += new TextDecoder().decode(buf.slice(from, to));
      for (let end = line.indexOf('\r'); end >= 0; end = line.indexOf('\r')) {
        const command = line.slice(0, end);
        line = line.slice(end + 1);
        this.heard.push(command);
        cards.write(new TextEncoder().encode(`${command}\r\r\n${(command === 'AT' ? ['OK'] : talk.get(command) ?? ['ERROR']).join('\r\n')}\r\n`));
      }
    };
    this.#port = new AtPort(ours, this.clock, { report: () => {}, mode: () => {}, data: () => {}, gone: () => {} });
    this.run(first());
    this.heard.length = 0;
  }

  run<T>(script: Script<T>): T {
    let ran: Ran<T> | undefined;
    runScript(script, { at: (step, done) => this.#port.ask(step.line, step, done), qcdm: undefined, after: (ms, fn) => this.clock.after(ms, fn) }, r => { ran = r; });
    this.clock.advance(600_000);
    if (ran === undefined) throw new Error('the script does not end');
    if (ran.kind !== 'done') throw ran.kind === 'failed' ? ran.error : new Error('cancelled');
    return ran.value;
  }
}

function* first(): Script<AtAnswer> { return (yield { kind: 'at', line: 'AT', timeoutMs: 5000, port: undefined, secret: false }) as AtAnswer; }

/** What the plugin in this folder contributes. */
export async function specsOf(folder: string): Promise<CardSpec[]> {
  const specs: CardSpec[] = [];
  const { default: plugin } = (await import(`../../../../plugins/cellular-cards/${folder}/plugin.ts`)) as { default: { setup(ctx: unknown): void } };
  plugin.setup({ contribute: (_point: unknown, spec: CardSpec) => { specs.push(spec); } });
  return specs;
}
