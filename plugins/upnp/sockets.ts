import type { Datagram, PluginContext, UdpSocket } from '../../sdk/index.ts';

type Ctx = Pick<PluginContext<unknown, {}, unknown>, 'udp' | 'log'>;

/** One UDP port on the links of the served interfaces, and on no others. */
export class LinkSockets {
  readonly #ctx: Ctx;
  readonly #port: number;
  readonly #receive: (d: Datagram) => void;
  readonly #byLink = new Map<number, UdpSocket>();

  constructor(ctx: Ctx, port: number, receive: (d: Datagram) => void) {
    this.#ctx = ctx;
    this.#port = port;
    this.#receive = receive;
  }

  on(link: number): UdpSocket | undefined { return this.#byLink.get(link); }
  /** One of them: what is routed may go out by each. */
  get any(): UdpSocket | undefined { return this.#byLink.values().next().value; }

  listen(links: readonly number[]): void {
    for (const [link, socket] of this.#byLink) {
      if (links.includes(link)) continue;
      void socket.dispose();
      this.#byLink.delete(link);
    }
    for (const link of links) {
      if (this.#byLink.has(link)) continue;
      try {
        this.#byLink.set(link, this.#ctx.udp.bind({ port: this.#port, link }, d => this.#receive(d)));
      } catch (error) {
        this.#ctx.log.warn({ error: String(error) }, 'cannot listen to hosts that ask for ports');
      }
    }
  }
}
