import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../../lab/lab.ts';
import type { Command, RouterOptions as FaceOptions } from '../cli/commands.ts';
import { Session } from '../cli/session.ts';
import { Terminal } from '../cli/terminal.ts';
import { RealClock } from '../clock.ts';
import type { Document } from '../config/document.ts';
import { loadKeys } from '../console/auth.ts';
import { type Ports, unprivilegedPorts, wellKnownPorts } from '../console/remote.ts';
import { urlWith } from '../console/server.ts';
import { createLog, type Log } from '../log.ts';
import { Readiness } from '../links/readiness.ts';
import { Loop, type Waiter } from '../loop.ts';
import { Loader } from '../plugins/loader.ts';
import { isOnDemand, OnDemandFolders } from '../plugins/on-demand.ts';
import { PluginStore } from '../plugins/store.ts';
import { pluginVerbs } from '../plugins/verbs.ts';
import { SelfHttp } from '../self/http.ts';
import { SelfTcp } from '../self/tcp.ts';
import { SelfNamespace } from '../self/stack.ts';
import { noUsb, SystemUsb } from '../usb/usb.ts';
import { labSettings } from './lab-settings.ts';
import { linksUp } from './links-up.ts';
import { type Management, startManagement } from './management.ts';
import { noRestarts, RESTART_CODE, RestartBook, supervised, systemReboot } from './restarts.ts';
import { Router, type RouterOptions } from './router.ts';

/** Until the program ends for a restart, so that consoles and the log are told of it (ms). */
const LEAVE_MS = 2_000;

type Start = Extract<Command, { verb: 'start' }>;
type Up = Extract<Command, { verb: 'up' }>;

/** `lancell start`: a lab around the router. Resolves with the exit code when the router has stopped. */
export async function runStart(command: Start, version: string): Promise<number> {
  const { chooseLab, needsUserNamespace, reexecInUserNamespace } = await import('../../lab/lab.ts');
  if (command.lab !== 'memory' && needsUserNamespace()) {
    const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    return reexecInUserNamespace(argv.includes('--state') ? argv : [...argv, ...(argv.includes('start') ? [] : ['start']), '--state', command.state]);
  }
  const clock = new RealClock();
  const lab = await chooseLab(command.lab === 'auto' ? undefined : command.lab, { memory: { clock, traffic: true, ...(command.seed === undefined ? {} : { seed: command.seed }) } });
  const real = lab.kind === 'namespace';
  try {
    await lab.start();
    return await run({ command, version, clock, real, links: lab.links, factory: labSettings(lab.settings as never), lab });
  } finally {
    await lab.stop();
    clock.close();
  }
}

/** `lancell up`: between real interfaces. */
export async function runUp(command: Up, version: string): Promise<number> {
  const clock = new RealClock();
  try {
    const { links, factory } = linksUp(command);
    return await run({ command, version, clock, real: true, links, factory });
  } finally {
    clock.close();
  }
}

interface Run {
  readonly command: FaceOptions; readonly version: string; readonly clock: RealClock; readonly real: boolean;
  readonly links: RouterOptions['links']; readonly factory: Document; readonly lab?: Lab;
}

async function run(o: Run): Promise<number> {
  const { command, clock } = o;
  mkdirSync(command.state, { recursive: true, mode: 0o700 });
  const file = createWriteStream(join(command.state, 'router.log'), { flags: 'a', mode: 0o600 });
  const log = createLog({ clock, out: json => { file.write(`${json}\n`); } });
  const loader = new Loader({ state: command.state });
  await loader.sweep();
  const readiness = o.real ? new Readiness() : undefined;
  let loop: Loop | undefined;
  let router: Router | undefined;
  let management: Management | undefined;
  let code = 0;
  const self = openSelf(o.real, log);
  try {
    const store = new PluginStore(command.state, loader);
    const plugins = await readPlugins(loader, store, log);
    router = await Router.start({
      version: o.version, clock, log, state: command.state, plugins, onDemand: new OnDemandFolders(loader, store), links: o.links, factory: o.factory, wake: () => loop?.wake(), ...(self === undefined ? {} : { self, http: new SelfHttp(self, log.logger('http')), tcp: new SelfTcp(self, log.logger('tcp')) }),
      restarts: o.lab ? noRestarts('the lab does not restart itself') : await RestartBook.open(command.state, log.logger('restart'), {
        wall: () => clock.wall(), supervised: supervised(process.env, process.pid), reboot: () => systemReboot(),
        leave: () => { clock.after(LEAVE_MS, () => { code = RESTART_CODE; void router?.stop(); }); },
      }),
      // A lab plays with cards of its own.
      usb: o.lab ? noUsb('the lab keeps off the sockets of its machine') : new SystemUsb(clock),
      ...(readiness ? { watcher: readiness } : {}),
    });
    const running = router;
    loop = router.loop = new Loop(router.engine, clock, readiness as Waiter | undefined);
    loop.wake();
    pluginVerbs({ host: router.plugins, loader, store, clock, command: spec => running.tree.register(spec, 'kernel') });
    if (o.lab) await openLab(o.lab, router);
    const keys = loadKeys(command.state);
    management = await startManagement({ router, state: command.state, keys, gui, password: initialPassword(command), inside: self, mustListen: command.listenGiven, ...places(command, self !== undefined, o.lab !== undefined) });
    if (self !== undefined && management.doors !== undefined) self.rules = management.doors.rules;
    onSignals(router);
    onUncaught(router, log);
    process.stdout.write(banner(o, router, management, keys));
    const ended = await faces(router, command);
    return code || ended;
  } finally {
    await router?.stop();
    await management?.close();
    self?.close();
    if (!router) readiness?.close();
    loader.close();
    file.end();
  }
}

/** The router's own plugins and those installed, without those that wait to be asked for. One that cannot be read is logged; the others go on. */
async function readPlugins(loader: Loader, store: PluginStore, log: Log): Promise<RouterOptions['plugins']> {
  const folders = [...(await loader.discover()).values(), ...(await store.list()).map(p => p.folder)].filter(folder => !isOnDemand(folder));
  const read = await Promise.allSettled(folders.map(f => loader.read(f)));
  return read.flatMap((r, i) => {
    if (r.status === 'fulfilled') return [r.value];
    log.logger('plugins').error({ folder: folders[i], error: String(r.reason) }, 'a plugin could not be read');
    return [];
  });
}

async function openLab(lab: Lab, router: Router): Promise<void> {
  const { labVerbs } = await import('../../lab/verbs.ts');
  const { CardSourcesToken } = await import('../../plugins/cellular-cards/contract.ts');
  labVerbs(lab, spec => router.tree.register(spec, 'lab'));
  router.plugins.directory.contribute(CardSourcesToken, lab.cards.rack, 'lab');
  router.lab.open(async (host, argv) => {
    const answer = await lab.exec(host, argv);
    // The client puts the command behind the prefix itself.
    return 'spawn' in answer ? { spawn: answer.spawn.slice(0, answer.spawn.length - argv.length) } : answer;
  });
}

/** Until somebody leaves the terminal or stops the router. */
async function faces(router: Router, command: FaceOptions): Promise<number> {
  if (!command.terminal) {
    await router.stopped;
    return 0;
  }
  const shell = new Session({ tree: router.tree, clock: router.clock, author: 'terminal', onFault: f => router.log.logger('cli').error({ error: f.message }, 'a verb failed') });
  const terminal = new Terminal({ shell, input: process.stdin, output: process.stdout });
  const warnings = router.log.ring.tail(line => terminal.print(`${line.level}: ${line.msg}`), { level: 'warn' });
  // Input that ends (a closed pipe, </dev/null) is no wish to stop; somebody who leaves is.
  const ended = await Promise.race([terminal.done, router.stopped]);
  void warnings.dispose();
  shell.close();
  if (ended && ended.why === 'end') await router.stopped;
  return ended?.code ?? 0;
}

/** The built shell, beside the compiled kernel; run from its sources (Deno) it is in dist all the same. */
const gui = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/gui' : '../../gui', import.meta.url));

/** A TCP/IP of the router's own, so that its addresses answer; undefined where the system does not give one. */
function openSelf(real: boolean, log: Log): SelfNamespace | undefined {
  if (!real) return undefined;
  try {
    return new SelfNamespace();
  } catch (error) {
    log.logger('remote').warn({ error: String(error) }, "the router's own addresses offer no web, SSH or Telnet");
    return undefined;
  }
}

/**
 * Where remote management listens. The settings speak of the router's own addresses where it has them, and services listen on
 * this machine besides; else they speak of this machine. With --listen only that port is fixed.
 */
function places(command: FaceOptions, own: boolean, lab: boolean): { host: string | undefined; ports: Ports; outside?: Ports } {
  const { listen, listenGiven } = command;
  if (listen === undefined) return { host: undefined, ports: wellKnownPorts };
  const here: Ports = listenGiven ? { http: listen.port, https: 0, ssh: 0, telnet: 0 } : unprivilegedPorts;
  if (own) return { host: listen.host, ports: wellKnownPorts, outside: here };
  return lab || listenGiven ? { host: listen.host, ports: here } : { host: '0.0.0.0', ports: wellKnownPorts };
}

/** The password of the first account, from a file or the environment; what runs below this process does not inherit it. */
function initialPassword(command: FaceOptions): string | undefined {
  const given = process.env['LANCELL_ADMIN_PASSWORD'];
  delete process.env['LANCELL_ADMIN_PASSWORD'];
  if (command.passwordFile !== undefined) return readFileSync(command.passwordFile, 'utf8').replace(/\r?\n$/, '');
  return given === '' ? undefined : given;
}

function banner(o: Run, router: Router, { accounts, console, doors }: Management, keys: ReturnType<typeof loadKeys>): string {
  const links = router.links.list().map(l => `${l.name}${l.up ? '' : ` (down: ${l.why})`}`).join(', ');
  const lines = [`lancell ${o.version} on ${router.runtime}`];
  if (o.lab) lines.push(o.lab.why, ...o.lab.notes.map(n => `note: ${n}`));
  lines.push(`links: ${links}`);
  const failed = router.plugins.list().filter(p => p.state !== 'active');
  if (failed.length > 0) lines.push(...failed.map(p => `plugin ${p.id} is ${p.state}: ${p.why}`));
  const urls = [console.secureUrl, console.url].filter((url) => url !== undefined);
  if (urls.length > 0) lines.push(`web console: ${urls.join('  or  ')}`);
  if (urls.length > 0 && accounts.setupCode !== undefined) lines.push(`set-up code: ${accounts.setupCode}  (once, to make the first account)`);
  if (console.url !== undefined) lines.push(`live console: ${urlWith(console.url, keys[0])}`);
  lines.push(...(doors?.problems ?? []).map(({ service, place, why }) => `note: remote.${service}.port: ${why}; ${service} is not offered ${place === 'inside' ? "on the router's own addresses" : "on this machine's own address"}`));
  if (o.lab) lines.push('try: lab exec lan1 curl -s http://inet1/   flow list   trace packet tcp   plugin reload nat   ?');
  return `${lines.join('\n')}\n`;
}

function onSignals(router: Router): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void router.stop());
  // The reset button: the user-defined default configuration, or the factory's.
  process.on('SIGUSR2', () => {
    router.config.reset('user', 'reset button').catch((error: unknown) => router.log.logger('config').error({ error: String(error) }, 'reset failed'));
  });
}

/** What a plugin throws where nobody can catch it (a raw timer, a promise of its own) is its fault, not the router's end. */
function onUncaught(router: Router, log: Log): void {
  const report = (error: unknown) => {
    const owner = router.plugins.blame(error);
    log.logger(owner ?? 'kernel').error({ error: error instanceof Error ? error.stack : String(error) }, `${owner ?? 'kernel'}: an error that nobody caught`);
    if (owner) router.plugins.report(owner, 'outside its context', error);
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
}
