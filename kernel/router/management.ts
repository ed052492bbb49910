import { hostname } from 'node:os';
import type { Socket } from 'node:net';
import { Hono } from 'hono';
import type { Args, CommandSpec } from '../../sdk/cli.ts';
import type { Problem } from '../../sdk/plugin.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { token } from '../../sdk/token.ts';
import { format4, isLoopback, parse4 } from '../../sdk/wire/address.ts';
import { ConfigProblem } from '../config/section.ts';
import { accountsIn, accountsInMemory } from '../console/account-file.ts';
import { accountVerbs } from '../console/account-verbs.ts';
import { Accounts } from '../console/accounts.ts';
import { Gate, type Key } from '../console/auth.ts';
import { certificateApp } from '../console/certificate-routes.ts';
import { certificateVerbs } from '../console/certificate-verbs.ts';
import { Doors, type InsideStack } from '../console/doors.ts';
import { type Ports, portClash, type Remote, remoteSchema, type Side, sideOfZone } from '../console/remote.ts';
import { remoteVerbs } from '../console/remote-verbs.ts';
import { pluginUpload } from '../console/plugin-upload.ts';
import { answered } from '../console/rest/app.ts';
import { certificatesInDocument } from '../console/rest/elsewhere.ts';
import { type Console, startConsole } from '../console/server.ts';
import { Sessions } from '../console/sessions.ts';
import { Assets } from '../console/static.ts';
import { Certificates } from '../console/tls.ts';
import type { WebEnv } from '../console/web.ts';
import { openRest } from './rest.ts';
import type { Router } from './router.ts';
import { startShells } from './shells.ts';

export interface ManagementOptions {
  readonly router: Router;
  /** Undefined: nothing is kept. */
  readonly state: string | undefined;
  /** Tokens of the state directory. */
  readonly keys: readonly Key[];
  /** Where services listen on this machine; undefined: only the unix socket is open. */
  readonly host: string | undefined;
  /** Default ports of the settings, and with `inside` the ports on this machine. */
  readonly ports: Ports;
  readonly outside?: Ports | undefined;
  /** The TCP/IP with the router's own addresses. */
  readonly inside?: InsideStack | undefined;
  /** Folder of the built shell. */
  readonly gui: string;
  /** False: the router starts without HTTP where its port cannot be had (default true). */
  readonly mustListen?: boolean | undefined;
  /** Makes the account admin on the first start. */
  readonly password?: string | undefined;
}

export interface Management {
  readonly accounts: Accounts;
  readonly console: Console;
  readonly doors: Doors | undefined;
  close(): Promise<void>;
}

/** What of the plugin `ip` matters here; the kernel knows no plugin. */
interface OwnAddresses { list(): readonly { readonly ip: number; readonly zone: string }[]; ownedBy(ip: number): { readonly zone: string } | undefined }
const AddressesToken = token<OwnAddresses>('ip.addresses');

/** Everything by which people and programs manage the router from outside: accounts, web, REST, SSH, Telnet, and the rules for them. */
export async function startManagement(options: ManagementOptions): Promise<Management> {
  const { router, state } = options;
  const { clock, tree } = router;
  const log = router.log.logger('remote');
  const command = <A extends Args>(spec: CommandSpec<A>): Disposable => tree.register(spec, 'kernel');
  const addresses = (): OwnAddresses | undefined => router.plugins.directory.live(AddressesToken) as OwnAddresses | undefined;

  const settings = new RemoteSection(router, options.ports);
  const accounts = await Accounts.open({ file: state === undefined ? accountsInMemory() : accountsIn(state, log), clock, pauseMs: () => settings.running().lockoutMinutes * 60_000 });
  if (options.password !== undefined && accounts.setupNeeded) await accounts.create('admin', options.password, 'admin');
  const idleMs = (): number => settings.running().idleMinutes * 60_000;
  const sessions = new Sessions({ clock, idleMs });
  const certificates = await Certificates.open({
    directory: state, clock, log,
    names: () => ['localhost', '127.0.0.1', '::1', hostname(), ...(addresses()?.list() ?? []).map((a) => format4(a.ip))],
  });
  const doors = options.host === undefined ? undefined : new Doors({ host: options.host, log, inside: options.inside, outside: options.outside, side: (socket) => sideOf(socket, addresses()) });
  await doors?.apply(settings.running());
  settings.doors = doors;
  settings.trusts = () => certificates.authorities !== undefined;

  const audit = (author: string, what: string): void => router.log.logger('audit').info({ author, what }, `${author}: ${what}`);
  const upload = pluginUpload(router);
  const rest = await openRest(router, state, [...certificatesInDocument, upload]);
  const api = new Hono<WebEnv>();
  api.route('/', certificateApp(certificates));
  api.post(upload.at, (c) => answered(c, upload));
  api.route('/', rest.app);
  const shell = new Assets(options.gui, 'assets/');
  const ofPlugins = new PluginFiles(router);
  const console = await startConsole({
    services: { ...router.services(new Gate(options.keys, clock, (text) => rest.tokens.find(text))), audit }, audit, directory: state, doors, certificates, accounts, sessions,
    assets: shell, pluginAssets: (id) => ofPlugins.of(id), rest: api, metrics: rest.metrics,
    hosts: () => [hostname(), ...settings.running().names],
    redirect: (request) => settings.running().http.redirect ? secureAddress(request.headers.host, request.socket.localPort, settings.running(), doors) : undefined,
    mustListen: options.mustListen,
    report: (error) => log.error({ error }, 'a request went wrong inside'),
  });
  router.panels.onAct = ({ author, panel, action, failed }) => audit(author ?? 'the router', `'${action}' of the page ${panel}${failed === undefined ? '' : ` failed: ${failed}`}`);
  accountVerbs(accounts, sessions, command);
  certificateVerbs(certificates, command);
  if (doors !== undefined) remoteVerbs({ running: () => settings.running(), update: (change, author) => settings.update(change, author) }, doors, command);
  const shells = doors === undefined ? undefined : await startShells({ tree, clock, log, accounts, idleMs, doors, state, command, audit, onFault: (fault) => router.log.logger('cli').error({ error: fault.message }, 'a verb failed') });
  return {
    accounts, console, doors,
    close: async () => {
      shells?.close();
      sessions.close();
      certificates.close();
      await console.close();
    },
  };
}

/** The section `remote` of the settings. Stored ones that do not fit leave the router manageable, with the defaults. */
class RemoteSection {
  doors: Doors | undefined;
  /** Whether there is an authority whose client certificates are believed. */
  trusts = (): boolean => true;
  readonly #router: Router;
  readonly #fallback: Remote;
  readonly #attached: boolean;

  constructor(router: Router, ports: Ports) {
    this.#router = router;
    const schema = remoteSchema(ports);
    this.#fallback = schema.parse({});
    this.#attached = this.#attach(schema);
  }

  #attach(schema: ReturnType<typeof remoteSchema>): boolean {
    try {
      this.#router.config.attach({
        id: 'remote', schema, version: 1,
        verify: (mine) => [portClash(mine as Remote), this.#shutOut(mine as Remote)].filter((problem) => problem !== undefined),
        apply: (next) => this.doors?.apply(next as Remote),
      });
      return true;
    } catch (error) {
      if (!(error instanceof ConfigProblem)) throw error;
      this.#router.log.logger('remote').error({ error: error.message }, 'the settings of remote management do not fit; the defaults are in force');
      return false;
    }
  }

  /** Where a client certificate is required and no authority is believed, nobody would get in. */
  #shutOut({ https }: Remote): Problem | undefined {
    if (!https.active || https.clientCertificates !== 'required' || this.trusts()) return undefined;
    return { path: ['https', 'clientCertificates'], message: 'no authority is believed, so nobody would get in: certificates ca_trusted import FILE first' };
  }

  running(): Remote { return this.#attached ? this.#router.config.running<Remote>('remote') : this.#fallback; }

  async update(change: (draft: Remote) => void, author: string): Promise<void> { await this.#router.config.update<Remote>('remote', change, author); }
}

/** Files below `gui/` in the folder of a loaded plugin. */
class PluginFiles {
  readonly #router: Router;
  readonly #byFolder = new Map<string, Assets>();

  constructor(router: Router) { this.#router = router; }

  of(id: string): Assets | undefined {
    const folder = this.#router.plugins.list().find((p) => p.id === id && p.state === 'active')?.folder;
    if (folder === undefined) return undefined;
    const assets = this.#byFolder.get(folder) ?? new Assets(`${folder}/gui`);
    this.#byFolder.set(folder, assets);
    return assets;
  }
}

/** The side through which a socket of this machine was reached; undefined: from this machine itself. */
function sideOf(socket: Pick<Socket, 'localAddress'>, addresses: OwnAddresses | undefined): Side | 'none' | undefined {
  const local = (socket.localAddress ?? '').replace(/^::ffff:/i, '');
  const ip = parse4(local);
  if (local === '::1' || (ip !== undefined && isLoopback(ip))) return undefined;
  const own = ip === undefined ? undefined : addresses?.ownedBy(ip);
  return own === undefined ? 'host' : sideOfZone(own.zone);
}

/** The same place by HTTPS; undefined when that is not offered. */
function secureAddress(host: string | undefined, localPort: number | undefined, remote: Remote, doors: Doors | undefined): string | undefined {
  const outer = doors?.at('https');
  if (!remote.https.active || outer === undefined) return undefined;
  const port = localPort === doors?.at('http')?.port ? outer.port : remote.https.port;
  const name = (host ?? 'localhost').replace(/:\d+$/, '');
  return `https://${name}${port === 443 ? '' : `:${port}`}/`;
}
