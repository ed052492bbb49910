import { z } from 'zod';
import type { Clock } from '../../sdk/clock.ts';
import type { VerbTree } from '../cli/tree.ts';
import { MOST_PACKED } from '../plugins/archive.ts';
import { asFile } from '../plugins/incoming.ts';
import { HttpProblem } from './problem.ts';
import { type Operation, operation, writing } from './rest/operation.ts';
import { collect } from './rest/verb-run.ts';

/** Loading waits for what the plugin does at its start. */
const WAIT_MS = 120_000;

/** POST plugins/archive: the octets of a .tgz or .zip, or of one source file, are installed as `plugin install` does it. */
export function pluginUpload({ tree, clock }: { readonly tree: VerbTree; readonly clock: Clock }): Operation {
  return operation({
    id: 'plugin_upload', method: 'post', at: '/plugins/archive', tag: 'plugins', summary: 'Install a plugin from an archive (.tgz, .zip) or from one .ts or .js file', access: 'write', answer: 'Output',
    description: 'The body is the file as it is. What kind of archive it is shows in its first octets; a single file is known by `name`.',
    query: { name: { schema: z.string().max(255).default(''), help: "the file's name: 'meter.ts'" } },
    body: { octets: 'application/octet-stream', most: MOST_PACKED },
    run: async (call) => {
      call.require(writing('plugin', 'plugin install'));
      const verb = tree.verbs().find((v) => v.spec.path === 'plugin install');
      if (verb === undefined) throw new HttpProblem(409, "this router has no 'plugin install'");
      const data = call.body as unknown as Uint8Array;
      if (data.length === 0) throw new HttpProblem(400, 'the file is empty');
      return asFile(data, call.query.name, (folder) => collect({ verb, args: { folder }, identity: call.identity, signal: call.signal }, clock, WAIT_MS));
    },
  });
}
