import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { SOCKET } from '../console/unix.ts';
import { spellFingerprint } from './known-routers.ts';
import { quoteWord } from './words.ts';

/** What the process was asked to do. */
export type Command =
  | { readonly verb: 'start'; readonly lab: 'auto' | 'namespace' | 'memory'; readonly seed: number | undefined } & RouterOptions
  | { readonly verb: 'up'; readonly lan: readonly string[]; readonly dmz: readonly string[]; readonly wlan: readonly string[]; readonly wan: string; readonly take: boolean } & RouterOptions
  | { readonly verb: 'exec'; readonly line: string; readonly json: boolean } & Whither
  | { readonly verb: 'console' } & Whither
  | { readonly verb: 'plugin'; readonly words: readonly string[]; readonly json: boolean } & Whither
  | { readonly verb: 'lab'; readonly host: string; readonly argv: readonly string[]; readonly state: string }
  | { readonly verb: 'version' }
  | { readonly verb: 'help'; readonly text: string }
  /** Exit code 2. */
  | { readonly verb: 'wrong'; readonly text: string };

/** The running router that is meant: the one of a state directory, or one elsewhere. */
export interface Whither {
  readonly state: string;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly fingerprint: string | undefined;
}

export interface RouterOptions {
  readonly state: string;
  /** Undefined: no HTTP and no WebSockets. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** Somebody said where: then only that port is fixed, and several routers live side by side. */
  readonly listenGiven: boolean;
  readonly terminal: boolean;
  /** Holds the password of the account admin, for the first start. */
  readonly passwordFile: string | undefined;
}

interface Option { readonly value?: string; readonly help: string }
interface Usage { readonly usage: string; readonly help: string; readonly options: Readonly<Record<string, Option>>; readonly more?: string }

const state: Option = { value: 'DIR', help: 'state directory of the router (default: $LANCELL_STATE, or see below)' };
const router: Readonly<Record<string, Option>> = {
  state,
  listen: { value: 'HOST:PORT', help: "where the live console listens (default 127.0.0.1:8411; port 0 takes a free one; 'off' for none)" },
  'no-terminal': { help: 'no console in this terminal' },
  'password-file': { value: 'FILE', help: "first start: the password of the account admin (or $LANCELL_ADMIN_PASSWORD), instead of a set-up code" },
};

const far: Readonly<Record<string, Option>> = {
  token: { value: 'TOKEN', help: 'instead of the part of the URL after # (or $LANCELL_TOKEN)' },
  fingerprint: { value: 'sha256:…', help: 'the certificate that a router at https:// must show; it is remembered' },
  state,
};
const elsewhere: Readonly<Record<string, Option>> = { url: { value: 'URL', help: 'a router elsewhere: https://host:port/#token' }, ...far };

/** Where the live console listens unless told otherwise. */
const LISTEN = { host: '127.0.0.1', port: 8411 };

const usages: Readonly<Record<string, Usage>> = {
  start: {
    usage: 'start [options]', help: 'start the router in a lab, with a console here',
    options: { lab: { value: 'KIND', help: 'auto (default), namespace or memory' }, seed: { value: 'N', help: 'seed of the memory lab' }, ...router },
  },
  up: {
    usage: 'up --lan IF[,IF…] --wan IF [options]', help: 'route between real interfaces (needs root)',
    options: { lan: { value: 'IF[,IF…]', help: 'LAN ports' }, wan: { value: 'IF', help: 'WAN interface' }, dmz: { value: 'IF[,IF…]', help: 'DMZ ports' }, wlan: { value: 'IF[,IF…]', help: 'WLAN ports' }, take: { help: "also take interfaces that carry this host's own address" }, ...router },
  },
  exec: { usage: 'exec "LINE" [--json]', help: 'run one line on the running router', options: { json: { help: 'output as JSON, one value per line' }, ...elsewhere } },
  console: { usage: 'console [URL]', help: 'a console on the running router, here or far away', options: far },
  plugin: {
    usage: 'plugin WORDS…', help: 'load, unload, reload, make and watch plugins of the running router', options: { json: { help: 'output as JSON' }, ...elsewhere },
    more: "The words are those of the router's verb 'plugin': list, info, load, unload, reload, residue, graph, new, watch, install, remove.",
  },
  lab: { usage: 'lab exec HOST -- COMMAND…  |  lab card WORDS…', help: 'run a command on a host of the running lab; put cards into its slots and play with them', options: { state } },
  version: { usage: 'version', help: 'print the version', options: {} },
  help: { usage: 'help [COMMAND]', help: 'explain a command', options: {} },
};

/** Where a router keeps its settings, keys and sockets when nobody says: system-wide for root, else in the home directory. */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env, root = process.getuid?.() === 0): string {
  const said = env['LANCELL_STATE'];
  if (said !== undefined && said !== '') return resolve(said);
  if (root) return '/var/lib/lancell';
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'lancell');
}

export function helpText(command?: string): string {
  const usage = command === undefined ? undefined : usages[command];
  if (usage !== undefined) {
    const options = Object.entries(usage.options).map(([name, o]) => `  ${`--${name}${o.value === undefined ? '' : ` ${o.value}`}`.padEnd(22)} ${o.help}`);
    const directory = 'state' in usage.options ? ['', `State directory by default: ${stateDirectory()}`] : [];
    return [`lancell ${usage.usage}`, `  ${usage.help}`, ...(options.length > 0 ? ['', ...options] : []), ...(usage.more === undefined ? [] : ['', usage.more]), ...directory, ''].join('\n');
  }
  const lines = Object.values(usages).map((u) => `  lancell ${u.usage.padEnd(42)} ${u.help}`);
  return ['lancell: a software cellular router', '', ...lines, '', 'lancell help COMMAND explains its options. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 cancelled.', ''].join('\n');
}

class Wrong extends Error {}

/** Reads the words after `lancell`. Without words: start. */
export function parseCommand(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Command {
  const [verb = 'start', ...rest] = argv;
  if (verb === '--version' || verb === '-v') return { verb: 'version' };
  if (verb === 'help' || verb === '--help' || verb === '-h') return { verb: 'help', text: helpText(rest[0]) };
  const usage = Object.hasOwn(usages, verb) ? usages[verb] : undefined;
  if (usage === undefined) return { verb: 'wrong', text: `there is no command '${verb}'; there are: ${Object.keys(usages).join(', ')}\n` };
  try {
    return parse(verb, splitOptions(verb, usage, rest), stateDirectory(env));
  } catch (e) {
    if (e instanceof Wrong) return { verb: 'wrong', text: `${e.message}\nusage: lancell ${usage.usage}\n` };
    throw e;
  }
}

interface Split { readonly options: ReadonlyMap<string, string>; readonly words: readonly string[] }

/**
 * Options may stand anywhere before `--`. What comes after belongs to the command, and so does everything after the host of
 * `lab exec HOST`.
 */
function splitOptions(verb: string, usage: Usage, argv: readonly string[]): Split {
  const options = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    // A number below zero is no option: lab card signal -97.
    if (!word.startsWith('-') || word === '-' || (verb === 'lab' && (/^-\d/.test(word) || (words[0] === 'exec' && words.length >= 2)))) {
      words.push(word);
      continue;
    }
    const [name = '', inline] = word === '-h' ? ['help'] : word.replace(/^--?/, '').split(/=(.*)/s, 2);
    if (name === 'help') return { options: new Map([['help', '']]), words: [] };
    const option = Object.hasOwn(usage.options, name) ? usage.options[name] : undefined;
    if (option === undefined) throw new Wrong(`unknown option '${word}'; allowed: ${Object.keys(usage.options).map((o) => `--${o}`).join(', ') || 'none'}`);
    if (option.value === undefined && inline !== undefined) throw new Wrong(`--${name} takes no value`);
    const value = option.value === undefined ? '' : (inline ?? argv[++i]);
    if (value === undefined) throw new Wrong(`--${name} needs a value: ${option.value}`);
    options.set(name, value);
  }
  return { options, words };
}

/** A lab has settings of its own, so that playing never changes a real router. Whoever talks to a router finds the one that runs. */
function placeFor(verb: string, byDefault: string): string {
  const lab = join(byDefault, 'lab');
  if (verb === 'start') return lab;
  if (verb === 'up') return byDefault;
  return !existsSync(join(byDefault, SOCKET)) && existsSync(join(lab, SOCKET)) ? lab : byDefault;
}

function parse(verb: string, { options, words }: Split, byDefault: string): Command {
  if (options.has('help')) return { verb: 'help', text: helpText(verb) };
  const where = options.has('state') ? resolve(options.get('state')!) : placeFor(verb, byDefault);
  switch (verb) {
    case 'start': {
      atMost(words, 0);
      const lab = options.get('lab') ?? 'auto';
      if (lab !== 'auto' && lab !== 'namespace' && lab !== 'memory') throw new Wrong(`--lab is '${lab}'; allowed: auto, namespace, memory`);
      const seed = options.get('seed');
      if (seed !== undefined && !/^\d{1,10}$/.test(seed)) throw new Wrong(`--seed is '${seed}'; allowed: a whole number`);
      return { verb, lab, seed: seed === undefined ? undefined : Number(seed), ...routerOptions(options, where) };
    }
    case 'up': {
      atMost(words, 0);
      const wan = options.get('wan') ?? '';
      const ports = (name: string): string[] => (options.get(name) ?? '').split(',').map((p) => p.trim()).filter((p) => p !== '');
      const [lan, dmz, wlan] = [ports('lan'), ports('dmz'), ports('wlan')];
      if (lan.length === 0 || wan === '') throw new Wrong(`${lan.length === 0 ? '--lan' : '--wan'} is missing`);
      const all = [...lan, ...dmz, ...wlan, wan];
      const twice = all.find((p, i) => all.indexOf(p) !== i);
      if (twice !== undefined) throw new Wrong(`the interface '${twice}' is named twice`);
      return { verb, lan, dmz, wlan, wan, take: options.has('take'), ...routerOptions(options, where) };
    }
    case 'exec':
      if (words.length === 0) throw new Wrong('the line to run is missing');
      return { verb, line: lineOf(words), json: options.has('json'), ...whither(options, options.get('url'), where) };
    case 'console':
      atMost(words, 1);
      return { verb, ...whither(options, words[0], where) };
    case 'plugin':
      return { verb, words, json: options.has('json'), ...whither(options, options.get('url'), where) };
    case 'lab': {
      const [what, host, ...argv] = words;
      // The router runs in a folder of its own: what names a file here is made whole.
      if (what === 'card') return { verb: 'exec', line: lineOf(['lab', ...words.map((w, i) => (i > 1 && /[/.]/.test(w) && existsSync(w) ? resolve(w) : w))]), json: false, ...whither(options, undefined, where) };
      if (what !== 'exec') throw new Wrong(what === undefined ? 'a word is missing; allowed: exec, card' : `unknown word '${what}'; allowed: exec, card`);
      if (host === undefined) throw new Wrong('the host is missing');
      const command = argv[0] === '--' ? argv.slice(1) : argv;
      if (command.length === 0) throw new Wrong('the command to run is missing');
      return { verb, host, argv: command, state: where };
    }
    default:
      return { verb: 'version' };
  }
}

function whither(options: ReadonlyMap<string, string>, url: string | undefined, state: string): Whither {
  const said = options.get('fingerprint');
  const fingerprint = said === undefined ? undefined : spellFingerprint(said);
  if (said !== undefined && fingerprint === undefined) throw new Wrong(`--fingerprint is '${said}'; allowed: sha256: and 64 hexadecimal digits`);
  const stray = ['token', 'fingerprint'].find((name) => url === undefined && options.has(name));
  if (stray !== undefined) throw new Wrong(`--${stray} is for a router elsewhere: its URL is missing`);
  return { state, url, token: options.get('token'), fingerprint };
}

/** One word is a whole line; of several, those that hold spaces were quoted for the shell and are quoted again. */
function lineOf(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : words.map((w) => (w === '' || /[\s"']/.test(w) ? quoteWord(w) : w)).join(' ');
}

function atMost(words: readonly string[], n: number): void {
  if (words.length > n) throw new Wrong(`'${words[n]}' is one word too many`);
}

function routerOptions(options: ReadonlyMap<string, string>, where: string): RouterOptions {
  const said = options.get('listen');
  const password = options.get('password-file');
  return { state: where, terminal: !options.has('no-terminal'), passwordFile: password === undefined ? undefined : resolve(password), listenGiven: said !== undefined, listen: said === undefined ? LISTEN : said === 'off' ? undefined : address(said) };
}

function address(text: string): { host: string; port: number } {
  const found = /^(?:(\[[0-9a-fA-F:.]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(found?.[2]);
  if (found === null || port > 65_535) throw new Wrong(`--listen is '${text}'; allowed: HOST:PORT, PORT or off`);
  return { host: (found[1] ?? LISTEN.host).replace(/^\[|\]$/g, ''), port };
}
