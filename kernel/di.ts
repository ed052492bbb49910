import './reflect.ts';
import { container, type DependencyContainer } from 'tsyringe';
import type { Disposable } from '../sdk/scope.ts';
import { type Needs, type Token, tokenName } from '../sdk/token.ts';

interface Provided { readonly service: unknown; readonly owner: string }
interface Contribution { readonly item: unknown; readonly owner: string }

/**
 * Which services live now, and the containers that hand them out. tsyringe cannot take a registration back, so its root
 * holds one factory per token for good, which looks here; nothing it keeps can keep a plugin alive that is gone. The
 * factories are not caching ones: such a factory would keep what the first child container resolved.
 */
export class ServiceDirectory {
  readonly #root = container.createChildContainer();
  readonly #provided = new Map<symbol, Provided>();
  readonly #points = new Map<symbol, { readonly contributions: Contribution[]; readonly items: unknown[] }>();

  /** One provider per token; a second one is refused. */
  provide<T>(token: Token<T>, service: T, owner: string): Disposable {
    const other = this.#provided.get(token);
    if (other) throw new Error(`${owner} cannot provide ${tokenName(token)}: ${other.owner} provides it already`);
    if (this.#points.has(token)) throw new Error(`${owner} cannot provide ${tokenName(token)}: it is a list that many contribute to`);
    const mine: Provided = { service, owner };
    this.#provided.set(token, mine);
    this.#register(token);
    return { dispose: () => { if (this.#provided.get(token) === mine) this.#provided.delete(token); } };
  }

  /** Adds to the list that users of the token see; the list itself stays the same object. */
  contribute<T>(point: Token<readonly T[]>, item: T, owner: string): Disposable {
    const other = this.#provided.get(point);
    if (other) throw new Error(`${owner} cannot contribute to ${tokenName(point)}: ${other.owner} provides it as a service`);
    const { contributions, items } = this.point(point);
    const mine: Contribution = { item, owner };
    contributions.push(mine);
    items.push(item);
    return {
      dispose: () => {
        const at = contributions.indexOf(mine);
        if (at < 0) return;
        contributions.splice(at, 1);
        items.splice(at, 1);
      },
    };
  }

  /** Makes the token a list that may be contributed to; from now on it lives, even when empty. */
  point(point: Token<unknown>): { readonly contributions: Contribution[]; readonly items: unknown[] } {
    let found = this.#points.get(point);
    if (!found) {
      found = { contributions: [], items: [] };
      this.#points.set(point, found);
      this.#register(point);
    }
    return found;
  }

  /** The service now, for the kernel's own use; undefined when nobody provides it. */
  live<T>(token: Token<T>): T | undefined { return this.#provided.get(token)?.service as T | undefined; }

  lives(token: Token<unknown>): boolean { return this.#provided.has(token) || this.#points.has(token); }

  /** Whose service this is; undefined for lists, and when nobody provides it. */
  owner(token: Token<unknown>): string | undefined { return this.#provided.get(token)?.owner; }

  /** Every service and every contribution that lives, for the census: 'ip.routes by ip'. */
  list(): string[] {
    const services = [...this.#provided].map(([token, { owner }]) => `${tokenName(token)} by ${owner}`);
    const items = [...this.#points].flatMap(([token, { contributions }]) => contributions.map(c => `${tokenName(token)} by ${c.owner}`));
    return [...services, ...items].sort();
  }

  /** A container for one generation of one plugin. */
  child(): PluginContainer { return new PluginContainer(this.#root.createChildContainer()); }

  #register(token: Token<unknown>): void {
    if (this.#root.isRegistered(token)) return;
    this.#root.register(token, { useFactory: () => this.#current(token) });
  }

  #current(token: Token<unknown>): unknown {
    const provided = this.#provided.get(token);
    if (provided) return provided.service;
    const point = this.#points.get(token);
    if (point) return point.items;
    throw new Error(`nobody provides ${tokenName(token)}`);
  }
}

/** What one plugin may resolve from; dropped with the plugin. */
export class PluginContainer {
  #container: DependencyContainer | undefined;

  constructor(of: DependencyContainer) {
    this.#container = of;
  }

  /** Every need by its name. Throws when one of them does not live. */
  resolve(needs: Needs): Record<string, unknown> {
    const child = this.#container;
    if (!child) throw new Error('the container is gone with its plugin');
    return Object.fromEntries(Object.entries(needs).map(([name, token]) => {
      if (!child.isRegistered(token, true)) throw new Error(`nobody provides ${tokenName(token)}`);
      return [name, child.resolve<unknown>(token)];
    }));
  }

  drop(): void {
    void this.#container?.dispose();
    this.#container = undefined;
  }
}
