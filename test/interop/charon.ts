import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Namespaces, type Ran, until } from './namespaces.ts';

/** The server's network behind the tunnel, and the pool that clients get an address from. */
export const BEHIND = '10.88.0.1';
const POOL = '10.77.0.0/24';
/** The openssl plugin has most of it; ESP is libipsec's, in the daemon itself, for a kernel for tests may have none. */
const PLUGINS = 'random nonce aes sha1 sha2 openssl hmac kdf gmp curve25519 xcbc pem pkcs1 pubkey x509 constraints kernel-libipsec kernel-netlink socket-default vici updown attr';

export interface Tunnel { readonly version: 1 | 2; /** A client has whom it calls. */ readonly server?: string; readonly own: string; readonly name: string }

/** strongSwan's daemon in a network namespace, with one connection `rig` and in it one tunnel `net`. */
export class Charon {
  readonly #net: Namespaces;
  readonly #where: string;
  readonly #folder: string;

  private constructor(net: Namespaces, where: string, folder: string) {
    this.#net = net;
    this.#where = where;
    this.#folder = folder;
  }

  /** Starts it and loads the connection; `under` is a folder of the test's own. */
  static async start(net: Namespaces, where: string, under: string, t: Tunnel): Promise<Charon> {
    const folder = join(under, `charon-${where}`);
    mkdirSync(join(folder, 'run'), { recursive: true });
    writeFileSync(join(folder, 'strongswan.conf'), `charon {
  load = ${PLUGINS}
  threads = 16
  install_routes = yes
  retransmit_tries = 3
  retransmit_timeout = 2.0
  plugins { vici { socket = unix://${folder}/vici } }
  filelog { f { path = ${folder}/log
    flush_line = yes
    default = 1
    net = 1
    enc = 1 } }
}
`);
    const client = t.server !== undefined;
    writeFileSync(join(folder, 'swanctl.conf'), `connections { rig {
  version = ${t.version}
  local_addrs = ${t.own}
  remote_addrs = ${t.server ?? '%any'}
  proposals = aes128-sha1-modp2048
  encap = yes
  mobike = no
  unique = never
  ${client ? 'vips = 0.0.0.0' : 'pools = pool'}
  local { auth = psk
    id = ${t.name} }
  remote { auth = psk
    id = ${client ? 'server' : '%any'} }
  children { net {
    ${client ? `remote_ts = ${BEHIND}/32` : `local_ts = ${BEHIND}/32`}
    esp_proposals = aes128-sha1 } }
} }
secrets { ike-rig { secret = "a secret of the test" } }
${client ? '' : `pools { pool { addrs = ${POOL} } }`}
`);
    const c = new Charon(net, where, folder);
    // /run is its own: the name of its pid file is compiled in.
    net.start(where, ['env', `STRONGSWAN_CONF=${folder}/strongswan.conf`, 'sh', '-c', `mount --bind ${folder}/run /run && exec /usr/lib/ipsec/charon`]);
    await until(`charon of ${where} takes its settings`, async () => (await c.ctl('--load-all', '--file', `${folder}/swanctl.conf`)).code === 0);
    return c;
  }

  ctl(...words: string[]): Promise<Ran> { return this.#net.run(this.#where, ['swanctl', ...words, '--uri', `unix://${this.#folder}/vici`], 20_000); }
  /** Makes the tunnel; what the daemon says when it does not come up. */
  async up(): Promise<string> {
    const { out, code } = await this.ctl('--initiate', '--child', 'net', '--timeout', '15');
    return code === 0 ? '' : out;
  }
  log(): Promise<string> { return readFile(join(this.#folder, 'log'), 'utf8'); }
  /** Ports that packets came from, each once. */
  async heardFrom(): Promise<string[]> {
    return [...new Set([...(await this.log()).matchAll(/received packet: from (\S+\[\d+\]) to/g)].map((m) => m[1]!))].sort();
  }
}
