import { CliError, type LinkInfo, type Links } from '../../sdk/index.ts';
import type { AddressTable } from './addresses.ts';

/** The original's device names: enet0 is the inside, enet1 the outside. */
const devices: ReadonlyMap<string, string> = new Map([['enet0', 'lan'], ['enet1', 'wan']]);

/** Names of interfaces as people type them, and back. */
export class Interfaces {
  readonly #addresses: AddressTable;
  readonly #links: Links;

  constructor(addresses: AddressTable, links: Links) {
    this.#addresses = addresses;
    this.#links = links;
  }

  /** 'lan' for link 3; the link's own name where it has no address. */
  nameOf(link: number): string {
    const own = this.#addresses.onLink(link)[0];
    return own ? base(own.name) : this.#links.byId(link)?.name ?? `link ${link}`;
  }

  /** Accepts lan, wan, dmz, wlan, enet0, enet1, an alias's name or the name of a link. Throws CliError with what there is. */
  find(text: string): LinkInfo {
    const name = devices.get(text.toLowerCase()) ?? text;
    const own = this.#addresses.list().find((a) => a.name.toLowerCase() === name.toLowerCase() || base(a.name).toLowerCase() === name.toLowerCase());
    const link = own ? this.#links.byId(own.link) : this.#links.byName(name) ?? this.#links.byName(text);
    if (!link) throw new CliError(`there is no interface '${text}'; there are ${this.names().join(', ') || 'none'}`);
    return link;
  }

  names(): readonly string[] {
    return [...new Set([...this.#addresses.list().map((a) => base(a.name)), ...this.#links.list().map((l) => l.name)])];
  }
}

const base = (name: string): string => name.split(':')[0] as string;
