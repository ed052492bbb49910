/**
 * The program that cellular.test.ts, balance.test.ts and budget.test.ts start, from the compiled output:
 *
 *     cellular.probe {"netns":"/run/netns/x","device":"p1"}
 *
 * A whole router: its LAN port is a device of the namespace, its WAN another one (`wan`) or leads nowhere, and its card slots are simulated cards
 * on PTYs, whose calls end in slirp behind another PTY, which runs in the namespace `beyond` where there is one. `state`: its state directory;
 * `settings`: of plugins, by id. On its standard input: verbs of the console, one a line, each answered with a line of JSON;
 * `kill` (slirp dies) and `end` are its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { draw } from '../../kernel/cli/draw.ts';
import { Session } from '../../kernel/cli/session.ts';
import { RealClock } from '../../kernel/clock.ts';
import type { JsonObject } from '../../kernel/config/document.ts';
import { memoryLink } from '../../kernel/links/memory.ts';
import { packetSocket } from '../../kernel/links/packet-socket.ts';
import { Readiness } from '../../kernel/links/readiness.ts';
import { createLog } from '../../kernel/log.ts';
import { Loop } from '../../kernel/loop.ts';
import { Router } from '../../kernel/router/router.ts';
import { TtyPorts } from '../../kernel/tty/ttys.ts';
import { Carrier } from '../../lab/carrier/carrier.ts';
import { CardShelf } from '../../lab/carrier/card-shelf.ts';
import type { Network } from '../../lab/carrier/network.ts';
import { Rack } from '../../lab/carrier/rack.ts';
import { cardVerbs } from '../../lab/carrier/verbs.ts';
import ac881 from '../../plugins/cellular-cards/ac881/plugin.ts';
import { CardSourcesToken } from '../../plugins/cellular-cards/contract.ts';
import core from '../../plugins/cellular-cards/core/plugin.ts';
import e620 from '../../plugins/cellular-cards/e620/plugin.ts';
import ec500 from '../../plugins/cellular-cards/ec500/plugin.ts';
import sentry from '../../plugins/cellular-cards/sentry/plugin.ts';
import failover from '../../plugins/failover/plugin.ts';
import firewall from '../../plugins/firewall/plugin.ts';
import ip from '../../plugins/ip/plugin.ts';
import lan from '../../plugins/lan/plugin.ts';
import nat from '../../plugins/nat/plugin.ts';
import wan from '../../plugins/wan/plugin.ts';

interface Wanted { readonly netns: string; readonly device: string; readonly wan?: string; readonly beyond?: string; readonly state?: string; readonly settings?: Readonly<Record<string, JsonObject>> }
const { netns, device, wan: wanDevice, beyond, state, settings = {} } = JSON.parse(process.argv[2] ?? '{}') as Wanted;
const clock = new RealClock();
const ttys = new TtyPorts(clock);
const children = new Set<ChildProcess>();

/** slirp: a PPP and a TCP/IP that nobody here wrote, with the machine's loopback behind it. */
const slirp: Network = call => {
  const port = ttys.pty();
  const slave = openSync(port.path, constants.O_RDWR | constants.O_NOCTTY);
  const [program = '', ...words] = [...(beyond === undefined ? [] : ['ip', 'netns', 'exec', beyond]), 'slirp-fullbolt', 'ppp', 'mtu 1500'];
  const child = spawn(program, words, { stdio: [slave, slave, 'ignore'] });
  closeSync(slave);
  children.add(child);
  child.once('exit', () => children.delete(child));
  port.onData = (buf, from, to) => { call.write(buf, from, to); };
  port.onGone = why => call.ended(why);
  return {
    take: (buf, from, to) => { port.write(buf, from, to); },
    hangUp: () => {
      child.kill('SIGKILL');
      port.close();
    },
  };
};

const rack = new Rack({ clock, carrier: new Carrier({ clock, seed: 1 }), ttys, network: slirp });
const readiness = new Readiness();
let loop: Loop | undefined;
const nowhere = memoryLink({ name: 'wan', mac: Uint8Array.of(2, 0, 0, 0, 0, 9) });
const router = await Router.start({
  version: 'probe', clock, log: createLog({ clock }), state, plugins: [ip, lan, wan, nat, firewall, core, sentry, failover, ac881, e620, ec500].map(def => ({ def })), wake: () => loop?.wake(), watcher: readiness,
  links: [{ name: 'port1', open: packetSocket({ device, name: 'port1', netns, promiscuous: true }) }, { name: 'wan', open: wanDevice === undefined ? nowhere.open : packetSocket({ device: wanDevice, name: 'wan', netns, promiscuous: true }) }],
  factory: { format: 1, sections: {
    lan: { version: 1, settings: { ports: { port1: 'lan' }, lan: { ip: '192.168.1.1', mask: '255.255.255.0' } } },
    'cellular-cards.core': { version: 2, settings: { enabled: true, nailedUp: true, apn: 'internet' } },
    ...Object.fromEntries(Object.entries(settings).map(([id, of]) => [id, { version: 1, settings: of }])),
  } },
});
loop = router.loop = new Loop(router.engine, clock, readiness);
loop.wake();
cardVerbs({ carrier: rack.carrier, rack, shelf: new CardShelf() }, spec => router.tree.register(spec, 'probe'));
router.plugins.directory.contribute(CardSourcesToken, rack, 'probe');
const session = new Session({ tree: router.tree, clock, author: 'probe' });

async function end(): Promise<void> {
  rack.stop();
  for (const c of children) c.kill('SIGKILL');
  session.close();
  await router.stop();
  ttys.close();
  readiness.close();
  clock.close();
  process.exit();
}

createInterface(process.stdin).on('line', (line) => {
  if (line === 'end') return void end();
  if (line === 'kill') {
    for (const c of children) c.kill('SIGKILL');
    return;
  }
  let text = '';
  void session.start(line, part => { text += draw(part, { width: undefined, ansi: false }); }).done.then(({ code, error }) => {
    process.stdout.write(`${JSON.stringify({ code, text: error === undefined ? text : `${text}${error}`, ttys: ttys.paths })}\n`);
  });
}).on('close', () => void end());
process.stdout.write(`${JSON.stringify({ ready: true, plugins: router.plugins.list().map(p => `${p.id} ${p.state}`) })}\n`);
