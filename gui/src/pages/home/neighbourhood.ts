import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Part, TablePart, Value } from '../../wire/messages.ts';
import { wire } from '../../wire/socket.ts';

export interface Host { readonly ip: string; readonly mac: string; readonly name: string; readonly port: string; /** Heard of lately. */ readonly awake: boolean }
/** Where hosts are: an interface on the inside. */
export interface Segment { readonly name: string; readonly subnet: string; readonly ports: readonly string[]; readonly hosts: readonly Host[] }
/** A way to the internet. */
export interface Uplink { readonly name: string; readonly gateway: string; readonly metric: number }
export interface Neighbourhood { readonly segments: readonly Segment[]; readonly uplinks: readonly Uplink[] }

const EVERY_MS = 5000;
/** A host that said nothing for longer may be gone. */
const ASLEEP_SEC = 300;

const tables = (parts: readonly Part[]): readonly TablePart[] => parts.filter((p): p is TablePart => typeof p === 'object' && 'columns' in p);
/** The rows of the first table that has these columns, each as an array in their order. */
function rows(parts: readonly Part[], ...columns: readonly string[]): readonly (readonly Value[])[] {
  for (const table of tables(parts)) {
    const at = columns.map((c) => table.columns.indexOf(c));
    if (!at.includes(-1)) return table.rows.map((row) => at.map((i) => row[i] ?? null));
  }
  return [];
}
const text = (value: Value | undefined): string => (value === null || value === undefined ? '' : String(value));

/** Who is around the router, asked with verbs that plugins may or may not bring; a timer asks, so it is no sign of life of a person. */
export class Around implements ReactiveController {
  /** Undefined until the router has told. */
  value: Neighbourhood | undefined;
  readonly #host: ReactiveControllerHost;
  #timer = 0;
  #unwatch: () => void = () => {};

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    void this.#ask();
    // A connection takes requests when the router has said welcome; what is asked before is refused.
    const [epoch, welcome] = [wire.epoch.watch(() => void this.#ask()), wire.welcome.watch((w) => { if (w) void this.#ask(); })];
    this.#unwatch = () => { epoch(); welcome(); };
    this.#timer = window.setInterval(() => { if (document.visibilityState === 'visible') void this.#ask(); }, EVERY_MS);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
    this.#unwatch();
  }

  async #ask(): Promise<void> {
    if (wire.state.value !== 'open' || wire.welcome.value === undefined) return;
    const epoch = wire.epoch.value;
    const run = async (line: string): Promise<readonly Part[]> => {
      const parts: Part[] = [];
      await wire.ask({ type: 'run', line, poll: true }, (p) => parts.push(p)).catch(() => { /* nobody here knows that verb */ });
      return parts;
    };
    const [routes, neighbours, inside, stations] = await Promise.all([run('ip route status'), run('ip arp status'), run('lan status'), run('lan fdb')]);
    const names = await this.#names(inside, run);
    // What was asked of a connection that broke is no news.
    if (wire.state.value !== 'open' || wire.epoch.value !== epoch) return;
    this.value = put({ routes, neighbours, inside, stations, names });
    this.#host.requestUpdate();
  }

  /** What hosts call themselves, from the leases. */
  async #names(inside: readonly Part[], run: (line: string) => Promise<readonly Part[]>): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const [role, leases] of rows(inside, 'interface', 'leases')) {
      if (leases === 0) continue;
      for (const [ip, name] of rows(await run(`ip dhcp ${role} status`), 'IP address', 'host name')) if (text(name) !== '') found.set(text(ip), text(name));
    }
    return found;
  }
}

interface Answers { readonly routes: readonly Part[]; readonly neighbours: readonly Part[]; readonly inside: readonly Part[]; readonly stations: readonly Part[]; readonly names: ReadonlyMap<string, string> }

function put({ routes, neighbours, inside, stations, names }: Answers): Neighbourhood {
  const all = rows(routes, 'destination', 'gateway', 'interface', 'metric', 'state').map((r) => r.map(text));
  const uplinks = all.filter(([destination, , , , state]) => destination === '0.0.0.0/0' && state === 'used').map(([, gateway, name, metric]) => ({ name: name!, gateway: gateway!, metric: Number(metric) }));
  const outside = new Set(uplinks.map((u) => u.name));
  const known = rows(neighbours, 'address', 'ether', 'interface', 'age s');
  const ports = new Map(rows(stations, 'MAC address', 'port').map(([mac, port]) => [text(mac), text(port)]));
  const owned = new Map(rows(inside, 'interface', 'ports').map(([name, list]) => [text(name), text(list).split(' ').filter((p) => p !== '' && p !== 'none')]));
  const segments = all.filter(([, gateway, name]) => gateway === '' && !outside.has(name!)).map(([subnet, , name]): Segment => ({
    name: name!, subnet: subnet!, ports: owned.get(name!) ?? [],
    hosts: known.filter(([, mac, on]) => text(on) === name && text(mac) !== '').map(([ip, mac, , age]) => ({
      ip: text(ip), mac: text(mac), name: names.get(text(ip)) ?? '', port: ports.get(text(mac)) ?? '', awake: age === null || Number(age) < ASLEEP_SEC,
    })),
  }));
  return { segments, uplinks };
}
