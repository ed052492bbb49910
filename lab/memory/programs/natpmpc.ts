import * as address from '../../../sdk/wire/address.ts';
import * as natPmp from '../../../sdk/wire/nat-pmp.ts';
import type { Host } from '../host.ts';
import { getopt, numberIn, type Program } from './program.ts';

const TRIES = 4;
/** Doubled from try to try (RFC 6886 §3.1). */
const FIRST_WAIT_MS = 250;
const HOUR = 3600;

/** natpmpc [-a public private tcp|udp [lifetime]]: the outside address, or a port mapping asked of the gateway. */
export const natpmpc: Program = async (host, args, say) => {
  const parsed = getopt(args, 'a:g:');
  const own = parsed.options.get('a');
  const gateway = parsed.options.has('g') ? address.parse4(parsed.options.get('g')!) : host.ip.gateway;
  if (parsed.unknown !== undefined || gateway === undefined) {
    say(parsed.unknown !== undefined ? 'usage: natpmpc [-g gateway] [-a publicport privateport protocol [lifetime]]' : 'natpmpc: there is no gateway');
    return 1;
  }
  const request = own === undefined ? { op: natPmp.OP_ADDRESS } as const : mapping(parsed.words, numberIn(parsed, 'a', 0, 0, 65_535));
  if (request === undefined) { say('natpmpc: -a wants a public port, a private port, and tcp or udp'); return 1; }
  const answer = await ask(host, gateway, request);
  if (answer === undefined) { say('natpmpc: the gateway does not speak NAT-PMP'); return 1; }
  if (answer.result !== natPmp.Result.Success || answer.op === 'unknown') { say(`natpmpc: refused (result ${answer.result})`); return 1; }
  if (answer.op === natPmp.OP_ADDRESS) say(`Public IP address : ${address.format4(answer.address)}`);
  else say(`Mapped public port ${answer.extPort} protocol ${answer.op === natPmp.OP_MAP_UDP ? 'UDP' : 'TCP'} to local port ${answer.intPort} lifetime ${answer.lifetime}`);
  return 0;
};

function mapping([privatePort, protocol, lifetime]: readonly string[], extPort: number | undefined): natPmp.MapRequest | undefined {
  const [intPort, seconds] = [Number(privatePort), lifetime === undefined ? HOUR : Number(lifetime)];
  const op = protocol === 'udp' ? natPmp.OP_MAP_UDP : protocol === 'tcp' ? natPmp.OP_MAP_TCP : undefined;
  if (op === undefined || extPort === undefined || !(intPort >= 0 && intPort <= 65_535) || !(seconds >= 0)) return undefined;
  return { op, intPort, extPort, lifetime: seconds };
}

/** Undefined: nobody answered. */
function ask(host: Host, gateway: number, request: natPmp.Request): Promise<natPmp.Response | undefined> {
  return new Promise(resolve => {
    let timer: { dispose(): void | Promise<void> } | undefined;
    const end = (answer: natPmp.Response | undefined): void => {
      void timer?.dispose();
      port.close();
      resolve(answer);
    };
    const port = host.udp.bind(0, {
      receive(d) {
        const answer = d.src === gateway && d.sport === natPmp.PORT ? natPmp.parseResponse(d.data, 0, d.data.length) : undefined;
        if (answer !== undefined) end(answer);
      },
      error: () => end(undefined),
    });
    const attempt = (n: number): void => {
      if (n === TRIES) return end(undefined);
      timer = host.clock.after(FIRST_WAIT_MS << n, () => attempt(n + 1));
      port.send({ dst: gateway, dport: natPmp.PORT, data: natPmp.emitRequest(request) });
    };
    attempt(0);
  });
}
