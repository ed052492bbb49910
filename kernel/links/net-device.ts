import { ENETDOWN, ENODEV, ENXIO, libc, osError } from './ffi.ts';

/** Requests of netdevice(7), from linux/sockios.h. */
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCGIFADDR = 0x8915;
const SIOCGIFMTU = 0x8921;
const SIOCSIFMTU = 0x8922;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const SIOCETHTOOL = 0x8946;
/** linux/ethtool.h: struct ethtool_value of a command and its answer. */
const ETHTOOL_GGRO = 0x2b;
const ETHTOOL_SGRO = 0x2c;
const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;
const ARPHRD_ETHER = 1;
const NAME = 16;
const REQUEST = 40;

/** A network device as one socket's namespace knows it, by name. One request buffer per device: asking allocates nothing. */
export class NetDevice {
  readonly name: string;
  readonly #fd: number;
  readonly #request = new Uint8Array(REQUEST);
  readonly #view = new DataView(this.#request.buffer);

  /** Through any socket of the device's namespace. */
  constructor(socket: number, name: string) {
    const bytes = new TextEncoder().encode(name);
    if (bytes.length === 0 || bytes.length >= NAME) throw new Error(`${name}: not an interface name`);
    this.name = name;
    this.#fd = socket;
    this.#request.set(bytes);
  }

  /** 0: there is no such device (any more). */
  index(): number { return this.#ask(SIOCGIFINDEX) ? this.#view.getInt32(NAME, true) : 0; }

  mtu(): number { return this.#ask(SIOCGIFMTU) ? this.#view.getInt32(NAME, true) : 0; }

  /** 'up': administratively up and with carrier. */
  state(): 'up' | 'no carrier' | 'administratively down' | 'gone' {
    if (!this.#ask(SIOCGIFFLAGS)) return 'gone';
    const flags = this.#view.getUint16(NAME, true);
    if ((flags & IFF_UP) === 0) return 'administratively down';
    return (flags & IFF_RUNNING) !== 0 ? 'up' : 'no carrier';
  }

  /** The MAC address. Throws for a device that is not Ethernet. */
  mac(): Uint8Array {
    if (!this.#ask(SIOCGIFHWADDR)) throw osError(this.name);
    const type = this.#view.getUint16(NAME, true);
    if (type !== ARPHRD_ETHER) throw new Error(`${this.name}: not an Ethernet device (hardware type ${type})`);
    return this.#request.slice(NAME + 2, NAME + 8);
  }

  /** The host's own IPv4 address on it, the first one, also while it is down or has no carrier; 0: none. */
  address(): number { return this.#ask(SIOCGIFADDR) ? this.#view.getUint32(NAME + 4) : 0; }

  setUp(): void {
    if (!this.#ask(SIOCGIFFLAGS)) throw osError(this.name);
    this.#view.setUint16(NAME, this.#view.getUint16(NAME, true) | IFF_UP, true);
    if (!this.#ask(SIOCSIFFLAGS)) throw osError(`${this.name}: set up`, { EPERM: 'needs CAP_NET_ADMIN' });
  }

  setMtu(mtu: number): void {
    this.#view.setInt32(NAME, mtu, true);
    if (!this.#ask(SIOCSIFMTU)) throw osError(`${this.name}: set MTU ${mtu}`, { EPERM: 'needs CAP_NET_ADMIN' });
  }

  /** Whether the device joins received segments of a flow before anybody sees them (generic receive offload); false as well where it does not say. */
  joinsReceived(): boolean { return this.#ethtool(ETHTOOL_GGRO, 0)?.[1] === 1; }

  /** False where that is not permitted or not possible. */
  setJoinsReceived(on: boolean): boolean { return this.#ethtool(ETHTOOL_SGRO, on ? 1 : 0) !== undefined; }

  /** The value after the call; undefined when it failed. */
  #ethtool(command: number, data: number): Uint32Array | undefined {
    const value = Uint32Array.of(command, data);
    this.#view.setBigUint64(NAME, BigInt(libc().addressOf(value)), true);
    return this.#ask(SIOCETHTOOL) ? value : undefined;
  }

  #ask(request: number): boolean { return libc().ioctl(this.#fd, request, this.#request) >= 0; }
}

/** Failures of a socket that mean: look at the device. */
export function tellsOfDevice(errno: number): boolean {
  return errno === ENETDOWN || errno === ENODEV || errno === ENXIO;
}
