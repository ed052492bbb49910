import { type HostInfo, type HostName, hosts } from '../topology.ts';
import { findDhcpClient, writeDhcpScript, type DhcpClient } from './dhcp-client.ts';
import { type Holder, startHolder } from './holder.ts';
import type { NamespaceLabOptions } from './lab.ts';
import { type Background, background, installed } from './run.ts';
import { iperf, servers, serversProgram, type Service, traffic } from './services.ts';
import { carrierRouteScript, carrierScript } from './gateway.ts';
import { hostScript, routerScript, staticScript } from './setup.ts';

/** The namespaces, the wires and what runs in them. */
export interface Network {
  readonly router: Holder;
  /** By name; with `router` among them. */
  readonly holders: ReadonlyMap<string, Holder>;
  readonly notes: readonly string[];
  stop(): Promise<void>;
}

/** Builds everything, or gives back what was built and throws. */
export async function startNetwork(opts: NamespaceLabOptions): Promise<Network> {
  const net = new Building();
  try {
    await net.build(opts);
    return net;
  } catch (error) {
    await net.stop();
    throw error;
  }
}

class Building implements Network {
  readonly holders = new Map<string, Holder>();
  readonly notes: string[] = [];
  readonly #running: Background[] = [];
  #stopping = false;

  get router(): Holder { return this.#holder('router'); }

  async build(opts: NamespaceLabOptions): Promise<void> {
    const settled = await Promise.allSettled(['router', ...hosts.map(h => h.name)].map(async name => {
      this.holders.set(name, await startHolder(name));
    }));
    for (const s of settled) if (s.status === 'rejected') throw s.reason;
    await Promise.all(hosts.map(h => this.#holder(h.name).script(hostScript(h))));
    const macOf = (name: HostName) => hosts.find(h => h.name === name)?.mac ?? '';
    await this.router.script(routerScript(name => this.#holder(name).pid, macOf));
    await this.router.script(carrierScript(this.#holder('inet1').pid));
    await this.#holder('inet1').script(carrierRouteScript);
    const client = opts.addresses === 'static' ? undefined : await this.#dhcpClient(opts.dhcpClient);
    await Promise.all(hosts.map(h => this.#address(h, client)));
    await this.#services(opts);
    for (const p of this.#all()) p.release();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#all().map(p => p.stop()));
    this.holders.clear();
  }

  #all(): Background[] {
    return [...this.#running, ...[...this.holders.values()].map(h => h.process)];
  }

  #holder(name: string): Holder {
    const h = this.holders.get(name);
    if (!h) throw new Error(`no namespace for ${name}`);
    return h;
  }

  async #dhcpClient(only: string | undefined): Promise<DhcpClient | undefined> {
    const client = await findDhcpClient(only);
    if (!client) this.notes.push(`no DHCP client (${only ?? 'udhcpc, dhclient'}) is installed: lan1 and lan2 have static addresses`);
    return client;
  }

  async #address(h: HostInfo, client: DhcpClient | undefined): Promise<void> {
    const holder = this.#holder(h.name);
    if (h.from === 'static' || !client) return holder.script(staticScript(h));
    await holder.script(`ip link set eth0 up\n${writeDhcpScript(h.name)}`);
    const running = await this.#run(holder, { name: client.name, argv: client.argv(h.name) });
    void running.ended.then(async () => {
      if (this.#stopping) return;
      this.notes.push(`${client.name} on ${h.name} ended (${running.output().trim().split('\n').at(-1) ?? ''}): static address`);
      await holder.script(staticScript(h)).catch(() => {});
    });
  }

  async #services(opts: NamespaceLabOptions): Promise<void> {
    const program = opts.program ?? serversProgram();
    if (program) {
      await this.#run(this.#holder('inet1'), servers(program, 'all'));
      await this.#run(this.#holder('dmz1'), servers(program, 'http'));
    } else {
      this.notes.push('the lab servers are not built (npm run build): inet1 answers ping only');
    }
    if (await installed('iperf3')) await this.#run(this.#holder('inet1'), iperf);
    if (opts.traffic === false) return;
    const have = { ping: await installed('ping'), curl: await installed('curl') };
    for (const [name, there] of Object.entries(have)) if (!there) this.notes.push(`${name} is not installed: the lab hosts cannot use it`);
    if (!have.ping && !have.curl) return;
    for (const name of ['lan1', 'lan2']) await this.#run(this.#holder(name), traffic(have));
  }

  async #run(holder: Holder, service: Service): Promise<Background> {
    const running = await background(`${holder.name} ${service.name}`, [...holder.inside, ...service.argv]);
    this.#running.push(running);
    return running;
  }
}
