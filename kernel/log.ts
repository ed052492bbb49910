import { pino } from 'pino';
import type { Logger } from '../sdk/log.ts';
import type { Disposable } from '../sdk/scope.ts';
import { plain } from './redact.ts';

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

export interface LogLine {
  /** ms since the epoch. */
  readonly time: number;
  readonly level: Level;
  /** Who speaks: 'kernel', a plugin's id. */
  readonly name: string;
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LogFilter {
  /** This level and above. */
  readonly level?: Level;
  /** This name, or anything below it: 'vpn' matches 'vpn.ike'. */
  readonly name?: string;
  /** Somewhere in the message or in the fields, in either case. */
  readonly text?: string;
  /** At most so many, the newest. */
  readonly most?: number;
}

export interface LogRing {
  /** Oldest first. */
  lines(filter?: LogFilter): LogLine[];
  /** Every line from now on. A reader that throws is taken off. */
  tail(fn: (line: LogLine) => void, filter?: LogFilter): Disposable;
}

export interface LogOptions {
  /** Default 'info'. */
  readonly level?: Level;
  /** Where wall time comes from. */
  readonly clock?: { wall(): number };
  /** Gets every line as JSON, without its newline: a file, or the journal. */
  readonly out?: (json: string) => void;
  /** How many lines the ring keeps; default 1000. */
  readonly keep?: number;
}

export interface Log {
  logger(name: string): Logger;
  readonly ring: LogRing;
  level: Level;
}

export function createLog(opts: LogOptions = {}): Log {
  const clock = opts.clock ?? { wall: () => Date.now() };
  const ring = new Ring(opts.keep ?? 1000);
  let level = opts.level ?? 'info';
  const root = pino(
    {
      level: 'debug',
      base: null,
      timestamp: () => `,"time":${Math.round(clock.wall())}`,
      // The words of the level, and the caller's fields under one key: no field can pass for the line's own.
      formatters: { level: label => ({ level: label }), log: fields => ({ fields: plain(fields) }) },
    },
    {
      write: (text: string) => {
        const { level, time, name, msg, fields } = JSON.parse(text) as Partial<LogLine>;
        ring.push({ level: level ?? 'info', time: time ?? 0, name: name ?? '', msg: msg ?? '', fields: fields ?? {} });
        opts.out?.(text.trimEnd());
      },
    },
  );
  return {
    logger: name => {
      const child = root.child({ name });
      const at = (of: Level) => (fields: object, msg: string) => {
        if (levels.indexOf(of) >= levels.indexOf(level)) child[of](fields, msg);
      };
      return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    },
    ring,
    get level() { return level; },
    set level(next) { level = next; },
  };
}

const matches = (line: LogLine, { level, name, text }: LogFilter): boolean => {
  if (level !== undefined && levels.indexOf(line.level) < levels.indexOf(level)) return false;
  if (name !== undefined && line.name !== name && !line.name.startsWith(`${name}.`)) return false;
  if (text === undefined) return true;
  return `${line.msg} ${JSON.stringify(line.fields)}`.toLowerCase().includes(text.toLowerCase());
};

class Ring implements LogRing {
  readonly #slots: LogLine[] = [];
  readonly #keep: number;
  readonly #readers = new Set<(line: LogLine) => void>();
  #next = 0;

  constructor(keep: number) {
    this.#keep = keep;
  }

  push(line: LogLine): void {
    this.#slots[this.#next] = line;
    this.#next = (this.#next + 1) % this.#keep;
    for (const reader of this.#readers) reader(line);
  }

  lines(filter: LogFilter = {}): LogLine[] {
    const oldest = this.#slots.length < this.#keep ? 0 : this.#next;
    const found = [...this.#slots.slice(oldest), ...this.#slots.slice(0, oldest)].filter(line => matches(line, filter));
    return filter.most === undefined ? found : found.slice(Math.max(0, found.length - filter.most));
  }

  tail(fn: (line: LogLine) => void, filter: LogFilter = {}): Disposable {
    const reader = (line: LogLine) => {
      if (!matches(line, filter)) return;
      try {
        fn(line);
      } catch {
        // Logging this would come straight back here.
        this.#readers.delete(reader);
      }
    };
    this.#readers.add(reader);
    return { dispose: () => { this.#readers.delete(reader); } };
  }
}
