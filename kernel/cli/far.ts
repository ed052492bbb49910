import { createInterface } from 'node:readline/promises';
import { ConsoleClient } from '../console/client.ts';
import { connectWebSocket } from '../console/websocket.ts';
import { KnownRouters, knownRoutersFile, UntrustedRouter } from './known-routers.ts';

/** A router elsewhere, as it was named on the command line. */
export interface Far {
  /** http and ws mean the same; the token stands after #, as the router prints it. */
  readonly url: string;
  readonly token: string | undefined;
  /** The only certificate to be believed, as `spellFingerprint` has it. */
  readonly fingerprint: string | undefined;
}

export interface FarOptions {
  readonly known?: KnownRouters;
  readonly env?: NodeJS.ProcessEnv;
  /** Asks the person at this terminal; undefined: there is none. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
}

/** Connects to a router elsewhere. Rejects with what to do about it. */
export async function openFar({ url: text, token, fingerprint }: Far, options: FarOptions = {}): Promise<ConsoleClient> {
  const { env = process.env, known = new KnownRouters(knownRoutersFile(env)), ask = personHere() } = options;
  const url = urlOf(text);
  const secret = token ?? (url.hash.slice(1) || env['LANCELL_TOKEN']);
  if (secret === undefined || secret === '') throw new Error('a token is needed: https://host:port/#token, --token, or LANCELL_TOKEN');
  if (url.protocol !== 'https:' && url.protocol !== 'wss:') {
    if (fingerprint !== undefined) throw new Error(`--fingerprint is for https://; ${url.protocol}// has no certificate`);
    return ConsoleClient.open(await connectWebSocket(`ws://${url.host}/ws`), secret);
  }
  const place = `${url.hostname.replace(/^\[|\]$/g, '')}:${url.port || '443'}`;
  const connect = (pinned: string | undefined) => connectWebSocket(`wss://${url.host}/ws`, (shown) => known.judge(place, shown, pinned));
  let accepted = fingerprint;
  const channel = await connect(fingerprint).catch(async (error: unknown) => {
    if (!(error instanceof UntrustedRouter) || error.kind !== 'unknown' || ask === undefined) throw error;
    if (!await ask(`${error.message.replace(/;[^;]*$/, '')}.\nIs it the same? Then it is kept in ${known.path} (yes/no): `)) throw error;
    accepted = error.fingerprint;
    return connect(accepted);
  });
  if (accepted !== undefined) keep(known, place, accepted);
  return ConsoleClient.open(channel, secret);
}

/** A file that cannot be written is no reason not to go on: next time it is asked again. */
function keep(known: KnownRouters, place: string, fingerprint: string): void {
  try {
    known.remember(place, fingerprint);
  } catch (error) {
    process.stderr.write(`lancell: the certificate of ${place} is not remembered: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function urlOf(text: string): URL {
  try {
    return new URL(/^\w+:\/\//.test(text) ? text : `ws://${text}`);
  } catch {
    throw new Error(`'${text}' is no address of a router; https://host:port is one`);
  }
}

function personHere(): FarOptions['ask'] {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  return async (question) => {
    const line = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^yes$/i.test((await line.question(question)).trim());
    } finally {
      line.close();
    }
  };
}
