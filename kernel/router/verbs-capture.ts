import { basename, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { CliError, type CommandSpec, type Facts } from '../../sdk/cli.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { captureLink } from '../links/capture-link.ts';
import { packetSocket } from '../links/packet-socket.ts';
import type { Opener } from '../links/registry.ts';
import { tunDevice } from '../links/tun.ts';
import { CaptureFile } from './capture-file.ts';
import { completeFilter, FILTER_HELP, parseFilter } from './packet-filter.ts';
import type { Router } from './router.ts';

const kinds = ['packet', 'tun', 'tap', 'pcap'] as const;

/** `capture …` to a pcapng file, and `link open|close` for links besides those the router was started with. */
export function captureVerbs(router: Router, state: string | undefined, command: (spec: CommandSpec) => Disposable): Disposable {
  let running: CaptureFile | undefined;
  const opened = new Map<string, Disposable>();
  const facts = (c: CaptureFile): Facts => ({ facts: { file: c.path, packets: c.packets, octets: c.octets, state: c.ended === '' ? 'running' : `ended: ${c.ended}` } });

  command({
    path: 'capture start', help: `write packets to a pcapng file, until capture stop; filter: ${FILTER_HELP}`,
    args: { file: { schema: z.string().min(1), help: 'a new file; a plain name lies in the state directory' }, filter: { schema: z.string().default(''), rest: true, help: FILTER_HELP, complete: typed => completeFilter(typed, () => router.links.list().map(l => l.name)) } },
    run: ({ file, filter }) => {
      if (running && running.ended === '') throw new CliError(`a capture to ${running.path} is running; stop it first`);
      running?.close();
      const name = String(file);
      if (!isAbsolute(name) && (state === undefined || basename(name) !== name)) throw new CliError(`'${name}' is neither an absolute path nor a plain file name`);
      const path = isAbsolute(name) ? name : join(state ?? '', name);
      try {
        running = new CaptureFile(path, parseFilter(String(filter ?? '')), { clock: router.clock, links: router.links, pipelines: router.engine.pipelines });
      } catch (error) {
        running = undefined;
        throw new CliError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      }
      return `capturing to ${path}`;
    },
  });
  command({
    path: 'capture stop', help: 'end the capture',
    run: () => {
      if (!running) throw new CliError('no capture is running');
      const done = running;
      running = undefined;
      done.close();
      return facts(done);
    },
  });
  command({ path: 'capture status', access: 'read', help: 'what the capture has written so far', run: () => running ? facts(running) : 'no capture is running' });

  command({
    path: 'link open', help: 'open a link until the router stops: an interface, a TUN or TAP device, or a capture file that is played',
    args: {
      name: { schema: z.string().regex(/^[a-z][\w.:-]{0,30}$/i, 'a letter, then letters, digits, . : _ -'), help: 'what the link is called' },
      kind: { schema: z.enum(kinds), help: 'packet: an Ethernet interface; tun, tap: a device made for it; pcap: a file' },
      device: { schema: z.string().min(1), help: 'interface, device, or absolute path of the file' },
    },
    run: ({ name, kind, device }) => {
      const called = String(name);
      if (router.links.byName(called)) throw new CliError(`there is a link '${called}' already`);
      opened.set(called, router.links.open(called, opener(kind as typeof kinds[number], called, String(device), router)));
      const link = router.links.byName(called);
      return link?.up ? `${called} is up` : `${called} is down: ${link?.why ?? ''}`;
    },
  });
  command({
    path: 'link close', help: 'close a link that link open made', args: { name: { schema: z.string(), help: 'its name', complete: () => [...opened.keys()] } },
    run: ({ name }) => {
      const held = opened.get(String(name));
      if (!held) throw new CliError(opened.size === 0 ? 'link open made no links' : `link open made: ${[...opened.keys()].join(', ')}`);
      opened.delete(String(name));
      void held.dispose();
      return `${name} is closed`;
    },
  });
  return { dispose: () => { running?.close(); for (const held of opened.values()) void held.dispose(); } };
}

function opener(kind: typeof kinds[number], name: string, device: string, router: Router): Opener {
  switch (kind) {
    case 'packet': return packetSocket({ device, name, promiscuous: true });
    case 'pcap': return captureLink({ name, clock: router.clock, source: device });
    default: return tunDevice({ kind, device, name });
  }
}
