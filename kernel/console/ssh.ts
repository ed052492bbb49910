import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type PasswordAuthContext, type PublicKeyAuthContext } from 'ssh2';
import type { User } from './accounts.ts';
import { GREETING, Guests, LOGIN_MS, type RemoteShellServices } from './remote-shell.ts';
import { type HostKeyKind, hostKeys } from './ssh-host-keys.ts';
import { type AuthorizedKeys, fingerprint } from './ssh-keys.ts';
import { serveSession } from './ssh-session.ts';

/** What the sessions work with: nobody else imports the library. */
export type { AcceptConnection, PseudoTtyInfo, RejectConnection, ServerChannel, Session as SshSession } from 'ssh2';

const { Server, utils } = ssh2;

export interface SshOptions extends RemoteShellServices {
  readonly keys: AuthorizedKeys;
  /** Where the host keys are; undefined: new ones at each start. */
  readonly folder: string | undefined;
}

export interface SshService {
  /** `from`: the client's address. */
  accept(socket: Socket, from: string): void;
  /** As clients show them: 'SHA256:…', by kind. */
  readonly fingerprints: readonly string[];
  close(): void;
}

/** Refused passwords and keys, before the connection ends. */
const MOST_ATTEMPTS = 6;
const KEEPALIVE_MS = 30_000;

/**
 * What OpenSSH offers by itself today; nothing with SHA-1, CBC or small groups. (For the RSA host key the library cannot be kept from
 * offering SHA-1 as the last choice; clients of today never take it.)
 */
const algorithms = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521', 'diffie-hellman-group16-sha512', 'diffie-hellman-group18-sha512', 'diffie-hellman-group14-sha256'],
  cipher: ['chacha20-poly1305@openssh.com', 'aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
} as const;

/** The CLI over SSH (RFC 4251 to 4254). Rejects when the host keys cannot be read or made. */
export async function startSsh(options: SshOptions): Promise<SshService> {
  const texts = await hostKeys(options.folder, makeKey, (text) => parsed(text) !== undefined);
  const keys = texts.flatMap((text) => parsed(text) ?? []);
  const guests = new Guests(options.accounts);
  options.accounts.onRevoked((name, why) => { if (why === 'the account was removed') options.keys.forget(name); });
  return {
    fingerprints: keys.map((key) => `${key.type} ${fingerprint({ blob: key.getPublicSSH().toString('base64') })}`),
    accept: (socket, from) => new SshConnection(options, guests, keys, socket, from),
    close: () => guests.close('the router stops'),
  };
}

/** One client from its first octet on. A server of its own, so that the socket and the events of the connection belong together. */
class SshConnection {
  readonly #options: SshOptions;
  readonly #guests: Guests;
  readonly #socket: Socket;
  readonly #from: string;
  #attempts = 0;
  #user: User | undefined;

  constructor(options: SshOptions, guests: Guests, hostKeys: readonly ParsedKey[], socket: Socket, from: string) {
    this.#options = options;
    this.#guests = guests;
    this.#socket = socket;
    this.#from = from;
    // An error without a listener would end the process; 'close' follows.
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    if (!guests.admit(socket, () => socket.destroy())) {
      socket.destroy();
      return;
    }
    const tooLate = options.clock.after(LOGIN_MS, () => socket.destroy());
    socket.once('close', () => void tooLate.dispose());
    const server = new Server({
      // Read once: whoever connects must not make the router read them again. The library takes its own form of a key as well.
      hostKeys: hostKeys.map((key) => ({ key: key as unknown as string })), ident: GREETING, keepaliveInterval: KEEPALIVE_MS, keepaliveCountMax: 3,
      algorithms: algorithms as unknown as NonNullable<ConstructorParameters<typeof ssh2.Server>[0]['algorithms']>,
    }, (connection) => {
      connection.on('error', () => socket.destroy());
      connection.on('authentication', (context) => { void this.#authenticate(context, connection); });
      connection.on('ready', () => {
        void tooLate.dispose();
        this.#ready(connection);
      });
    });
    server.on('error', () => socket.destroy());
    server.injectSocket(socket);
  }

  async #authenticate(context: AuthContext, connection: Connection): Promise<void> {
    let user: User | undefined;
    try {
      if (context.method === 'password') user = await this.#byPassword(context);
      else if (context.method === 'publickey') user = this.#byKey(context);
    } catch (error) {
      this.#options.log.error({ from: this.#from, error: String(error) }, 'ssh: an attempt to log in could not be judged');
    }
    if (this.#socket.destroyed) return;
    if (user !== undefined) {
      this.#user = user;
      context.accept();
      return;
    }
    // 'none' asks only what there is (RFC 4252 section 5.2).
    if (context.method !== 'none' && ++this.#attempts >= MOST_ATTEMPTS) {
      connection.end();
      return;
    }
    context.reject(['publickey', 'password']);
  }

  async #byPassword({ username, password }: PasswordAuthContext): Promise<User | undefined> {
    const verdict = await this.#options.accounts.verify(username, password, this.#from);
    if (verdict.ok) return verdict.user;
    this.#options.log.info({ from: this.#from, why: verdict.why }, 'ssh: log-in refused');
    return undefined;
  }

  /** First the client only asks whether the key would do; then it signs. */
  #byKey({ username, key, blob, signature, hashAlgo }: PublicKeyAuthContext): User | undefined {
    const user = this.#options.accounts.user(username);
    const known = user === undefined ? undefined : this.#options.keys.find(user.name, key.data);
    // RFC 8332: RSA with SHA-1 is no proof any more.
    if (user === undefined || known === undefined || (known.type === 'ssh-rsa' && hashAlgo !== 'sha256' && hashAlgo !== 'sha512')) return undefined;
    if (signature === undefined || blob === undefined) return user;
    const verifier = parsed(`${known.type} ${known.blob}`);
    return verifier?.verify(blob, signature, hashAlgo) === true ? user : undefined;
  }

  #ready(connection: Connection): void {
    const user = this.#user;
    if (user === undefined) return void connection.end();
    this.#guests.named(this.#socket, user.name);
    this.#options.log.info({ from: this.#from, account: user.name }, 'ssh: logged in');
    // No listener for forwarding of any kind: the library refuses what nobody takes.
    connection.on('session', (accept, reject) => {
      serveSession(accept, reject, { services: this.#options, user, end: () => connection.end() });
    });
  }
}

function parsed(text: string): ParsedKey | undefined {
  const key = utils.parseKey(text) as ParsedKey | ParsedKey[] | Error;
  if (key instanceof Error) return undefined;
  return Array.isArray(key) ? key[0] : key;
}

const makeKey = (kind: HostKeyKind): Promise<string> => new Promise((resolve, reject) => {
  const done = (error: Error | null, pair: { readonly private: string }): void => { if (error) reject(error); else resolve(pair.private); };
  if (kind === 'rsa') utils.generateKeyPair('rsa', { bits: 3072 }, done);
  else utils.generateKeyPair('ed25519', done);
});
