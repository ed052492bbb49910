export const parts = ['engine', 'flows', 'rules', 'ppp', 'tcp', 'udp', 'connections', 'ping', 'rss', 'browsers', 'attack', 'page'] as const;
export type Part = (typeof parts)[number];

export interface Options {
  readonly only: ReadonlySet<Part>;
  readonly runs: number;
  /** Of each TCP and UDP measurement. */
  readonly seconds: number;
  readonly pings: number;
  /** Per measurement in memory. */
  readonly packets: number;
  /** How long to wait for an idle machine before each measurement (ms). */
  readonly patienceMs: number;
  readonly json: string | undefined;
  /** Part `browsers`: with pages of a headless chromium in place of clients that do as they do. */
  readonly realBrowsers: boolean;
}

export const usage = `npm run bench -- [options]
  --quick          a short look: 2 runs of 1 s
  --runs N         runs of each measurement (default 5)
  --only PART[,…]  of ${parts.join(', ')}
  --real-browsers  part browsers with pages of a headless chromium
  --json FILE      all runs, as JSON
`;

/** Throws an Error with what is wrong. */
export function parseOptions(argv: readonly string[]): Options | 'help' {
  let quick = false;
  let realBrowsers = false;
  let runs: number | undefined;
  let json: string | undefined;
  let only: ReadonlySet<Part> = new Set(parts);
  for (let i = 0; i < argv.length; i++) {
    const [name, inline] = argv[i]!.split(/=(.*)/s, 2);
    const value = (): string => {
      const v = inline ?? argv[++i];
      if (v === undefined) throw new Error(`${name} needs a value`);
      return v;
    };
    switch (name) {
      case '--help': case '-h': return 'help';
      case '--quick': quick = true; break;
      case '--real-browsers': realBrowsers = true; break;
      case '--json': json = value(); break;
      case '--runs':
        runs = Number(value());
        if (!Number.isInteger(runs) || runs < 1 || runs > 1000) throw new Error('--runs is a number from 1 to 1000');
        break;
      case '--only': {
        const wanted = value().split(',');
        const wrong = wanted.find(w => !parts.includes(w as Part));
        if (wrong !== undefined) throw new Error(`--only has no part '${wrong}'; there are: ${parts.join(', ')}`);
        only = new Set(wanted as Part[]);
        break;
      }
      default: throw new Error(`unknown option '${name}'`);
    }
  }
  return { only, json, realBrowsers, runs: runs ?? (quick ? 2 : 5), seconds: quick ? 1 : 3, pings: quick ? 300 : 1000, packets: quick ? 300_000 : 1_000_000, patienceMs: quick ? 1_000 : 20_000 };
}
