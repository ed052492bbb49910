import { type Clock, drive } from '../../sdk/index.ts';
import { createScope } from '../../kernel/scope.ts';
import * as address from '../../sdk/wire/address.ts';
import * as dhcp from '../../sdk/wire/dhcp.ts';
import { answer } from '../name-server.ts';
import { DhcpClient, type DhcpIn, type DhcpOut, type Lease } from './dhcp-client.ts';
import { httpServer } from './http.ts';
import { IcmpLayer } from './icmp-layer.ts';
import { IpLayer } from './ip-layer.ts';
import { Resolver } from './resolver.ts';
import { site } from './site.ts';
import { TcpLayer } from './tcp-layer.ts';
import { UdpLayer } from './udp-layer.ts';
import type { End } from './wire.ts';

export interface HostOptions {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly clock: Clock;
  readonly random: () => number;
  readonly transmit: (frame: Uint8Array) => void;
}

const ECHO_PORT = 7;

/** A virtual host: one card, an IP stack, and whatever services are switched on. */
export class Host implements End {
  readonly name: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly ip: IpLayer;
  readonly icmp: IcmpLayer;
  readonly udp: UdpLayer;
  readonly tcp: TcpLayer;
  readonly resolver: Resolver;
  lease: Lease | undefined = undefined;
  readonly #scope;

  constructor(opts: HostOptions) {
    this.name = opts.name;
    this.clock = opts.clock;
    this.random = opts.random;
    this.#scope = createScope(opts.name);
    this.ip = new IpLayer(opts.clock, opts.mac, opts.transmit);
    this.icmp = new IcmpLayer(this.ip);
    this.udp = new UdpLayer(this.ip, this.icmp, opts.random);
    this.tcp = new TcpLayer(opts.clock, this.ip, this.icmp, opts.random);
    this.resolver = new Resolver(opts.clock, this.udp, opts.random);
  }

  take(frame: Uint8Array): void { this.ip.receive(frame); }

  configure(own: address.Prefix, gateway?: number, nameserver?: number): void {
    this.ip.own = own;
    this.ip.gateway = gateway;
    this.resolver.nameserver = nameserver;
  }

  /** Asks for an address and keeps it. */
  startDhcp(): void {
    const machine = new DhcpClient({ mac: this.ip.mac, host: this.name, random: this.random });
    const feed = drive<DhcpIn, DhcpOut>(this.clock, this.#scope, machine, out => {
      if (out.kind === 'send') port.send({ dst: out.to ?? address.BROADCAST, dport: dhcp.SERVER_PORT, data: out.data });
      else if (out.kind === 'bound') this.#bound(out.lease);
      else this.#lost();
    });
    const port = this.udp.bind(dhcp.CLIENT_PORT, {
      receive: d => {
        const message = dhcp.parse(d.data, 0, d.data.length);
        if (message) feed({ kind: 'message', message });
      },
    });
    this.#scope.add(() => port.close(), 'dhcp port');
    this.release = () => feed({ kind: 'release' });
  }

  /** Gives the address back to the DHCP server; nothing without a lease. */
  release: () => void = () => {};

  startWeb(): void { this.tcp.listen(80, httpServer(site(this.name))); }

  startNames(): void {
    const port = this.udp.bind(53, {
      receive: d => {
        const data = answer(d.data);
        if (data) port.send({ dst: d.src, dport: d.sport, src: d.dst, data });
      },
    });
  }

  /** UDP and TCP echo (RFC 862). */
  startEcho(): void {
    const port = this.udp.bind(ECHO_PORT, { receive: d => { port.send({ dst: d.src, dport: d.sport, src: d.dst, data: d.data }); } });
    this.tcp.listen(ECHO_PORT, c => {
      const waiting: Uint8Array[] = [];
      let ended = false;
      const pump = () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const n = c.write(next);
          if (n < next.length) { waiting.unshift(next.subarray(n)); return; }
        }
        if (ended) c.end();
      };
      return { data: data => { waiting.push(data); pump(); }, room: pump, eof: () => { ended = true; pump(); } };
    });
  }

  stop(): void {
    void this.#scope.dispose();
    this.ip.arp.forget();
  }

  #bound(lease: Lease): void {
    const moved = this.ip.own?.address !== lease.own.address;
    this.lease = lease;
    this.configure(lease.own, lease.gateway, lease.nameserver);
    if (moved) this.ip.announce();
  }

  #lost(): void {
    this.lease = undefined;
    this.ip.own = this.ip.gateway = this.resolver.nameserver = undefined;
    this.ip.arp.forget();
  }
}
